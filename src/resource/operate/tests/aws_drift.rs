//! What looks changed in AWS and is not, or is no reason to replace anything.

use super::*;

const POLICY: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";

/// What is recorded once an object was read again.
#[track_caller]
fn seen(bench: &Bench, script: &Script, recorded: &Value) -> Value {
    let found = now(read(bench.site(script), recorded)).expect("an answer");
    found.object().expect("it is there")
}

/// The object with another value of an argument.
fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut entries = object.as_entries().expect("an object").clone();
    entries.insert(name.into(), value);
    Value::object(entries)
}

fn made(bench: &Bench, config: &Json) -> Value {
    fine(bench.create(&aws_key(&json!({}), false), config))
}

#[test]
fn a_key_out_of_reach_is_not_taken_for_a_disabled_one() {
    let bench = Bench::of("aws_kms_key");
    let recorded = made(&bench, &json!({}));
    for state in ["Creating", "Updating", "Unavailable"] {
        let script = aws_key(&json!({"Enabled": false, "KeyState": state}), false);
        bench.check_empty(&json!({}), &seen(&bench, &script, &recorded));
    }
    let off: Json = serde_json::from_str(OFF).unwrap();
    let script = aws_key(&off, false);
    let found = seen(&bench, &script, &recorded);
    let change = bench.propose(&object(bench.ty, &json!({})), Some(&found)).change;
    assert_eq!(change.action, Action::Update, "a disabled key is one");
}

#[test]
fn a_family_of_keys_with_another_primary_key_keeps_its_replicas() {
    let bench = Bench::of("aws_kms_replica_key");
    let arn = |region: &str, id: &str| format!("arn:aws:kms:{region}:111122223333:key/{id}");
    let script = |primary: &str| {
        let primary = json!({"Arn": arn(primary, "mrk-1"), "Region": primary});
        let family = json!({"MultiRegionKeyType": "REPLICA", "PrimaryKey": primary});
        let more = json!({"KeyId": "mrk-1", "Arn": arn("eu-west-1", "mrk-1"), "MultiRegion": true,
            "MultiRegionConfiguration": family});
        aws_key(&more, false).then("ReplicateKey", json!({"ReplicaKeyMetadata": {"KeyId": "mrk-1"}}))
    };
    let config = |arn: String| json!({ "primary_key_arn": arn });
    let before = config(arn("us-east-1", "mrk-1"));
    let recorded = fine(bench.create(&script("us-east-1"), &before));
    let found = seen(&bench, &script("us-west-2"), &recorded);
    bench.check_empty(&before, &found);
    let after = config(arn("us-west-2", "mrk-1"));
    let moved = script("us-west-2");
    let changed = fine(bench.update(&moved, &found, &after));
    assert_eq!(moved.changes(), "", "there is nothing to do but to record it");
    bench.check_empty(&after, &changed);
    let other = object(bench.ty, &config(arn("us-east-1", "mrk-2")));
    assert_eq!(bench.propose(&other, Some(&found)).change.action, Action::Replace);
}

#[test]
fn a_record_from_before_there_were_regions_replaces_nothing() {
    for name in ["aws_kms_key", "aws_kms_external_key"] {
        let bench = Bench::of(name);
        let origin = match name {
            "aws_kms_key" => json!({}),
            _ => json!({"Origin": "EXTERNAL", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}),
        };
        let script = aws_key(&origin, false);
        let recorded = fine(bench.create(&script, &json!({})));
        for region in [Value::null(crate::value::Type::String), Value::string("")] {
            let before = with(&recorded, "region", region.clone());
            let change = bench.propose(&object(bench.ty, &json!({})), Some(&before)).change;
            assert_ne!(change.action, Action::Replace, "{name} {region}");
            bench.check_empty(&json!({}), &seen(&bench, &script, &before));
        }
        let elsewhere = object(bench.ty, &json!({"region": "us-east-1"}));
        let change = bench.propose(&elsewhere, Some(&recorded)).change;
        assert_eq!(change.action, Action::Replace);
    }
}

#[test]
fn a_policy_that_is_taken_out_again_stays() {
    let bench = Bench::of("aws_kms_key");
    let recorded = made(&bench, &json!({ "policy": POLICY }));
    bench.check_empty(&json!({}), &recorded);
    bench.check_empty(&json!({"policy": ""}), &recorded);
}

#[test]
fn a_policy_comes_back_in_whatever_form_it_is_kept() {
    let bench = Bench::of("aws_kms_key");
    let statement = |action: Json, principal: Json| json!({"Sid": "a", "Effect": "Allow", "Action": action, "Principal": principal, "Resource": "*"});
    let written = json!({"Version": "2012-10-17", "Statement": [
        statement(json!(["kms:PutKeyPolicy", "kms:encrypt"]), json!({"AWS": "111122223333"})),
        statement(json!("kms:*"), json!("*")),
    ]});
    let kept = json!({"Version": "2012-10-17", "Statement": [
        statement(json!(["kms:*"]), json!({"AWS": "*"})),
        statement(json!(["kms:Encrypt", "kms:PutKeyPolicy"]), json!({"AWS": "arn:aws:iam::111122223333:root"})),
    ]});
    let kept = serde_json::to_string_pretty(&kept)
        .unwrap()
        .replace("\":", "\" :");
    let script = aws_key(&json!({}), false);
    let answers = vec![Ok(json!({ "Policy": kept }))];
    script.answers.borrow_mut().insert("GetKeyPolicy".into(), answers);
    let config = json!({ "policy": written.to_string() });
    let recorded = fine(bench.create(&script, &config));
    bench.check_empty(&config, &seen(&bench, &script, &recorded));
}

#[test]
fn a_principal_that_is_gone_from_a_policy_is_put_back() {
    let bench = Bench::of("aws_kms_key_policy");
    let policy = |principal: &str| {
        let statement =
            json!({"Effect": "Allow", "Action": "kms:*", "Principal": {"AWS": principal}, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let config = json!({"key_id": "k-1", "policy": policy("arn:aws:iam::111122223333:role/r")});
    let script = |shown: &str| {
        let script = aws_key(&json!({}), false);
        let answers = vec![Ok(json!({ "Policy": shown }))];
        script.answers.borrow_mut().insert("GetKeyPolicy".into(), answers);
        script
    };
    let recorded = fine(bench.create(&script(config["policy"].as_str().unwrap()), &config));
    // The role was deleted, and perhaps made again: only the same policy, put once more, lets the new one in.
    let found = seen(&bench, &script(&policy("AROAEXAMPLEEXAMPLE123")), &recorded);
    let change = bench.propose(&object(bench.ty, &config), Some(&found)).change;
    assert_eq!(change.action, Action::Update);
}

#[test]
fn a_key_has_one_name_however_it_is_written() {
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/k-1";
    let bench = Bench::of("aws_kms_alias");
    let listed = json!([{"AliasName": "alias/a", "AliasArn": "arn:aws:kms:eu-west-1:111122223333:alias/a", "TargetKeyId": "k-1"}]);
    let script = Script::new(&[
        ("CreateAlias", json!({})),
        ("ListAliases", json!({ "Aliases": listed })),
    ]);
    let config = |key: &str| json!({"name": "alias/a", "target_key_id": key});
    for (written, other) in [("k-1", arn), (arn, "k-1")] {
        let recorded = fine(bench.create(&script, &config(written)));
        let found = seen(&bench, &script, &recorded);
        bench.check_empty(&config(written), &found);
        bench.check_empty(&config(other), &found);
    }
}

#[test]
fn a_grantee_that_was_deleted_is_still_the_grantee() {
    let bench = Bench::of("aws_kms_grant");
    let script = |principal: &str| {
        let grant = json!({"GrantId": "g", "Name": "n", "GranteePrincipal": principal, "RetiringPrincipal": principal,
            "Operations": ["Encrypt", "Decrypt"], "KeyId": "arn:aws:kms:eu-west-1:1:key/k"});
        Script::new(&[
            ("CreateGrant", json!({"GrantId": "g", "GrantToken": "t"})),
            ("ListGrants", json!({ "Grants": [grant] })),
        ])
    };
    let role = "arn:aws:iam::1:role/r";
    let config = json!({"key_id": "k", "name": "n", "grantee_principal": role, "retiring_principal": role,
        "operations": ["Decrypt", "Encrypt"]});
    let recorded = fine(bench.create(&script(role), &config));
    bench.check_empty(
        &config,
        &seen(&bench, &script("AROAEXAMPLEEXAMPLE123"), &recorded),
    );
    // Somebody else's grant under the same id would be another one.
    let found = seen(&bench, &script("arn:aws:iam::1:role/s"), &recorded);
    let change = bench.propose(&object(bench.ty, &config), Some(&found)).change;
    assert_eq!(change.action, Action::Replace);
}

#[test]
fn empty_and_left_out_are_the_same() {
    let bench = Bench::of("aws_kms_key");
    let recorded = made(&bench, &json!({}));
    for config in [
        json!({"description": ""}),
        json!({"tags": {}}),
        json!({"multi_region": false}),
        json!({"policy": ""}),
    ] {
        bench.check_empty(&config, &recorded);
    }
}

#[test]
fn a_period_of_a_rotation_that_is_off_does_not_come_back() {
    let bench = Bench::of("aws_kms_key");
    let config = json!({"enable_key_rotation": false, "rotation_period_in_days": 180});
    let recorded = made(&bench, &config);
    let script = aws_key(&json!({}), false);
    bench.check_empty(&config, &seen(&bench, &script, &recorded));
}

#[test]
fn a_tag_that_the_provider_gives_too_may_be_written() {
    let mut bench = Bench::of("aws_kms_key");
    bench.provider = from_plain_json(&json!({"region": "eu-west-1", "default_tags": {"tags": {"a": "b"}}}));
    let script = aws_key(&json!({}), false);
    let answers = vec![Ok(json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]}))];
    script
        .answers
        .borrow_mut()
        .insert("ListResourceTags".into(), answers);
    for config in [json!({}), json!({"tags": {"a": "b"}})] {
        let recorded = fine(bench.create(&script, &config));
        bench.check_empty(&config, &seen(&bench, &script, &recorded));
    }
}

#[test]
fn an_imported_key_has_the_window_that_is_written() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({}), false);
    let found = now(import(bench.site(&script), "k-1")).expect("an object");
    let config = json!({"deletion_window_in_days": 9, "bypass_policy_lockout_safety_check": true});
    let written = object(bench.ty, &config);
    let found = crate::resource::adopt(bench.ty, &found, &written, &bench.provider).unwrap();
    bench.check_empty(&config, &found);
    assert_eq!(script.changes(), "");
}

#[test]
fn an_older_name_of_the_spec_is_read_too() {
    let bench = Bench::of("aws_kms_key");
    let config = json!({"customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"});
    let more = json!({"KeySpec": null, "CustomerMasterKeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"});
    let script = aws_key(&more, false);
    let recorded = fine(bench.create(&script, &config));
    bench.check_empty(&config, &seen(&bench, &script, &recorded));
}

#[test]
fn what_is_being_deleted_needs_no_deletion() {
    let bench = Bench::of("aws_kms_key");
    let recorded = made(&bench, &json!({}));
    let gone = json!({"KeyState": "PendingDeletion", "Enabled": false});
    for (code, message) in [
        ("NotFoundException", "no such key"),
        ("KMSInvalidStateException", "arn:k is pending deletion."),
    ] {
        let script = aws_key(&gone, false);
        script.answers.borrow_mut().remove("ScheduleKeyDeletion");
        let script = script.fail("ScheduleKeyDeletion", Class::Refused, code, message);
        now(delete(bench.site(&script), &recorded)).expect("it is as good as deleted");
    }
    let script = aws_key(&json!({}), false);
    script.answers.borrow_mut().remove("ScheduleKeyDeletion");
    let code = "KMSInvalidStateException";
    let script = script.fail("ScheduleKeyDeletion", Class::Refused, code, "it is being updated");
    now(delete(bench.site(&script), &recorded)).expect_err("another state is told");
}
