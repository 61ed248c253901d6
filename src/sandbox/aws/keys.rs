//! Keys: their life from creation to the end of the waiting period.

use serde_json::{Value, json};

use super::errors::{Error, constraint, invalid, unsupported, wrong_state};
use super::import::Imported;
use super::params::{Paging, page};
use super::rotation::{Material, Rotation};
use super::stores::{self, Kept};
use super::world::{Alias, Key, KeyState, Names, arn};
use super::{Aws, Call, policy, random_hex, seconds, specs, tags};

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;

/// Makes a key.
pub fn create(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let (spec, usage) = spec_and_usage(call)?;
    let (origin, kept) = origin(world, call, spec, usage)?;
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
        origin: origin.to_owned(),
        multi_region,
        primary: None,
        state: if origin == "EXTERNAL" {
            KeyState::PendingImport
        } else {
            KeyState::Enabled
        },
        created: call.now,
        deletion: None,
        window: None,
        policy: policy::default(call.region, &call.caller.account),
        tags,
        rotation: Rotation::default(),
        materials: if origin == "AWS_KMS" {
            materials(spec, call.now)?
        } else {
            Vec::new()
        },
        private: None,
        imported: Imported::default(),
        kept,
        last_use: None,
        grants: std::collections::BTreeMap::new(),
    };
    if let Some(text) = text {
        policy::check(text, call, &key.arn, bypass)?;
        text.clone_into(&mut key.policy);
    }
    let id = key.id.clone();
    world.here(call).keys.insert(id.clone(), key);
    Ok(json!({ "KeyMetadata": world.metadata(&call.caller.account, call.region, &id) }))
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
        origin: "AWS_KMS".into(),
        multi_region: false,
        primary: None,
        state: KeyState::Enabled,
        created: call.now,
        deletion: None,
        window: None,
        policy: policy::managed(call.region, &call.caller.account, service),
        tags: std::collections::BTreeMap::new(),
        rotation,
        materials: vec![Material::new(call.now, None)?],
        private: None,
        imported: Imported::default(),
        kept: None,
        last_use: None,
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

/// Where the material comes from, and the custom key store that holds it.
fn origin(
    world: &mut Aws,
    call: &Call,
    spec: &str,
    usage: &str,
) -> Result<(&'static str, Option<Kept>), Error> {
    const ORIGINS: &[&str] = &["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];
    let origin = call.input.choice("Origin", ORIGINS)?.unwrap_or("AWS_KMS");
    let store = call.input.text("CustomKeyStoreId", 1..=64)?;
    let external = call.input.text("XksKeyId", 1..=128)?;
    if external.is_some() && origin != "EXTERNAL_KEY_STORE" {
        return Err(invalid(
            "XksKeyId is for keys of the origin EXTERNAL_KEY_STORE only.",
        ));
    }
    let Some(store) = store else {
        return match origin {
            "AWS_CLOUDHSM" | "EXTERNAL_KEY_STORE" => {
                Err(invalid(format!("The origin {origin} needs a CustomKeyStoreId.")))
            }
            "EXTERNAL" if usage == "KEY_AGREEMENT" || spec.starts_with("ML_DSA") => Err(unsupported(
                format!("Key material of spec {spec} for {usage} cannot be imported."),
            )),
            _ => Ok((origin, None)),
        };
    };
    if spec != "SYMMETRIC_DEFAULT" || call.input.flag("MultiRegion")? {
        return Err(unsupported(
            "Keys in custom key stores are symmetric encryption keys of a single Region.",
        ));
    }
    let kept = stores::keep(world, call, store, origin, external)?;
    Ok((origin, Some(kept)))
}

/// Shows a key.
pub fn describe(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    call.input.texts("GrantTokens")?;
    let key = world.key(call, Names::Any)?;
    let (account, id) = (key.account.clone(), key.id.clone());
    let metadata = world.metadata(&account, call.region, &id);
    // Whoever looks a second time finds a new replica ready.
    let key = world.key(call, Names::Any)?;
    if key.state == KeyState::Updating {
        key.state = KeyState::Enabled;
        let rotation = key.rotation.next;
        if let Some(at) = rotation {
            world.here(call).expect_event(at);
        }
        world.changed = true;
    } else if key.state == KeyState::Creating {
        key.state = if key.origin == "EXTERNAL" {
            KeyState::PendingImport
        } else {
            KeyState::Enabled
        };
        world.changed = true;
    }
    Ok(json!({ "KeyMetadata": metadata }))
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
    key.check_has_material()?;
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
    key.check_has_material()?;
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
    let (account, id) = (key.account.clone(), key.id.clone());
    let is_replica = key.primary.is_some();
    if !is_replica && world.has_replicas(&account, call.region, &id) {
        return wait_for_replicas(world, call, days);
    }
    let key = world.own_key(call, "ScheduleKeyDeletion")?;
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

/// A primary key stays until its last replica is gone; only then its waiting period begins.
fn wait_for_replicas(world: &mut Aws, call: &Call, days: i64) -> Result<Value, Error> {
    let key = world.own_key(call, "ScheduleKeyDeletion")?;
    key.state = KeyState::PendingReplicaDeletion;
    key.window = Some(days);
    let reply = json!({ "KeyId": key.arn, "KeyState": key.state, "PendingWindowInDays": days });
    world.here(call).waits_for_replicas = true;
    Ok(reply)
}

/// Ends the waiting period; the key comes back disabled.
pub fn cancel_deletion(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.own_key(call, "CancelKeyDeletion")?;
    if !matches!(
        key.state,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
    ) {
        return Err(wrong_state(&key.arn, "not pending deletion"));
    }
    let lacks_material = key.origin == "EXTERNAL" && key.materials.is_empty();
    key.state = if lacks_material {
        KeyState::PendingImport
    } else {
        KeyState::Disabled
    };
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
