//! AWS on the wire, against scripted services.

use std::rc::Rc;
use std::sync::Arc;

use super::*;
use crate::cloud::{ApiError, Class};
use crate::clouds::stub::{self, Act, Asked, Stub, call, quick, say};
use crate::clouds::{Environment, connect};
use crate::value::Marks;

mod network;
mod sources;

fn cloud(options: Options) -> Rc<dyn Cloud> {
    let configuration = Value::object_of([("region", Value::from("us-east-1"))]);
    connect(
        &Arc::new(stub::schema("aws")),
        &configuration,
        &Environment::default(),
        options,
    )
    .unwrap()
}

fn outcome(script: Vec<Act>, effect: Effect) -> (Result<Value, ApiError>, Vec<Asked>) {
    let params = Value::object_of([("Description", Value::from("d").with_marks(Marks::SENSITIVE))]);
    stub::outcome(script, call("CreateKey", effect, params), cloud)
}

/// How a call ends after a script, and after how many requests.
#[track_caller]
fn check(script: Vec<Act>, effect: Effect, expected: Result<&str, (Class, &str)>, requests: usize) {
    let (result, asked) = outcome(script, effect);
    let found = match &result {
        Ok(value) => Ok(value.get("A").and_then(Value::as_str).unwrap_or("")),
        Err(error) => Err((error.class, error.code.as_str())),
    };
    assert_eq!(found, expected, "{result:?}");
    assert_eq!(asked.len(), requests);
}

fn fine() -> Act {
    say(200, r#"{"A":"b"}"#)
}

fn fault() -> Act {
    say(500, r#"{"__type":"KMSInternalException"}"#)
}

#[test]
fn a_call_is_a_signed_post() {
    let (result, asked) = outcome(vec![fine()], Effect::Creates);
    assert!(result.is_ok());
    let head = asked[0].head.to_ascii_lowercase();
    assert!(head.starts_with("post / http/1.1"), "{head}");
    assert!(head.contains("x-amz-target: trentservice.createkey"), "{head}");
    assert!(
        head.contains("credential=akidexample/20240506/us-east-1/kms/aws4_request"),
        "{head}"
    );
    assert_eq!(asked[0].body, r#"{"Description":"d"}"#);
}

#[test]
fn empty_answers_are_empty_objects() {
    for body in ["", "null", "{}"] {
        check(vec![say(200, body)], Effect::Repeatable, Ok(""), 1);
    }
}

#[test]
fn a_create_is_never_sent_again_after_a_lost_answer() {
    check(
        vec![Act::HangUp, fine()],
        Effect::Creates,
        Err((Class::Unclear, "ConnectionLost")),
        1,
    );
    check(
        vec![Act::CutShort, fine()],
        Effect::Creates,
        Err((Class::Unclear, "ConnectionLost")),
        1,
    );
    check(
        vec![fault(), fine()],
        Effect::Creates,
        Err((Class::Unclear, "KMSInternalException")),
        1,
    );
    check(
        vec![say(502, "<html>"), fine()],
        Effect::Creates,
        Err((Class::Unclear, "UnreadableAnswer")),
        1,
    );
    check(
        vec![say(200, "<html>"), fine()],
        Effect::Creates,
        Err((Class::Unclear, "UnreadableAnswer")),
        1,
    );
}

#[test]
fn a_read_is_sent_again_after_a_lost_answer() {
    check(
        vec![Act::HangUp, Act::CutShort, fault(), fine()],
        Effect::Read,
        Ok("b"),
        4,
    );
    check(
        vec![Act::HangUp],
        Effect::Read,
        Err((Class::Transient, "ConnectionLost")),
        10,
    );
}

#[test]
fn a_throttled_create_is_sent_again() {
    let throttled = say(400, r#"{"__type":"ThrottlingException"}"#);
    check(
        vec![throttled.clone(), throttled, fine()],
        Effect::Creates,
        Ok("b"),
        3,
    );
}

/// How often a call is sent to a service that always objects to its rate.
#[track_caller]
fn check_attempts(arguments: &[(&str, i64)], variables: &[(&str, &str)], expected: usize) {
    let region = ("region", Value::from("us-east-1"));
    let arguments = arguments.iter().map(|(name, value)| (*name, Value::int(*value)));
    let configuration = Value::object_of([region].into_iter().chain(arguments));
    let environment = stub::environment(variables);
    let throttled = say(400, r#"{"__type":"ThrottlingException"}"#);
    let empty = Value::object_of::<&str>([]);
    let (result, asked) = stub::outcome(
        vec![throttled],
        call("Unheard", Effect::Creates, empty),
        |options| {
            connect(
                &Arc::new(stub::schema("aws")),
                &configuration,
                &environment,
                options,
            )
            .unwrap()
        },
    );
    assert_eq!(result.unwrap_err().class, Class::Throttled);
    assert_eq!(asked.len(), expected);
}

#[test]
fn a_throttled_call_is_tried_as_often_as_the_block_says() {
    check_attempts(&[("max_retries", 0)], &[], 1);
    check_attempts(&[("max_retries", 3)], &[], 3);
    check_attempts(&[("max_retries", 2)], &[("AWS_MAX_ATTEMPTS", "4")], 2);
    check_attempts(&[], &[("AWS_MAX_ATTEMPTS", "4")], 4);
}

#[test]
fn an_answer_that_is_no_answer_is_asked_for_a_few_times() {
    check(
        vec![say(500, "<html>")],
        Effect::Read,
        Err((Class::Transient, "UnreadableAnswer")),
        3,
    );
}

#[test]
fn refusals_are_final() {
    let refused = say(400, r#"{"__type":"ValidationException","message":"no"}"#);
    check(
        vec![refused],
        Effect::Read,
        Err((Class::Refused, "ValidationException")),
        1,
    );
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = Act::Say(307, "Location: http://evil.example/\r\n", String::new());
    let (result, asked) = outcome(vec![elsewhere, fine()], Effect::Read);
    let error = result.unwrap_err();
    assert_eq!((error.class, &*error.code), (Class::Refused, "Redirected"));
    assert!(error.message.contains("evil.example:80"), "{}", error.message);
    assert_eq!(asked.len(), 1);
}

#[test]
fn answers_have_a_largest_size() {
    let large = say(200, &"x".repeat((16 << 20) + 1));
    check(
        vec![large],
        Effect::Creates,
        Err((Class::Unclear, "OversizedAnswer")),
        1,
    );
}

#[test]
fn a_wrong_clock_is_corrected_once() {
    let late = Act::Say(
        400,
        "Date: Mon, 06 May 2024 09:08:09 GMT\r\n",
        r#"{"__type":"InvalidSignatureException","message":"Signature expired"}"#.to_owned(),
    );
    let (result, asked) = outcome(vec![late.clone(), fine()], Effect::Creates);
    assert!(result.is_ok());
    assert!(asked[1].head.contains("20240506T090809Z"), "{}", asked[1].head);
    check(
        vec![late],
        Effect::Read,
        Err((Class::Denied, "InvalidSignatureException")),
        2,
    );
}

#[test]
fn nobody_listening_is_named() {
    let error = stub::run(async {
        let mut options = Stub::start(vec![fine()]).await.options();
        if let Some(sandbox) = &mut options.sandbox {
            sandbox.base_url = "http://127.0.0.1:1".to_owned();
        }
        let empty = Value::object_of::<&str>([]);
        cloud(options)
            .call(call("CreateKey", Effect::Creates, empty))
            .await
    });
    let error = error.unwrap_err();
    assert_eq!(
        (error.class, &*error.code),
        (Class::Transient, "ConnectionFailed")
    );
    assert!(error.message.contains("127.0.0.1:1"), "{}", error.message);
}

#[test]
fn a_read_only_connection_changes_nothing() {
    let empty = Value::object_of::<&str>([]);
    let (result, asked) = stub::outcome(
        vec![fine()],
        call("CreateKey", Effect::Repeatable, empty),
        |options| {
            cloud(Options {
                read_only: true,
                ..options
            })
        },
    );
    assert_eq!(result.unwrap_err().code, "ReadOnly");
    assert!(asked.is_empty());
}

#[test]
fn a_success_is_never_quoted() {
    for body in [
        r#"{"SecretString":"hidden","X":"\ud800"}"#,
        r#"{"SecretString":"hidden""#,
    ] {
        let (result, _) = outcome(vec![say(200, body)], Effect::Read);
        let error = result.unwrap_err();
        assert_eq!(error.code, "UnreadableAnswer");
        assert!(!error.message.contains("hidden"), "{}", error.message);
    }
}

#[test]
fn what_services_say_is_one_line() {
    let refused = say(
        400,
        r#"{"__type":"No\nCode","message":"no\n\nApply complete!\n"}"#,
    );
    let error = outcome(vec![refused], Effect::Read).0.unwrap_err();
    assert_eq!((&*error.code, &*error.message), ("No Code", "no Apply complete!"));
}

const ISSUED: &str = "<R><AssumeRoleResult><Credentials><AccessKeyId>ROLEKEY</AccessKeyId>\
    <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
    <Expiration>2024-05-06T08:08:09Z</Expiration></Credentials></AssumeRoleResult></R>";

/// What arrives when a provider with these arguments and variables makes one call; endpoints are the stub's.
fn arrives(
    script: Vec<Act>,
    mut arguments: Vec<(&str, Value)>,
    variables: &[(&str, &str)],
) -> (Result<Value, ApiError>, Vec<Asked>) {
    stub::run(async {
        let stub = Stub::start(script).await;
        let mut variables = variables.to_vec();
        variables.push(("AWS_ENDPOINT_URL", &stub.url));
        variables.push(("AWS_EC2_METADATA_SERVICE_ENDPOINT", &stub.url));
        arguments.push(("region", Value::from("eu-west-1")));
        let cloud = connect(
            &Arc::new(stub::schema("aws")),
            &Value::object_of(arguments),
            &stub::environment(&variables),
            quick(),
        )
        .unwrap();
        let empty = Value::object_of::<&str>([]);
        let result = cloud.call(call("ListKeys", Effect::Read, empty)).await;
        (result, stub.asked())
    })
}

/// The access key that the last request was signed with.
#[track_caller]
fn signed_with(arguments: Vec<(&str, Value)>, variables: &[(&str, &str)], script: Vec<Act>, key: &str) {
    let (result, asked) = arrives(script, arguments, variables);
    assert!(result.is_ok(), "{result:?}");
    let head = &asked[asked.len() - 1].head;
    assert!(head.contains(&format!("Credential={key}/")), "{head}");
}

fn files(config: &str, credentials: &str) -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (first, second) = (path("config"), path("credentials"));
    fs_err::write(&first, config).unwrap();
    fs_err::write(&second, credentials).unwrap();
    (folder, first, second)
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "ENVKEY"), ("AWS_SECRET_ACCESS_KEY", "s")];

#[test]
fn arguments_beat_the_environment() {
    let arguments = vec![
        ("access_key", Value::from("ARGKEY")),
        ("secret_key", Value::from("s")),
    ];
    signed_with(arguments, &KEYS, vec![fine()], "ARGKEY");
    signed_with(vec![], &KEYS, vec![fine()], "ENVKEY");
}

#[test]
fn a_named_profile_beats_keys_in_the_environment() {
    let (_folder, _, path) = files("", "[dev]\naws_access_key_id=DEVKEY\naws_secret_access_key=s\n");
    let variables = [KEYS[0], KEYS[1], ("AWS_SHARED_CREDENTIALS_FILE", &path)];
    let arguments = vec![("profile", Value::from("dev"))];
    signed_with(arguments, &variables, vec![fine()], "DEVKEY");
}

#[test]
fn a_missing_profile_is_an_error() {
    let arguments = vec![("profile", Value::from("nobody"))];
    let (result, asked) = arrives(vec![fine()], arguments, &KEYS);
    assert_eq!(result.unwrap_err().code, "UnknownProfile");
    assert!(asked.is_empty());
}

#[test]
fn roles_are_assumed_one_after_the_other() {
    let role = |name: &str| {
        Value::object_of([
            ("role_arn", Value::from(name)),
            ("duration", Value::from("1h30m")),
            ("tags", Value::object_of([("k", Value::from("v"))])),
        ])
    };
    let arguments = vec![("assume_role", Value::tuple(vec![role("first"), role("second")]))];
    let script = vec![say(200, ISSUED), say(200, ISSUED), fine()];
    let (result, asked) = arrives(script, arguments, &KEYS);
    assert!(result.is_ok(), "{result:?}");
    assert!(asked[0].head.contains("Credential=ENVKEY/"));
    assert!(asked[0].body.contains("RoleArn=first"), "{}", asked[0].body);
    assert!(
        asked[0].body.contains("DurationSeconds=5400"),
        "{}",
        asked[0].body
    );
    assert!(
        asked[0]
            .body
            .contains("Tags.member.1.Key=k&Tags.member.1.Value=v"),
        "{}",
        asked[0].body
    );
    assert!(asked[1].head.contains("Credential=ROLEKEY/"));
    assert!(asked[1].body.contains("RoleArn=second"));
    assert!(asked[2].head.contains("Credential=ROLEKEY/"));
    assert!(asked[2].head.contains("x-amz-security-token: t"));
}

#[test]
fn calls_that_wait_for_credentials_do_not_keep_them_from_being_found() {
    stub::run(async {
        let stub = Stub::start(vec![say(200, ISSUED), say(200, ISSUED), fine()]).await;
        let role = || Value::object_of([("role_arn", Value::from("r"))]);
        let arguments = Value::object_of([
            ("region", Value::from("eu-west-1")),
            ("assume_role", Value::tuple(vec![role(), role()])),
        ]);
        let variables = [KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", &*stub.url)];
        let environment = stub::environment(&variables);
        let cloud = connect(&Arc::new(stub::schema("aws")), &arguments, &environment, quick()).unwrap();
        let nothing = || Value::object_of::<&str>([]);
        let calls = (0..120).map(|_| cloud.call(call("ListKeys", Effect::Read, nothing())));
        let all = futures_util::future::join_all(calls);
        let results = tokio::time::timeout(std::time::Duration::from_mins(1), all).await;
        assert!(results.expect("it ends").iter().all(Result::is_ok));
    });
}

#[test]
fn a_profile_may_name_a_role_and_its_source() {
    let (_folder, config, credentials) = files(
        "[profile dev]\nrole_arn=r\nsource_profile=base\nexternal_id=e\n",
        "[base]\naws_access_key_id=BASEKEY\naws_secret_access_key=s\n",
    );
    let variables = [
        ("AWS_PROFILE", "dev"),
        ("AWS_CONFIG_FILE", &*config),
        ("AWS_SHARED_CREDENTIALS_FILE", &*credentials),
    ];
    signed_with(vec![], &variables, vec![say(200, ISSUED), fine()], "ROLEKEY");
}

#[test]
fn profiles_in_a_circle_are_an_error() {
    let (_folder, config, _) = files(
        "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n",
        "",
    );
    let variables = [("AWS_PROFILE", "a"), ("AWS_CONFIG_FILE", &*config)];
    let (result, _) = arrives(vec![fine()], vec![], &variables);
    assert_eq!(result.unwrap_err().code, "CircularProfile");
}

#[test]
fn a_web_identity_is_exchanged_without_a_signature() {
    let (_folder, token, _) = files("token\n", "");
    let variables = [("AWS_ROLE_ARN", "r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", &*token)];
    let (result, asked) = arrives(vec![say(200, ISSUED), fine()], vec![], &variables);
    assert!(result.is_ok(), "{result:?}");
    assert!(!asked[0].head.to_ascii_lowercase().contains("authorization"));
    assert!(
        asked[0].body.contains("WebIdentityToken=token"),
        "{}",
        asked[0].body
    );
    assert!(asked[1].head.contains("Credential=ROLEKEY/"));
}

#[test]
fn a_credential_process_runs_without_a_shell() {
    let answer = r#"{"Version":1,"AccessKeyId":"PROCKEY","SecretAccessKey":"s"}"#;
    let (_folder, _, path) = files("", answer);
    let (_other, config, _) = files(&format!("[default]\ncredential_process = cat {path}\n"), "");
    let variables = [("AWS_CONFIG_FILE", &*config), ("PATH", "/usr/bin:/bin")];
    signed_with(vec![], &variables, vec![fine()], "PROCKEY");
}

#[test]
fn a_credential_process_may_stand_in_either_file() {
    let answer = r#"{"Version":1,"AccessKeyId":"PROCKEY","SecretAccessKey":"s"}"#;
    let (folder, _, _) = files("", "");
    let script = folder.path().join("my tool");
    // It gives nothing where it sees more than the user's own variables.
    let text = format!("#!/bin/sh\ntest -z \"$AWS_PROFILE\" && echo '{answer}'\n");
    fs_err::write(&script, text).unwrap();
    let process = format!(
        "[default]\ncredential_process = sh \"{}\" --x\n",
        script.display()
    );
    for (config, credentials) in [(&*process, ""), ("", &*process)] {
        let (_folder, config, credentials) = files(config, credentials);
        let variables = [
            ("AWS_CONFIG_FILE", &*config),
            ("AWS_SHARED_CREDENTIALS_FILE", &*credentials),
            ("PATH", "/usr/bin:/bin"),
        ];
        signed_with(vec![], &variables, vec![fine()], "PROCKEY");
    }
}

#[test]
fn a_credential_process_that_fails_says_why_and_ends_the_search() {
    let (_folder, config, _) = files("[default]\ncredential_process = cat /nowhere\n", "");
    let variables = [("AWS_CONFIG_FILE", &*config), ("PATH", "/usr/bin:/bin")];
    let (result, asked) = arrives(vec![fine()], vec![], &variables);
    let error = result.unwrap_err();
    assert!(error.message.contains("/nowhere"), "{}", error.message);
    assert!(asked.is_empty());
}

#[test]
fn files_that_cannot_be_read_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_string_lossy();
    let (result, asked) = arrives(vec![fine()], vec![], &[("AWS_CONFIG_FILE", &path)]);
    let error = result.unwrap_err();
    assert_eq!((error.class, &*error.code), (Class::Denied, "UnreadableProfiles"));
    assert!(error.message.contains(&*path), "{}", error.message);
    assert!(asked.is_empty());
}

#[test]
fn the_machines_metadata_service_is_asked_last() {
    let keys = r#"{"Code":"Success","AccessKeyId":"METAKEY","SecretAccessKey":"s","Token":"t",
        "Expiration":"2099-01-01T00:00:00Z"}"#;
    let script = vec![say(200, "token"), say(200, "role"), say(200, keys), fine()];
    signed_with(vec![], &[], script.clone(), "METAKEY");
    let moment = [vec![say(503, "busy"), Act::HangUp], script].concat();
    signed_with(vec![], &[], moment, "METAKEY");
}

#[test]
fn an_expired_token_is_renewed_once() {
    let arguments = vec![(
        "assume_role",
        Value::tuple(vec![Value::object_of([("role_arn", Value::from("r"))])]),
    )];
    let expired = say(400, r#"{"__type":"ExpiredTokenException"}"#);
    let script = vec![say(200, ISSUED), expired, say(200, ISSUED), fine()];
    let (result, asked) = arrives(script, arguments, &KEYS);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(asked.len(), 4);
}

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws-cn:sts::123456789012:user/moto</Arn><UserId>U</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

#[test]
fn an_account_that_is_not_allowed_gets_no_calls() {
    let ids = |id: &str| vec![("allowed_account_ids", Value::tuple(vec![Value::from(id)]))];
    let (result, asked) = arrives(vec![say(200, IDENTITY), fine()], ids("999999999999"), &KEYS);
    assert_eq!(result.unwrap_err().code, "AccountNotAllowed");
    assert_eq!(asked.len(), 1);
    let (result, _) = arrives(vec![say(200, IDENTITY), fine()], ids("123456789012"), &KEYS);
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn a_failed_check_of_the_account_leaves_nothing_unclear() {
    stub::run(async {
        let stub = Stub::start(vec![say(500, "<html>")]).await;
        let ids = Value::tuple(vec![Value::from("123456789012")]);
        let arguments =
            Value::object_of([("region", Value::from("eu-west-1")), ("allowed_account_ids", ids)]);
        let schema = Arc::new(stub::schema("aws"));
        let cloud = connect(&schema, &arguments, &Environment::default(), stub.options()).unwrap();
        let empty = Value::object_of::<&str>([]);
        let result = cloud.call(call("CreateKey", Effect::Creates, empty)).await;
        let error = result.unwrap_err();
        assert_eq!(error.class, Class::Transient);
        assert!(
            error.message.starts_with("GetCallerIdentity: "),
            "{}",
            error.message
        );
    });
}

#[test]
fn facts_are_asked_for_once() {
    stub::run(async {
        let stub = Stub::start(vec![say(200, IDENTITY)]).await;
        let cloud = cloud(stub.options());
        for _ in 0..2 {
            let facts = cloud.facts().await.unwrap();
            let text = |name: &str| facts.get(name).and_then(Value::as_str).unwrap().to_owned();
            assert_eq!(text("account_id"), "123456789012");
            assert_eq!(text("partition"), "aws-cn");
            assert_eq!(text("region"), "us-east-1");
            assert_eq!(text("dns_suffix"), "amazonaws.com");
        }
        assert_eq!(stub.asked().len(), 1);
    });
}

#[test]
fn a_misspelt_region_is_found_at_once() {
    let configuration = Value::object_of([("region", Value::from("us-eats1"))]);
    let schema = Arc::new(stub::schema("aws"));
    let result = connect(&schema, &configuration, &Environment::default(), quick());
    assert!(result.is_err());
}
