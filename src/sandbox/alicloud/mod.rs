//! The sandbox's Alibaba Cloud: KMS 2016-01-20, the three STS 2015-04-01 actions that clients need first, and what
//! key management has to do with in BssOpenApi 2017-12-14 and ECS 2014-05-26.
//!
//! The region of a request is, in this order: the second label of a host `kms.<region>.…`, `kms-vpc.<region>.…`,
//! `sts.<region>.…` or `ecs.<region>.…`; the parameter `RegionId`; the header `x-acs-region-id`; `cn-hangzhou`. A loopback
//! address has no such label, so that clients of several regions tell them apart by one of the other two.
//!
//! Kept on purpose unlike the cloud: there is no quota of keys, aliases and secrets; keys and secrets can live in any
//! KMS instance whose id starts with `kst-`, bought or not; only the owner of the account calls, so policies deny nothing.

mod access_points;
mod aliases;
mod bss;
mod client_keys;
mod crypto;
mod ecs;
mod errors;
mod import;
mod instances;
mod keys;
mod material;
mod network;
mod pages;
mod params;
mod policies;
mod secrets;
mod sign;
mod sts;
mod tags;
mod versions;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use self::errors::Failure;
use self::params::Params;
use super::{Request, Response};

/// The made-up access key that the sandbox knows.
pub const ACCESS_KEY_ID: &str = "LTAI5tKeyformSandbox01";
/// The secret of [`ACCESS_KEY_ID`].
pub const ACCESS_KEY_SECRET: &str = "keyformSandboxSecret0123456789";
/// The made-up account that owns everything.
pub const ACCOUNT_ID: &str = "1234567890123456";

const KMS_VERSION: &str = "2016-01-20";
const STS_VERSION: &str = "2015-04-01";
const ECS_VERSION: &str = "2014-05-26";
const BSS_VERSION: &str = "2017-12-14";
const DEFAULT_REGION: &str = "cn-hangzhou";

/// Everything that the emulated cloud remembers.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Alicloud {
    regions: BTreeMap<String, Region>,
    sessions: BTreeMap<String, sts::Session>,
    nonces: sign::Nonces,
    shop: bss::Shop,
    /// Whether time or a read has changed what must be kept.
    #[serde(skip)]
    pub(super) changed: bool,
}

/// What exists in one region; regions share nothing.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Region {
    keys: BTreeMap<String, keys::Key>,
    /// The key id behind each alias name.
    aliases: BTreeMap<String, String>,
    secrets: BTreeMap<String, secrets::Secret>,
    access_points: BTreeMap<String, access_points::AccessPoint>,
    client_keys: BTreeMap<String, client_keys::ClientKey>,
    policies: BTreeMap<String, policies::Policy>,
    network_rules: BTreeMap<String, network::Rule>,
    instances: BTreeMap<String, instances::Instance>,
    /// Instances that were released since the billing service was last asked.
    released: Vec<String>,
    disks: ecs::Disks,
    /// What was due until then has happened.
    #[serde(skip)]
    settled_at: i64,
}

/// One verified call of an action.
pub(crate) struct Call<'a> {
    params: &'a Params,
    region: &'a str,
    now: i64,
}

type Handler = fn(&mut Region, &Call) -> Result<Value, Failure>;

/// Every action of the key management service that the sandbox serves.
const ACTIONS: &[(&str, Handler)] = &[
    ("CancelKeyDeletion", keys::cancel_key_deletion),
    ("ConnectKmsInstance", instances::connect),
    ("CreateAlias", aliases::create_alias),
    ("CreateApplicationAccessPoint", access_points::create),
    ("CreateClientKey", client_keys::create),
    ("CreateKey", keys::create_key),
    ("CreateKeyVersion", material::create_key_version),
    ("CreateNetworkRule", network::create),
    ("CreatePolicy", policies::create),
    ("CreateSecret", secrets::create_secret),
    ("Decrypt", crypto::decrypt),
    ("DeleteAlias", aliases::delete_alias),
    ("DeleteApplicationAccessPoint", access_points::delete),
    ("DeleteClientKey", client_keys::delete),
    ("DeleteKeyMaterial", import::delete_key_material),
    ("DeleteNetworkRule", network::delete),
    ("DeletePolicy", policies::delete),
    ("DeleteSecret", secrets::delete_secret),
    ("DescribeAccountKmsStatus", describe_account_kms_status),
    ("DescribeApplicationAccessPoint", access_points::describe),
    ("DescribeKey", keys::describe_key),
    ("DescribeKeyVersion", material::describe_key_version),
    ("DescribeNetworkRule", network::describe),
    ("DescribePolicy", policies::describe),
    ("DescribeRegions", describe_regions),
    ("DescribeSecret", secrets::describe_secret),
    ("DisableKey", keys::disable_key),
    ("EnableKey", keys::enable_key),
    ("Encrypt", crypto::encrypt),
    ("GenerateDataKey", crypto::generate_data_key),
    (
        "GenerateDataKeyWithoutPlaintext",
        crypto::generate_data_key_without_plaintext,
    ),
    ("GetClientKey", client_keys::get),
    ("GetKeyPolicy", keys::get_key_policy),
    ("GetKmsInstance", instances::get),
    ("GetParametersForImport", import::get_parameters_for_import),
    ("GetPublicKey", material::get_public_key),
    ("GetSecretPolicy", secrets::get_secret_policy),
    ("GetSecretValue", versions::get_secret_value),
    ("ImportKeyMaterial", import::import_key_material),
    ("ListAliases", aliases::list_aliases),
    ("ListAliasesByKeyId", aliases::list_aliases_by_key_id),
    ("ListApplicationAccessPoints", access_points::list),
    ("ListClientKeys", client_keys::list),
    ("ListKeyVersions", material::list_key_versions),
    ("ListKeys", keys::list_keys),
    ("ListKmsInstances", instances::list),
    ("ListNetworkRules", network::list),
    ("ListPolicies", policies::list),
    ("ListResourceTags", tags::list_resource_tags),
    ("ListSecretVersionIds", versions::list_secret_version_ids),
    ("ListSecrets", secrets::list_secrets),
    ("ListTagResources", tags::list_tag_resources),
    ("OpenKmsService", open_kms_service),
    ("PutSecretValue", versions::put_secret_value),
    ("ReleaseKmsInstance", instances::release),
    ("RestoreSecret", secrets::restore_secret),
    ("RotateSecret", versions::rotate_secret),
    ("ScheduleKeyDeletion", keys::schedule_key_deletion),
    ("SetDeletionProtection", keys::set_deletion_protection),
    ("SetKeyPolicy", keys::set_key_policy),
    ("SetSecretPolicy", secrets::set_secret_policy),
    ("TagResource", tags::tag_resource),
    ("TagResources", tags::tag_resources),
    ("UntagResource", tags::untag_resource),
    ("UntagResources", tags::untag_resources),
    ("UpdateAlias", aliases::update_alias),
    ("UpdateApplicationAccessPoint", access_points::update),
    ("UpdateKeyDescription", keys::update_key_description),
    ("UpdateKmsInstance", instances::update),
    ("UpdateKmsInstanceBindVpc", instances::bind),
    ("UpdateNetworkRule", network::update),
    ("UpdatePolicy", policies::update),
    ("UpdateRotationPolicy", keys::update_rotation_policy),
    ("UpdateSecret", secrets::update_secret),
    (
        "UpdateSecretRotationPolicy",
        secrets::update_secret_rotation_policy,
    ),
    ("UpdateSecretVersionStage", versions::update_secret_version_stage),
];

/// Answers one request.
pub fn handle(world: &mut Alicloud, request: &Request, now: Timestamp) -> Response {
    let request_id = Uuid::new_v4().hyphenated().to_string().to_uppercase();
    match world.serve(request, now) {
        Ok(reply) => errors::served(reply, &request_id),
        Err(failure) => errors::refused(&failure, &request_id, request.header("host").unwrap_or_default()),
    }
}

/// Refuses a request without looking at it, in the words of the cloud: for failures that the sandbox makes up.
pub fn refuse(request: &Request, status: u16, code: &str, message: &str) -> Response {
    let request_id = Uuid::new_v4().hyphenated().to_string().to_uppercase();
    let failure = Failure::service(status, code, message);
    errors::refused(&failure, &request_id, request.header("host").unwrap_or_default())
}

impl Alicloud {
    /// Takes over who may call, and what was said by whom, from the other.
    pub(super) fn take_visitors(&mut self, other: &mut Self) {
        self.sessions.clone_from(&other.sessions);
        self.nonces = std::mem::take(&mut other.nonces);
    }

    fn serve(&mut self, request: &Request, now: Timestamp) -> Result<Value, Failure> {
        if sts::is_unsigned(request) {
            let params = Params::of(request);
            return sts::assume_with_token(&mut self.sessions, &params, now.as_second());
        }
        let claim = sign::Claim::of(request)?;
        let caller = self.authenticate(&claim, request, now)?;
        let params = Params::of(request);
        let region = region_of(request, &params);
        let call = Call {
            params: &params,
            region: &region,
            now: now.as_second(),
        };
        match claim.version.as_str() {
            STS_VERSION => sts::serve(
                &mut self.sessions,
                &caller,
                &claim.action,
                (&params, now.as_second()),
            ),
            KMS_VERSION => self.call(&claim.action, &call),
            ECS_VERSION => ecs::serve(
                self.regions.entry(region.clone()).or_default(),
                &claim.action,
                &call,
            ),
            BSS_VERSION => bss::serve(self, &claim.action, &call),
            _ => Err(Failure::gateway(
                400,
                "InvalidVersion",
                "Specified parameter Version is not valid.",
            )),
        }
    }

    /// Who calls, after the signature was found true.
    fn authenticate(
        &mut self,
        claim: &sign::Claim,
        request: &Request,
        now: Timestamp,
    ) -> Result<sts::Caller, Failure> {
        let (secret, caller) = if claim.access_key_id == ACCESS_KEY_ID {
            (ACCESS_KEY_SECRET.to_owned(), sts::Caller::Account)
        } else {
            sts::session(&self.sessions, claim, now.as_second())?
        };
        claim.verify(request, &secret, &mut self.nonces, request.received(now))?;
        Ok(caller)
    }

    fn call(&mut self, action: &str, call: &Call) -> Result<Value, Failure> {
        let Ok(at) = ACTIONS.binary_search_by(|(name, _)| (*name).cmp(action)) else {
            return Err(Failure::no_action());
        };
        let region = self.regions.entry(call.region.to_owned()).or_default();
        if region.settled_at != call.now {
            self.changed |= region.settle(call.now)?;
        }
        (ACTIONS[at].1)(region, call)
    }
}

impl Region {
    /// Lets happen what was due before now; tells whether anything was.
    fn settle(&mut self, now: i64) -> Result<bool, Failure> {
        let count = self.keys.len() + self.secrets.len();
        let keys = &mut self.keys;
        keys.retain(|_, key| !key.is_due_to_go(now));
        self.aliases.retain(|_, key_id| keys.contains_key(key_id));
        let mut changed = false;
        for key in keys.values_mut() {
            changed |= key.settle(now)?;
        }
        self.secrets.retain(|_, secret| !secret.is_due_to_go(now));
        for instance in self.instances.values_mut() {
            changed |= instance.settle(now);
        }
        self.settled_at = now;
        Ok(changed || self.keys.len() + self.secrets.len() < count)
    }
}

impl Call<'_> {
    /// The resource name of something in this region: `key/…`, `secret/…` and so on.
    fn arn(&self, resource: &str) -> String {
        format!("acs:kms:{}:{ACCOUNT_ID}:{resource}", self.region)
    }
}

/// Seconds since 1970 as the cloud writes a time.
pub(crate) fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map(|time| time.to_string())
        .unwrap_or_default()
}

/// An answer that says nothing.
pub(crate) fn nothing() -> Value {
    json!({})
}

fn region_of(request: &Request, params: &Params) -> String {
    let host = request.header("host").unwrap_or_default();
    let mut labels = host.split(['.', ':']);
    let named = match (labels.next(), labels.next(), labels.next()) {
        (Some("kms" | "kms-vpc" | "sts" | "ecs"), Some(region), Some(_)) if region.contains('-') => {
            Some(region)
        }
        _ => None,
    };
    named
        .or_else(|| params.get("RegionId"))
        .or_else(|| request.header("x-acs-region-id"))
        .unwrap_or(DEFAULT_REGION)
        .to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "all handlers have one form")]
fn describe_regions(_: &mut Region, _: &Call) -> Result<Value, Failure> {
    let regions: Vec<Value> = ecs::region_names()
        .map(|region| json!({ "RegionId": region }))
        .collect();
    Ok(json!({ "Regions": { "Region": regions } }))
}

#[expect(clippy::unnecessary_wraps, reason = "all handlers have one form")]
fn describe_account_kms_status(_: &mut Region, _: &Call) -> Result<Value, Failure> {
    Ok(json!({ "AccountStatus": "Enabled" }))
}

fn open_kms_service(_: &mut Region, _: &Call) -> Result<Value, Failure> {
    Err(Failure::service(
        400,
        "Forbidden.Opened",
        "The service has been opened.",
    ))
}

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
