//! What is said of missing and wrong credentials, and of sessions.

use super::*;

#[test]
fn without_credentials_the_error_says_where_they_were_looked_for() {
    let variables = [
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/none/config"),
    ];
    let (result, _) = arrives(vec![fine()], vec![], &variables);
    let error = result.unwrap_err();
    assert_eq!((error.class, &*error.code), (Class::Denied, "NoCredentials"));
    let parts = [
        "(1) the provider block: ",
        "(2) the environment: AWS_ACCESS_KEY_ID and ",
        "(3) the profile default: there is none in /none/config, ",
        "(4) a web identity: AWS_ROLE_ARN and ",
        "(5) the container: ",
        "(6) the metadata service of the instance: skip_metadata_api_check or AWS_EC2_METADATA_DISABLED",
    ];
    for part in parts {
        assert!(error.message.contains(part), "{}", error.message);
    }
}

#[test]
fn wrong_credentials_are_said_to_be_wrong_with_where_they_come_from() {
    let wrong = say(
        403,
        r#"{"__type":"UnrecognizedClientException","message":"The token is invalid."}"#,
    );
    let (result, _) = arrives(vec![wrong.clone()], vec![], &KEYS);
    let message = result.unwrap_err().message;
    let origin = "The token is invalid. The credentials are those of the environment (before it were asked, in this order: the provider block)";
    assert_eq!(message, origin);
    let role = Value::object_of([("role_arn", Value::from("arn:aws:iam::1:role/r"))]);
    let arguments = vec![("assume_role", Value::tuple(vec![role]))];
    let (result, _) = arrives(vec![say(200, ISSUED), wrong], arguments, &KEYS);
    let message = result.unwrap_err().message;
    assert!(
        message.contains("those of the role arn:aws:iam::1:role/r, assumed with those of the environment"),
        "{message}"
    );
    let denied = say(
        400,
        r#"{"__type":"AccessDeniedException","message":"You may not."}"#,
    );
    let (result, _) = arrives(vec![denied], vec![], &KEYS);
    assert_eq!(result.unwrap_err().message, "You may not.");
}

#[test]
fn a_session_lasts_from_a_quarter_of_an_hour_to_half_a_day() {
    for (duration, code) in [
        ("14m59s", Some("InvalidDuration")),
        ("15m", None),
        ("12h", None),
        ("12h1s", Some("InvalidDuration")),
    ] {
        let role = Value::object_of([
            ("role_arn", Value::from("r")),
            ("duration", Value::from(duration)),
        ]);
        let arguments = vec![("assume_role", Value::tuple(vec![role]))];
        let (result, _) = arrives(vec![say(200, ISSUED), fine()], arguments, &KEYS);
        assert_eq!(
            result.err().map(|error| error.code).as_deref(),
            code,
            "{duration}"
        );
    }
}

#[test]
fn a_profile_switches_validated_endpoints_on_unless_the_block_says_no() {
    let (_folder, config, _) = files("[default]\nuse_fips_endpoint = true\n", "");
    for (written, host) in [(None, "kms-fips.us-east-1"), (Some(false), "kms.us-east-1")] {
        let mut arguments = vec![("region", Value::from("us-east-1"))];
        arguments.extend(written.map(|flag| ("use_fips_endpoint", Value::bool(flag))));
        let schema = Arc::new(stub::schema("aws"));
        let variables = stub::environment(&[("AWS_CONFIG_FILE", &config)]);
        let settings = Settings::new(Arc::clone(&schema), &Value::object_of(arguments), variables);
        let aws = Aws::new(settings, quick()).unwrap();
        let place = Place {
            region: "us-east-1",
            endpoint: None,
        };
        let url = aws.endpoint(&schema.services["kms"], &place).unwrap();
        assert!(url.as_str().contains(host), "{url}");
    }
}

#[test]
fn a_role_of_the_block_is_assumed_with_all_that_is_written() {
    let one = |text: &str| Value::tuple(vec![Value::from(text)]);
    let role = Value::object_of([
        ("role_arn", Value::from("r")),
        ("session_name", Value::from("me")),
        ("external_id", Value::from("partner")),
        ("source_identity", Value::from("somebody")),
        ("policy", Value::from("{}")),
        ("policy_arns", one("narrow")),
        ("tags", Value::object_of([("team", Value::from("a"))])),
        ("transitive_tag_keys", one("team")),
    ]);
    let arguments = vec![("assume_role", Value::tuple(vec![role]))];
    let (result, asked) = arrives(vec![say(200, ISSUED), fine()], arguments, &KEYS);
    assert!(result.is_ok(), "{result:?}");
    let parts = [
        "RoleArn=r",
        "RoleSessionName=me",
        "ExternalId=partner",
        "SourceIdentity=somebody",
        "Policy=%7B%7D",
        "PolicyArns.member.1.arn=narrow",
        "Tags.member.1.Key=team",
        "TransitiveTagKeys.member.1=team",
    ];
    for part in parts {
        assert!(asked[0].body.contains(part), "{part}: {}", asked[0].body);
    }
}

#[test]
fn single_sign_on_without_a_session_says_which_profile_needs_one() {
    let config = "[profile work]\nsso_session = ours\nsso_account_id = 1\nsso_role_name = r\n\
        [sso-session ours]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n";
    let (_folder, config, _) = files(config, "");
    let variables = [("AWS_CONFIG_FILE", &*config), ("AWS_PROFILE", "work")];
    let (result, asked) = arrives(vec![fine()], vec![], &variables);
    let error = result.unwrap_err();
    assert_eq!((error.class, &*error.code), (Class::Denied, "NoCredentials"));
    let login = "aws sso login --profile work";
    assert!(error.message.contains(login), "{}", error.message);
    assert!(asked.is_empty());
}

/// What arrives when a profile for single sign-on is used by who signed in to a session until some time.
fn arrives_signed_in(
    session: &str,
    expires: &str,
    script: Vec<Act>,
) -> (Result<Value, ApiError>, Vec<Asked>) {
    use sha1::Digest as _;
    let config = "[profile work]\nsso_session = ours\nsso_account_id = 1\nsso_role_name = r\n\
        [sso-session ours]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n";
    let (folder, config, _) = files(config, "");
    let cache = folder.path().join(".aws/sso/cache");
    fs_err::create_dir_all(&cache).unwrap();
    let name = hex::encode(sha1::Sha1::digest(session.as_bytes()));
    let token = format!(r#"{{"accessToken":"tok","expiresAt":"{expires}"}}"#);
    fs_err::write(cache.join(name).with_extension("json"), token).unwrap();
    stub::run(async {
        let stub = Stub::start(script).await;
        let variables = [
            ("AWS_CONFIG_FILE", &*config),
            ("AWS_PROFILE", "work"),
            ("AWS_ENDPOINT_URL", &stub.url),
        ];
        let environment = Environment {
            home: Some(folder.path().to_owned()),
            ..stub::environment(&variables)
        };
        let arguments = Value::object_of([("region", Value::from("eu-west-1"))]);
        let cloud = connect(&Arc::new(stub::schema("aws")), &arguments, &environment, quick()).unwrap();
        let empty = Value::object_of::<&str>([]);
        let result = cloud.call(call("ListKeys", Effect::Read, empty)).await;
        (result, stub.asked())
    })
}

#[test]
fn single_sign_on_gives_the_credentials_of_a_role() {
    let given = r#"{"roleCredentials":{"accessKeyId":"SSOKEY","secretAccessKey":"s","sessionToken":"t","expiration":4070908800000}}"#;
    let (result, asked) = arrives_signed_in("ours", "2099-01-01T00:00:00Z", vec![say(200, given), fine()]);
    assert!(result.is_ok(), "{result:?}");
    let head = &asked[0].head;
    assert!(
        head.starts_with("GET /federation/credentials?role_name=r&account_id=1 "),
        "{head}"
    );
    assert!(
        head.to_ascii_lowercase().contains("x-amz-sso_bearer_token: tok"),
        "{head}"
    );
    assert!(asked[1].head.contains("Credential=SSOKEY/"), "{}", asked[1].head);
    for (session, expires) in [
        ("ours", "2020-01-01T00:00:00Z"),
        ("other", "2099-01-01T00:00:00Z"),
    ] {
        let (result, asked) = arrives_signed_in(session, expires, vec![fine()]);
        let message = result.unwrap_err().message;
        assert!(message.contains("nobody is signed in"), "{message}");
        assert!(asked.is_empty());
    }
    let (result, _) = arrives_signed_in("ours", "2099-01-01T00:00:00Z", vec![say(403, "{}")]);
    let message = result.unwrap_err().message;
    assert!(message.contains("the status 403"), "{message}");
}

#[test]
fn a_credential_process_is_not_run_where_everybody_may_say_what_runs() {
    use std::os::unix::fs::PermissionsExt as _;
    let answer = r#"{"Version":1,"AccessKeyId":"PROCKEY","SecretAccessKey":"s"}"#;
    let (_folder, _, path) = files("", answer);
    let process = format!("[default]\ncredential_process = cat {path}\n");
    let open = |path: &str, mode| {
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for (mode, runs) in [(0o600, true), (0o664, true), (0o666, false)] {
        // What stands in the other file today says nothing of what will tomorrow.
        for other in [false, true] {
            let (_folder, config, credentials) = files(&process, "[default]\n");
            open(if other { &credentials } else { &config }, mode);
            let variables = [
                ("AWS_CONFIG_FILE", &*config),
                ("AWS_SHARED_CREDENTIALS_FILE", &*credentials),
                ("PATH", "/usr/bin:/bin"),
            ];
            let (result, asked) = arrives(vec![fine()], vec![], &variables);
            assert_eq!(result.is_ok(), runs, "{mode:o}: {result:?}");
            assert_eq!(asked.len(), usize::from(runs));
            if let Err(error) = result {
                let part = "its credential_process was not run, because everybody on this machine can change";
                assert!(error.message.contains(part), "{}", error.message);
            }
        }
    }
}
