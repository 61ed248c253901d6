//! Answers that say too little, come late, or never.

use super::*;

const ARN: &str = "arn:aws:kms:eu-west-1:1:alias/a";

fn aliases(target: &str) -> Json {
    json!({"Aliases": [{"AliasName": "alias/a", "AliasArn": ARN, "TargetKeyId": target}]})
}

/// Reading this object is an error, not a deletion or an object without values.
#[track_caller]
fn check_unreadable(name: &str, action: &str, object_now: &Json) {
    let bench = Bench::of(name);
    let script = Script::new(&[(action, json!({"RequestId": "r"}))]);
    let script = script.then("ListResourceTags", json!({"Tags": []}));
    let script = script.then("ListTagResources", json!({"RequestId": "r"}));
    let script = script.then("GetKeyPolicy", json!({"Policy": "{}"}));
    let told = now(read(bench.site(&script), &object(bench.ty, object_now))).expect_err("nothing was said");
    assert!(format!("{told:?}").contains("UnreadableAnswer"), "{told:?}");
}

#[test]
fn an_answer_without_its_object_says_nothing_about_it() {
    let id = "k:0123";
    check_unreadable("alicloud_kms_key", "DescribeKey", &json!({"id": "k"}));
    check_unreadable("alicloud_kms_secret", "DescribeSecret", &json!({"id": "s"}));
    check_unreadable("alicloud_kms_alias", "ListAliases", &json!({"id": "alias/a"}));
    check_unreadable("aws_kms_key", "DescribeKey", &json!({"id": "k"}));
    check_unreadable("aws_kms_alias", "ListAliases", &json!({"id": "alias/a"}));
    check_unreadable("aws_kms_grant", "ListGrants", &json!({"id": id, "key_id": "k"}));
}

/// What is told of a key of AWS in which one member is of another type.
#[track_caller]
fn check_other_type(member: &str, value: &Json, said: &str) {
    let bench = Bench::of("aws_kms_key");
    let made = fine(bench.create(&aws_key(&json!({}), false), &json!({})));
    let script = aws_key(&json!({member: value}), false);
    let told = now(read(bench.site(&script), &made)).expect_err("it fits no key");
    let told: Vec<&str> = told.iter().map(|one| one.detail.as_str()).collect();
    assert!(told.concat().contains(said), "{told:?}");
}

#[test]
fn an_answer_of_other_types_is_an_error_and_nothing_of_it_is_read() {
    for value in [json!(5), json!(true), json!(["a"]), json!({"a": "b"})] {
        check_other_type("Description", &value, "does not fit: description: ");
    }
    check_other_type("Enabled", &json!("perhaps"), "does not fit: is_enabled: ");
}

#[test]
fn an_id_that_is_no_text_makes_no_object() {
    let bench = Bench::of("aws_kms_key");
    for id in [json!(5), json!(true), json!(["k"]), json!({"k": "k"})] {
        let script = Script::new(&[("CreateKey", key(&json!({"KeyId": id})))]);
        let outcome = bench.create(&script, &json!({}));
        assert!(outcome.object.is_none(), "{:?}", outcome.object);
        assert!(outcome.unclear);
        let told = format!("{:?}", outcome.problems);
        assert!(told.contains("does not fit: id: "), "{told}");
    }
}

#[test]
fn what_an_answer_leaves_out_replaces_nothing() {
    let bench = Bench::of("alicloud_kms_key");
    let config = json!({"key_spec": "RSA_2048", "key_usage": "SIGN/VERIFY"});
    let prior = json!({
        "id": "k", "key_spec": "RSA_2048", "key_usage": "SIGN/VERIFY", "origin": "Aliyun_KMS", "protection_level": "SOFTWARE",
        "status": "Enabled", "automatic_rotation": "Disabled", "deletion_protection": "Disabled", "is_enabled": true, "key_state": "Enabled",
    });
    let script = Script::new(&[
        (
            "DescribeKey",
            json!({"KeyMetadata": {"KeyState": "Enabled", "AutomaticRotation": "Disabled", "DeletionProtection": "Disabled"}}),
        ),
        ("ListTagResources", json!({"RequestId": "r"})),
    ]);
    let found = now(read(bench.site(&script), &object(bench.ty, &prior))).expect("an answer");
    bench.check_empty(&config, &found.object().expect("it is there"));
}

#[test]
fn a_list_that_does_not_say_how_long_it_is_is_not_taken_for_its_first_page() {
    let bench = Bench::of("alicloud_kms_alias");
    let script = Script::new(&[("ListAliases", json!({"Aliases": {"Alias": []}, "RequestId": "r"}))]);
    assert!(
        now(read(
            bench.site(&script),
            &object(bench.ty, &json!({"id": "alias/a"}))
        ))
        .is_err()
    );
}

#[test]
fn a_list_may_show_a_new_object_late() {
    let bench = Bench::of("aws_kms_alias");
    let none = json!({"Aliases": []});
    let script = Script::new(&[("CreateAlias", json!({})), ("ListAliases", none.clone())]);
    let script = script
        .then("ListAliases", none.clone())
        .then("ListAliases", aliases("k"));
    let config = json!({"name": "alias/a", "target_key_id": "k"});
    let made = fine(bench.create(&script, &config));
    assert_eq!(made.get("arn").and_then(Value::as_str), Some(ARN));
    assert_eq!(bench.clock.elapsed(), Duration::from_millis(1500));

    let script = Script::new(&[("CreateAlias", json!({})), ("ListAliases", none)]);
    let outcome = bench.create(&script, &config);
    assert!(format!("{:?}", outcome.problems).contains("Object cannot be found"));
    let recorded = outcome.object.expect("it stays recorded");
    assert_eq!(recorded.get("target_key_id").and_then(Value::as_str), Some("k"));
}

#[test]
fn what_cannot_be_found_is_not_as_wished() {
    let bench = Bench::of("aws_kms_key");
    let made = fine(bench.create(&aws_key(&json!({}), false), &json!({})));
    let mut script = aws_key(&json!({}), false);
    script.answers.borrow_mut().remove("DescribeKey");
    for _ in 0..20 {
        script = script.fail("DescribeKey", Class::Gone, "NotFoundException", "no");
    }
    let off: Json = serde_json::from_str(OFF).unwrap();
    let script = script.then("DescribeKey", key(&off));
    let start = bench.clock.elapsed();
    fine(bench.update(&script, &made, &json!({"is_enabled": false})));
    // Fifteen times in a row, two seconds apart, after twenty times nothing.
    assert_eq!(bench.clock.elapsed(), start + Duration::from_secs(2 * (20 + 14)));
}

#[test]
fn a_deleted_key_is_waited_for_without_its_policy_and_tags() {
    let bench = Bench::of("aws_kms_key");
    let made = fine(bench.create(&aws_key(&json!({}), false), &json!({})));
    let script = Script::new(&[
        ("ScheduleKeyDeletion", json!({})),
        ("DescribeKey", key(&json!({"KeyState": "PendingDeletion"}))),
    ]);
    assert!(now(delete(bench.site(&script), &made)).is_ok());
}

#[test]
fn a_timeout_says_how_long_a_create_is_tried_again() {
    let later = || {
        Script::default().fail(
            "CreateKey",
            Class::Refused,
            "MalformedPolicyDocumentException",
            "not yet",
        )
    };
    let tried = |config: &Json| {
        let bench = Bench::of("aws_kms_key");
        assert!(bench.create(&later(), config).object.is_none());
        bench.clock.elapsed()
    };
    assert_eq!(tried(&json!({})), Duration::from_mins(2));
    assert_eq!(
        tried(&json!({"timeouts": {"create": "10m"}})),
        Duration::from_mins(10)
    );
}

#[test]
fn a_timeout_does_not_shorten_what_is_waited_for() {
    let bench = Bench::of("aws_kms_key");
    let off: Json = serde_json::from_str(OFF).unwrap();
    let config = json!({"is_enabled": false, "timeouts": {"create": "5s"}});
    fine(bench.create(&aws_key(&off, false), &config));
}

#[test]
fn a_period_that_the_cloud_does_not_tell_is_not_waited_for() {
    let bench = Bench::of("aws_kms_key");
    let config = json!({"enable_key_rotation": true, "rotation_period_in_days": 180});
    let made = fine(bench.create(&aws_key(&json!({}), true), &config));
    bench.check_empty(&config, &made);
}

const TAKEN: &str = "AlreadyExistsException";

#[test]
fn an_object_that_was_made_without_an_answer_is_found_again() {
    let bench = Bench::of("aws_kms_alias");
    let config = json!({"name": "alias/a", "target_key_id": "k"});
    let script = Script::new(&[("ListAliases", aliases("k"))]).refuse_after_silence("CreateAlias", TAKEN);
    let made = fine(bench.create(&script, &config));
    assert_eq!(made.get("arn").and_then(Value::as_str), Some(ARN));
    bench.check_empty(&config, &made);

    let bench = Bench::of("alicloud_kms_secret");
    let config = json!({"secret_name": "s", "secret_data": "!hunter2", "version_id": "v1"});
    let value = json!({"SecretName": "s", "SecretData": "hunter2", "SecretDataType": "text", "VersionId": "v1", "VersionStages": {"VersionStage": ["ACSCurrent"]}});
    let script = Script::new(&[
        (
            "DescribeSecret",
            json!({"SecretName": "s", "SecretType": "Generic"}),
        ),
        ("GetSecretValue", value),
        ("ListTagResources", json!({"RequestId": "r"})),
    ]);
    let script = script.fail("CreateSecret", Class::Unclear, "ConnectionLost", "gone");
    let made = fine(bench.create(&script, &config));
    assert_eq!(made.get("id").and_then(Value::as_str), Some("s"));
}

#[test]
fn an_object_of_somebody_else_is_not_taken_for_the_lost_one() {
    let bench = Bench::of("aws_kms_alias");
    let script = Script::new(&[("ListAliases", aliases("other"))]).refuse_after_silence("CreateAlias", TAKEN);
    let outcome = bench.create(&script, &json!({"name": "alias/a", "target_key_id": "k"}));
    assert!(outcome.unclear && outcome.object.is_none());
    let told = format!("{:?}", outcome.problems);
    assert!(
        told.contains("may exist without being recorded") && told.contains("alias/a"),
        "{told}"
    );
}

#[test]
fn a_name_that_was_drawn_for_a_lost_object_is_told() {
    let bench = Bench::of("aws_kms_grant");
    let script = Script::default().fail("CreateGrant", Class::Unclear, "ConnectionLost", "gone");
    let config =
        json!({"key_id": "k", "grantee_principal": "arn:aws:iam::1:role/r", "operations": ["Decrypt"]});
    let outcome = bench.create(&script, &config);
    assert!(outcome.unclear);
    let told: Vec<&str> = outcome.problems.iter().map(|one| one.detail.as_str()).collect();
    assert!(told.concat().contains("name = \"keyform-"), "{told:?}");
}

#[test]
fn of_a_result_that_is_only_kept_nothing_is_lost() {
    let bench = Bench::of("aws_kms_ciphertext");
    let script = Script::default().fail("Encrypt", Class::Unclear, "ConnectionLost", "gone");
    assert!(
        !bench
            .create(&script, &json!({"key_id": "k", "plaintext": "p"}))
            .unclear
    );
}

const SLUGGISH: &str = r#"
    attribute "arn" {
      type = string
      read = one.Arn
    }
    read {
      call "GetOne" {
        as     = "one"
        params = { Id = id }
      }
    }
    create {
      call "MakeOne" {}
      id = reply.Id
      wait {
        until = one.Arn == "a"
        every = "10m"
        limit = "5m"
      }
    }"#;

#[test]
fn a_wait_does_not_end_because_one_look_took_long() {
    let bench = Bench::thing(SLUGGISH);
    let mut script = Script::new(&[("MakeOne", json!({"Id": "1"}))]);
    for _ in 0..10 {
        script = script.then("GetOne", json!({"Arn": "not yet"}));
    }
    let script = script.then("GetOne", json!({"Arn": "a"}));
    fine(bench.create(&script, &json!({})));
    let never = Script::new(&[
        ("MakeOne", json!({"Id": "1"})),
        ("GetOne", json!({"Arn": "not yet"})),
    ]);
    let outcome = bench.create(&never, &json!({}));
    assert!(outcome.problems.has_errors());
}
