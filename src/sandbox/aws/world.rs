//! What the emulated AWS remembers, how keys are found by their names, and what time does to them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::{Error, disabled, not_found, wrong_state};
use super::grants::Grant;
use super::import::Imported;
use super::rotation::{Material, Rotation};
use super::stores::{Kept, Store};
use super::sts::Session;
use super::usage::Use;
use super::{Call, keys, seconds, specs};

/// All accounts and sessions.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Aws {
    accounts: BTreeMap<String, BTreeMap<String, Region>>,
    /// Temporary credentials by their access key id.
    pub sessions: BTreeMap<String, Session>,
    /// Whether something changed that is not the effect of a mutating action.
    #[serde(skip)]
    pub changed: bool,
}

/// The objects of one account in one region.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Region {
    pub keys: BTreeMap<String, Key>,
    /// By name, `alias/` included.
    pub aliases: BTreeMap<String, Alias>,
    /// Custom key stores by id.
    #[serde(default)]
    pub stores: BTreeMap<String, Store>,
    /// Whether a primary key here waits for its replicas to go.
    #[serde(default)]
    pub waits_for_replicas: bool,
    /// When time next changes a key here.
    pub next_event: Option<i64>,
}

/// Another name for a key.
#[derive(Clone, Serialize, Deserialize)]
pub struct Alias {
    pub target: String,
    pub created: i64,
    pub updated: i64,
}

/// The states that a key of the sandbox can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    /// A replica that nobody has looked at yet.
    Creating,
    /// A key that has become, or is no longer, the primary one, and that nobody has looked at since.
    Updating,
    Enabled,
    Disabled,
    PendingImport,
    PendingDeletion,
    PendingReplicaDeletion,
}

/// One key. It holds material, so it has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Key {
    pub id: String,
    pub account: String,
    pub region: String,
    pub arn: String,
    pub description: String,
    pub usage: String,
    pub spec: String,
    /// Whether AWS made it for one of its services.
    pub managed: bool,
    /// Where the material comes from.
    #[serde(default = "own_origin")]
    pub origin: String,
    pub multi_region: bool,
    /// The region of the primary key, for a replica.
    #[serde(default)]
    pub primary: Option<String>,
    pub state: KeyState,
    pub created: i64,
    pub deletion: Option<i64>,
    /// Days from the end of the last replica to the end of a primary key that waits for it.
    #[serde(default)]
    pub window: Option<i64>,
    pub policy: String,
    pub tags: BTreeMap<String, String>,
    pub rotation: Rotation,
    pub materials: Vec<Material>,
    /// The private half of an asymmetric key, once it was made.
    #[serde(default)]
    pub private: Option<String>,
    #[serde(default)]
    pub imported: Imported,
    /// The custom key store that holds the material.
    #[serde(default)]
    pub kept: Option<Kept>,
    #[serde(default)]
    pub last_use: Option<Use>,
    pub grants: BTreeMap<String, Grant>,
}

fn own_origin() -> String {
    "AWS_KMS".to_owned()
}

/// Which references to a key an action takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Key id or key ARN, of the own account only.
    Own,
    /// Key id or key ARN, of any account.
    Foreign,
    /// Key id, key ARN, alias name or alias ARN, of any account.
    Any,
}

/// The longest reference to a key.
pub const REFERENCE: std::ops::RangeInclusive<usize> = 1..=2048;

/// The partition that a region is in.
pub fn partition(region: &str) -> &'static str {
    match region.split('-').take(2).collect::<Vec<_>>()[..] {
        ["cn", _] => "aws-cn",
        ["us", "gov"] => "aws-us-gov",
        ["us", "iso"] => "aws-iso",
        ["us", "isob"] => "aws-iso-b",
        ["eu", "isoe"] => "aws-iso-e",
        ["us", "isof"] => "aws-iso-f",
        ["eusc", _] => "aws-eusc",
        _ => "aws",
    }
}

/// The ARN of a resource of KMS.
pub fn arn(region: &str, account: &str, resource: &str) -> String {
    format!("arn:{}:kms:{region}:{account}:{resource}", partition(region))
}

impl Aws {
    /// The caller's objects in the region of the call.
    pub fn here(&mut self, call: &Call) -> &mut Region {
        self.region(&call.caller.account, call.region)
    }

    /// All regions in which an account has had objects.
    pub fn regions(&mut self, account: &str) -> &mut BTreeMap<String, Region> {
        self.accounts.entry(account.to_owned()).or_default()
    }

    /// The objects of an account in a region.
    pub fn region(&mut self, account: &str, region: &str) -> &mut Region {
        self.accounts
            .entry(account.to_owned())
            .or_default()
            .entry(region.to_owned())
            .or_default()
    }

    /// The key that the member `KeyId` of the request names.
    pub fn key(&mut self, call: &Call, names: Names) -> Result<&mut Key, Error> {
        let reference = call.input.required("KeyId", REFERENCE)?;
        self.find(call, reference, names)
    }

    /// As [`Self::key`], for an action that only the owner of the key may do: never on keys that AWS manages.
    pub fn own_key(&mut self, call: &Call, action: &str) -> Result<&mut Key, Error> {
        let key = self.key(call, Names::Own)?;
        if key.managed {
            return Err(denied(call, action, &key.arn));
        }
        Ok(key)
    }

    /// The key of that reference.
    pub fn find(&mut self, call: &Call, reference: &str, names: Names) -> Result<&mut Key, Error> {
        let (account, id) = self.locate(call, reference, names)?;
        if account != call.caller.account {
            self.settle(&account, call.region, call.now);
        }
        let missing = || {
            not_found(format!(
                "Key '{}' does not exist",
                arn(call.region, &account, &format!("key/{id}"))
            ))
        };
        let region = self
            .accounts
            .get_mut(&account)
            .and_then(|regions| regions.get_mut(call.region));
        region
            .and_then(|region| region.keys.get_mut(&id))
            .ok_or_else(missing)
    }

    fn locate(&mut self, call: &Call, reference: &str, names: Names) -> Result<(String, String), Error> {
        let own = call.caller.account.clone();
        let (account, resource) = if reference.starts_with("arn:") {
            let parts: Vec<&str> = reference.splitn(6, ':').collect();
            let [_, in_partition, "kms", region, account, resource] = parts[..] else {
                return Err(Error::new(
                    "InvalidArnException",
                    format!("Invalid arn {reference}"),
                ));
            };
            if in_partition != partition(call.region) || account.len() != 12 {
                return Err(Error::new(
                    "InvalidArnException",
                    format!("Invalid arn {reference}"),
                ));
            }
            if region != call.region {
                return Err(not_found(format!("Invalid arn {region}")));
            }
            let Some(id) = resource.strip_prefix("key/") else {
                if !resource.starts_with("alias/") || names != Names::Any {
                    return Err(Error::new(
                        "InvalidArnException",
                        format!("Invalid arn {reference}"),
                    ));
                }
                return self.by_alias(call, account, resource);
            };
            (account.to_owned(), id)
        } else if reference.starts_with("alias/") {
            if names != Names::Any {
                return Err(not_found(format!("Invalid keyId {reference}")));
            }
            return self.by_alias(call, &own, reference);
        } else {
            (own, reference)
        };
        if !is_key_id(resource) {
            return Err(not_found(format!("Invalid keyId {resource}")));
        }
        if account != call.caller.account && names == Names::Own {
            return Err(Error::new(
                "AccessDeniedException",
                format!(
                    "The resource {reference} belongs to another account, where this action is not allowed."
                ),
            ));
        }
        Ok((account, resource.to_owned()))
    }

    fn by_alias(&mut self, call: &Call, account: &str, name: &str) -> Result<(String, String), Error> {
        let region = self
            .accounts
            .get(account)
            .and_then(|regions| regions.get(call.region));
        if let Some(alias) = region.and_then(|region| region.aliases.get(name)) {
            return Ok((account.to_owned(), alias.target.clone()));
        }
        if account == call.caller.account && super::aliases::PREDEFINED.contains(&name) {
            let id = keys::create_managed(self, call, name)?;
            self.changed = true;
            return Ok((account.to_owned(), id));
        }
        Err(not_found(format!(
            "Alias {} is not found.",
            arn(call.region, account, name)
        )))
    }

    /// Lets time have its effect: keys whose waiting period is over are gone, with their aliases and grants,
    /// and rotations that are due have happened.
    pub fn settle(&mut self, account: &str, region: &str, now: i64) {
        self.release_primaries(account, region, now);
        self.pass_time(account, region, now);
    }

    /// As [`Self::settle`], without a look at other regions.
    pub fn pass_time(&mut self, account: &str, region: &str, now: i64) {
        let name = region;
        let Some(region) = self
            .accounts
            .get_mut(account)
            .and_then(|regions| regions.get_mut(region))
        else {
            return;
        };
        if region.next_event.is_none_or(|at| at > now) {
            return;
        }
        region
            .keys
            .retain(|_, key| key.deletion.is_none_or(|at| at > now));
        let Region { keys, aliases, .. } = region;
        aliases.retain(|_, alias| keys.contains_key(&alias.target));
        for key in keys.values_mut() {
            key.rotate_if_due(now);
            key.expire_if_due(now);
        }
        region.next_event = keys.values().filter_map(Key::next_event).min();
        let primaries = keys
            .values()
            .filter(|key| key.multi_region && key.primary.is_none() && key.origin == "AWS_KMS");
        let primaries: Vec<String> = primaries.map(|key| key.id.clone()).collect();
        for id in primaries {
            self.share_material(account, name, &id);
        }
        self.changed = true;
    }
}

impl Region {
    /// Notes that time changes something at that moment.
    pub fn expect_event(&mut self, at: i64) {
        self.next_event = Some(self.next_event.map_or(at, |next| next.min(at)));
    }
}

impl Key {
    /// When time next changes this key.
    fn next_event(&self) -> Option<i64> {
        let rotates = self.state == KeyState::Enabled;
        let rotation = self.rotation.next.filter(|_| rotates);
        [self.deletion, rotation, self.imported.valid_to]
            .into_iter()
            .flatten()
            .min()
    }

    /// Fails while the key waits for its deletion, or is not there yet.
    pub fn check_not_pending(&self) -> Result<(), Error> {
        match self.state {
            KeyState::PendingDeletion => Err(wrong_state(&self.arn, "pending deletion")),
            KeyState::PendingReplicaDeletion => Err(wrong_state(&self.arn, "pending replica deletion")),
            KeyState::Creating => Err(wrong_state(&self.arn, "creating")),
            KeyState::Updating => Err(wrong_state(&self.arn, "updating")),
            KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport => Ok(()),
        }
    }

    /// Fails where the key has no material, too.
    pub fn check_has_material(&self) -> Result<(), Error> {
        self.check_not_pending()?;
        if self.state == KeyState::PendingImport {
            Err(wrong_state(&self.arn, "pending import"))
        } else {
            Ok(())
        }
    }

    /// Fails unless the key is enabled. While it is being updated it serves as before.
    pub fn check_enabled(&self) -> Result<(), Error> {
        if self.state == KeyState::Updating {
            return Ok(());
        }
        self.check_has_material()?;
        if self.state == KeyState::Disabled {
            Err(disabled(&self.arn))
        } else {
            Ok(())
        }
    }

    /// The `KeyMetadata` of the API, but for the other keys of a multi-Region key.
    pub fn metadata(&self) -> Value {
        let (member, algorithms) = specs::algorithms(&self.spec, &self.usage);
        let mut shown = json!({
            "AWSAccountId": self.account,
            "KeyId": self.id,
            "Arn": self.arn,
            "CreationDate": seconds(self.created),
            "Enabled": self.state == KeyState::Enabled,
            "Description": self.description,
            "KeyUsage": self.usage,
            "KeyState": self.state,
            "Origin": self.origin,
            "KeyManager": if self.managed { "AWS" } else { "CUSTOMER" },
            "CustomerMasterKeySpec": self.spec,
            "KeySpec": self.spec,
            "MultiRegion": self.multi_region,
        });
        shown[member] = json!(algorithms);
        if let Some(at) = self.deletion {
            shown["DeletionDate"] = seconds(at);
        }
        if self.state == KeyState::PendingReplicaDeletion {
            shown["PendingDeletionWindowInDays"] = json!(self.window);
        }
        if let Some(material) = self.materials.last()
            && self.spec == "SYMMETRIC_DEFAULT"
        {
            shown["CurrentKeyMaterialId"] = json!(material.id);
        }
        self.imported.show(self, &mut shown);
        if let Some(kept) = &self.kept {
            kept.show(&mut shown);
        }
        shown
    }
}

/// The refusal of an action on a key that AWS manages.
fn denied(call: &Call, action: &str, arn: &str) -> Error {
    Error::new(
        "AccessDeniedException",
        format!(
            "User: {} is not authorized to perform: kms:{action} on resource: {arn} because no resource-based policy \
             allows the kms:{action} action",
            call.caller.arn
        ),
    )
}

/// Whether a text has the form of a key id: a UUID, or `mrk-` with 32 hexadecimal digits.
fn is_key_id(text: &str) -> bool {
    let digits = |part: &str, length: usize| {
        part.len() == length
            && part
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    if let Some(rest) = text.strip_prefix("mrk-") {
        return digits(rest, 32);
    }
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == 5
        && parts
            .iter()
            .zip([8, 4, 4, 4, 12])
            .all(|(part, length)| digits(part, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(is_key_id(text), expected, "{text}");
    }

    #[test]
    fn key_ids_are_uuids_or_multi_region_ids() {
        check("1234abcd-12ab-34cd-56ef-1234567890ab", true);
        check("mrk-1234abcd12ab34cd56ef1234567890ab", true);
        check("mrk-1234abcd-12ab-34cd-56ef-1234567890ab", false);
        check("1234ABCD-12ab-34cd-56ef-1234567890ab", false);
        check("foo", false);
        check("", false);
    }

    #[test]
    fn a_key_that_was_saved_before_there_were_origins_is_read() {
        let saved = json!({
            "id": "k", "account": "1", "region": "r", "arn": "a", "description": "", "usage": "ENCRYPT_DECRYPT",
            "spec": "SYMMETRIC_DEFAULT", "managed": false, "multi_region": false, "state": "Enabled", "created": 0,
            "deletion": null, "policy": "", "tags": {}, "rotation": { "period": null, "next": null }, "materials": [],
            "grants": {},
        });
        let key: Key = serde_json::from_value(saved).unwrap();
        assert_eq!(key.metadata()["Origin"], "AWS_KMS");
    }

    #[test]
    fn a_region_says_its_partition() {
        let found = ["eu-west-1", "cn-north-1", "us-gov-west-1", "us-isob-east-1", ""].map(partition);
        assert_eq!(found, ["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws"]);
    }
}
