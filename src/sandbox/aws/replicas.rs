//! Multi-Region keys: one key in several regions, each with a policy, tags, a state and an end of its own. Which of
//! them is the primary key can change.

use serde_json::{Value, json};

use super::errors::{Error, invalid, not_found, unsupported};
use super::import::Imported;
use super::keys::DAY;
use super::rotation::Rotation;
use super::world::{Key, KeyState, REFERENCE, arn, partition};
use super::{Aws, Call, policy, tags};

/// Makes a replica of a primary key in another region.
pub fn replicate(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    call.input.required("KeyId", REFERENCE)?;
    let region = call.input.required("ReplicaRegion", 1..=32)?;
    let description = call.input.text("Description", 0..=8192)?.unwrap_or("");
    let text = call.input.text("Policy", 1..=131_072)?;
    let bypass = call.input.flag("BypassPolicyLockoutSafetyCheck")?;
    let tags = tags::read(call.input, "Tags")?.unwrap_or_default();
    let primary = world.own_key(call, "ReplicateKey")?;
    check_replicates(primary, call, region)?;
    let account = primary.account.clone();
    let mut replica = Key {
        arn: arn(region, &account, &format!("key/{}", primary.id)),
        region: region.to_owned(),
        description: description.to_owned(),
        primary: Some(primary.region.clone()),
        state: KeyState::Creating,
        created: call.now,
        policy: policy::default(region, &account),
        tags,
        rotation: Rotation::default(),
        imported: Imported::of_replica(primary),
        last_use: None,
        grants: std::collections::BTreeMap::new(),
        ..primary.clone()
    };
    if replica.origin == "EXTERNAL" {
        replica.materials.clear();
        replica.private = None;
    }
    if let Some(text) = text {
        policy::check(text, call, &replica.arn, bypass)?;
        text.clone_into(&mut replica.policy);
    }
    world.settle(&account, region, call.now);
    let there = world.region(&account, region);
    if there.keys.contains_key(&replica.id) {
        return Err(Error::new(
            "AlreadyExistsException",
            format!("{} already exists.", replica.arn),
        ));
    }
    let (id, text) = (replica.id.clone(), replica.policy.clone());
    let shown: Vec<Value> = replica
        .tags
        .iter()
        .map(|(name, value)| json!({ "TagKey": name, "TagValue": value }))
        .collect();
    there.keys.insert(id.clone(), replica);
    Ok(json!({
        "ReplicaKeyMetadata": world.metadata(&account, region, &id),
        "ReplicaPolicy": text,
        "ReplicaTags": shown,
    }))
}

fn check_replicates(primary: &Key, call: &Call, region: &str) -> Result<(), Error> {
    if !primary.multi_region {
        return Err(unsupported(format!("{} is not a multi-Region key.", primary.arn)));
    }
    primary.check_not_replica()?;
    primary.check_not_pending()?;
    primary.check_enabled()?;
    if region == call.region || partition(region) != partition(call.region) {
        return Err(invalid(format!(
            "{region} is not a Region to which {} can be replicated.",
            primary.arn
        )));
    }
    Ok(())
}

/// Makes a replica the primary key; the primary key becomes a replica. Both are being updated until somebody looks.
pub fn update_primary(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let region = call.input.required("PrimaryRegion", 1..=32)?.to_owned();
    let key = world.own_key(call, "UpdatePrimaryRegion")?;
    if !key.multi_region {
        return Err(unsupported(format!("{} is not a multi-Region key.", key.arn)));
    }
    key.check_not_replica()?;
    key.check_not_pending()?;
    key.check_enabled()?;
    let (account, id) = (key.account.clone(), key.id.clone());
    if region == call.region {
        return Err(invalid(format!("{} is the primary key already.", key.arn)));
    }
    world.settle(&account, &region, call.now);
    let there = arn(&region, &account, &format!("key/{id}"));
    let replica = world.region(&account, &region).keys.get(&id);
    let replica = replica.ok_or_else(|| not_found(format!("Key '{there}' does not exist")))?;
    replica.check_not_pending()?;
    replica.check_enabled()?;
    let rotation = std::mem::take(&mut world.own_key(call, "UpdatePrimaryRegion")?.rotation);
    for (name, objects) in world.regions(&account).iter_mut() {
        let Some(key) = objects.keys.get_mut(&id) else {
            continue;
        };
        key.primary = (*name != region).then(|| region.clone());
        if *name == region || *name == call.region {
            key.state = KeyState::Updating;
        }
    }
    let new = world.region(&account, &region);
    if let Some(at) = rotation.next {
        new.expect_event(at);
    }
    if let Some(key) = new.keys.get_mut(&id) {
        key.rotation = rotation;
    }
    Ok(Value::Null)
}

impl Key {
    /// Fails for what is changed where the primary key is.
    pub fn check_not_replica(&self) -> Result<(), Error> {
        match &self.primary {
            None => Ok(()),
            Some(region) => Err(unsupported(format!(
                "{} is a replica. Use its primary key in {region}.",
                self.arn
            ))),
        }
    }
}

impl Aws {
    /// The `KeyMetadata` of the API.
    pub fn metadata(&mut self, account: &str, region: &str, id: &str) -> Value {
        let Some(key) = self.region(account, region).keys.get(id) else {
            return Value::Null;
        };
        let mut shown = key.metadata();
        if !key.multi_region {
            return shown;
        }
        let is_replica = key.primary.is_some();
        let family = self.regions(account).iter();
        let family: Vec<(bool, Value)> = family
            .filter_map(|(region, objects)| {
                let key = objects.keys.get(id)?;
                let entry = json!({ "Arn": key.arn, "Region": region });
                Some((key.primary.is_none(), entry))
            })
            .collect();
        let of = |primary: bool| family.iter().filter(move |(is, _)| *is == primary);
        shown["MultiRegionConfiguration"] = json!({
            "MultiRegionKeyType": if is_replica { "REPLICA" } else { "PRIMARY" },
            "PrimaryKey": of(true).map(|(_, entry)| entry).next(),
            "ReplicaKeys": of(false).map(|(_, entry)| entry).collect::<Vec<_>>(),
        });
        shown
    }

    /// Whether a primary key has replicas in other regions.
    pub fn has_replicas(&mut self, account: &str, region: &str, id: &str) -> bool {
        self.regions(account)
            .iter()
            .any(|(other, objects)| other != region && objects.keys.contains_key(id))
    }

    /// Lets the waiting periods of primary keys begin whose last replica is gone.
    pub fn release_primaries(&mut self, account: &str, region: &str, now: i64) {
        if !self.region(account, region).waits_for_replicas {
            return;
        }
        let others: Vec<String> = self.regions(account).keys().cloned().collect();
        for other in others.iter().filter(|other| *other != region) {
            self.pass_time(account, other, now);
        }
        let waiting = self.region(account, region).keys.values();
        let waiting: Vec<String> = waiting
            .filter(|key| key.state == KeyState::PendingReplicaDeletion)
            .map(|key| key.id.clone())
            .collect();
        let mut left = false;
        for id in waiting {
            if self.has_replicas(account, region, &id) {
                left = true;
                continue;
            }
            let here = self.region(account, region);
            if let Some(key) = here.keys.get_mut(&id) {
                let at = now + key.window.unwrap_or(30) * DAY;
                key.state = KeyState::PendingDeletion;
                key.deletion = Some(at);
                here.expect_event(at);
            }
            self.changed = true;
        }
        self.region(account, region).waits_for_replicas = left;
    }

    /// Gives the replicas of a key the material that it has.
    pub fn share_material(&mut self, account: &str, region: &str, id: &str) {
        let Some(key) = self.region(account, region).keys.get(id) else {
            return;
        };
        if !key.multi_region {
            return;
        }
        let materials = key.materials.clone();
        for objects in self.regions(account).values_mut() {
            if let Some(replica) = objects.keys.get_mut(id) {
                replica.materials.clone_from(&materials);
            }
        }
    }
}
