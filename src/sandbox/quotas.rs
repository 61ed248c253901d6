//! The request quotas that the clouds document, kept on demand: calls beyond them are refused.
//!
//! They are written down here a second time, on purpose: what judges a client must not take its word.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Request;
use super::route::Cloud;
use super::sigv4;

/// Calls a second for each of these actions of AWS KMS, by account and region.
const AWS: &[(u32, &[&str])] = &[
    (2000, &["DescribeKey", "ListResourceTags", "GetPublicKey"]),
    (1000, &["GetKeyPolicy", "GetKeyRotationStatus"]),
    (500, &["ListAliases", "ListKeys"]),
    (
        100,
        &[
            "ListGrants",
            "ListRetirableGrants",
            "ListKeyPolicies",
            "ListKeyRotations",
        ],
    ),
    (50, &["CreateGrant", "RetireGrant", "RevokeGrant"]),
    (
        15,
        &[
            "PutKeyPolicy",
            "ScheduleKeyDeletion",
            "EnableKeyRotation",
            "DeleteAlias",
            "ImportKeyMaterial",
            "DeleteImportedKeyMaterial",
        ],
    ),
    (10, &["TagResource"]),
    (1, &["GetParametersForImport"]),
    (
        10_000,
        &[
            "Encrypt",
            "Decrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateRandom",
            "ReEncrypt",
        ],
    ),
];
/// What every other action of AWS KMS may be called.
const AWS_OTHERS: u32 = 5;

/// Calls a second for these actions of Alibaba Cloud KMS together, by account and region.
const ALICLOUD: &[(u32, &[&str])] = &[
    (
        50,
        &[
            "DescribeKey",
            "ListKeys",
            "DescribeKeyVersion",
            "ListKeyVersions",
            "GetPublicKey",
            "ListAliases",
            "ListAliasesByKeyId",
            "ListTagResources",
            "GetParametersForImport",
            "DescribeRegions",
        ],
    ),
    (300, &["ListResourceTags"]),
    (10, &["CreateKey"]),
    (
        30,
        &[
            "EnableKey",
            "DisableKey",
            "ScheduleKeyDeletion",
            "CancelKeyDeletion",
            "UpdateKeyDescription",
            "UpdateRotationPolicy",
            "SetDeletionProtection",
            "ImportKeyMaterial",
            "DeleteKeyMaterial",
            "CreateAlias",
            "UpdateAlias",
            "DeleteAlias",
            "TagResource",
            "UntagResource",
            "TagResources",
            "UntagResources",
        ],
    ),
    (10, &["CreateSecret", "DeleteSecret"]),
    (450, &["DescribeSecret", "GetSecretValue"]),
    (
        40,
        &[
            "ListSecrets",
            "ListSecretVersionIds",
            "PutSecretValue",
            "UpdateSecret",
            "UpdateSecretVersionStage",
            "UpdateSecretRotationPolicy",
            "RestoreSecret",
            "GetRandomPassword",
        ],
    ),
    (50, &["GetKmsInstance", "ListKmsInstances"]),
    (
        10,
        &[
            "ConnectKmsInstance",
            "UpdateKmsInstance",
            "UpdateKmsInstanceBindVpc",
            "ReleaseKmsInstance",
        ],
    ),
    (
        1,
        &[
            "CreateApplicationAccessPoint",
            "DescribeApplicationAccessPoint",
            "UpdateApplicationAccessPoint",
            "DeleteApplicationAccessPoint",
            "ListApplicationAccessPoints",
            "CreateClientKey",
            "GetClientKey",
            "DeleteClientKey",
            "ListClientKeys",
            "CreatePolicy",
            "DescribePolicy",
            "UpdatePolicy",
            "DeletePolicy",
            "ListPolicies",
            "CreateNetworkRule",
            "DescribeNetworkRule",
            "UpdateNetworkRule",
            "DeleteNetworkRule",
            "ListNetworkRules",
            "OpenKmsService",
            "DescribeAccountKmsStatus",
        ],
    ),
];

/// How much of each quota is left.
#[derive(Debug, Default)]
pub struct Meter(BTreeMap<(String, String), Left>);

#[derive(Debug)]
struct Left {
    calls: f64,
    at: Instant,
}

impl Meter {
    /// Whether a call is within its quota: a second's calls may come at once.
    pub fn admits(&mut self, cloud: Cloud, action: &str, region: &str, now: Instant) -> bool {
        let Some((class, per_second)) = class(cloud, action) else {
            return true;
        };
        let full = f64::from(per_second);
        let left = self
            .0
            .entry((class, region.to_owned()))
            .or_insert(Left { calls: full, at: now });
        let passed = now.saturating_duration_since(left.at);
        left.calls = (left.calls + passed.as_secs_f64() * full).min(full);
        left.at = now.max(left.at);
        let admitted = left.calls >= 1.0 - SLACK.as_secs_f64();
        if admitted {
            left.calls -= 1.0;
        }
        admitted
    }
}

/// What rounding of times may cost.
const SLACK: Duration = Duration::from_micros(1);

/// The quota that an action counts for, by its name, and its calls a second.
fn class(cloud: Cloud, action: &str) -> Option<(String, u32)> {
    let table = match cloud {
        Cloud::Aws => AWS,
        Cloud::Alicloud => ALICLOUD,
    };
    let found = table.iter().find(|(_, actions)| actions.contains(&action));
    match (cloud, found) {
        // Those of cryptography share one.
        (Cloud::Aws, Some((10_000, actions))) => Some((format!("aws {}", actions[0]), 10_000)),
        (Cloud::Aws, Some((per_second, _))) => Some((format!("aws {action}"), *per_second)),
        (Cloud::Aws, None) if super::aws::is_action(action) => Some((format!("aws {action}"), AWS_OTHERS)),
        (Cloud::Alicloud, Some((per_second, actions))) => {
            Some((format!("alicloud {}", actions[0]), *per_second))
        }
        (Cloud::Aws | Cloud::Alicloud, None) => None,
    }
}

/// The region of a request, as far as its headers tell.
pub fn region(request: &Request) -> String {
    let signed = request
        .header("authorization")
        .and_then(|header| sigv4::parse(header).ok());
    let told = || request.header("x-acs-region-id").unwrap_or_default().to_owned();
    signed.map_or_else(told, |signed| signed.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these calls at one moment are admitted, and how many more a tenth of a second later.
    #[track_caller]
    fn check(cloud: Cloud, actions: &[&str], expected: (usize, usize)) {
        let mut meter = Meter::default();
        let start = Instant::now();
        let mut admitted = |at: Instant| {
            let calls = actions.iter().cycle().take(3000);
            calls
                .filter(|action| meter.admits(cloud, action, "r", at))
                .count()
        };
        assert_eq!(
            (admitted(start), admitted(start + Duration::from_millis(100))),
            expected
        );
    }

    #[test]
    fn a_second_of_calls_is_admitted_at_once_and_then_as_time_passes() {
        check(Cloud::Aws, &["DescribeKey"], (2000, 200));
        check(Cloud::Aws, &["TagResource"], (10, 1));
        check(Cloud::Aws, &["GetCallerIdentity"], (3000, 3000));
        check(Cloud::Alicloud, &["CreateKey"], (10, 1));
    }

    #[test]
    fn actions_of_alibaba_cloud_share_what_those_of_aws_have_each() {
        check(Cloud::Aws, &["ListGrants", "ListKeyPolicies"], (200, 20));
        check(Cloud::Alicloud, &["DescribeKey", "ListAliases"], (50, 5));
        check(Cloud::Alicloud, &["DescribePolicy", "GetClientKey"], (1, 0));
        check(Cloud::Alicloud, &["GetKmsInstance"], (50, 5));
        check(Cloud::Aws, &["CreateKey", "CreateAlias"], (10, 0));
    }

    #[test]
    fn regions_have_their_own() {
        let mut meter = Meter::default();
        let now = Instant::now();
        let mut admits = |region: &str| meter.admits(Cloud::Aws, "GetParametersForImport", region, now);
        assert_eq!([admits("a"), admits("a"), admits("b")], [true, false, true]);
    }
}
