//! Alibaba Cloud on the wire, against scripted services.

use std::rc::Rc;
use std::sync::Arc;

use super::*;
use crate::cloud::{ApiError, Class};
use crate::clouds::connect;
use crate::clouds::stub::{self, Act, Asked, Stub, call, quick, say};
use crate::schema::ProviderSchema;
use crate::value::Marks;

pub fn schema() -> ProviderSchema {
    stub::schema("alicloud")
}

pub fn settings(configuration: &Value, variables: &[(&str, &str)]) -> Settings {
    Settings::new(Arc::new(schema()), configuration, stub::environment(variables))
}

fn cloud(options: Options) -> Rc<dyn Cloud> {
    let environment = stub::environment(&[]);
    let nothing = Value::object_of::<&str>([]);
    connect(&Arc::new(schema()), &nothing, &environment, options).unwrap()
}

/// How a call ends after a script, and after how many requests.
#[track_caller]
fn check(script: Vec<Act>, effect: Effect, expected: Result<&str, (Class, &str)>, requests: usize) {
    let params = Value::object_of([("Description", Value::from("d"))]);
    let (result, asked) = stub::outcome(script, call("CreateKey", effect, params), cloud);
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

#[test]
fn secrets_travel_in_the_body() {
    let params = Value::object_of([
        ("SecretName", Value::from("a/b")),
        ("SecretData", Value::from("p@ss")),
        ("Other", Value::from("x").with_marks(Marks::SENSITIVE)),
    ]);
    let (result, asked) = stub::outcome(
        vec![fine()],
        call("CreateSecret", Effect::Repeatable, params),
        cloud,
    );
    assert!(result.is_ok(), "{result:?}");
    let head = &asked[0].head;
    assert!(head.starts_with("POST /?SecretName=a%2Fb HTTP/1.1"), "{head}");
    assert!(head.contains("x-acs-action: CreateSecret"), "{head}");
    assert!(
        head.contains("ACS3-HMAC-SHA256 Credential=AKIDEXAMPLE,"),
        "{head}"
    );
    assert_eq!(asked[0].body, "Other=x&SecretData=p%40ss");
}

#[test]
fn every_attempt_has_its_own_nonce() {
    let empty = Value::object_of::<&str>([]);
    let (_, asked) = stub::outcome(
        vec![say(503, "x"), fine()],
        call("ListKeys", Effect::Read, empty),
        cloud,
    );
    let nonce = |asked: &Asked| {
        let mut lines = asked.head.lines();
        lines
            .find(|line| line.starts_with("x-acs-signature-nonce"))
            .map(str::to_owned)
    };
    assert!(nonce(&asked[0]).is_some());
    assert_ne!(nonce(&asked[0]), nonce(&asked[1]));
}

#[test]
fn a_create_is_never_sent_again_after_an_unclear_failure() {
    let fault = say(500, r#"{"Code":"InternalFailure","Message":"m"}"#);
    check(
        vec![fault.clone(), fine()],
        Effect::Creates,
        Err((Class::Unclear, "InternalFailure")),
        1,
    );
    check(vec![fault, fine()], Effect::Read, Ok("b"), 2);
    check(
        vec![Act::HangUp, fine()],
        Effect::Creates,
        Err((Class::Unclear, "ConnectionLost")),
        1,
    );
}

#[test]
fn throttling_is_waited_out() {
    let throttled = say(429, r#"{"Code":"Rejected.Throttling","Message":"QPS"}"#);
    check(vec![throttled, fine()], Effect::Creates, Ok("b"), 2);
}

#[test]
fn an_unknown_access_key_is_not_a_missing_object() {
    let unknown = say(404, r#"{"Code":"InvalidAccessKeyId.NotFound","Message":"m"}"#);
    check(
        vec![unknown],
        Effect::Read,
        Err((Class::Denied, "InvalidAccessKeyId.NotFound")),
        1,
    );
    let missing = say(404, r#"{"Code":"Forbidden.KeyNotFound","Message":"m"}"#);
    check(
        vec![missing],
        Effect::Read,
        Err((Class::Gone, "Forbidden.KeyNotFound")),
        1,
    );
}

#[test]
fn a_success_that_hides_a_failure_is_one() {
    let hidden = say(200, r#"{"Code":"Rejected","Message":"m"}"#);
    check(vec![hidden], Effect::Read, Err((Class::Refused, "Rejected")), 1);
}

const ISSUED: &str = r#"{"Credentials":{"AccessKeyId":"ROLEKEY","AccessKeySecret":"s","SecurityToken":"t",
    "Expiration":"2024-05-06T08:08:09Z"}}"#;

/// What arrives when a provider with these arguments and variables makes one call; endpoints are the stub's.
fn arrives(
    script: Vec<Act>,
    mut arguments: Vec<(&str, Value)>,
    variables: &[(&str, &str)],
) -> (Result<Value, ApiError>, Vec<Asked>) {
    stub::run(async {
        let stub = Stub::start(script).await;
        let endpoints = ["kms", "sts"].map(|name| (name, Value::from(stub.url.as_str())));
        arguments.push(("endpoints", Value::tuple(vec![Value::object_of(endpoints)])));
        let mut variables = variables.to_vec();
        variables.push(("ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT", &stub.url));
        let cloud = connect(
            &Arc::new(schema()),
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

#[track_caller]
fn signed_with(arguments: Vec<(&str, Value)>, variables: &[(&str, &str)], script: Vec<Act>, key: &str) {
    let (result, asked) = arrives(script, arguments, variables);
    assert!(result.is_ok(), "{result:?}");
    let head = &asked[asked.len() - 1].head;
    assert!(head.contains(&format!("Credential={key},")), "{head}");
}

const KEYS: [(&str, &str); 2] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "SECONDKEY"),
    ("ALICLOUD_SECRET_KEY", "s"),
];

#[test]
fn keys_come_from_the_block_or_the_first_variable() {
    let arguments = vec![
        ("access_key", Value::from("ARGKEY")),
        ("secret_key", Value::from("s")),
    ];
    signed_with(arguments, &KEYS, vec![fine()], "ARGKEY");
    signed_with(vec![], &KEYS, vec![fine()], "SECONDKEY");
    let variables = [KEYS[0], KEYS[1], ("ALICLOUD_ACCESS_KEY", "FIRSTKEY")];
    signed_with(vec![], &variables, vec![fine()], "FIRSTKEY");
}

#[test]
fn a_role_is_assumed() {
    let role = Value::object_of([
        ("role_arn", Value::from("r")),
        ("session_expiration", Value::int(900)),
    ]);
    let arguments = vec![("assume_role", Value::tuple(vec![role]))];
    let (result, asked) = arrives(vec![say(200, ISSUED), fine()], arguments, &KEYS);
    assert!(result.is_ok(), "{result:?}");
    assert!(asked[0].head.contains("x-acs-action: AssumeRole"));
    assert!(asked[0].head.contains("DurationSeconds=900"), "{}", asked[0].head);
    assert!(asked[1].head.contains("Credential=ROLEKEY,"));
    assert!(asked[1].head.contains("x-acs-security-token: t"));
}

#[test]
fn a_profile_gives_keys_or_a_role() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let config = r#"{"current":"a","profiles":[
        {"name":"a","mode":"AK","access_key_id":"AKEY","access_key_secret":"s"},
        {"name":"b","mode":"ChainableRamRoleArn","source_profile":"a","ram_role_arn":"r"}]}"#;
    fs_err::write(&path, config).unwrap();
    let path = path.to_string_lossy();
    let file = || ("shared_credentials_file", Value::from(&*path));
    signed_with(vec![file()], &[], vec![fine()], "AKEY");
    let arguments = vec![file(), ("profile", Value::from("b"))];
    signed_with(arguments, &[], vec![say(200, ISSUED), fine()], "ROLEKEY");
    let arguments = vec![file(), ("profile", Value::from("c"))];
    let (result, _) = arrives(vec![fine()], arguments, &[]);
    assert_eq!(result.unwrap_err().code, "UnknownProfile");
}

#[test]
fn a_profile_may_run_a_command_or_hold_what_signing_in_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let config = r#"{"profiles":[
        {"name":"e","mode":"External","process_command":"echo {\"access_key_id\":\"CMDKEY\",\"access_key_secret\":\"s\"}"},
        {"name":"f","mode":"External","process_command":"echo no"},
        {"name":"s","mode":"CloudSSO","access_key_id":"SSOKEY","access_key_secret":"s","sts_token":"t","sts_expiration":4070908800},
        {"name":"o","mode":"CloudSSO","access_key_id":"SSOKEY","access_key_secret":"s","sts_token":"t","sts_expiration":1}]}"#;
    let config = config.replace("echo {", "echo '{").replace("\"}\"}", "\"}'\"}");
    fs_err::write(&path, config).unwrap();
    let path = path.to_string_lossy();
    let of = |name: &str| {
        vec![
            ("shared_credentials_file", Value::from(&*path)),
            ("profile", Value::from(name)),
        ]
    };
    signed_with(of("e"), &[], vec![fine()], "CMDKEY");
    signed_with(of("s"), &[], vec![fine()], "SSOKEY");
    for (name, why) in [
        ("f", "did not print access_key_id"),
        ("o", "aliyun configure --profile o"),
    ] {
        let (result, asked) = arrives(vec![fine()], of(name), &[]);
        let error = result.unwrap_err();
        assert_eq!(error.code, "NoCredentials");
        assert!(error.message.contains(why), "{}", error.message);
        assert!(asked.is_empty());
    }
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    fs_err::set_permissions(&*path, everybody).unwrap();
    let (result, asked) = arrives(vec![fine()], of("e"), &[]);
    let message = result.unwrap_err().message;
    assert!(message.contains("its process_command was not run"), "{message}");
    assert!(asked.is_empty());
    signed_with(of("s"), &[], vec![fine()], "SSOKEY");
}

#[test]
fn a_named_place_is_asked_before_all_others_and_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let config = r#"{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":"AKEY","access_key_secret":"s"}]}"#;
    fs_err::write(&path, config).unwrap();
    let path = path.to_string_lossy();
    let file = || ("shared_credentials_file", Value::from(&*path));
    let keys = r#"{"Code":"Success","AccessKeyId":"METAKEY","AccessKeySecret":"s","SecurityToken":"t",
        "Expiration":"2099-01-01T00:00:00Z"}"#;
    let role = ("ecs_role_name", Value::from("role"));
    let script = vec![say(200, "token"), say(200, keys), fine()];
    signed_with(vec![file(), role.clone()], &[], script, "METAKEY");
    for named in [role, ("credentials_uri", Value::from("http://127.0.0.1:1/none"))] {
        let (result, asked) = arrives(vec![say(404, "no")], vec![file(), named.clone()], &[]);
        let error = result.unwrap_err();
        assert_eq!((error.class, &*error.code), (Class::Denied, "NoCredentials"));
        assert!(error.message.contains(named.0), "{}", error.message);
        assert!(asked.iter().all(|asked| !asked.head.contains("AKEY")));
    }
}

#[test]
fn an_empty_role_is_none() {
    let role = Value::object_of([("role_arn", Value::from(""))]);
    let arguments = vec![("assume_role", Value::tuple(vec![role]))];
    let variables = [KEYS[0], KEYS[1], ("ALICLOUD_ASSUME_ROLE_ARN", "r")];
    signed_with(arguments, &variables, vec![fine()], "SECONDKEY");
    signed_with(vec![], &variables, vec![say(200, ISSUED), fine()], "ROLEKEY");
}

#[test]
fn a_broken_configuration_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs_err::write(&path, "{broken").unwrap();
    let path = path.to_string_lossy();
    let file = || ("shared_credentials_file", Value::from(&*path));
    for arguments in [vec![file()], vec![file(), ("profile", Value::from("p"))]] {
        let (result, asked) = arrives(vec![fine()], arguments, &[]);
        assert_eq!(result.unwrap_err().code, "UnreadableProfiles");
        assert!(asked.is_empty());
    }
}

#[test]
fn calls_are_tried_again_for_as_long_as_the_block_says() {
    stub::run(async {
        let busy = Act::Say(
            503,
            "x-acs-retry-after: 600\r\n",
            r#"{"Code":"ServiceUnavailable"}"#.to_owned(),
        );
        let stub = Stub::start(vec![busy]).await;
        let mut options = stub.options();
        options.retry.cap = Duration::from_millis(600);
        let arguments = Value::object_of([("max_retry_timeout", Value::int(1))]);
        let cloud = connect(&Arc::new(schema()), &arguments, &stub::environment(&[]), options).unwrap();
        let empty = Value::object_of::<&str>([]);
        let result = cloud.call(call("ListKeys", Effect::Read, empty)).await;
        assert_eq!(result.unwrap_err().code, "ServiceUnavailable");
        assert!(stub.asked().len() <= 3);
    });
}

#[test]
fn the_transport_is_told_by_either_name() {
    for name in ["secure_transport", "security_transport"] {
        let arguments = vec![(name, Value::from("true"))];
        let (_, asked) = arrives(vec![fine()], arguments, &KEYS);
        assert!(
            asked[0].head.starts_with("POST /?SecureTransport=true "),
            "{}",
            asked[0].head
        );
    }
}

#[test]
fn without_credentials_the_error_says_where_they_were_looked_for() {
    let variables = [
        ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"),
        ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true"),
    ];
    let (result, _) = arrives(vec![fine()], vec![], &variables);
    let error = result.unwrap_err();
    assert_eq!((error.class, &*error.code), (Class::Denied, "NoCredentials"));
    let parts = [
        "(1) the provider block and the environment: ",
        "(2) an identity token: ",
        "(3) the current profile of ~/.aliyun/config.json: ALIBABA_CLOUD_CLI_PROFILE_DISABLED",
        "(4) the section default of ~/.alibabacloud/credentials, ~/.alibabacloud/credentials.ini, ~/.aliyun/credentials.ini: ",
        "(5) the metadata service of the instance: ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    ];
    for part in parts {
        assert!(error.message.contains(part), "{}", error.message);
    }
}

#[test]
fn wrong_credentials_are_said_to_be_wrong_with_where_they_come_from() {
    let wrong = say(
        404,
        r#"{"Code":"InvalidAccessKeyId.NotFound","Message":"Specified access key is not found."}"#,
    );
    let (result, _) = arrives(vec![wrong], vec![], &KEYS);
    let message = result.unwrap_err().message;
    assert_eq!(
        message,
        "Specified access key is not found. The credentials are those of the environment"
    );
}

#[test]
fn the_instances_role_is_asked_for_last() {
    let keys = r#"{"Code":"Success","AccessKeyId":"METAKEY","AccessKeySecret":"s","SecurityToken":"t",
        "Expiration":"2099-01-01T00:00:00Z"}"#;
    let script = vec![say(200, "token"), say(200, "role"), say(200, keys), fine()];
    signed_with(vec![], &[], script, "METAKEY");
}

#[test]
fn an_identity_token_is_exchanged_without_a_signature() {
    let identity = Value::object_of([
        ("oidc_provider_arn", Value::from("p")),
        ("role_arn", Value::from("r")),
        ("oidc_token", Value::from("token")),
    ]);
    let arguments = vec![("assume_role_with_oidc", Value::tuple(vec![identity]))];
    let (result, asked) = arrives(vec![say(200, ISSUED), fine()], arguments, &[]);
    assert!(result.is_ok(), "{result:?}");
    assert!(!asked[0].head.to_ascii_lowercase().contains("authorization"));
    assert_eq!(asked[0].body, "OIDCToken=token");
    assert!(asked[1].head.contains("Credential=ROLEKEY,"));
}

#[test]
fn a_misspelt_region_is_found_at_once() {
    let configuration = Value::object_of([("region", Value::from("cn-hangzou"))]);
    let environment = stub::environment(&[]);
    assert!(connect(&Arc::new(schema()), &configuration, &environment, quick()).is_err());
}

#[test]
fn facts_hold_the_account() {
    let identity = say(200, r#"{"AccountId":"1234","Arn":"a","UserId":"u"}"#);
    stub::run(async {
        let stub = Stub::start(vec![identity]).await;
        let facts = cloud(stub.options()).facts().await.unwrap();
        assert_eq!(facts.get("account_id").and_then(Value::as_str), Some("1234"));
        assert_eq!(facts.get("region").and_then(Value::as_str), Some("cn-beijing"));
    });
}

const SECTIONS: &str = "[default]\ntype = access_key\naccess_key_id = INIKEY\naccess_key_secret = s\n
[token]\ntype = sts_token\naccess_key_id = TOKENKEY\naccess_key_secret = s\nsecurity_token = t\n
[role]\ntype = ram_role_arn\naccess_key_id = INIKEY\naccess_key_secret = s\nrole_arn = r\nrole_session_name = me\n
[machine]\ntype = ecs_ram_role\nrole_name = role\n
[pair]\ntype = rsa_key_pair\n
[off]\nenable = false\naccess_key_id = INIKEY\naccess_key_secret = s\n";

#[test]
fn sections_of_a_credentials_file_have_types() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.ini");
    fs_err::write(&path, SECTIONS).unwrap();
    let file = ("ALIBABA_CLOUD_CREDENTIALS_FILE", path.to_str().unwrap());
    signed_with(vec![], &[file], vec![fine()], "INIKEY");
    let with = |name: &'static str| [file, ("ALIBABA_CLOUD_PROFILE", name)];
    signed_with(vec![], &with("token"), vec![fine()], "TOKENKEY");
    let (_, asked) = arrives(vec![say(200, ISSUED), fine()], vec![], &with("role"));
    assert!(asked[0].head.contains("RoleSessionName=me"), "{}", asked[0].head);
    assert!(asked[1].head.contains("Credential=ROLEKEY,"));
    let keys = r#"{"Code":"Success","AccessKeyId":"METAKEY","AccessKeySecret":"s","SecurityToken":"t",
        "Expiration":"2099-01-01T00:00:00Z"}"#;
    let script = vec![say(200, "token"), say(200, keys), fine()];
    signed_with(vec![], &with("machine"), script, "METAKEY");
    for (name, code) in [
        ("pair", "UnknownMode"),
        ("off", "UnknownProfile"),
        ("none", "UnknownProfile"),
    ] {
        let (result, asked) = arrives(vec![fine()], vec![], &with(name));
        assert_eq!(result.unwrap_err().code, code, "{name}");
        assert!(asked.is_empty());
    }
}

#[test]
fn a_profile_says_where_its_role_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let config = r#"{"profiles":[{"name":"p","mode":"RamRoleArn","access_key_id":"K","access_key_secret":"s",
        "ram_role_arn":"r","sts_region":"cn-beijing","enable_vpc":true}]}"#;
    fs_err::write(&path, config).unwrap();
    let arguments = Value::object_of([
        ("shared_credentials_file", Value::from(path.to_str().unwrap())),
        ("profile", Value::from("p")),
    ]);
    let error = failing_call(&arguments, &[]);
    assert!(
        error.message.contains("sts-vpc.cn-beijing.aliyuncs.com"),
        "{}",
        error.message
    );
}

#[test]
fn the_file_of_endpoints_comes_first() {
    stub::run(async {
        let stub = Stub::start(vec![fine()]).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endpoints.xml");
        let file = format!(
            "<Endpoints><Endpoint><RegionIds><RegionId>cn-beijing</RegionId></RegionIds><Products><Product><ProductName>KMS</ProductName><DomainName>{}</DomainName></Product></Products></Endpoint></Endpoints>",
            stub.url
        );
        fs_err::write(&path, file).unwrap();
        let elsewhere = Value::tuple(vec![Value::object_of([("kms", Value::from("127.0.0.1:1"))])]);
        let variables = [KEYS[0], KEYS[1], ("TF_ENDPOINT_PATH", path.to_str().unwrap())];
        let cloud = connect(
            &Arc::new(schema()),
            &Value::object_of([("endpoints", elsewhere)]),
            &stub::environment(&variables),
            quick(),
        )
        .unwrap();
        let empty = Value::object_of::<&str>([]);
        let result = cloud.call(call("ListKeys", Effect::Read, empty)).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(stub.asked().len(), 1);
    });
}

#[test]
fn a_broken_file_of_endpoints_stops_every_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("endpoints.xml");
    fs_err::write(&path, "<Endpoints><Endpoint></Product>").unwrap();
    let variables = [KEYS[0], KEYS[1], ("TF_ENDPOINT_PATH", path.to_str().unwrap())];
    let error = failing_call(&Value::object_of::<&str>([]), &variables);
    assert_eq!(error.code, "UnreadableEndpoints");
    assert!(error.message.contains("endpoints.xml"), "{}", error.message);
}

#[test]
fn proxies_of_the_environment_are_asked() {
    stub::run(async {
        let proxy = Stub::start(vec![say(502, "no")]).await;
        let variables = [KEYS[0], KEYS[1], ("https_proxy", &*proxy.url)];
        let cloud = connect(
            &Arc::new(schema()),
            &Value::object_of::<&str>([]),
            &stub::environment(&variables),
            quick(),
        )
        .unwrap();
        let empty = Value::object_of::<&str>([]);
        assert!(cloud.call(call("ListKeys", Effect::Read, empty)).await.is_err());
        let head = &proxy.asked()[0].head;
        assert!(
            head.starts_with("CONNECT kms.cn-beijing.aliyuncs.com:443 "),
            "{head}"
        );
    });
}

/// Why a call fails to which no machine answers: a proxy that is none stands before the network.
fn failing_call(arguments: &Value, variables: &[(&str, &str)]) -> ApiError {
    stub::run(async {
        let mut variables = variables.to_vec();
        variables.push(("HTTPS_PROXY", "http://127.0.0.1:1"));
        let environment = stub::environment(&variables);
        let cloud = connect(&Arc::new(schema()), arguments, &environment, quick()).unwrap();
        let empty = Value::object_of::<&str>([]);
        cloud
            .call(call("ListKeys", Effect::Read, empty))
            .await
            .unwrap_err()
    })
}

#[test]
fn an_older_metadata_service_is_asked_unless_the_environment_forbids_it() {
    let keys = r#"{"Code":"Success","AccessKeyId":"METAKEY","AccessKeySecret":"s","SecurityToken":"t",
        "Expiration":"2099-01-01T00:00:00Z"}"#;
    let script = || vec![say(404, "no"), say(200, keys), fine()];
    let role = ("ALIBABA_CLOUD_ECS_METADATA", "role");
    signed_with(vec![], &[role], script(), "METAKEY");
    let forbidden = [role, ("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")];
    let (result, asked) = arrives(script(), vec![], &forbidden);
    assert_eq!(result.unwrap_err().code, "NoCredentials");
    assert_eq!(asked.len(), 1);
}

#[test]
fn a_profile_with_an_identity_token_reads_it_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs_err::write(&token, "made-up\n").unwrap();
    let path = folder.path().join("config.json");
    let config = format!(
        r#"{{"profiles":[{{"name":"o","mode":"OIDC","oidc_provider_arn":"p","ram_role_arn":"r","oidc_token_file":"{}"}}]}}"#,
        token.display()
    );
    fs_err::write(&path, config).unwrap();
    let arguments = vec![
        ("shared_credentials_file", Value::from(path.to_str().unwrap())),
        ("profile", Value::from("o")),
    ];
    let (result, asked) = arrives(vec![say(200, ISSUED), fine()], arguments, &[]);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(asked[0].body, "OIDCToken=made-up");
}
