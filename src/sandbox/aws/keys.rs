//! Keys: their life from creation to the end of the waiting period.

use serde_json::{Value, json};

use super::errors::{Error, constraint, invalid, unsupported, wrong_state};
use super::params::{Paging, page};
use super::rotation::{Material, Rotation};
use super::world::{Alias, Key, KeyState, Names, arn};
use super::{Aws, Call, policy, random_hex, seconds, specs, tags};

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;

/// Makes a key.
pub fn create(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let (spec, usage) = spec_and_usage(call)?;
    check_origin(call)?;
    let description = call.input.text("Description", 0..=8192)?.unwrap_or("");
    let text = call.input.text("Policy", 1..=131_072)?;
    let bypass = call.input.flag("BypassPolicyLockoutSafetyCheck")?;
    let tags = tags::read(call.input, "Tags")?.unwrap_or_default();
    let multi_region = call.input.flag("MultiRegion")?;
    if multi_region && spec == "SM2" {
        return Err(unsupported("SM2 keys cannot be multi-Region keys."));
    }
    let id = if multi_region {
        format!("mrk-{}", random_hex(32)?)
    } else {
        uuid::Uuid::new_v4().to_string()
    };
    let mut key = Key {
        arn: arn(call.region, &call.caller.account, &format!("key/{id}")),
        id,
        account: call.caller.account.clone(),
        region: call.region.to_owned(),
        description: description.to_owned(),
        usage: usage.to_owned(),
        spec: spec.to_owned(),
        managed: false,
        multi_region,
        state: KeyState::Enabled,
        created: call.now,
        deletion: None,
        policy: policy::default(call.region, &call.caller.account),
        tags,
        rotation: Rotation::default(),
        materials: materials(spec, call.now)?,
        private: None,
        grants: std::collections::BTreeMap::new(),
    };
    if let Some(text) = text {
        policy::check(text, call, &key.arn, bypass)?;
        text.clone_into(&mut key.policy);
    }
    let metadata = key.metadata();
    world.here(call).keys.insert(key.id.clone(), key);
    Ok(json!({ "KeyMetadata": metadata }))
}

/// Only symmetric keys have material of which something is seen.
fn materials(spec: &str, now: i64) -> Result<Vec<Material>, Error> {
    if spec == "SYMMETRIC_DEFAULT" {
        Ok(vec![Material::new(now, None)?])
    } else {
        Ok(Vec::new())
    }
}

/// Makes the key of AWS that stands behind a predefined alias, and gives its id.
pub fn create_managed(world: &mut Aws, call: &Call, alias: &str) -> Result<String, Error> {
    let service = alias.trim_start_matches("alias/aws/");
    let id = uuid::Uuid::new_v4().to_string();
    let mut rotation = Rotation::default();
    rotation.start(call.now, 365);
    let key = Key {
        arn: arn(call.region, &call.caller.account, &format!("key/{id}")),
        id: id.clone(),
        account: call.caller.account.clone(),
        region: call.region.to_owned(),
        description: format!("Default key that protects my {service} data when no other key is defined"),
        usage: "ENCRYPT_DECRYPT".into(),
        spec: "SYMMETRIC_DEFAULT".into(),
        managed: true,
        multi_region: false,
        state: KeyState::Enabled,
        created: call.now,
        deletion: None,
        policy: policy::managed(call.region, &call.caller.account, service),
        tags: std::collections::BTreeMap::new(),
        rotation,
        materials: vec![Material::new(call.now, None)?],
        private: None,
        grants: std::collections::BTreeMap::new(),
    };
    let here = world.here(call);
    here.aliases.insert(
        alias.to_owned(),
        Alias {
            target: id.clone(),
            created: call.now,
            updated: call.now,
        },
    );
    here.expect_event(call.now + 365 * DAY);
    here.keys.insert(id.clone(), key);
    Ok(id)
}

fn spec_and_usage(call: &Call) -> Result<(&'static str, &'static str), Error> {
    let spec = call.input.choice("KeySpec", specs::SPECS)?;
    let old_spec = call.input.choice("CustomerMasterKeySpec", specs::SPECS)?;
    if spec.is_some() && old_spec.is_some() && spec != old_spec {
        return Err(invalid(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
        ));
    }
    let spec = spec.or(old_spec).unwrap_or("SYMMETRIC_DEFAULT");
    let usage = match call.input.choice("KeyUsage", specs::USAGES)? {
        Some(usage) => usage,
        None if spec == "SYMMETRIC_DEFAULT" => "ENCRYPT_DECRYPT",
        None => {
            return Err(invalid(format!(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys. Key spec: {spec}."
            )));
        }
    };
    if spec == "SM2" && !call.region.starts_with("cn-") {
        return Err(unsupported(format!(
            "KeySpec SM2 is not supported in {}.",
            call.region
        )));
    }
    if !specs::usages(spec).contains(&usage) {
        return Err(invalid(format!(
            "KeyUsage {usage} is not compatible with KeySpec {spec}"
        )));
    }
    Ok((spec, usage))
}

fn check_origin(call: &Call) -> Result<(), Error> {
    const ORIGINS: &[&str] = &["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];
    let origin = call.input.choice("Origin", ORIGINS)?.unwrap_or("AWS_KMS");
    let store = call.input.text("CustomKeyStoreId", 1..=64)?;
    let external = call.input.text("XksKeyId", 1..=128)?;
    if origin != "AWS_KMS" {
        return Err(unsupported(format!(
            "Keys of origin {origin} are not emulated by the sandbox."
        )));
    }
    if store.is_some() || external.is_some() {
        return Err(invalid(
            "CustomKeyStoreId and XksKeyId need the origin AWS_CLOUDHSM or EXTERNAL_KEY_STORE.",
        ));
    }
    Ok(())
}

/// Shows a key.
pub fn describe(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    call.input.texts("GrantTokens")?;
    let key = world.key(call, Names::Any)?;
    Ok(json!({ "KeyMetadata": key.metadata() }))
}

/// Changes the description of a key.
pub fn update_description(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let description = call.input.required("Description", 0..=8192)?;
    let key = world.own_key(call, "UpdateKeyDescription")?;
    key.check_not_pending()?;
    description.clone_into(&mut key.description);
    Ok(Value::Null)
}

/// Allows a key to be used again.
pub fn enable(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.own_key(call, "EnableKey")?;
    key.check_not_pending()?;
    key.state = KeyState::Enabled;
    key.rotate_if_due(call.now);
    if let Some(at) = key.rotation.next {
        world.here(call).expect_event(at);
    }
    Ok(Value::Null)
}

/// Forbids the use of a key.
pub fn disable(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.own_key(call, "DisableKey")?;
    key.check_not_pending()?;
    key.state = KeyState::Disabled;
    Ok(Value::Null)
}

/// Starts the waiting period after which a key is gone.
pub fn schedule_deletion(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    // The model says 1 to 365, the service 7 to 30.
    let days = call.input.integer("PendingWindowInDays", 1..=365)?.unwrap_or(30);
    for (wrong, bound) in [
        (days < 7, "greater than or equal to 7"),
        (days > 30, "less than or equal to 30"),
    ] {
        if wrong {
            let text = format!("Member must have value {bound}");
            return Err(constraint("PendingWindowInDays", &days.to_string(), &text));
        }
    }
    let key = world.own_key(call, "ScheduleKeyDeletion")?;
    key.check_not_pending()?;
    let at = call.now + days * DAY;
    key.state = KeyState::PendingDeletion;
    key.deletion = Some(at);
    let reply = json!({
        "KeyId": key.arn,
        "DeletionDate": seconds(at),
        "KeyState": key.state,
        "PendingWindowInDays": days,
    });
    world.here(call).expect_event(at);
    Ok(reply)
}

/// Ends the waiting period; the key comes back disabled.
pub fn cancel_deletion(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.own_key(call, "CancelKeyDeletion")?;
    if key.state != KeyState::PendingDeletion {
        return Err(wrong_state(&key.arn, "not pending deletion"));
    }
    key.state = KeyState::Disabled;
    key.deletion = None;
    let reply = json!({ "KeyId": key.arn });
    let rotation = key.rotation.next;
    if let Some(at) = rotation {
        world.here(call).expect_event(at);
    }
    Ok(reply)
}

/// Lists the keys of the account in the region.
pub fn list(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let items = world.here(call).keys.iter().map(|(id, key)| (id.as_str(), key));
    let paging = Paging {
        member: "Keys",
        default: 100,
        most: 1000,
    };
    page(
        call.input,
        &paging,
        items,
        |key| json!({ "KeyId": key.id, "KeyArn": key.arn }),
    )
}
