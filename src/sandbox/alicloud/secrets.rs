//! Secrets: their life from creation to deletion, and everything about them but their values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::errors::Failure;
use super::keys::{default_policy, instance, policy, policy_name};
use super::pages::{Filter, filters, page};
use super::params::Params;
use super::versions::{CURRENT, Version};
use super::{ACCOUNT_ID, Call, Region, nothing, tags, time, versions};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const KINDS: [&str; 6] = ["Generic", "Rds", "Redis", "RAMCredentials", "ECS", "PolarDB"];
const GENERIC: &str = "Generic";

/// A secret with all its versions.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) description: String,
    pub(crate) encryption_key_id: Option<String>,
    pub(crate) instance_id: String,
    pub(crate) extended_config: Option<Value>,
    pub(crate) rotates: Option<bool>,
    pub(crate) rotation_interval: Option<i64>,
    pub(crate) rotated_at: Option<i64>,
    pub(crate) policy: String,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) delete_at: Option<i64>,
    /// The oldest first.
    pub(crate) versions: Vec<Version>,
}

impl Secret {
    /// Refuses while the secret waits for its deletion.
    pub(crate) fn need_kept(&self) -> Result<(), Failure> {
        if self.delete_at.is_some() {
            Err(Failure::in_delete_window())
        } else {
            Ok(())
        }
    }

    /// Is the time of its deletion over?
    pub(crate) fn is_due_to_go(&self, now: i64) -> bool {
        self.delete_at.is_some_and(|at| at <= now)
    }

    /// Is its value a plain text of the user, as opposed to credentials that the service rotates?
    pub(crate) fn is_generic(&self) -> bool {
        self.kind == GENERIC
    }

    /// What is known of the rotation, only for secrets that ever had to do with it.
    pub(crate) fn add_rotation(&self, fields: &mut Map<String, Value>) {
        let rotates = self.rotates.unwrap_or(false);
        if self.rotates.is_some() || !self.is_generic() {
            fields.insert(
                "AutomaticRotation".to_owned(),
                Value::from(if rotates { "Enabled" } else { "Disabled" }),
            );
        }
        if let (true, Some(interval)) = (rotates, self.rotation_interval) {
            let next = self.rotated_at.unwrap_or(self.created_at) + interval;
            fields.insert("RotationInterval".to_owned(), Value::from(format!("{interval}s")));
            fields.insert("NextRotationDate".to_owned(), Value::from(time(next)));
        }
        if let Some(at) = self.rotated_at {
            fields.insert("LastRotationDate".to_owned(), Value::from(time(at)));
        }
    }

    fn add_optional(&self, fields: &mut Map<String, Value>) {
        if let Some(config) = &self.extended_config {
            fields.insert("ExtendedConfig".to_owned(), Value::from(config.to_string()));
        }
        if !self.instance_id.is_empty() {
            fields.insert(
                "DKMSInstanceId".to_owned(),
                Value::from(self.instance_id.as_str()),
            );
        }
    }

    fn set_rotation(&mut self, params: &Params) -> Result<(), Failure> {
        let interval = params.seconds("RotationInterval", 6 * HOUR, 8760 * HOUR)?;
        let Some(wanted) = params.flag("EnableAutomaticRotation")? else {
            return Ok(());
        };
        if wanted && interval.is_none() && self.rotation_interval.is_none() {
            return Err(Failure::missing("RotationInterval"));
        }
        self.rotates = Some(wanted);
        self.rotation_interval = if wanted {
            interval.or(self.rotation_interval)
        } else {
            None
        };
        Ok(())
    }

    fn passes(&self, filter: &Filter) -> bool {
        match filter.key.as_str() {
            "SecretName" => filter.wants_prefix_of(&self.name),
            "Description" => filter.wants_prefix_of(&self.description),
            "TagKey" => self.tags.keys().any(|key| filter.wants(key)),
            "TagValue" => self.tags.values().any(|value| filter.wants(value)),
            "DKMSInstanceId" => filter.wants(&self.instance_id),
            "SecretType" => filter.wants(&self.kind),
            "Creator" => filter.wants(ACCOUNT_ID),
            _ => false,
        }
    }
}

impl Region {
    /// The secret of a call, by its name or ARN.
    pub(crate) fn named_secret(&mut self, call: &Call) -> Result<&mut Secret, Failure> {
        let name = call.params.need("SecretName")?;
        let name = name.strip_prefix(&call.arn("secret/")).unwrap_or(name);
        self.secrets.get_mut(name).ok_or_else(Failure::no_resource)
    }

    /// Refuses unless the key of a secret can be used now.
    pub(crate) fn need_encryption_key(&mut self, call: &Call, id: Option<&str>) -> Result<(), Failure> {
        id.map_or(Ok(()), |id| self.key_by_any_name(call, id)?.need_enabled())
    }
}

pub(crate) fn create_secret(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let kind = params.word("SecretType", &KINDS)?.unwrap_or(GENERIC);
    let extended_config = extended_config(params, kind)?;
    let name = name(params, kind, extended_config.as_ref())?;
    if let Some(existing) = region.secrets.get(&name) {
        existing.need_kept()?;
        return Err(Failure::exists());
    }
    let encryption_key_id = encryption_key(region, call)?;
    let mut secret = Secret {
        name: name.clone(),
        kind: kind.to_owned(),
        description: params.text("Description", 8192)?,
        encryption_key_id,
        instance_id: instance(params)?,
        extended_config,
        rotates: None,
        rotation_interval: None,
        rotated_at: None,
        policy: policy(params)?.unwrap_or_else(default_policy),
        tags: tags::of_json(params)?,
        created_at: call.now,
        updated_at: call.now,
        delete_at: None,
        versions: vec![Version::first(call, kind)?],
    };
    secret.set_rotation(params)?;
    let mut reply = Map::new();
    reply.insert("Arn".to_owned(), Value::from(call.arn(&format!("secret/{name}"))));
    reply.insert("SecretName".to_owned(), Value::from(name.as_str()));
    reply.insert("SecretType".to_owned(), Value::from(kind));
    reply.insert(
        "VersionId".to_owned(),
        Value::from(secret.versions[0].id.as_str()),
    );
    secret.add_rotation(&mut reply);
    secret.add_optional(&mut reply);
    region.secrets.insert(name, secret);
    Ok(Value::from(reply))
}

pub(crate) fn describe_secret(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let with_tags = call.params.flag("FetchTags")?.unwrap_or(false);
    let secret = region.named_secret(call)?;
    let mut fields = Map::new();
    let mut add = |name: &str, value: &str| fields.insert(name.to_owned(), Value::from(value));
    add("Arn", &call.arn(&format!("secret/{}", secret.name)));
    add("SecretName", &secret.name);
    add("SecretType", &secret.kind);
    add("Description", &secret.description);
    if let Some(id) = &secret.encryption_key_id {
        add("EncryptionKeyId", id);
    }
    add("CreateTime", &time(secret.created_at));
    add("UpdateTime", &time(secret.updated_at));
    add(
        "PlannedDeleteTime",
        &secret.delete_at.map(time).unwrap_or_default(),
    );
    secret.add_rotation(&mut fields);
    secret.add_optional(&mut fields);
    if with_tags {
        fields.insert("Tags".to_owned(), tags::to_json(&secret.tags));
    }
    Ok(Value::from(fields))
}

pub(crate) fn list_secrets(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    const FILTERS: [&str; 7] = [
        "SecretName",
        "Description",
        "TagKey",
        "TagValue",
        "DKMSInstanceId",
        "SecretType",
        "Creator",
    ];
    let filters = filters(call, &FILTERS)?;
    let with_tags = call.params.flag("FetchTags")?.unwrap_or(false);
    let secrets = region
        .secrets
        .values()
        .filter(|secret| filters.iter().all(|filter| secret.passes(filter)));
    page(call, 10, ("SecretList", "Secret"), secrets, |secret| {
        let mut row = json!({
            "SecretName": secret.name,
            "SecretType": secret.kind,
            "CreateTime": time(secret.created_at),
            "UpdateTime": time(secret.updated_at),
        });
        if let Some(at) = secret.delete_at {
            row["PlannedDeleteTime"] = Value::from(time(at));
        }
        if with_tags {
            row["Tags"] = tags::to_json(&secret.tags);
        }
        row
    })
}

pub(crate) fn update_secret(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let secret = region.named_secret(call)?;
    secret.need_kept()?;
    let custom = call.params.json("ExtendedConfig.CustomData")?;
    if custom.as_ref().is_some_and(|custom| !custom.is_object()) {
        return Err(Failure::invalid("ExtendedConfig.CustomData"));
    }
    if call.params.sent("Description").is_some() {
        secret.description = call.params.text("Description", 8192)?;
    }
    if let Some(custom) = custom {
        let config = secret.extended_config.get_or_insert_with(|| json!({}));
        config["CustomData"] = custom;
    }
    secret.updated_at = call.now;
    Ok(json!({ "SecretName": secret.name }))
}

pub(crate) fn update_secret_rotation_policy(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let secret = region.named_secret(call)?;
    call.params.need("EnableAutomaticRotation")?;
    secret.need_kept()?;
    secret.set_rotation(call.params)?;
    secret.updated_at = call.now;
    Ok(json!({ "SecretName": secret.name }))
}

pub(crate) fn delete_secret(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let at_once = call.params.flag("ForceDeleteWithoutRecovery")?.unwrap_or(false);
    let secret = region.named_secret(call)?;
    let name = secret.name.clone();
    if at_once {
        // Also of a secret that is scheduled already, and whatever window is sent along.
        region.secrets.remove(&name);
        return Ok(json!({ "SecretName": name, "PlannedDeleteTime": time(call.now) }));
    }
    let days = call.params.number("RecoveryWindowInDays", 7, 30)?.unwrap_or(30);
    secret.need_kept()?;
    let at = call.now + days * DAY;
    secret.delete_at = Some(at);
    Ok(json!({ "SecretName": name, "PlannedDeleteTime": time(at) }))
}

pub(crate) fn restore_secret(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let secret = region.named_secret(call)?;
    if secret.delete_at.take().is_none() {
        let message = "The request was rejected because the secret is not planned to be deleted.";
        return Err(Failure::service(409, "Rejected.ResourceInUse", message));
    }
    Ok(json!({ "SecretName": secret.name }))
}

pub(crate) fn set_secret_policy(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let secret = region.named_secret(call)?;
    policy_name(call.params)?;
    call.params.need("Policy")?;
    secret.need_kept()?;
    secret.policy = policy(call.params)?.unwrap_or_else(default_policy);
    Ok(nothing())
}

pub(crate) fn get_secret_policy(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let secret = region.named_secret(call)?;
    policy_name(call.params)?;
    Ok(json!({ "Policy": secret.policy }))
}

/// The name, which for credentials of the access management the service makes itself.
fn name(params: &Params, kind: &str, config: Option<&Value>) -> Result<String, Failure> {
    let bad = || Failure::invalid("SecretName");
    let name = params.need("SecretName")?;
    if kind == "RAMCredentials" {
        let user = config.and_then(|config| config["UserName"].as_str());
        let user = user.ok_or_else(|| Failure::invalid("ExtendedConfig"))?;
        return if name == "$Auto" {
            Ok(format!("acs/ram/user/{user}"))
        } else {
            Err(bad())
        };
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_/+=.@-".contains(c);
    let prefix_fits = kind == "ECS" || !name.starts_with("acs/");
    if name.len() > 192 || !name.chars().all(is_allowed) || !prefix_fits {
        Err(bad())
    } else {
        Ok(name.to_owned())
    }
}

fn extended_config(params: &Params, kind: &str) -> Result<Option<Value>, Failure> {
    let config = params.json("ExtendedConfig")?;
    let too_long = params
        .get("ExtendedConfig")
        .is_some_and(|text| text.chars().count() > 1024);
    if too_long || config.as_ref().is_some_and(|config| !config.is_object()) {
        return Err(Failure::invalid("ExtendedConfig"));
    }
    if kind != GENERIC && config.is_none() {
        return Err(Failure::missing("ExtendedConfig"));
    }
    Ok(config)
}

fn encryption_key(region: &mut Region, call: &Call) -> Result<Option<String>, Failure> {
    let Some(name) = call.params.get("EncryptionKeyId") else {
        return Ok(None);
    };
    region.discover(name, &instance(call.params)?, call.now)?;
    let key = region.key_by_any_name(call, name)?;
    key.need_enabled()?;
    if key.encrypts() {
        Ok(Some(key.id.clone()))
    } else {
        Err(Failure::invalid("EncryptionKeyId"))
    }
}

/// The version that callers get who name none.
pub(crate) fn current(secret: &Secret) -> Result<&Version, Failure> {
    versions::labelled(secret, CURRENT).ok_or_else(Failure::no_resource)
}

#[cfg(test)]
#[path = "secrets_test.rs"]
mod tests;
