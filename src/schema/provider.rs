//! A provider: its block, its services, the error codes that mean the same whichever call returns them.

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;

use super::argument::{Argument, NestedBlock};
use crate::lang::spec::BlockSpec;
use crate::value::Text;

/// What a provider's schema file says.
#[derive(Clone, Debug)]
pub struct ProviderSchema {
    /// `aws`, `alicloud`
    pub name: Text,
    pub about: Text,
    /// What a `provider` block may hold.
    pub spec: BlockSpec,
    /// The same with defaults and checks.
    pub arguments: IndexMap<Text, Argument>,
    pub blocks: IndexMap<Text, NestedBlock>,
    /// Members of `provider` in schema expressions beside its arguments: what only the cloud knows. A fact that
    /// bears an argument's name stands for the argument when it is not written.
    pub facts: Vec<Text>,
    /// Environment variables that supply an argument which the block leaves out, in order of precedence.
    pub environment: BTreeMap<Text, Vec<Text>>,
    /// Where credentials are looked for, in order, in words for people.
    pub credentials: Vec<Text>,
    pub services: BTreeMap<Text, Service>,
    pub errors: ErrorCodes,
    /// How long an object that was just created may seem to be missing.
    pub settle: Duration,
    /// What waits do that say nothing else.
    pub poll: Poll,
}

/// How often and how long waits ask.
#[derive(Clone, Copy, Debug)]
pub struct Poll {
    pub every: Duration,
    pub limit: Duration,
}

impl Default for Poll {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(1),
            limit: Duration::from_mins(10),
        }
    }
}

/// One service of a provider.
#[derive(Clone, Debug)]
pub struct Service {
    pub name: Text,
    pub protocol: Protocol,
    /// The name to sign with, and for AWS JSON the prefix of `X-Amz-Target`.
    pub signing: Text,
    pub target: Text,
    /// The API version, where the protocol sends one.
    pub version: Text,
    /// The endpoint with `${region}` and `${dns_suffix}` to fill in.
    pub endpoint: Text,
    /// How many calls a second the cloud takes per account and region, by action; each group shares one bucket.
    pub quotas: Vec<Quota>,
    pub permissions: Permissions,
}

/// Which permissions the calls of a service need.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// What stands before the action: `kms` in `kms:CreateKey`.
    pub prefix: Text,
    /// What an action needs where it is not the permission of its name: none, another, or further ones.
    pub needs: BTreeMap<Text, Vec<Text>>,
}

/// Actions that share a request quota.
#[derive(Clone, Debug)]
pub struct Quota {
    pub per_second: u32,
    pub actions: Vec<Text>,
}

/// How a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.1, signed with SigV4.
    AwsJson,
    /// AWS query with XML answers, signed with SigV4.
    AwsQuery,
    /// Alibaba Cloud RPC, signed with ACS3-HMAC-SHA256.
    AlicloudRpc,
    /// No service at all: files and the clock of this machine.
    Machine,
}

impl Service {
    /// The permissions that calling an action needs.
    pub fn permissions_of(&self, action: &str) -> Vec<Text> {
        let Permissions { prefix, needs } = &self.permissions;
        match needs.get(action) {
            Some(needs) => needs.clone(),
            None if self.protocol == Protocol::Machine => Vec::new(),
            None => vec![format!("{prefix}:{action}").into()],
        }
    }
}

/// Codes that mean the same whichever call returns them.
#[derive(Clone, Debug, Default)]
pub struct ErrorCodes {
    pub gone: Vec<Text>,
    pub throttled: Vec<Text>,
    pub transient: Vec<Text>,
    pub denied: Vec<Text>,
}
