//! What other programs make of the quirks of AWS KMS, done better here.

use super::*;

const MATERIAL: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// An RSA key, which nobody has the private half of.
const WRAPPING_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqtQZwIs/dMx8fdlRVFrVSCvn8WqX4b51McZRdTg5SJ8euFGSpHnlKBjfUx/cphuo+JD7vcLYErbEbJjukLTK9/Cg0+V8mxxuzCEnBeL+VQYtE5t0NOn9+QXpXrjoqZafFJLzw+bwpoByZJW+Bq1sZQPoTQUXvbnWra0uKUOSXNiQ1nF5vj8+uTsY+oa4jiKf6dRXmQ6XWbeg9j5CWZ8VdWPRcwL8zfWWXw/Zjfg8Nuk0QjyGHJk49qqJNrfR7/RBhTHsmcX7o4kEO8Dg24np6c9eOIGbG9L/fYtrwrwT6d5LQtJnDoUDBzQRnN4yo3kw1cnvum1GQtEEq2RSfg9dVwIDAQAB";

/// A key with imported material, as it is described at first and later.
fn imported(states: &[Json]) -> Script {
    let script = aws_key(&json!({}), false)
        .then(
            "GetParametersForImport",
            json!({"PublicKey": WRAPPING_KEY, "ImportToken": "dG9rZW4="}),
        )
        .then("ImportKeyMaterial", json!({}));
    let described = states.iter().map(|more| {
        let mut more = more.clone();
        more["Origin"] = json!("EXTERNAL");
        Ok(key(&more))
    });
    script
        .answers
        .borrow_mut()
        .insert("DescribeKey".into(), described.collect());
    script
}

fn without_expiry() -> Json {
    json!({"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"})
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

#[test]
fn an_imported_key_that_says_nothing_of_it_stays_enabled() {
    let bench = Bench::of("aws_kms_external_key");
    let script = imported(&[
        json!({"Enabled": false, "KeyState": "PendingImport"}),
        without_expiry(),
    ]);
    let config = json!({"key_material_base64": format!("!{MATERIAL}")});
    let made = fine(bench.create(&script, &config));
    assert_eq!(script.changes(), "CreateKey ImportKeyMaterial");
    assert_eq!(made.get("enabled").and_then(Value::as_bool), Some(true));
    assert_eq!(text(&made, "key_spec"), Some("SYMMETRIC_DEFAULT"), "it is read");
    assert!(made.get("key_material_base64").unwrap().is_sensitive());
    assert!(!made.get("key_state").unwrap().is_sensitive());
    let params = script.params("ImportKeyMaterial");
    assert_eq!(params["ExpirationModel"], "KEY_MATERIAL_DOES_NOT_EXPIRE");
    assert_ne!(params["EncryptedKeyMaterial"], MATERIAL);
    assert_eq!(params.get("ValidTo"), None);
    bench.check_empty(&config, &made);
}

#[test]
fn material_expires_at_a_time_whatever_its_offset() {
    let bench = Bench::of("aws_kms_external_key");
    let expiring = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": 1_893_456_000.0});
    let script = imported(&[json!({"Enabled": false, "KeyState": "PendingImport"}), expiring]);
    let config = |valid_to: &str| json!({"key_material_base64": MATERIAL, "valid_to": valid_to});
    let made = fine(bench.create(&script, &config("2030-01-01T00:00:00+00:00")));
    assert_eq!(script.params("ImportKeyMaterial")["ValidTo"], 1_893_456_000);
    assert_eq!(text(&made, "valid_to"), Some("2030-01-01T00:00:00+00:00"));
    bench.check_empty(&config("2030-01-01T01:00:00+01:00"), &made);
    bench.check_empty(&config("2030-01-01T00:00:00Z"), &made);
    let later = object(bench.ty, &config("2030-01-01T00:00:01Z"));
    assert_eq!(bench.propose(&later, Some(&made)).change.action, Action::Update);
}

#[test]
fn long_material_is_wrapped_around_another_key() {
    let bench = Bench::of("aws_kms_external_key");
    for (length, algorithm) in [
        (32, "RSAES_OAEP_SHA_256"),
        (190, "RSAES_OAEP_SHA_256"),
        (191, "RSA_AES_KEY_WRAP_SHA_256"),
        (2400, "RSA_AES_KEY_WRAP_SHA_256"),
    ] {
        let waiting = json!({"Enabled": false, "KeyState": "PendingImport"});
        let script = imported(&[waiting, without_expiry()]);
        let material = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, vec![7; length]);
        fine(bench.create(&script, &json!({ "key_material_base64": material })));
        let asked = script.params("GetParametersForImport");
        assert_eq!(asked["WrappingAlgorithm"], algorithm, "{length} bytes");
        let wrapped = script.params("ImportKeyMaterial")["EncryptedKeyMaterial"].clone();
        let size = wrapped.as_str().unwrap().len() / 4 * 3;
        assert_eq!(size > 260, length > 190, "{length} bytes become {size}");
    }
    let material = json!({"key_material_base64": "A".repeat(8000)});
    let told = propose(&Wish {
        ty: bench.ty,
        config: &object(bench.ty, &material),
        prior: None,
        provider: &bench.provider,
        forced: false,
    })
    .expect_err("refused");
    assert!(told.iter().any(|one| one.detail.contains("5850 bytes")));
}

#[test]
fn an_import_that_failed_is_made_up_for_without_another_key() {
    let bench = Bench::of("aws_kms_external_key");
    let waiting = json!({"Enabled": false, "KeyState": "PendingImport"});
    let script = imported(&[waiting]);
    script.answers.borrow_mut().remove("ImportKeyMaterial");
    let script = script.fail(
        "ImportKeyMaterial",
        Class::Refused,
        "ExpiredImportTokenException",
        "late",
    );
    let config = json!({"key_material_base64": MATERIAL, "enabled": false});
    let outcome = bench.create(&script, &config);
    assert!(outcome.problems.has_errors());
    let made = outcome.object.expect("the key is recorded");
    assert_eq!(text(&made, "key_state"), Some("PendingImport"));
    let change = bench.propose(&object(bench.ty, &config), Some(&made)).change;
    assert_eq!(change.action, Action::Update);
    let disabled = json!({"Enabled": false, "KeyState": "Disabled"});
    let script = imported(&[without_expiry(), disabled]);
    let changed = fine(bench.update(&script, &made, &config));
    assert_eq!(script.changes(), "ImportKeyMaterial DisableKey");
    assert_eq!(text(&changed, "key_state"), Some("Disabled"));
}

#[test]
fn material_for_a_key_that_waits_for_it_makes_no_other_key() {
    let bench = Bench::of("aws_kms_external_key");
    let script = imported(&[json!({"Enabled": false, "KeyState": "PendingImport"})]);
    let made = fine(bench.create(&script, &json!({"enabled": true})));
    assert_eq!(script.changes(), "CreateKey", "nothing can be enabled yet");
    bench.check_empty(&json!({"enabled": true}), &made);
    let config = |material: &str| object(bench.ty, &json!({"key_material_base64": material}));
    let change = bench.propose(&config(MATERIAL), Some(&made)).change;
    assert_eq!(change.action, Action::Update);
    let script = imported(&[without_expiry()]);
    let changed = fine(bench.update(&script, &made, &json!({"key_material_base64": MATERIAL})));
    assert_eq!(script.changes(), "ImportKeyMaterial");
    let other = bench.propose(&config("YWFh"), Some(&changed)).change;
    assert_eq!(other.action, Action::Replace, "other material is another key");
}

#[test]
fn a_key_with_material_of_aws_is_no_external_key() {
    let bench = Bench::of("aws_kms_external_key");
    let script = aws_key(&json!({}), false);
    let told = now(import(bench.site(&script), "k-1")).expect_err("refused");
    assert!(
        told.iter()
            .next()
            .unwrap()
            .detail
            .contains("its origin is AWS_KMS")
    );
}

#[test]
fn a_replica_may_take_its_time() {
    let bench = Bench::of("aws_kms_replica_key");
    let arn = "arn:aws:kms:us-east-1:111122223333:key/mrk-1";
    let more = |state: &str| {
        let family =
            json!({"MultiRegionKeyType": "REPLICA", "PrimaryKey": {"Arn": arn, "Region": "us-east-1"}});
        key(&json!({"KeyState": state, "MultiRegion": true, "MultiRegionConfiguration": family}))
    };
    let script =
        aws_key(&json!({}), false).then("ReplicateKey", json!({"ReplicaKeyMetadata": {"KeyId": "k-1"}}));
    // A look a second: ten minutes.
    let mut described: Vec<_> = (0..600).map(|_| Ok(more("Creating"))).collect();
    described.push(Ok(more("Enabled")));
    script
        .answers
        .borrow_mut()
        .insert("DescribeKey".into(), described);
    let made = fine(bench.create(&script, &json!({"primary_key_arn": arn})));
    assert!(bench.clock.elapsed() >= Duration::from_mins(10));
    assert_eq!(text(&made, "primary_key_arn"), Some(arn));
    let log = script.log.borrow();
    let asked = log.iter().find(|call| &*call.action == "ReplicateKey").unwrap();
    assert_eq!(
        asked.region.as_deref(),
        Some("us-east-1"),
        "asked where the primary key is"
    );
    assert_eq!(script.params("ReplicateKey")["ReplicaRegion"], "eu-west-1");
    assert_eq!(script.params("ReplicateKey")["KeyId"], "mrk-1");
}

#[test]
fn a_replica_is_in_another_region_than_its_primary_key() {
    let bench = Bench::of("aws_kms_replica_key");
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1";
    let config = object(bench.ty, &json!({"primary_key_arn": arn}));
    let wish = Wish {
        ty: bench.ty,
        config: &config,
        prior: None,
        provider: &bench.provider,
        forced: false,
    };
    let told = propose(&wish).expect_err("refused");
    assert!(
        told.iter()
            .next()
            .unwrap()
            .detail
            .contains("Give the replica another region")
    );
}

#[test]
fn a_policy_is_of_one_key_whatever_names_it() {
    let bench = Bench::of("aws_kms_key_policy");
    let script = aws_key(&json!({}), false);
    let config =
        |key: &str| json!({"key_id": key, "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"});
    let made = fine(bench.create(&script, &config("k-1")));
    assert_eq!(script.changes(), "PutKeyPolicy");
    bench.check_empty(&config("arn:aws:kms:eu-west-1:111122223333:key/k-1"), &made);
    let other = bench
        .propose(&object(bench.ty, &config("k-2")), Some(&made))
        .change;
    assert_eq!(other.action, Action::Replace);
}

#[test]
fn a_policy_leaves_the_default_of_the_keys_own_account() {
    let bench = Bench::of("aws_kms_key_policy");
    let own =
        json!({"AWSAccountId": "111122223333", "Arn": "arn:aws-cn:kms:cn-north-1:111122223333:key/k-1"});
    let script = aws_key(&own, false);
    let config = |bypass: bool| json!({"key_id": "k-1", "bypass_policy_lockout_safety_check": bypass, "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"});
    let made = fine(bench.create(&script, &config(false)));
    now(delete(bench.site(&script), &made)).unwrap();
    let left: Json = serde_json::from_str(script.params("PutKeyPolicy")["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(
        left["Statement"][0]["Principal"],
        json!({"AWS": "arn:aws-cn:iam::111122223333:root"})
    );
    let made = fine(bench.create(&script, &config(true)));
    script.log.borrow_mut().clear();
    now(delete(bench.site(&script), &made)).unwrap();
    assert_eq!(script.changes(), "");
}

/// A custom key store, and what becomes of attempts to delete it.
fn store() -> Script {
    let store = json!({"CustomKeyStoreId": "cks-1", "CustomKeyStoreName": "s", "CloudHsmClusterId": "cluster-22222222222",
        "TrustAnchorCertificate": "c", "ConnectionState": "CONNECTED"});
    Script::new(&[
        ("CreateCustomKeyStore", json!({"CustomKeyStoreId": "cks-1"})),
        ("DescribeCustomKeyStores", json!({"CustomKeyStores": [store]})),
        ("DisconnectCustomKeyStore", json!({})),
        ("UpdateCustomKeyStore", json!({})),
    ])
}

fn store_config() -> Json {
    json!({"custom_key_store_name": "s", "cloud_hsm_cluster_id": "cluster-22222222222", "trust_anchor_certificate": "c", "key_store_password": "password1"})
}

#[test]
fn a_connected_store_is_disconnected_before_it_is_deleted() {
    let bench = Bench::of("aws_kms_custom_key_store");
    let made = fine(bench.create(&store(), &store_config()));
    let connected = |script: Script| {
        let code = "CustomKeyStoreInvalidStateException";
        script.fail("DeleteCustomKeyStore", Class::Refused, code, "not disconnected")
    };
    let script = connected(connected(connected(store()))).then("DeleteCustomKeyStore", json!({}));
    now(delete(bench.site(&script), &made)).expect("deleted in the end");
    assert_eq!(
        script.changes(),
        "DeleteCustomKeyStore DisconnectCustomKeyStore DeleteCustomKeyStore DeleteCustomKeyStore DeleteCustomKeyStore"
    );
}

#[test]
fn a_store_with_keys_is_neither_deleted_nor_disconnected() {
    let bench = Bench::of("aws_kms_custom_key_store");
    let made = fine(bench.create(&store(), &store_config()));
    let code = "CustomKeyStoreHasCMKsException";
    let script = store().fail("DeleteCustomKeyStore", Class::Refused, code, "it has keys");
    let told = now(delete(bench.site(&script), &made)).expect_err("it is told");
    assert!(told.iter().next().unwrap().detail.contains("it has keys"));
    assert_eq!(script.changes(), "DeleteCustomKeyStore");
}

#[test]
fn the_credential_of_a_store_is_secret_and_can_change() {
    let bench = Bench::of("aws_kms_custom_key_store");
    let config = |secret: char| {
        let secret: String = std::iter::repeat_n(secret, 43).collect();
        let credential = json!([{"access_key_id": "AAAAAAAAAAAAAAAAAAAA", "raw_secret_access_key": secret}]);
        json!({"custom_key_store_name": "s", "custom_key_store_type": "EXTERNAL_KEY_STORE", "xks_proxy_connectivity": "PUBLIC_ENDPOINT",
            "xks_proxy_uri_endpoint": "https://k.example", "xks_proxy_uri_path": "/kms/xks/v1", "xks_proxy_authentication_credential": credential})
    };
    let proxy = json!({"Connectivity": "PUBLIC_ENDPOINT", "UriEndpoint": "https://k.example", "UriPath": "/kms/xks/v1"});
    let shown = json!({"CustomKeyStoreName": "s", "CustomKeyStoreType": "EXTERNAL_KEY_STORE", "XksProxyConfiguration": proxy});
    let script = store();
    script.answers.borrow_mut().insert(
        "DescribeCustomKeyStores".into(),
        vec![Ok(json!({ "CustomKeyStores": [shown] }))],
    );
    let made = fine(bench.create(&script, &config('a')));
    assert!(!format!("{made:?}").contains("aaaa"));
    bench.check_empty(&config('a'), &made);
    fine(bench.update(&script, &made, &config('b')));
    let sent = script.params("UpdateCustomKeyStore");
    let expected: String = "b".repeat(43);
    assert_eq!(
        sent["XksProxyAuthenticationCredential"]["RawSecretAccessKey"],
        expected
    );
    assert_eq!(
        sent.as_object().unwrap().len(),
        2,
        "only what changed is sent: {sent}"
    );
}

#[test]
fn an_imported_store_is_believed_to_have_the_password_that_is_written() {
    let bench = Bench::of("aws_kms_custom_key_store");
    let found = now(import(bench.site(&store()), "cks-1")).expect("an object");
    let config = object(bench.ty, &store_config());
    let found = crate::resource::adopt(bench.ty, &found, &config, &bench.provider).unwrap();
    bench.check_empty(&store_config(), &found);
}

#[test]
fn a_stale_state_does_not_end_the_wait_for_a_deletion() {
    let bench = Bench::of("aws_kms_external_key");
    let made = fine(bench.create(&imported(&[json!({"KeyState": "PendingImport"})]), &json!({})));
    let states = ["PendingImport", "Enabled", "PendingImport", "PendingDeletion"];
    let script = imported(&states.map(|state| json!({ "KeyState": state })));
    now(delete(bench.site(&script), &made)).expect("deleted");
    assert_eq!(script.count("DescribeKey"), 4);
}

#[test]
fn quotas_and_lock_outs_are_told_at_once() {
    let bench = Bench::of("aws_kms_key");
    let lock_out = "The new key policy will not allow you to update the key policy in the future.";
    for (code, message) in [
        ("LimitExceededException", "too many"),
        ("MalformedPolicyDocumentException", lock_out),
    ] {
        let script = Script::default().fail("CreateKey", Class::Refused, code, message);
        let outcome = bench.create(&script, &json!({}));
        assert!(outcome.problems.has_errors());
        assert_eq!(
            (script.count("CreateKey"), bench.clock.elapsed()),
            (1, Duration::ZERO),
            "{code}"
        );
    }
    // A principal that was made a moment ago may still become known.
    let code = "MalformedPolicyDocumentException";
    let script = Script::default().fail("CreateKey", Class::Refused, code, "invalid principals");
    bench.create(&script, &json!({}));
    assert!(script.count("CreateKey") > 1);
}

#[test]
fn a_grant_that_vanished_is_seen_at_once() {
    let bench = Bench::of("aws_kms_grant");
    let grant =
        json!({"GrantId": "g", "GranteePrincipal": "arn:aws:iam::1:role/r", "Operations": ["Decrypt"]});
    let script = Script::new(&[
        ("CreateGrant", json!({"GrantId": "g", "GrantToken": "t"})),
        ("ListGrants", json!({"Grants": [grant]})),
    ]);
    let config =
        json!({"key_id": "k", "grantee_principal": "arn:aws:iam::1:role/r", "operations": ["Decrypt"]});
    let made = fine(bench.create(&script, &config));
    let name = script.params("CreateGrant")["Name"].as_str().unwrap().to_owned();
    assert!(
        name.starts_with("keyform-"),
        "a named grant is not made twice: {name}"
    );
    let before = bench.clock.elapsed();
    let script = Script::new(&[("ListGrants", json!({"Grants": []}))]);
    let found = now(read(bench.site(&script), &made)).unwrap();
    assert!(found.object().is_none());
    assert_eq!((script.count("ListGrants"), bench.clock.elapsed()), (1, before));
}

#[test]
fn a_grant_has_constraints_of_one_kind() {
    let bench = Bench::of("aws_kms_grant");
    let both = json!([{"encryption_context_equals": {"a": "b"}, "encryption_context_subset": {"a": "b"}}]);
    let config = object(
        bench.ty,
        &json!({"key_id": "k", "grantee_principal": "arn:aws:iam::1:role/r", "operations": ["Decrypt"], "constraints": both}),
    );
    let told = crate::resource::validate(bench.ty, &config);
    assert!(told.iter().any(|one| one.detail.contains("not both")), "{told:?}");
}

#[test]
fn an_imported_grant_is_not_replaced_for_what_no_cloud_tells() {
    let bench = Bench::of("aws_kms_grant");
    let id = format!("k:{}", "0".repeat(64));
    let grant = json!({"GrantId": "0".repeat(64), "Name": "n", "GranteePrincipal": "arn:aws:iam::1:role/r", "Operations": ["Decrypt"]});
    let script = Script::new(&[("ListGrants", json!({"Grants": [grant]}))]);
    let found = now(import(bench.site(&script), &id)).expect("an object");
    let config = json!({"key_id": "k", "name": "n", "grantee_principal": "arn:aws:iam::1:role/r", "operations": ["Decrypt"], "retire_on_delete": true});
    let written = object(bench.ty, &config);
    let found = crate::resource::adopt(bench.ty, &found, &written, &bench.provider).unwrap();
    bench.check_empty(&config, &found);
}

#[test]
fn a_key_that_cannot_rotate_is_not_asked_whether_it_does() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}), false);
    fine(bench.create(
        &script,
        &json!({"customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"}),
    ));
    assert_eq!(script.count("GetKeyRotationStatus"), 0);
    let script = aws_key(&json!({}), false);
    fine(bench.create(&script, &json!({})));
    assert!(script.count("GetKeyRotationStatus") > 0);
}

#[test]
fn how_policies_are_checked_is_recorded_without_a_call() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({}), false);
    let made = fine(bench.create(&script, &json!({})));
    script.log.borrow_mut().clear();
    let before = bench.clock.elapsed();
    let config = json!({"bypass_policy_lockout_safety_check": true});
    fine(bench.update(&script, &made, &config));
    assert_eq!((script.changes(), bench.clock.elapsed()), (String::new(), before));
}

#[test]
fn policies_and_tags_are_waited_for_at_the_same_time() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({}), false);
    script.answers.borrow_mut().insert(
        "ListResourceTags".into(),
        vec![Ok(
            json!({"Tags": [{"TagKey": "a", "TagValue": "b"}, {"TagKey": "billing", "TagValue": "x"}]}),
        )],
    );
    let mut bench = bench;
    bench.provider = from_plain_json(&json!({"region": "eu-west-1", "ignore_tags": {"keys": ["billing"]}}));
    let policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
    let config = json!({"policy": policy, "tags": {"a": "b"}});
    let made = fine(bench.create(&script, &config));
    // Five looks, a second apart, serve both. Ignored tags are not missed, nor seen.
    assert_eq!(bench.clock.elapsed(), Duration::from_secs(4));
    bench.check_empty(&config, &made);
}

#[test]
fn a_key_that_becomes_as_planned_too_late_is_recorded_and_not_replaced() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({}), false);
    let config = json!({"policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"late\"}]}"});
    let outcome = bench.create(&script, &config);
    let told = outcome.problems.iter().next().expect("it is told");
    assert_eq!(told.summary, "Timeout while waiting");
    let made = outcome.object.expect("it is recorded");
    let next = bench.propose(&object(bench.ty, &config), Some(&made)).change;
    assert_eq!(next.action, Action::Update);
}

#[test]
fn a_policy_that_locks_everybody_out_is_refused_while_planning() {
    let bench = Bench::of("aws_kms_key");
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"});
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let wish = |config: &Json| {
        let config = object(bench.ty, config);
        propose(&Wish {
            ty: bench.ty,
            config: &config,
            prior: None,
            provider: &bench.provider,
            forced: false,
        })
        .map(|_| ())
    };
    let told = wish(&json!({ "policy": policy })).expect_err("refused");
    assert!(
        told.iter()
            .any(|one| one.detail.contains("nobody could change it again"))
    );
    wish(&json!({"policy": policy, "bypass_policy_lockout_safety_check": true})).expect("wanted so");
}
