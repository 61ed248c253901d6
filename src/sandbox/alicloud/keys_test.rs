//! Tests of the life of keys.

use super::super::test_support::Bench;

const ROTATION: [(&str, &str); 2] = [("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")];
const EXTERNAL: (&str, &str) = ("Origin", "EXTERNAL");

/// A key in each of the four states.
fn key_in(bench: &mut Bench, state: &str) -> String {
    let id = bench.key(if state == "PendingImport" {
        &[EXTERNAL]
    } else {
        &[]
    });
    match state {
        "Disabled" => drop(bench.ok("DisableKey", &[("KeyId", &id)])),
        "PendingDeletion" => {
            bench.ok(
                "ScheduleKeyDeletion",
                &[("KeyId", &id), ("PendingWindowInDays", "7")],
            );
        }
        _ => {}
    }
    assert_eq!(bench.field(&id, "KeyState"), state);
    id
}

/// Checks what an action answers in the states Enabled, Disabled, PendingDeletion and PendingImport.
#[track_caller]
fn check(action: &str, params: &[(&str, &str)], expected: [&str; 4]) {
    for (state, expected) in ["Enabled", "Disabled", "PendingDeletion", "PendingImport"]
        .iter()
        .zip(expected)
    {
        let mut bench = Bench::new();
        let other = bench.key(&[]);
        bench.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &other)]);
        let id = key_in(&mut bench, state);
        let mut all = vec![("KeyId", id.as_str())];
        all.extend(params);
        let answer = bench
            .try_call(action, &all)
            .map_or_else(|code| code, |_| "ok".to_owned());
        assert_eq!(
            answer.trim_start_matches("409 Rejected."),
            expected,
            "{action} of a key in {state}"
        );
    }
}

#[test]
fn use_needs_an_enabled_key() {
    let expected = ["ok", "Disabled", "PendingDeletion", "PendingImport"];
    check("Encrypt", &[("Plaintext", "aGk=")], expected);
    check("GenerateDataKey", &[], expected);
}

#[test]
fn switching_needs_a_key_with_material() {
    let expected = ["ok", "ok", "StateModifiedFailed", "StateModifiedFailed"];
    check("EnableKey", &[], expected);
    check("DisableKey", &[], expected);
}

#[test]
fn deletion_is_scheduled_once_and_cancelled_once() {
    let not = "StateModifiedFailed";
    check(
        "ScheduleKeyDeletion",
        &[("PendingWindowInDays", "7")],
        ["ok", "ok", not, "ok"],
    );
    check("CancelKeyDeletion", &[], [not, not, "ok", not]);
}

#[test]
fn a_key_on_its_way_out_is_not_described_anew() {
    check(
        "UpdateKeyDescription",
        &[("Description", "d")],
        ["ok", "ok", "PendingDeletion", "ok"],
    );
    check(
        "UpdateAlias",
        &[("AliasName", "alias/a")],
        ["ok", "ok", "PendingDeletion", "ok"],
    );
    check(
        "CreateAlias",
        &[("AliasName", "alias/b")],
        ["ok", "ok", "StateModifiedFailed", "ok"],
    );
}

#[test]
fn reading_never_minds_the_state() {
    check("DescribeKey", &[], ["ok"; 4]);
    check("ListKeyVersions", &[], ["ok"; 4]);
    check("ListAliasesByKeyId", &[], ["ok"; 4]);
}

#[test]
fn a_key_is_gone_when_its_window_is_over() {
    let mut bench = Bench::new();
    let id = key_in(&mut bench, "PendingDeletion");
    assert_eq!(bench.field(&id, "DeleteDate"), "2024-05-13T07:08:09Z");
    bench.wait_seconds(7 * 86_400 - 1);
    bench.ok("DescribeKey", &[("KeyId", &id)]);
    bench.wait_seconds(1);
    bench.fails("DescribeKey", &[("KeyId", &id)], "404 Forbidden.KeyNotFound");
}

#[test]
fn a_cancelled_deletion_enables_the_key() {
    let mut bench = Bench::new();
    let id = key_in(&mut bench, "PendingDeletion");
    bench.ok("CancelKeyDeletion", &[("KeyId", &id)]);
    assert_eq!(
        (bench.field(&id, "KeyState"), bench.field(&id, "DeleteDate")),
        ("Enabled".into(), String::new())
    );
}

#[test]
fn the_window_is_needed_and_limited() {
    let mut bench = Bench::new();
    let id = bench.key(&[]);
    bench.fails("ScheduleKeyDeletion", &[("KeyId", &id)], "400 MissingParameter");
    for days in ["6", "367", "x"] {
        let params = [("KeyId", id.as_str()), ("PendingWindowInDays", days)];
        bench.fails("ScheduleKeyDeletion", &params, "400 InvalidParameter");
    }
}

#[test]
fn protection_keeps_a_key_from_deletion() {
    let mut bench = Bench::new();
    let id = bench.key(&[]);
    let note = ("DeletionProtectionDescription", "why");
    bench.fails(
        "SetDeletionProtection",
        &[("KeyId", &id), note],
        "400 MissingParameter",
    );
    bench.ok(
        "SetDeletionProtection",
        &[("KeyId", &id), ("EnableDeletionProtection", "true"), note],
    );
    assert_eq!(bench.field(&id, "DeletionProtectionDescription"), "why");
    let schedule = [("KeyId", id.as_str()), ("PendingWindowInDays", "7")];
    bench.fails(
        "ScheduleKeyDeletion",
        &schedule,
        "409 Rejected.DeletionProtection",
    );
    let arn = format!("acs:kms:cn-hangzhou:1234567890123456:key/{id}");
    bench.ok(
        "SetDeletionProtection",
        &[
            ("ProtectedResourceArn", &arn),
            ("EnableDeletionProtection", "False"),
        ],
    );
    assert_eq!(bench.field(&id, "DeletionProtection"), "Disabled");
    assert_eq!(bench.field(&id, "DeletionProtectionDescription"), "absent");
    bench.ok("ScheduleKeyDeletion", &schedule);
}

#[test]
fn an_interval_is_told_in_seconds_while_rotation_is_on() {
    let mut bench = Bench::new();
    let id = bench.key(&ROTATION);
    assert_eq!(bench.field(&id, "RotationInterval"), "604800s");
    assert_eq!(bench.field(&id, "NextRotationDate"), "2024-05-13T07:08:09Z");
    bench.ok("DisableKey", &[("KeyId", &id)]);
    assert_eq!(bench.field(&id, "AutomaticRotation"), "Suspended");
    bench.fails(
        "UpdateRotationPolicy",
        &[("KeyId", &id), ROTATION[0], ROTATION[1]],
        "409 Rejected.Disabled",
    );
    bench.ok("EnableKey", &[("KeyId", &id)]);
    bench.ok(
        "UpdateRotationPolicy",
        &[("KeyId", &id), ("EnableAutomaticRotation", "false")],
    );
    assert_eq!(bench.field(&id, "RotationInterval"), "absent");
}

#[test]
fn rotation_makes_a_new_primary_version() {
    let mut bench = Bench::new();
    let id = bench.key(&ROTATION);
    let first = bench.field(&id, "PrimaryKeyVersion");
    std::mem::take(&mut bench.world.changed);
    bench.wait_days(15);
    assert_ne!(bench.field(&id, "PrimaryKeyVersion"), first);
    assert!(bench.world.changed, "other material, and it would not be kept");
    assert_eq!(bench.field(&id, "LastRotationDate"), "2024-05-20T07:08:09Z");
    assert_eq!(bench.field(&id, "NextRotationDate"), "2024-05-27T07:08:09Z");
}

#[test]
fn some_keys_cannot_rotate() {
    for more in [("KeySpec", "EC_P256"), EXTERNAL, ("ProtectionLevel", "HSM")] {
        Bench::new().fails(
            "CreateKey",
            &[more, ROTATION[0], ROTATION[1]],
            "400 Rejected.UnsupportedOperation",
        );
    }
    Bench::new().fails("CreateKey", &[ROTATION[0]], "400 MissingParameter");
    Bench::new().fails(
        "CreateKey",
        &[ROTATION[0], ("RotationInterval", "6d")],
        "400 InvalidParameter",
    );
}

#[test]
fn usage_follows_from_the_kind_of_key() {
    for (spec, usage) in [("Aliyun_AES_256", "ENCRYPT/DECRYPT"), ("EC_P256", "SIGN/VERIFY")] {
        let mut bench = Bench::new();
        let id = bench.key(&[("KeySpec", spec)]);
        assert_eq!(bench.field(&id, "KeyUsage"), usage);
    }
    let params = [("KeySpec", "EC_P256"), ("KeyUsage", "ENCRYPT/DECRYPT")];
    Bench::new().fails("CreateKey", &params, "400 InvalidParameter");
}

#[test]
fn bad_values_are_refused() {
    for (name, value) in [
        ("KeySpec", "AES_256"),
        ("KeySpec", "Aliyun_AES_128"),
        ("Origin", "x"),
        ("ProtectionLevel", "x"),
        ("EnableAutomaticRotation", "1"),
        ("Tags", "x"),
        ("Policy", "{}"),
    ] {
        Bench::new().fails("CreateKey", &[(name, value)], "400 InvalidParameter");
    }
    Bench::new().fails(
        "CreateKey",
        &[("DKMSInstanceId", "x")],
        "403 Forbidden.DKMSInstanceNotFound",
    );
}

#[test]
fn a_policy_is_the_default_one_until_set() {
    let mut bench = Bench::new();
    let id = bench.key(&[]);
    let policy = bench.ok("GetKeyPolicy", &[("KeyId", &id)]);
    assert!(
        policy["Policy"]
            .as_str()
            .unwrap()
            .contains("kms default key policy")
    );
    let own = r#"{"Version":"1","Statement":[{"Effect":"Allow"}]}"#;
    bench.ok(
        "SetKeyPolicy",
        &[("KeyId", &id), ("PolicyName", "default"), ("Policy", own)],
    );
    assert_eq!(bench.ok("GetKeyPolicy", &[("KeyId", &id)])["Policy"], own);
    bench.fails(
        "GetKeyPolicy",
        &[("KeyId", &id), ("PolicyName", "x")],
        "404 Forbidden.ResourceNotFound",
    );
}

#[test]
fn a_key_answers_to_all_its_names() {
    let mut bench = Bench::new();
    let id = bench.key(&[]);
    bench.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &id)]);
    let arn = bench.field(&id, "Arn");
    for name in [
        arn.as_str(),
        "alias/a",
        "acs:kms:cn-hangzhou:1234567890123456:alias/a",
    ] {
        assert_eq!(bench.field(name, "KeyId"), id);
    }
    bench.fails("DisableKey", &[("KeyId", "alias/a")], "404 Forbidden.KeyNotFound");
}

#[test]
fn keys_are_listed_by_filter() {
    let mut bench = Bench::new();
    bench.key(&[]);
    let id = key_in(&mut bench, "Disabled");
    let filters =
        r#"[{"Key":"KeyState","Values":["Disabled"]},{"Key":"KeySpec","Values":["Aliyun_AES_256"]}]"#;
    let list = bench.ok("ListKeys", &[("Filters", filters)]);
    assert_eq!(
        (
            list["TotalCount"].as_i64(),
            list["Keys"]["Key"][0]["KeyId"].as_str()
        ),
        (Some(1), Some(id.as_str()))
    );
    bench.fails(
        "ListKeys",
        &[("Filters", r#"[{"Key":"x","Values":["y"]}]"#)],
        "400 InvalidParameter",
    );
}

#[test]
fn every_other_row_of_the_table_of_states_holds() {
    let used = ["ok", "Disabled", "PendingDeletion", "PendingImport"];
    let kept = ["ok", "ok", "PendingDeletion", "ok"];
    let tags = r#"[{"TagKey":"a","TagValue":"1"}]"#;
    check("GenerateDataKeyWithoutPlaintext", &[], used);
    check("UpdateRotationPolicy", &ROTATION, used);
    check("TagResource", &[("Tags", tags)], kept);
    check("UntagResource", &[("TagKeys", r#"["a"]"#)], kept);
    check("ListResourceTags", &[], ["ok"; 4]);
    check("DeleteAlias", &[("AliasName", "alias/a")], ["ok"; 4]);
    check(
        "SetDeletionProtection",
        &[("EnableDeletionProtection", "false")],
        kept,
    );
}

/// What an action answers in the states Enabled, Disabled and PendingDeletion, once the key was made so.
#[track_caller]
fn check_made(made: &[(&str, &str)], action: &str, params: &[(&str, &str)], expected: [&str; 3]) {
    for (state, expected) in ["", "DisableKey", "ScheduleKeyDeletion"].iter().zip(expected) {
        let mut bench = Bench::new();
        let id = bench.key(made);
        let sealed = match action {
            "Decrypt" => bench.ok("Encrypt", &[("KeyId", &id), ("Plaintext", "aGk=")])["CiphertextBlob"]
                .as_str()
                .unwrap()
                .to_owned(),
            _ => String::new(),
        };
        if !state.is_empty() {
            bench.ok(state, &[("KeyId", &id), ("PendingWindowInDays", "7")]);
        }
        let mut all = match action {
            "Decrypt" => vec![("CiphertextBlob", sealed.as_str())],
            _ => vec![("KeyId", id.as_str())],
        };
        all.extend(params);
        let answer = bench.try_call(action, &all);
        let answer = answer.map_or_else(|code| code, |_| "ok".to_owned());
        assert_eq!(
            answer.trim_start_matches("409 Rejected."),
            expected,
            "{action} {state}"
        );
    }
}

#[test]
fn what_needs_a_key_of_some_kind_needs_its_state_too() {
    let used = ["ok", "Disabled", "PendingDeletion"];
    check_made(&[], "Decrypt", &[], used);
    check_made(&[("KeySpec", "EC_P256")], "CreateKeyVersion", &[], used);
    let wrapping = [
        ("WrappingAlgorithm", "RSAES_PKCS1_V1_5"),
        ("WrappingKeySpec", "RSA_2048"),
    ];
    let mut bench = Bench::new();
    let id = bench.key(&[EXTERNAL]);
    bench.ok(
        "ScheduleKeyDeletion",
        &[("KeyId", &id), ("PendingWindowInDays", "7")],
    );
    let mut all = vec![("KeyId", id.as_str())];
    all.extend(wrapping);
    bench.ok("GetParametersForImport", &all);
    bench.ok("DeleteKeyMaterial", &[("KeyId", &id)]);
}
