//! Keys: their life from creation to deletion, rotation, protection and policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::errors::Failure;
use super::instances::Instance;
use super::material::{self, KeyVersion};
use super::pages::{Filter, filters, page};
use super::params::Params;
use super::{ACCOUNT_ID, Call, Region, nothing, tags, time};

const DAY: i64 = 86_400;
const SPECS: [&str; 9] = [
    "Aliyun_AES_256",
    "Aliyun_AES_128",
    "Aliyun_AES_192",
    "Aliyun_SM4",
    "RSA_2048",
    "RSA_3072",
    "EC_P256",
    "EC_P256K",
    "EC_SM2",
];
const ENCRYPTS: &str = "ENCRYPT/DECRYPT";
const SIGNS: &str = "SIGN/VERIFY";
/// The only name that a policy of a key or a secret can have.
const POLICY_NAME: &str = "default";

/// What a key may be used for right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Enabled,
    Disabled,
    PendingDeletion,
    PendingImport,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingImport => "PendingImport",
        }
    }

    /// The refusal of an action that needs another state.
    fn rejected(self) -> Failure {
        let name = self.name();
        let message = format!("The request was rejected because the key state is {name}.");
        Failure::service(409, &format!("Rejected.{name}"), message)
    }
}

/// A key with all its versions.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) spec: String,
    pub(crate) usage: String,
    pub(crate) origin: String,
    pub(crate) protection_level: String,
    pub(crate) instance_id: String,
    pub(crate) description: String,
    pub(crate) state: State,
    pub(crate) created_at: i64,
    pub(crate) delete_at: Option<i64>,
    pub(crate) rotates: bool,
    pub(crate) rotation_interval: i64,
    pub(crate) rotated_at: i64,
    pub(crate) is_protected: bool,
    pub(crate) protection_description: String,
    pub(crate) policy: String,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) versions: Vec<KeyVersion>,
    pub(crate) material_expires_at: Option<i64>,
    pub(crate) import: Option<super::import::Offer>,
    /// The fingerprint of material once imported: only the same may be imported again.
    pub(crate) imported: Option<String>,
}

impl Key {
    /// One key for both directions, as opposed to a pair?
    pub(crate) fn is_symmetric(&self) -> bool {
        self.spec.starts_with("Aliyun_")
    }

    /// Can this key encrypt data directly?
    pub(crate) fn encrypts(&self) -> bool {
        self.is_symmetric() && self.usage == ENCRYPTS
    }

    /// Refuses unless the key is enabled.
    pub(crate) fn need_enabled(&self) -> Result<(), Failure> {
        if self.state == State::Enabled {
            Ok(())
        } else {
            Err(self.state.rejected())
        }
    }

    /// Refuses when the key waits for its deletion.
    pub(crate) fn need_kept(&self) -> Result<(), Failure> {
        if self.state == State::PendingDeletion {
            Err(self.state.rejected())
        } else {
            Ok(())
        }
    }

    /// Is the time of its deletion over?
    pub(crate) fn is_due_to_go(&self, now: i64) -> bool {
        self.delete_at.is_some_and(|at| at <= now)
    }

    /// Rotates a key whose rotation was due, and forgets imported material whose time is over; tells whether
    /// either happened.
    pub(crate) fn settle(&mut self, now: i64) -> Result<bool, Failure> {
        let expired = self.material_expires_at.is_some_and(|at| at <= now);
        if expired {
            super::import::forget(self);
        }
        let due = now - self.rotated_at;
        if self.rotates && self.state == State::Enabled && due >= self.rotation_interval {
            self.rotated_at += due / self.rotation_interval * self.rotation_interval;
            material::add_version(self, self.rotated_at)?;
            return Ok(true);
        }
        Ok(expired)
    }

    fn rotation(&self) -> &'static str {
        match (self.rotates, self.state) {
            (false, _) => "Disabled",
            (true, State::Disabled | State::PendingDeletion) => "Suspended",
            (true, State::Enabled | State::PendingImport) => "Enabled",
        }
    }

    fn can_rotate(&self) -> bool {
        self.is_symmetric() && self.origin == "Aliyun_KMS" && self.protection_level == "SOFTWARE"
    }

    fn set_rotation(&mut self, params: &Params) -> Result<(), Failure> {
        let Some(wanted) = params.flag("EnableAutomaticRotation")? else {
            return Ok(());
        };
        let interval = params.seconds("RotationInterval", 7 * DAY, 730 * DAY)?;
        if !wanted {
            self.rotates = false;
            return Ok(());
        }
        if !self.can_rotate() {
            return Err(Failure::unsupported());
        }
        self.rotation_interval = match interval {
            Some(interval) => interval,
            None if self.rotates => self.rotation_interval,
            None => return Err(Failure::missing("RotationInterval")),
        };
        self.rotates = true;
        Ok(())
    }

    /// What `CreateKey` says of a key; `DescribeKey` adds the deletion protection.
    fn metadata(&self, call: &Call) -> Map<String, Value> {
        let optional = |at: Option<i64>| at.map(time).unwrap_or_default();
        let mut fields = Map::new();
        let mut add = |name: &str, value: String| fields.insert(name.to_owned(), Value::from(value));
        add("Arn", call.arn(&format!("key/{}", self.id)));
        add("AutomaticRotation", self.rotation().to_owned());
        add("CreationDate", time(self.created_at));
        add("Creator", ACCOUNT_ID.to_owned());
        add("DKMSInstanceId", self.instance_id.clone());
        add("DeleteDate", optional(self.delete_at));
        add("Description", self.description.clone());
        add("KeyId", self.id.clone());
        add("KeySpec", self.spec.clone());
        add("KeyState", self.state.name().to_owned());
        add("KeyUsage", self.usage.clone());
        add("LastRotationDate", time(self.rotated_at));
        add("MaterialExpireTime", optional(self.material_expires_at));
        if self.rotates {
            add("NextRotationDate", time(self.rotated_at + self.rotation_interval));
            add("RotationInterval", format!("{}s", self.rotation_interval));
        }
        add("Origin", self.origin.clone());
        let primary = self.versions.last().filter(|_| self.is_symmetric());
        add(
            "PrimaryKeyVersion",
            primary.map(|version| version.id.clone()).unwrap_or_default(),
        );
        add("ProtectionLevel", self.protection_level.clone());
        fields
    }

    fn passes(&self, filter: &Filter) -> bool {
        match filter.key.as_str() {
            "KeyState" => filter.wants(self.state.name()),
            "KeySpec" => filter.wants(&self.spec),
            "KeyUsage" => filter.wants(&self.usage),
            "ProtectionLevel" => filter.wants(&self.protection_level),
            "CreatorType" => filter.wants("User"),
            "DKMSInstanceId" => filter.wants(&self.instance_id),
            _ => false,
        }
    }
}

impl Key {
    /// A new symmetric key without material.
    fn new(id: String, now: i64) -> Self {
        Self {
            id,
            spec: SPECS[0].to_owned(),
            usage: ENCRYPTS.to_owned(),
            origin: "Aliyun_KMS".to_owned(),
            protection_level: "SOFTWARE".to_owned(),
            instance_id: String::new(),
            description: String::new(),
            state: State::Enabled,
            created_at: now,
            delete_at: None,
            rotates: false,
            rotation_interval: 0,
            rotated_at: now,
            is_protected: false,
            protection_description: String::new(),
            policy: default_policy(),
            tags: BTreeMap::new(),
            versions: Vec::new(),
            material_expires_at: None,
            import: None,
            imported: None,
        }
    }
}

impl Region {
    /// Instances hold keys that were made elsewhere: one that is named there for the first time exists.
    pub(crate) fn discover(&mut self, id: &str, instance_id: &str, now: i64) -> Result<(), Failure> {
        if instance_id.is_empty() || !id.starts_with("key-") || self.keys.contains_key(id) {
            return Ok(());
        }
        let mut key = Key::new(id.to_owned(), now);
        instance_id.clone_into(&mut key.instance_id);
        material::add_version(&mut key, now)?;
        self.keys.insert(id.to_owned(), key);
        Ok(())
    }

    /// The key behind an id, an ARN, an alias or the ARN of an alias.
    pub(crate) fn key_by_any_name(&mut self, call: &Call, name: &str) -> Result<&mut Key, Failure> {
        let name = name
            .strip_prefix(&call.arn(""))
            .map_or(name, |rest| rest.strip_prefix("key/").unwrap_or(rest));
        let id = if name.starts_with("alias/") {
            self.aliases.get(name).ok_or_else(Failure::no_alias)?
        } else {
            name
        };
        self.keys.get_mut(id).ok_or_else(Failure::no_key)
    }

    /// The key of an action that reads or uses it: the parameter takes any name of the key.
    pub(crate) fn named_key(&mut self, call: &Call) -> Result<&mut Key, Failure> {
        let name = call.params.need("KeyId")?;
        self.key_by_any_name(call, name)
    }

    /// The key of an action that changes it: the parameter takes the id only.
    pub(crate) fn managed_key(&mut self, call: &Call) -> Result<&mut Key, Failure> {
        let id = call.params.need("KeyId")?;
        self.keys.get_mut(id).ok_or_else(Failure::no_key)
    }
}

pub(crate) fn create_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let spec = params.word("KeySpec", &SPECS)?.unwrap_or(SPECS[0]);
    let origin = params
        .word("Origin", &["Aliyun_KMS", "EXTERNAL"])?
        .unwrap_or("Aliyun_KMS");
    let asked = params
        .word("ProtectionLevel", &["SOFTWARE", "HSM"])?
        .unwrap_or("SOFTWARE");
    let instance_id = instance(params)?;
    // Hardware protects as hardware does, whatever was asked for.
    let in_hardware = region
        .instances
        .get(&instance_id)
        .is_some_and(Instance::is_hardware);
    let protection_level = if in_hardware { "HSM" } else { asked };
    if matches!(spec, "Aliyun_AES_128" | "Aliyun_AES_192") && instance_id.is_empty() {
        return Err(Failure::invalid("KeySpec"));
    }
    let mut key = Key {
        spec: spec.to_owned(),
        usage: usage(params, spec)?.to_owned(),
        origin: origin.to_owned(),
        protection_level: protection_level.to_owned(),
        instance_id,
        description: params.text("Description", 8192)?,
        state: if origin == "EXTERNAL" {
            State::PendingImport
        } else {
            State::Enabled
        },
        policy: policy(params)?.unwrap_or_else(default_policy),
        tags: tags::of_json(params)?,
        ..Key::new(new_id(), call.now)
    };
    if origin == "EXTERNAL" && !key.is_symmetric() {
        return Err(Failure::invalid("Origin"));
    }
    key.set_rotation(params)?;
    if origin == "Aliyun_KMS" {
        material::add_version(&mut key, call.now)?;
    }
    let metadata = key.metadata(call);
    region.keys.insert(key.id.clone(), key);
    Ok(json!({ "KeyMetadata": metadata }))
}

pub(crate) fn describe_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.named_key(call)?;
    let mut metadata = key.metadata(call);
    let protection = if key.is_protected { "Enabled" } else { "Disabled" };
    metadata.insert("DeletionProtection".to_owned(), Value::from(protection));
    if key.is_protected {
        let description = Value::from(key.protection_description.as_str());
        metadata.insert("DeletionProtectionDescription".to_owned(), description);
    }
    Ok(json!({ "KeyMetadata": metadata }))
}

pub(crate) fn list_keys(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    const FILTERS: [&str; 6] = [
        "KeyState",
        "KeySpec",
        "KeyUsage",
        "ProtectionLevel",
        "CreatorType",
        "DKMSInstanceId",
    ];
    let filters = filters(call, &FILTERS)?;
    let keys = region
        .keys
        .values()
        .filter(|key| filters.iter().all(|filter| key.passes(filter)));
    page(
        call,
        10,
        ("Keys", "Key"),
        keys,
        |key| json!({ "KeyId": key.id, "KeyArn": call.arn(&format!("key/{}", key.id)) }),
    )
}

pub(crate) fn update_key_description(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.managed_key(call)?;
    if call.params.sent("Description").is_none() {
        return Err(Failure::missing("Description"));
    }
    key.need_kept()?;
    key.description = call.params.text("Description", 8192)?;
    Ok(nothing())
}

pub(crate) fn enable_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    switch(region.managed_key(call)?, State::Enabled)
}

pub(crate) fn disable_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    switch(region.managed_key(call)?, State::Disabled)
}

fn switch(key: &mut Key, state: State) -> Result<Value, Failure> {
    if !matches!(key.state, State::Enabled | State::Disabled) {
        return Err(Failure::state_not_modified());
    }
    key.state = state;
    Ok(nothing())
}

pub(crate) fn schedule_key_deletion(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.managed_key(call)?;
    call.params.need("PendingWindowInDays")?;
    let days = call.params.number("PendingWindowInDays", 7, 366)?.unwrap_or(30);
    if key.state == State::PendingDeletion {
        return Err(Failure::state_not_modified());
    }
    if key.is_protected {
        return Err(Failure::protected("key"));
    }
    key.state = State::PendingDeletion;
    key.delete_at = Some(call.now + days * DAY);
    Ok(nothing())
}

pub(crate) fn cancel_key_deletion(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.managed_key(call)?;
    if key.state != State::PendingDeletion {
        return Err(Failure::state_not_modified());
    }
    // A key whose material is still to come cannot be enabled by this either.
    key.state = if key.versions.is_empty() {
        State::PendingImport
    } else {
        State::Enabled
    };
    key.delete_at = None;
    Ok(nothing())
}

pub(crate) fn update_rotation_policy(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.managed_key(call)?;
    call.params.need("EnableAutomaticRotation")?;
    key.need_enabled()?;
    if !key.can_rotate() {
        return Err(Failure::unsupported());
    }
    key.set_rotation(call.params)?;
    Ok(nothing())
}

pub(crate) fn set_deletion_protection(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let wanted = params
        .flag("EnableDeletionProtection")?
        .ok_or_else(|| Failure::missing("EnableDeletionProtection"))?;
    let key = match (
        params.get("KeyId"),
        params.get("ProtectedResourceArn"),
        params.get("KmsInstanceId"),
    ) {
        (Some(id), None, None) => region.keys.get_mut(id).ok_or_else(Failure::no_key)?,
        (None, Some(arn), None) => {
            let id = arn
                .strip_prefix(&call.arn("key/"))
                .ok_or_else(|| Failure::invalid("ProtectedResourceArn"))?;
            region.keys.get_mut(id).ok_or_else(Failure::no_key)?
        }
        (None, None, Some(id)) => {
            instance(params)?;
            if let Some(instance) = region.instances.get_mut(id) {
                instance.is_protected = wanted;
                instance.protection_description = params.text("DeletionProtectionDescription", 8192)?;
            }
            return Ok(nothing());
        }
        _ => return Err(Failure::missing("ProtectedResourceArn")),
    };
    key.need_kept()?;
    key.is_protected = wanted;
    if let Some(description) = params.sent("DeletionProtectionDescription") {
        description.clone_into(&mut key.protection_description);
    }
    if !wanted {
        key.protection_description.clear();
    }
    Ok(nothing())
}

pub(crate) fn set_key_policy(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.managed_key(call)?;
    policy_name(call.params)?;
    call.params.need("Policy")?;
    key.need_kept()?;
    key.policy = policy(call.params)?.unwrap_or_else(default_policy);
    Ok(nothing())
}

pub(crate) fn get_key_policy(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.managed_key(call)?;
    policy_name(call.params)?;
    Ok(json!({ "Policy": key.policy }))
}

/// Refuses any name of a policy but the one there is.
pub(crate) fn policy_name(params: &Params) -> Result<(), Failure> {
    match params.get("PolicyName") {
        None | Some(POLICY_NAME) => Ok(()),
        Some(_) => Err(Failure::service(
            404,
            "Forbidden.ResourceNotFound",
            "Policy not found.",
        )),
    }
}

/// The parameter `Policy`: a document of at most 32,768 bytes with a version and statements.
pub(crate) fn policy(params: &Params) -> Result<Option<String>, Failure> {
    let Some(document) = params.json("Policy")? else {
        return Ok(None);
    };
    let text = params.get("Policy").unwrap_or_default();
    let statements = document["Statement"]
        .as_array()
        .is_some_and(|statements| !statements.is_empty());
    if document["Version"] != "1" || !statements || text.len() > 32_768 {
        return Err(Failure::invalid("Policy"));
    }
    Ok(Some(text.to_owned()))
}

/// The parameter that names a KMS instance, empty when not sent.
pub(crate) fn instance(params: &Params) -> Result<String, Failure> {
    let name = ["DKMSInstanceId", "KmsInstanceId"]
        .into_iter()
        .find_map(|name| params.get(name))
        .unwrap_or_default();
    if name.is_empty() || name.starts_with("kst-") {
        Ok(name.to_owned())
    } else {
        Err(Failure::service(
            403,
            "Forbidden.DKMSInstanceNotFound",
            "The specified DKMS instance is not found.",
        ))
    }
}

/// The policy that lets the whole account do everything.
pub(crate) fn default_policy() -> String {
    json!({
        "Version": "1",
        "Statement": [{
            "Sid": "kms default key policy",
            "Effect": "Allow",
            "Principal": { "RAM": [format!("acs:ram::{ACCOUNT_ID}:*")] },
            "Action": ["kms:*"],
            "Resource": ["*"],
        }],
    })
    .to_string()
}

fn usage<'a>(params: &'a Params, spec: &str) -> Result<&'a str, Failure> {
    let possible: &[&'static str] = match spec {
        "EC_P256" | "EC_P256K" => &[SIGNS],
        "RSA_2048" | "RSA_3072" | "EC_SM2" => &[SIGNS, ENCRYPTS],
        _ => &[ENCRYPTS],
    };
    Ok(params.word("KeyUsage", possible)?.unwrap_or(possible[0]))
}

fn new_id() -> String {
    let unique = Uuid::new_v4().simple().to_string();
    format!("key-hzz{}", &unique[..18])
}

#[cfg(test)]
#[path = "keys_test.rs"]
mod tests;
