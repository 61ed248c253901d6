//! Rotation of key material: yearly or so by itself, or on demand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::errors::{Error, limit, unsupported};
use super::keys::DAY;
use super::params::{Paging, page};
use super::world::{Key, KeyState, Names};
use super::{Aws, Call, random, seconds};

/// The most rotations on demand in the life of a key.
const MOST_ON_DEMAND: usize = 25;

/// When the material of a key changes by itself; the default is never.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rotation {
    /// Days between two rotations while rotation is enabled.
    pub period: Option<i64>,
    /// When the next one is due.
    pub next: Option<i64>,
}

/// Why material was made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Cause {
    Automatic,
    OnDemand,
}

/// One generation of key material. It has no `Debug`, for it is secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct Material {
    pub id: String,
    secret: String,
    since: i64,
    /// Nothing for the first one.
    cause: Option<Cause>,
}

impl Material {
    /// Fresh material.
    pub fn new(since: i64, cause: Option<Cause>) -> Result<Self, Error> {
        let mut secret = [0; 32];
        random(&mut secret)?;
        Ok(Self {
            id: hex::encode(Sha256::digest(secret)),
            secret: STANDARD.encode(secret),
            since,
            cause,
        })
    }

    /// Material that somebody brought.
    pub fn brought(secret: &[u8], since: i64) -> Self {
        Self {
            id: hex::encode(Sha256::digest(secret)),
            secret: STANDARD.encode(secret),
            since,
            cause: None,
        }
    }

    /// The bytes of the material.
    pub fn secret(&self) -> Result<Vec<u8>, Error> {
        STANDARD
            .decode(&self.secret)
            .map_err(|_| Error::bare("KMSInternalException").status(500))
    }
}

impl Rotation {
    /// Starts rotation, or restarts it with another period.
    pub fn start(&mut self, now: i64, days: i64) {
        self.period = Some(days);
        self.next = Some(now + days * DAY);
    }
}

impl Key {
    /// Carries out the rotations whose time has come. A disabled key catches up later.
    pub fn rotate_if_due(&mut self, now: i64) {
        while let (Some(at), Some(days)) = (self.rotation.next, self.rotation.period) {
            if at > now || self.state != KeyState::Enabled {
                return;
            }
            // Without randomness there is no material: the rotation stays due.
            let Ok(material) = Material::new(at, Some(Cause::Automatic)) else {
                return;
            };
            self.materials.push(material);
            self.rotation.next = Some(at + days * DAY);
        }
    }

    fn check_rotates(&self) -> Result<(), Error> {
        if self.origin != "AWS_KMS" {
            return Err(unsupported(format!(
                "{} origin is {} which is not valid for this operation.",
                self.arn, self.origin
            )));
        }
        if self.spec == "SYMMETRIC_DEFAULT" {
            return Ok(());
        }
        Err(unsupported(format!(
            "{} key spec is {} which is not valid for this operation.",
            self.arn, self.spec
        )))
    }
}

/// Lets the material change by itself.
pub fn enable(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let days = call.input.integer("RotationPeriodInDays", 90..=2560)?;
    let key = world.own_key(call, "EnableKeyRotation")?;
    key.check_rotates()?;
    key.check_not_replica()?;
    key.check_enabled()?;
    let same = key
        .rotation
        .period
        .is_some_and(|period| days.is_none_or(|days| days == period));
    if same {
        return Ok(Value::Null);
    }
    let days = days.unwrap_or(365);
    key.rotation.start(call.now, days);
    world.here(call).expect_event(call.now + days * DAY);
    Ok(Value::Null)
}

/// Keeps the material as it is.
pub fn disable(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.own_key(call, "DisableKeyRotation")?;
    key.check_rotates()?;
    key.check_not_replica()?;
    key.check_enabled()?;
    key.rotation = Rotation::default();
    Ok(Value::Null)
}

/// Says whether and when the material changes; that of a replica changes with its primary key's.
pub fn status(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.key(call, Names::Foreign)?;
    if key.origin != "AWS_KMS" {
        key.check_rotates()?;
    }
    let arn = key.arn.clone();
    let primary = key
        .primary
        .clone()
        .map(|region| (key.account.clone(), region, key.id.clone()));
    let of_primary = primary.and_then(|(account, region, id)| world.region(&account, &region).keys.get(&id));
    let key = match of_primary {
        Some(key) => key.clone(),
        None => world.key(call, Names::Foreign)?.clone(),
    };
    let mut reply = json!({ "KeyId": arn, "KeyRotationEnabled": key.rotation.period.is_some() });
    if let Some(days) = key.rotation.period {
        reply["RotationPeriodInDays"] = json!(days);
    }
    if let Some(at) = key.rotation.next {
        // A key that waits for its deletion does not rotate, though it still says so.
        if key.state != KeyState::PendingDeletion {
            reply["NextRotationDate"] = seconds(at);
        }
    }
    Ok(reply)
}

/// Changes the material now.
pub fn rotate_on_demand(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.own_key(call, "RotateKeyOnDemand")?;
    key.check_rotates()?;
    key.check_not_replica()?;
    key.check_enabled()?;
    if key
        .materials
        .iter()
        .filter(|m| m.cause == Some(Cause::OnDemand))
        .count()
        >= MOST_ON_DEMAND
    {
        return Err(limit(format!(
            "A KMS key cannot be rotated on demand more than {MOST_ON_DEMAND} times."
        )));
    }
    key.materials
        .push(Material::new(call.now, Some(Cause::OnDemand))?);
    let reply = json!({ "KeyId": key.arn });
    let (account, id) = (key.account.clone(), key.id.clone());
    world.share_material(&account, call.region, &id);
    Ok(reply)
}

/// Lists the rotations that happened.
pub fn list(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let all = call
        .input
        .choice("IncludeKeyMaterial", &["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"])?
        == Some("ALL_KEY_MATERIAL");
    let key = world.key(call, Names::Foreign)?;
    key.check_rotates()?;
    let current = key.materials.len().saturating_sub(1);
    let numbered: Vec<(String, usize)> = (0..key.materials.len())
        .map(|at| (format!("{at:08}"), at))
        .collect();
    let items = numbered
        .iter()
        .map(|(name, at)| (name.as_str(), *at))
        .filter(|(_, at)| all || key.materials[*at].cause.is_some());
    let paging = Paging {
        member: "Rotations",
        default: 100,
        most: 1000,
    };
    page(call.input, &paging, items, |at| {
        let material = &key.materials[at];
        let mut shown = json!({
            "KeyId": key.arn,
            "KeyMaterialId": material.id,
            "KeyMaterialState": if at == current { "CURRENT" } else { "NON_CURRENT" },
        });
        if let Some(cause) = material.cause {
            shown["RotationDate"] = seconds(material.since);
            shown["RotationType"] = json!(cause);
        }
        shown
    })
}
