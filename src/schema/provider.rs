//! A provider: its block, its services, the error codes that mean the same whichever call returns them.

use std::collections::BTreeMap;

use crate::lang::spec::BlockSpec;
use crate::value::Text;

/// What a provider's schema file says.
#[derive(Clone, Debug)]
pub struct ProviderSchema {
    /// `aws`, `alicloud`
    pub name: Text,
    /// What a `provider` block may hold.
    pub spec: BlockSpec,
    /// Environment variables that supply an argument which the block leaves out, in order of precedence.
    pub environment: BTreeMap<Text, Vec<Text>>,
    pub services: BTreeMap<Text, Service>,
    pub errors: ErrorCodes,
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
}

/// Codes that mean the same whichever call returns them.
#[derive(Clone, Debug, Default)]
pub struct ErrorCodes {
    pub gone: Vec<Text>,
    pub throttled: Vec<Text>,
    pub transient: Vec<Text>,
    pub denied: Vec<Text>,
}
