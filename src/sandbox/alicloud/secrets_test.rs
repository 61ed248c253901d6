//! Tests of the life of secrets.

use super::super::test_support::Bench;

const NAME: (&str, &str) = ("SecretName", "app/db");
const FIRST: [(&str, &str); 3] = [NAME, ("VersionId", "v1"), ("SecretData", "s3cr3t")];

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.ok("CreateSecret", &FIRST);
    bench
}

/// Checks that a changed parameter makes a creation fail.
#[track_caller]
fn check(name: &str, value: &str, expected: &str) {
    let mut params = FIRST.to_vec();
    params.retain(|(other, _)| *other != name);
    params.push((name, value));
    Bench::new().fails("CreateSecret", &params, expected);
}

#[test]
fn bad_values_are_refused() {
    check("SecretName", "a b", "400 InvalidParameter");
    check("SecretName", "acs/x", "400 InvalidParameter");
    check("VersionId", &"v".repeat(65), "400 InvalidParameter");
    check("SecretData", &"d".repeat(30_721), "400 InvalidParameter");
    check("SecretData", "", "400 MissingParameter");
    check("SecretType", "Other", "400 InvalidParameter");
    check("SecretType", "Rds", "400 MissingParameter");
    check("EncryptionKeyId", "key-x", "404 Forbidden.KeyNotFound");
    check("DKMSInstanceId", "x", "403 Forbidden.DKMSInstanceNotFound");
    check("RotationInterval", "5h", "400 InvalidParameter");
}

#[test]
fn a_secret_says_what_it_is_but_not_its_value() {
    let secret = bench().ok("DescribeSecret", &[NAME]);
    assert_eq!(
        secret["Arn"],
        "acs:kms:cn-hangzhou:1234567890123456:secret/app/db"
    );
    assert_eq!(secret["PlannedDeleteTime"], "");
    assert!(secret.get("AutomaticRotation").is_none());
    assert!(!secret.to_string().contains("s3cr3t"));
}

#[test]
fn a_taken_name_is_refused_also_in_the_window() {
    let mut bench = bench();
    bench.fails("CreateSecret", &FIRST, "409 Rejected.ResourceExist");
    bench.ok("DeleteSecret", &[NAME, ("RecoveryWindowInDays", "7")]);
    bench.fails("CreateSecret", &FIRST, "409 Rejected.ResourceInDeleteWindow");
    bench.wait_days(7);
    bench.ok("CreateSecret", &FIRST);
}

#[test]
fn a_secret_in_the_window_can_be_described_and_restored_only() {
    let mut bench = bench();
    let gone = bench.ok("DeleteSecret", &[NAME]);
    assert_eq!(gone["PlannedDeleteTime"], "2024-06-05T07:08:09Z");
    assert_eq!(
        bench.ok("DescribeSecret", &[NAME])["PlannedDeleteTime"],
        gone["PlannedDeleteTime"]
    );
    let window = "409 Rejected.ResourceInDeleteWindow";
    bench.fails("DeleteSecret", &[NAME], window);
    bench.fails("GetSecretValue", &[NAME], window);
    bench.fails(
        "PutSecretValue",
        &[NAME, ("VersionId", "v2"), ("SecretData", "x")],
        window,
    );
    bench.fails("UpdateSecret", &[NAME, ("Description", "x")], window);
    bench.ok("RestoreSecret", &[NAME]);
    bench.fails("RestoreSecret", &[NAME], "409 Rejected.ResourceInUse");
    assert_eq!(bench.ok("GetSecretValue", &[NAME])["SecretData"], "s3cr3t");
}

#[test]
fn a_forced_deletion_frees_the_name_at_once() {
    let mut bench = bench();
    bench.ok(
        "DeleteSecret",
        &[
            NAME,
            ("ForceDeleteWithoutRecovery", "true"),
            ("RecoveryWindowInDays", "30"),
        ],
    );
    bench.fails("DescribeSecret", &[NAME], "404 Forbidden.ResourceNotFound");
    bench.ok("CreateSecret", &FIRST);
}

#[test]
fn the_window_is_seven_to_thirty_days() {
    for days in ["6", "31"] {
        bench().fails(
            "DeleteSecret",
            &[NAME, ("RecoveryWindowInDays", days)],
            "400 InvalidParameter",
        );
    }
}

#[test]
fn rotation_is_told_once_it_was_set() {
    let mut bench = bench();
    let enable = ("EnableAutomaticRotation", "true");
    bench.fails(
        "UpdateSecretRotationPolicy",
        &[NAME, enable],
        "400 MissingParameter",
    );
    bench.ok(
        "UpdateSecretRotationPolicy",
        &[NAME, enable, ("RotationInterval", "7d")],
    );
    let secret = bench.ok("DescribeSecret", &[NAME]);
    assert_eq!(
        (&secret["AutomaticRotation"], &secret["RotationInterval"]),
        (&"Enabled".into(), &"604800s".into())
    );
    bench.ok(
        "UpdateSecretRotationPolicy",
        &[NAME, ("EnableAutomaticRotation", "false")],
    );
    let secret = bench.ok("DescribeSecret", &[NAME]);
    assert_eq!(
        (&secret["AutomaticRotation"], secret.get("RotationInterval")),
        (&"Disabled".into(), None)
    );
}

#[test]
fn a_value_opens_only_while_its_key_does() {
    let mut bench = Bench::new();
    let id = bench.key(&[]);
    let mut params = FIRST.to_vec();
    params.push(("EncryptionKeyId", &id));
    bench.ok("CreateSecret", &params);
    bench.ok("DisableKey", &[("KeyId", &id)]);
    bench.fails("GetSecretValue", &[NAME], "409 Rejected.Disabled");
    bench.ok("EnableKey", &[("KeyId", &id)]);
    bench.ok("GetSecretValue", &[NAME]);
}

#[test]
fn secrets_are_listed_with_tags_on_demand() {
    let mut bench = Bench::new();
    let mut params = FIRST.to_vec();
    params.push(("Tags", r#"[{"TagKey":"env","TagValue":"prod"}]"#));
    bench.ok("CreateSecret", &params);
    bench.ok("CreateSecret", &[("SecretName", "other"), FIRST[1], FIRST[2]]);
    let filters = ("Filters", r#"[{"Key":"TagKey","Values":["env"]}]"#);
    let list = bench.ok("ListSecrets", &[filters, ("FetchTags", "True")]);
    assert_eq!(list["TotalCount"], 1);
    assert_eq!(
        list["SecretList"]["Secret"][0]["Tags"]["Tag"][0]["TagValue"],
        "prod"
    );
    assert_eq!(bench.ok("ListSecrets", &[])["TotalCount"], 2);
}

#[test]
fn custom_data_joins_the_extended_config() {
    let mut bench = bench();
    bench.ok(
        "UpdateSecret",
        &[
            NAME,
            ("Description", "d"),
            ("ExtendedConfig.CustomData", r#"{"a":1}"#),
        ],
    );
    let secret = bench.ok("DescribeSecret", &[NAME]);
    assert_eq!(
        (&secret["Description"], &secret["ExtendedConfig"]),
        (&"d".into(), &r#"{"CustomData":{"a":1}}"#.into())
    );
}

#[test]
fn the_service_names_credentials_of_users() {
    let params = [
        ("SecretName", "$Auto"),
        ("VersionId", "v1"),
        ("SecretType", "RAMCredentials"),
        ("ExtendedConfig", r#"{"UserName":"alice"}"#),
        (
            "SecretData",
            r#"{"AccessKeys":[{"AccessKeyId":"i","AccessKeySecret":"s"}]}"#,
        ),
    ];
    let mut bench = Bench::new();
    assert_eq!(
        bench.ok("CreateSecret", &params)["SecretName"],
        "acs/ram/user/alice"
    );
    let value = bench.ok("GetSecretValue", &[("SecretName", "acs/ram/user/alice")]);
    assert_eq!(
        value["SecretData"],
        r#"{"AccessKeyId":"i","AccessKeySecret":"s"}"#
    );
}
