//! Tests of the door: signatures, versions, actions and regions.

use super::test_support::{Bench, Signer, read};
use super::*;

/// Changes a request, signed or not again, and checks the refusal.
#[track_caller]
fn check(change: impl FnOnce(&mut Request), resign: bool, expected: &str) {
    let mut bench = Bench::new();
    let mut request = bench.request(KMS_VERSION, "ListKeys", &[("PageSize", "5")]);
    change(&mut request);
    if resign {
        bench.sign(&mut request);
    }
    let answer = read(&bench.send(&request));
    assert_eq!(answer.map(|reply| reply.to_string()), Err(expected.to_owned()));
}

fn set(name: &'static str, value: &'static str) -> impl FnOnce(&mut Request) {
    move |request| {
        for header in request.headers.iter_mut().filter(|(other, _)| other == name) {
            value.clone_into(&mut header.1);
        }
    }
}

fn without(name: &'static str) -> impl FnOnce(&mut Request) {
    move |request| request.headers.retain(|(other, _)| other != name)
}

#[test]
fn whatever_is_signed_cannot_be_changed() {
    let mismatch = "400 SignatureDoesNotMatch";
    check(|request| request.query.push_str("&A=b"), false, mismatch);
    check(|request| request.body = b"A=b".to_vec(), true, mismatch);
    check(|request| "PUT".clone_into(&mut request.method), false, mismatch);
    check(set("x-acs-action", "CreateKey"), false, mismatch);
    check(set("host", "kms.cn-beijing.aliyuncs.com"), false, mismatch);
}

#[test]
fn a_request_without_its_parts_is_incomplete() {
    check(without("authorization"), false, "400 MissingParameter");
    check(without("x-acs-action"), true, "400 MissingParameter");
    check(without("x-acs-signature-nonce"), true, "400 MissingParameter");
    check(without("x-acs-date"), true, "400 IllegalTimestamp");
    check(
        set("authorization", "ACS3-HMAC-SHA256 Credential=a"),
        false,
        "400 IncompleteSignature",
    );
    check(
        set("authorization", "ACS3-RSA-SHA256 Credential=a"),
        false,
        "400 IncompleteSignature",
    );
    check(
        |request| request.headers.push(("x-acs-more".into(), "v".into())),
        false,
        "400 IncompleteSignature",
    );
}

#[test]
fn a_clock_may_be_off_by_a_quarter_of_an_hour() {
    check(
        set("x-acs-date", "2024-05-06T06:53:08Z"),
        true,
        "400 InvalidTimeStamp.Expired",
    );
    check(
        set("x-acs-date", "2024-05-06T07:23:10Z"),
        true,
        "400 InvalidTimeStamp.Expired",
    );
    check(set("x-acs-date", "yesterday"), true, "400 IllegalTimestamp");
}

#[test]
fn versions_and_actions_must_exist() {
    check(set("x-acs-version", "2014-05-27"), true, "400 InvalidVersion");
    check(set("x-acs-action", "Dance"), true, "404 InvalidAction.NotFound");
}

#[test]
fn a_nonce_serves_once_and_is_not_spent_by_a_wrong_signature() {
    let mut bench = Bench::new();
    let request = bench.request(KMS_VERSION, "ListKeys", &[]);
    let mut forged = request.clone();
    forged.query.push_str("A=b");
    assert_eq!(
        read(&bench.send(&forged)),
        Err("400 SignatureDoesNotMatch".to_owned())
    );
    assert!(read(&bench.send(&request)).is_ok());
    assert_eq!(
        read(&bench.send(&request)),
        Err("400 SignatureNonceUsed".to_owned())
    );
}

#[test]
fn wrong_secrets_and_unknown_keys_are_told_apart() {
    let mut bench = Bench::new();
    bench.signer = Signer {
        secret: "wrong".to_owned(),
        ..bench.signer
    };
    bench.fails("ListKeys", &[], "400 SignatureDoesNotMatch");
    bench.signer = Signer {
        id: "LTAI5tNobody".to_owned(),
        ..bench.signer
    };
    bench.fails("ListKeys", &[], "404 InvalidAccessKeyId.NotFound");
}

#[test]
fn the_older_protocol_reads_query_and_body() {
    let mut bench = Bench::new();
    let secret = [
        ("SecretName", "app/db"),
        ("VersionId", "v1"),
        ("SecretData", "p@ss word+1&x=~*"),
    ];
    let request = bench.rpc_request("CreateSecret", &secret);
    assert_eq!(read(&bench.send(&request)).unwrap()["VersionId"], "v1");
    assert_eq!(
        read(&bench.send(&request)),
        Err("400 SignatureNonceUsed".to_owned())
    );
    let value = bench.rpc_request("GetSecretValue", &secret[..1]);
    assert_eq!(
        read(&bench.send(&value)).unwrap()["SecretData"],
        "p@ss word+1&x=~*"
    );
}

#[test]
fn a_wrong_signature_echoes_no_secret() {
    let mut bench = Bench::new();
    bench.signer = Signer {
        secret: "wrong".to_owned(),
        ..bench.signer
    };
    let request = bench.rpc_request("CreateSecret", &[("SecretData", "p4ssword")]);
    let body = String::from_utf8(bench.send(&request).body).unwrap();
    assert!(
        body.contains("SignatureDoesNotMatch") && body.contains("HostId"),
        "{body}"
    );
    assert!(!body.contains("p4ssword") && !body.contains("wrong"), "{body}");
}

#[test]
fn regions_share_nothing() {
    let mut bench = Bench::new();
    let id = bench.key(&[]);
    let elsewhere = [("KeyId", id.as_str()), ("RegionId", "cn-beijing")];
    bench.fails("DescribeKey", &elsewhere, "404 Forbidden.KeyNotFound");
    bench.host = "kms.cn-shanghai.aliyuncs.com".to_owned();
    bench.fails("DescribeKey", &[("KeyId", &id)], "404 Forbidden.KeyNotFound");
    bench.host = "kms-vpc.cn-hangzhou.aliyuncs.com".to_owned();
    bench.ok("DescribeKey", &elsewhere);
}

#[test]
fn everything_survives_being_written_down() {
    let mut bench = Bench::new();
    let id = bench.key(&[]);
    bench.world = serde_json::from_str(&serde_json::to_string(&bench.world).unwrap()).unwrap();
    assert_eq!(bench.field(&id, "KeyState"), "Enabled");
}

#[test]
fn the_actions_are_sorted_for_searching() {
    assert!(ACTIONS.is_sorted_by_key(|(name, _)| *name));
}

#[test]
fn no_action_breaks_on_nothing_or_garbage() {
    const NAMES: [&str; 20] = [
        "KeyId",
        "AliasName",
        "SecretName",
        "Name",
        "AapName",
        "Policies",
        "Policy",
        "Filters",
        "Tags",
        "NextToken",
        "PageNumber",
        "RotationInterval",
        "ExtendedConfig",
        "ExtendedConfig.CustomData",
        "EncryptionContext",
        "CiphertextBlob",
        "Plaintext",
        "VersionStages",
        "NotBefore",
        "SecretData",
    ];
    let mut bench = Bench::new();
    for garbage in [
        "",
        "é",
        "[]",
        "{}",
        "[{}]",
        "[[1]]",
        "null",
        "99999999999999999999",
        "9223372036854775807d",
        "=&%",
    ] {
        let params: Vec<(&str, &str)> = NAMES.iter().map(|name| (*name, garbage)).collect();
        for (action, _) in ACTIONS.iter().filter(|(action, _)| *action != "CreateKey") {
            let refusal = bench.try_call(action, &params).err().unwrap_or_default();
            assert!(!refusal.starts_with('5'), "{action} with {garbage}: {refusal}");
        }
    }
}

#[test]
fn made_up_failures_look_like_the_real_ones() {
    let mut bench = Bench::new();
    let request = bench.request(KMS_VERSION, "ListKeys", &[]);
    let response = refuse(&request, 429, "Rejected.Throttling", "QPS Limit Exceeded");
    assert_eq!(read(&response), Err("429 Rejected.Throttling".to_owned()));
}

/// The words with which a call is refused.
#[track_caller]
fn check_message(action: &str, params: &[(&str, &str)], expected: &str) {
    let mut bench = Bench::new();
    let id = bench.key(&[]);
    bench.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &id)]);
    let secret = [("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "d")];
    bench.ok("CreateSecret", &secret);
    bench.ok("DisableKey", &[("KeyId", &id)]);
    let params: Vec<(&str, &str)> = params
        .iter()
        .map(|(name, value)| (*name, if *value == "KEY" { id.as_str() } else { value }))
        .collect();
    let request = bench.request("2016-01-20", action, &params);
    let response = bench.send(&request);
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    let told = format!(
        "{} {}: {}",
        response.status,
        body["Code"].as_str().unwrap(),
        body["Message"].as_str().unwrap()
    );
    assert_eq!(told, expected);
}

#[test]
fn refusals_have_the_words_of_the_cloud() {
    check_message(
        "DescribeKey",
        &[],
        "400 MissingParameter: The parameter \"KeyId\" is needed but not provided.",
    );
    check_message(
        "CreateKey",
        &[("KeySpec", "X")],
        "400 InvalidParameter: The specified parameter \"KeySpec\" is not valid.",
    );
    check_message(
        "DescribeKey",
        &[("KeyId", "key-x")],
        "404 Forbidden.KeyNotFound: The specified Key is not found.",
    );
    check_message(
        "DescribeKey",
        &[("KeyId", "alias/x")],
        "404 Forbidden.AliasNotFound: The specified Alias is not found.",
    );
    check_message(
        "CreateAlias",
        &[("AliasName", "alias/a"), ("KeyId", "KEY")],
        "400 AliasAlreadyExists: AliasName Already Exists.",
    );
    check_message(
        "Encrypt",
        &[("KeyId", "KEY"), ("Plaintext", "aGk=")],
        "409 Rejected.Disabled: The request was rejected because the key state is Disabled.",
    );
    check_message(
        "CancelKeyDeletion",
        &[("KeyId", "KEY")],
        "409 Rejected.StateModifiedFailed: Keystate modified failed.",
    );
    check_message(
        "DescribeSecret",
        &[("SecretName", "x")],
        "404 Forbidden.ResourceNotFound: Resource not found.",
    );
    check_message(
        "CreateSecret",
        &[("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "d")],
        "409 Rejected.ResourceExist: The resource already exists.",
    );
}

#[test]
fn a_secret_that_waits_for_its_end_says_so() {
    let mut bench = Bench::new();
    let secret = [("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "d")];
    bench.ok("CreateSecret", &secret);
    bench.ok(
        "DeleteSecret",
        &[("SecretName", "s"), ("RecoveryWindowInDays", "7")],
    );
    let request = bench.request("2016-01-20", "CreateSecret", &secret);
    let response = bench.send(&request);
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(body["Message"], "The secret is planned to be deleted.");
    assert_eq!(body["HttpStatus"], 409);
}
