//! Answers and requests of Alibaba Cloud on which other programs stumble, by the types' own schemas.

use super::*;

fn bench(name: &str) -> Bench {
    let mut bench = Bench::of(name);
    bench.provider = from_plain_json(&json!({"region": "cn-hangzhou", "secret_updates": "in_place"}));
    bench
}

fn with(base: &Json, more: &Json) -> Json {
    let mut all = base.clone();
    for (name, value) in more.as_object().expect("an object") {
        all[name] = value.clone();
    }
    all
}

/// A cloud with one key, of which it says this on top.
fn keys(more: &Json) -> Script {
    let key = json!({
        "KeyId": "key-1", "Arn": "acs:kms:cn-hangzhou:1234567890123456:key/key-1", "KeyState": "Enabled", "Description": "d",
        "KeyUsage": "ENCRYPT/DECRYPT", "KeySpec": "Aliyun_AES_256", "Origin": "Aliyun_KMS", "ProtectionLevel": "SOFTWARE",
        "AutomaticRotation": "Disabled", "DeletionProtection": "Disabled", "DKMSInstanceId": "", "PrimaryKeyVersion": "v",
    });
    let key = json!({"KeyMetadata": with(&key, more)});
    let mut answers = vec![("CreateKey", key.clone()), ("DescribeKey", key)];
    for action in [
        "UpdateKeyDescription",
        "UpdateRotationPolicy",
        "SetDeletionProtection",
        "ScheduleKeyDeletion",
        "UntagResources",
        "TagResources",
    ] {
        answers.push((action, json!({"RequestId": "r"})));
    }
    Script::new(&answers)
}

fn without_tags(script: Script) -> Script {
    script.then("ListTagResources", json!({"RequestId": "r"}))
}

/// A cloud with one secret.
fn secrets(secret: &Json, value: &Json) -> Script {
    let about = json!({
        "SecretName": "s", "Arn": "acs:kms:cn-hangzhou:1234567890123456:secret/s", "SecretType": "Generic", "Description": "",
        "CreateTime": "2024-05-06T07:08:09Z", "PlannedDeleteTime": "",
    });
    let content = json!({
        "SecretName": "s", "SecretData": "d", "SecretDataType": "text", "VersionId": "v1",
        "VersionStages": {"VersionStage": ["ACSCurrent"]},
    });
    let answers = [
        ("CreateSecret", json!({"SecretName": "s"})),
        ("DescribeSecret", with(&about, secret)),
        ("GetSecretValue", with(&content, value)),
        ("DeleteSecret", json!({"RequestId": "r"})),
    ];
    without_tags(Script::new(&answers))
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

#[test]
fn tags_that_belong_to_the_cloud_are_neither_seen_nor_removed() {
    let bench = bench("alicloud_kms_key");
    let tagged = |keys_of_tags: &[&str]| {
        let row = |key: &&str| json!({"ResourceId": "key-1", "TagKey": key, "TagValue": "x"});
        let rows: Vec<Json> = keys_of_tags.iter().map(row).collect();
        let tags = json!({"RequestId": "r", "TagResources": {"TagResource": rows}});
        keys(&json!({})).then("ListTagResources", tags)
    };
    let theirs = ["acs:rm:rgId", "aliyun-a", "http://a", "https://a"];
    let script = tagged(&[theirs[0], theirs[1], theirs[2], theirs[3], "mine"]);
    let config = json!({"description": "d", "tags": {"mine": "x"}});
    let made = fine(bench.create(&script, &config));
    let read = now(read(bench.site(&script), &made)).unwrap().object().unwrap();
    bench.check_empty(&config, &read);
    let script = tagged(&theirs);
    fine(bench.update(&script, &read, &json!({"description": "d"})));
    assert_eq!(script.params("UntagResources")["TagKey"], json!(["mine"]));
    assert_eq!(script.count("TagResources"), 0);
}

#[test]
fn a_description_is_cleared_with_an_empty_text() {
    let bench = bench("alicloud_kms_key");
    let script = without_tags(keys(&json!({})));
    let made = fine(bench.create(&script, &json!({"description": "d"})));
    fine(bench.update(&script, &made, &json!({})));
    assert_eq!(script.params("UpdateKeyDescription")["Description"], "");
}

#[test]
fn an_empty_description_is_not_sent_to_a_create() {
    let bench = bench("alicloud_kms_key");
    let script = without_tags(keys(&json!({"Description": ""})));
    let made = fine(bench.create(&script, &json!({"description": ""})));
    assert_eq!(script.params("CreateKey")["Description"], json!(null));
    bench.check_empty(&json!({}), &made);
}

#[test]
fn what_an_answer_no_longer_holds_is_not_kept() {
    let bench = bench("alicloud_kms_key");
    let script = without_tags(keys(&json!({"NextRotationDate": "2024-05-13T07:08:09Z"})));
    let made = fine(bench.create(&script, &json!({"description": "d"})));
    assert_eq!(text(&made, "primary_key_version"), Some("v"));
    let script = without_tags(keys(&json!({"PrimaryKeyVersion": null})));
    let read = now(read(bench.site(&script), &made)).unwrap().object().unwrap();
    for name in ["primary_key_version", "next_rotation_date"] {
        assert_eq!(text(&read, name), None, "{name}");
    }
}

#[test]
fn rotation_that_ends_names_no_interval() {
    let bench = bench("alicloud_kms_key");
    let rotating = json!({"AutomaticRotation": "Enabled", "RotationInterval": "604800s"});
    let script = without_tags(keys(&rotating));
    let config =
        |state: &str| json!({"description": "d", "automatic_rotation": state, "rotation_interval": "7d"});
    let made = fine(bench.create(&script, &config("Enabled")));
    bench.check_empty(&config("Enabled"), &made);
    let script = without_tags(keys(&json!({})));
    let changed = fine(bench.update(&script, &made, &config("Disabled")));
    assert_eq!(
        script.params("UpdateRotationPolicy"),
        json!({"KeyId": "key-1", "EnableAutomaticRotation": false})
    );
    bench.check_empty(&config("Disabled"), &changed);
}

#[test]
fn why_a_key_is_protected_is_sent_together_with_the_protection() {
    let bench = bench("alicloud_kms_key");
    let script = without_tags(keys(&json!({})));
    let reason = json!({"description": "d", "deletion_protection": "Disabled", "deletion_protection_description": "why"});
    fine(bench.create(&script, &reason));
    assert_eq!(script.count("SetDeletionProtection"), 0);
    let script = without_tags(keys(
        &json!({"DeletionProtection": "Enabled", "DeletionProtectionDescription": "why"}),
    ));
    fine(bench.create(
        &script,
        &with(&reason, &json!({"deletion_protection": "Enabled"})),
    ));
    assert_eq!(
        script.params("SetDeletionProtection"),
        json!({"KeyId": "key-1", "EnableDeletionProtection": true, "DeletionProtectionDescription": "why"})
    );
}

#[test]
fn a_key_that_the_cloud_chose_for_a_secret_does_not_replace_it() {
    let bench = bench("alicloud_kms_secret");
    let script = secrets(&json!({"EncryptionKeyId": "key-of-the-service"}), &json!({}));
    let config = json!({"secret_name": "s", "secret_data": "d", "version_id": "v1"});
    let made = fine(bench.create(&script, &config));
    assert_eq!(text(&made, "encryption_key_id"), Some("key-of-the-service"));
    bench.check_empty(&config, &made);
}

#[test]
fn a_value_that_the_service_rotates_is_no_change() {
    let bench = bench("alicloud_kms_secret");
    let managed = json!({"SecretType": "Rds", "ExtendedConfig": "{\"a\":1}"});
    let config = json!({
        "secret_name": "s", "secret_data": "d", "version_id": "v1", "secret_type": "Rds", "extended_config": "{\"b\":2}",
    });
    let script = secrets(&managed, &json!({}));
    let made = fine(bench.create(&script, &config));
    let script = secrets(&managed, &json!({"SecretData": "rotated", "VersionId": "v2"}));
    let read = now(read(bench.site(&script), &made)).unwrap().object().unwrap();
    assert_eq!(text(&read, "version_id"), Some("v2"));
    bench.check_empty(&config, &read);
}

#[test]
fn a_secret_that_is_deleted_at_once_has_no_window() {
    let bench = bench("alicloud_kms_secret");
    let config =
        json!({"secret_name": "s", "secret_data": "d", "version_id": "v1", "recovery_window_in_days": 7});
    for (force, expected) in [
        (
            true,
            json!({"SecretName": "s", "ForceDeleteWithoutRecovery": true}),
        ),
        (
            false,
            json!({"SecretName": "s", "ForceDeleteWithoutRecovery": false, "RecoveryWindowInDays": 7}),
        ),
    ] {
        let script = secrets(&json!({}), &json!({}));
        let config = with(&config, &json!({"force_delete_without_recovery": force}));
        let made = fine(bench.create(&script, &config));
        now(delete(bench.site(&script), &made)).expect("it was there");
        assert_eq!(script.params("DeleteSecret"), expected);
    }
}

#[test]
fn a_secret_is_made_with_one_call_though_its_stages_are_written() {
    let bench = bench("alicloud_kms_secret");
    let script = secrets(&json!({}), &json!({}));
    let config =
        json!({"secret_name": "s", "secret_data": "d", "version_id": "v1", "version_stages": ["ACSCurrent"]});
    let made = fine(bench.create(&script, &config));
    assert_eq!(script.changes(), "CreateSecret");
    bench.check_empty(&config, &made);
}

#[test]
fn objects_are_imported_by_their_arns_too() {
    for (name, resource, id) in [
        ("alicloud_kms_key", "key/key-1", "key-1"),
        ("alicloud_kms_secret", "secret/s", "s"),
    ] {
        let bench = bench(name);
        let script = match name {
            "alicloud_kms_key" => without_tags(keys(&json!({}))),
            _ => secrets(&json!({}), &json!({})),
        };
        let arn = format!("acs:kms:cn-hangzhou:1234567890123456:{resource}");
        let found = now(import(bench.site(&script), &arn)).expect("it is there");
        assert_eq!(text(&found, "id"), Some(id));
        for (own, other) in [
            ("cn-hangzhou", "cn-beijing"),
            ("1234567890123456", "9999567890123456"),
        ] {
            let told =
                now(import(bench.site(&script), &arn.replace(own, other))).expect_err("it is elsewhere");
            assert_eq!(
                told.iter().next().map(|one| &*one.summary),
                Some("Object of another place")
            );
        }
    }
}

#[test]
fn pages_that_are_smaller_than_asked_for_lose_nothing() {
    let bench = bench("alicloud_kms_alias");
    let page = |number: u32| {
        let row = json!({"AliasName": format!("alias/{number}"), "KeyId": "key-1"});
        json!({"Aliases": {"Alias": [row]}, "PageNumber": number, "PageSize": 1, "TotalCount": 3})
    };
    let script = Script::new(&[
        ("ListAliases", page(1)),
        ("ListAliases", page(2)),
        ("ListAliases", page(3)),
    ]);
    let last = object(bench.ty, &json!({"id": "alias/3", "alias_name": "alias/3"}));
    let found = now(read(bench.site(&script), &last)).unwrap();
    assert!(found.object().is_some(), "it is on the last page");
    assert_eq!(script.count("ListAliases"), 3);
}

#[test]
fn a_page_that_holds_nothing_does_not_end_the_program() {
    let bench = bench("alicloud_kms_alias");
    for size in [json!(0), json!(-1), json!("many")] {
        let page = json!({"Aliases": {"Alias": []}, "PageSize": size, "TotalCount": 3});
        let script = Script::new(&[("ListAliases", page)]);
        let one = object(bench.ty, &json!({"id": "alias/3", "alias_name": "alias/3"}));
        now(read(bench.site(&script), &one)).unwrap_err();
        assert_eq!(script.count("ListAliases"), 1);
    }
}

#[test]
fn tags_that_cannot_be_read_yet_hide_no_object() {
    let bench = bench("alicloud_kms_key");
    let script = keys(&json!({})).fail(
        "ListTagResources",
        Class::Refused,
        "Rejected.Uninitialized",
        "not yet",
    );
    let made = fine(bench.create(&script, &json!({"description": "d"})));
    bench.check_empty(&json!({"description": "d"}), &made);
}

#[test]
fn a_key_waits_for_its_instance() {
    let bench = bench("alicloud_kms_key");
    let key = json!({"KeyMetadata": {"KeyId": "key-1", "KeyState": "Enabled"}});
    let script = without_tags(Script::default())
        .fail(
            "CreateKey",
            Class::Refused,
            "Forbidden.DKMSInstanceStateInvalid",
            "not yet",
        )
        .then("CreateKey", key.clone())
        .then("DescribeKey", key);
    fine(bench.create(&script, &json!({})));
    assert_eq!(script.count("CreateKey"), 2);
    // What is refused for good is not asked again.
    let script =
        without_tags(Script::default()).fail("CreateKey", Class::Refused, "Rejected.LimitExceeded", "no");
    assert!(bench.create(&script, &json!({})).object.is_none());
    assert_eq!(script.count("CreateKey"), 1);
}

#[test]
fn networks_are_bound_once_the_instance_is_not_changed_any_more() {
    let bench = bench("alicloud_kms_instance");
    let instance = |networks: &Json| {
        json!({"RequestId": "r", "KmsInstance": {
            "InstanceId": "kst-1", "InstanceName": "kst-1", "Status": "Connected", "ChargeType": "POSTPAY",
            "ProductVersion": "3", "Log": 0, "LogStorage": 0, "VpcId": "v", "ZoneIds": ["z"], "VswitchIds": ["s"],
            "KeyNum": 1, "SecretNum": "1", "Spec": 1, "VpcNum": 1, "BindVpcs": {"BindVpc": networks},
        }})
    };
    let config = |networks: Json| json!({"payment_type": "PayAsYouGo", "vpc_id": "v", "zone_ids": ["z"], "vswitch_ids": ["s"], "bind_vpcs": networks});
    let base = |networks: Json| {
        without_tags(Script::default())
            .then("GetKmsInstance", instance(&networks))
            .then(
                "QueryAvailableInstances",
                json!({"Data": {"TotalCount": 0, "InstanceList": []}}),
            )
    };
    let none = object(bench.ty, &json!({"id": "kst-1"}));
    let prior = now(read(bench.site(&base(json!([]))), &none))
        .unwrap()
        .object()
        .unwrap();
    let bound = json!([{"VpcId": "w", "VSwitchId": "t", "RegionId": "cn-hangzhou", "VpcOwnerId": 99_999_999_999_999_999_i64}]);
    let script = base(bound)
        .fail(
            "UpdateKmsInstanceBindVpc",
            Class::Refused,
            "Forbidden.KMSInstanceInUpgrade",
            "not yet",
        )
        .then("UpdateKmsInstanceBindVpc", json!({"RequestId": "r"}));
    let wish = config(json!([
        {"vpc_id": "w", "vswitch_id": "t", "region_id": "cn-hangzhou", "vpc_owner_id": "99999999999999999"}
    ]));
    let changed = fine(bench.update(&script, &prior, &wish));
    assert_eq!(script.count("UpdateKmsInstanceBindVpc"), 2);
    bench.check_empty(&wish, &changed);
}

#[test]
fn a_policy_that_the_service_does_not_take_is_told_and_not_recorded() {
    let bench = bench("alicloud_kms_key");
    let script = without_tags(keys(&json!({})));
    let made = fine(bench.create(&script, &json!({"description": "d"})));
    let script = without_tags(keys(&json!({}))).fail(
        "SetKeyPolicy",
        Class::Refused,
        "Forbidden.KeyPolicyUnSupported",
        "no policy",
    );
    let outcome = bench.update(
        &script,
        &made,
        &json!({"description": "d", "policy": "{\"Version\":\"1\"}"}),
    );
    let told = format!("{:?}", outcome.problems);
    assert!(told.contains("Forbidden.KeyPolicyUnSupported"), "{told}");
    assert_eq!(text(&outcome.object.expect("the key is there"), "policy"), None);
}

/// Whether a key that is recorded in one region is looked for by a provider of another.
#[track_caller]
fn check_region(recorded: &str, provider: &str, expected: bool) {
    let mut bench = bench("alicloud_kms_key");
    bench.provider = from_plain_json(&json!({"region": provider}));
    let script = without_tags(keys(&json!({})));
    let recorded = json!({"id": "key-1", "arn": format!("acs:kms:{recorded}:1234567890123456:key/key-1")});
    let found = now(read(bench.site(&script), &object(bench.ty, &recorded)));
    assert_eq!(
        (found.is_ok(), script.count("DescribeKey") > 0),
        (expected, expected)
    );
}

#[test]
fn a_region_is_another_one_unless_it_may_be_another_name() {
    check_region("cn-hangzhou", "cn-hangzhou", true);
    check_region("cn-hangzhou", "cn-beijing", false);
    check_region("ap-southeast-1", "ap-southeast-10", false);
    check_region("cn-hangzhou-finance", "cn-hzfinance", true);
    check_region("cn-hangzhou-finance", "cn-hangzhou", true);
    check_region("cn-shenzhen", "cn-szfinance", true);
}
