//! The way to the services: proxies, authorities of certificates, attempts, and the region of an instance.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;

use super::*;

/// A service behind TLS that is a proxy too: what comes without TLS asks for a tunnel, which leads to the service.
struct Service {
    port: u16,
    /// The authority of its certificate, as a file.
    authority: tempfile::NamedTempFile,
    /// The heads of all requests, those for tunnels included.
    heads: Arc<Mutex<Vec<String>>>,
}

/// A host that is this machine and that no proxy is kept away from.
const HOST: &str = "0.0.0.0";

impl Service {
    fn start() -> Self {
        let (authority, config) = certified();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &config, &seen);
            }
        });
        Self {
            port,
            authority,
            heads,
        }
    }

    fn authority(&self) -> String {
        self.authority.path().to_string_lossy().into_owned()
    }

    fn proxy(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What a call ends with, and whether each request went through a tunnel or to the service.
    fn ask(
        &self,
        mut arguments: Vec<(&str, Value)>,
        variables: &[(&str, &str)],
    ) -> (Result<Value, ApiError>, Vec<String>) {
        let address = format!("https://{HOST}:{}", self.port);
        let variables = [variables, &KEYS, &[("AWS_ENDPOINT_URL", &*address)]].concat();
        arguments.push(("region", Value::from("eu-west-1")));
        let schema = Arc::new(stub::schema("aws"));
        let configuration = Value::object_of(arguments);
        let cloud = connect(&schema, &configuration, &stub::environment(&variables), quick()).unwrap();
        let nothing = Value::object_of::<&str>([]);
        let result = stub::run(cloud.call(call("ListKeys", Effect::Read, nothing)));
        let heads = std::mem::take(&mut *self.heads.lock().unwrap());
        (result, heads)
    }
}

/// The file of an authority, and a server that has a certificate of it.
fn certified() -> (tempfile::NamedTempFile, Arc<rustls::ServerConfig>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    let certificate = params.signed_by(&own, &issuer).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(file.path(), authority.pem()).unwrap();
    let key = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (file, Arc::new(config))
}

fn serve(mut stream: TcpStream, config: &Arc<rustls::ServerConfig>, heads: &Mutex<Vec<String>>) {
    let mut first = [0];
    if stream.peek(&mut first).is_err() {
        return;
    }
    // A handshake begins with a 22.
    if first != [22] {
        let Some(head) = head(&mut stream) else { return };
        heads.lock().unwrap().push(head);
        if stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_err() {
            return;
        }
    }
    let connection = rustls::ServerConnection::new(Arc::clone(config)).unwrap();
    let mut secure = rustls::StreamOwned::new(connection, stream);
    let Some(head) = head(&mut secure) else { return };
    heads.lock().unwrap().push(head);
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{\"A\":\"b\"}";
    let _ = secure.write_all(answer.as_bytes());
    secure.conn.send_close_notify();
    let _ = secure.flush();
}

/// The head of a request; none where the connection ends or fails before it does.
fn head(stream: &mut impl Read) -> Option<String> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        (stream.read(&mut byte).ok()? == 1).then(|| text.extend(byte))?;
    }
    String::from_utf8(text).ok()
}

/// Whether a call with these arguments and variables reaches the service, and whether through the proxy. `<PROXY>` in
/// a value stands for the proxy's address.
#[track_caller]
fn check_way(arguments: &[(&str, &str)], variables: &[(&str, &str)], through: bool) {
    let service = Service::start();
    let filled = |text: &str| text.replace("<PROXY>", &service.proxy());
    let arguments = arguments
        .iter()
        .map(|(name, text)| (*name, Value::string(&filled(text))));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, text)| (*name, filled(text)))
        .collect();
    let authority = service.authority();
    let mut variables: Vec<(&str, &str)> = variables.iter().map(|(name, text)| (*name, &**text)).collect();
    variables.push(("AWS_CA_BUNDLE", &authority));
    let (result, heads) = service.ask(arguments.collect(), &variables);
    assert!(result.is_ok(), "{result:?}");
    let tunnel = format!("CONNECT {HOST}:{} HTTP/1.1\r\n", service.port);
    assert_eq!(heads[0].starts_with(&tunnel), through, "{heads:?}");
    assert!(heads[usize::from(through)].starts_with("POST / "), "{heads:?}");
    assert_eq!(heads.len(), 1 + usize::from(through));
}

#[test]
fn a_proxy_is_asked_for_a_tunnel() {
    check_way(&[], &[], false);
    check_way(&[("https_proxy", "<PROXY>")], &[], true);
    check_way(&[], &[("HTTPS_PROXY", "<PROXY>")], true);
    check_way(&[], &[("https_proxy", "<PROXY>")], true);
    // The variable of plain connections does not count for others; the argument does.
    check_way(&[("http_proxy", "<PROXY>")], &[], true);
    check_way(&[], &[("HTTP_PROXY", "<PROXY>")], false);
    let nobody = ("HTTPS_PROXY", "http://127.0.0.1:1");
    check_way(&[("https_proxy", "<PROXY>")], &[nobody], true);
}

#[test]
fn hosts_without_proxy_are_reached_without() {
    let proxy = ("HTTPS_PROXY", "<PROXY>");
    check_way(&[], &[proxy, ("NO_PROXY", "x.example,0.0.0.0")], false);
    check_way(&[], &[proxy, ("no_proxy", "0.0.0.0/8")], false);
    check_way(&[("no_proxy", "*")], &[proxy], false);
    check_way(&[("no_proxy", "x.example")], &[proxy, ("NO_PROXY", "*")], true);
}

#[test]
fn the_password_of_a_proxy_is_for_the_proxy_alone() {
    let service = Service::start();
    let proxy = format!("http://me:secret@127.0.0.1:{}", service.port);
    let (authority, arguments) = (service.authority(), vec![("https_proxy", Value::from(&*proxy))]);
    let (result, heads) = service.ask(arguments, &[("AWS_CA_BUNDLE", &authority)]);
    assert!(result.is_ok(), "{result:?}");
    let told: Vec<bool> = heads
        .iter()
        .map(|head| {
            head.to_ascii_lowercase()
                .contains("proxy-authorization: basic bwu6c2vjcmv0")
        })
        .collect();
    assert_eq!(told, [true, false], "{heads:?}");
    let nobody = vec![("https_proxy", Value::from("http://me:secret@127.0.0.1:1"))];
    let (result, _) = service.ask(nobody, &[]);
    let error = result.unwrap_err();
    assert_eq!(error.code, "ConnectionFailed");
    assert!(!error.message.contains("secret"), "{}", error.message);
}

/// What comes of a call when an authority is named so. `<FILE>` stands for the file of the service's authority.
#[track_caller]
fn check_authority(
    arguments: &[(&str, &str)],
    variables: &[(&str, &str)],
    config: &str,
    expected: Result<(), &str>,
) {
    let service = Service::start();
    let filled = |text: &str| text.replace("<FILE>", &service.authority());
    let (_folder, config, _) = files(&filled(config), "");
    let arguments = arguments
        .iter()
        .map(|(name, text)| (*name, Value::string(&filled(text))));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, text)| (*name, filled(text)))
        .collect();
    let mut variables: Vec<(&str, &str)> = variables.iter().map(|(name, text)| (*name, &**text)).collect();
    variables.push(("AWS_CONFIG_FILE", &config));
    let (result, _) = service.ask(arguments.collect(), &variables);
    match (result, expected) {
        (Ok(_), Ok(())) => {}
        (Err(error), Err(part)) => assert!(error.message.contains(part), "{}", error.message),
        (result, _) => panic!("{result:?}"),
    }
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    check_authority(&[], &[], "", Err("certificate"));
    check_authority(&[("custom_ca_bundle", "<FILE>")], &[], "", Ok(()));
    check_authority(&[], &[("AWS_CA_BUNDLE", "<FILE>")], "", Ok(()));
    let profile = "[default]\nca_bundle = <FILE>\n";
    check_authority(&[], &[], profile, Ok(()));
    // What is nearer to the call counts.
    let nowhere = ("AWS_CA_BUNDLE", "/nowhere/ca.pem");
    check_authority(&[], &[nowhere], profile, Err("/nowhere/ca.pem"));
    check_authority(&[("custom_ca_bundle", "<FILE>")], &[nowhere], profile, Ok(()));
    let other = "[default]\nca_bundle = /nowhere/ca.pem\n[profile dev]\nca_bundle = <FILE>\n";
    check_authority(&[], &[("AWS_PROFILE", "dev")], other, Ok(()));
}

#[test]
fn a_profile_says_how_often_calls_are_tried() {
    let throttled = || say(400, r#"{"__type":"ThrottlingException"}"#);
    let (_folder, config, _) = files("[default]\nmax_attempts = 4\nretry_mode = legacy\n", "");
    let file = ("AWS_CONFIG_FILE", &*config);
    let variables = [KEYS[0], KEYS[1], file];
    let tried =
        |arguments, variables: &[(&str, &str)]| arrives(vec![throttled()], arguments, variables).1.len();
    assert_eq!(tried(vec![], &variables), 4);
    let fewer = [KEYS[0], KEYS[1], file, ("AWS_MAX_ATTEMPTS", "2")];
    assert_eq!(tried(vec![], &fewer), 2);
    assert_eq!(tried(vec![("max_retries", Value::int(3))], &fewer), 3);
}

/// The errors of a provider with these arguments and variables.
fn refusals(arguments: Vec<(&str, Value)>, variables: &[(&str, &str)]) -> Vec<String> {
    let schema = Arc::new(stub::schema("aws"));
    let environment = stub::environment(variables);
    let result = connect(&schema, &Value::object_of(arguments), &environment, quick());
    let problems = result.err().unwrap_or_default();
    problems.iter().map(|problem| problem.detail.clone()).collect()
}

#[test]
fn a_number_of_attempts_that_is_none_is_refused() {
    let problems = refusals(vec![], &[("AWS_MAX_ATTEMPTS", "many")]);
    assert!(problems[0].contains("\"many\" times"), "{problems:?}");
}

#[test]
fn among_several_roles_none_may_be_missing() {
    let role = |arn: Option<&str>| {
        Value::object_of([(
            "role_arn",
            arn.map_or_else(|| Value::null(crate::value::Type::String), Value::from),
        )])
    };
    let roles = |all: Vec<Value>| vec![("assume_role", Value::tuple(all))];
    assert!(refusals(roles(vec![role(None)]), &[]).is_empty());
    assert!(refusals(roles(vec![role(Some("r")), role(Some("s"))]), &[]).is_empty());
    let problems = refusals(roles(vec![role(Some("r")), role(None)]), &[]);
    assert!(problems[0].contains("no role_arn"), "{problems:?}");
}

#[test]
fn a_region_without_validated_endpoint_gets_no_call() {
    for region in ["cn-north-1", "ap-east-2", "us-isob-west-1", "eusc-de-east-1"] {
        let arguments = Value::object_of([
            ("region", Value::from(region)),
            ("use_fips_endpoint", Value::bool(true)),
            ("https_proxy", Value::from("http://127.0.0.1:1")),
        ]);
        let schema = Arc::new(stub::schema("aws"));
        let cloud = connect(&schema, &arguments, &stub::environment(&KEYS), quick()).unwrap();
        let nothing = Value::object_of::<&str>([]);
        let result = stub::run(cloud.call(call("ListKeys", Effect::Read, nothing)));
        let error = result.unwrap_err();
        assert_eq!(error.code, "NoFipsEndpoint", "{}", error.message);
        assert!(error.message.contains(region), "{}", error.message);
    }
}

/// What a call comes to, and what is asked before, where no region is written.
fn without_region(
    script: Vec<Act>,
    variables: &[(&str, &str)],
    calls: usize,
) -> (Result<(), String>, Vec<Asked>) {
    stub::run(async {
        let stub = Stub::start(script).await;
        let places = [
            ("AWS_ENDPOINT_URL", &*stub.url),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*stub.url),
        ];
        let environment = stub::environment(&[variables, &places].concat());
        let nothing = || Value::object_of::<&str>([]);
        let cloud = connect(&Arc::new(stub::schema("aws")), &nothing(), &environment, quick()).unwrap();
        let mut last = Ok(());
        for _ in 0..calls {
            let result = cloud.call(call("ListKeys", Effect::Read, nothing())).await;
            last = result.map(drop).map_err(|error| error.message);
        }
        (last, stub.asked())
    })
}

#[test]
fn who_has_credentials_from_the_instance_is_where_it_is() {
    let keys = r#"{"Code":"Success","AccessKeyId":"METAKEY","SecretAccessKey":"s","Token":"t",
        "Expiration":"2099-01-01T00:00:00Z"}"#;
    let script = vec![
        say(200, "tok"),
        say(200, "ap-southeast-2\n"),
        say(200, "tok"),
        say(200, "role"),
        say(200, keys),
        fine(),
    ];
    let (result, asked) = without_region(script, &[], 2);
    assert_eq!(result, Ok(()));
    let heads: Vec<&str> = asked.iter().map(|one| &*one.head).collect();
    assert!(heads[0].starts_with("PUT /latest/api/token "), "{heads:?}");
    assert!(
        heads[1].starts_with("GET /latest/meta-data/placement/region "),
        "{heads:?}"
    );
    assert!(heads[1].contains("x-aws-ec2-metadata-token: tok"), "{heads:?}");
    for head in &heads[5..] {
        assert!(head.contains("/ap-southeast-2/kms/"), "{head}");
    }
    assert_eq!(heads.len(), 7);
}

#[test]
fn the_instance_is_not_asked_for_the_region_of_others() {
    let (_folder, config, _) = files("[default]\ncredential_process = x\n", "");
    let sources: [&[(&str, &str)]; 5] = [
        &KEYS,
        &[("AWS_EC2_METADATA_DISABLED", "true")],
        &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1")],
        &[("AWS_ROLE_ARN", "r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere")],
        &[("AWS_CONFIG_FILE", &config)],
    ];
    for variables in sources {
        let (result, asked) = without_region(vec![fine()], variables, 1);
        let message = result.unwrap_err();
        assert!(message.starts_with("No region is set: "), "{message}");
        assert!(asked.is_empty(), "{variables:?}: {asked:?}");
    }
}

#[test]
fn an_instance_that_tells_no_region_is_said_to() {
    let told = [
        (vec![say(404, "")], "the status 404"),
        (
            vec![say(200, "tok"), say(200, "<html>")],
            "not the name of a region",
        ),
    ];
    for (script, part) in told {
        let message = without_region(script, &[], 1).0.unwrap_err();
        assert!(
            message.contains("metadata service of the instance tells none"),
            "{message}"
        );
        assert!(message.contains(part), "{message}");
        assert!(message.contains("AWS_REGION"), "{message}");
    }
}

#[test]
fn what_is_too_late_is_not_sent() {
    let now = "2024-05-06T07:08:09Z".parse::<Timestamp>().unwrap().as_second();
    for (until, requests) in [(now, 1), (now - 1, 0)] {
        let call = Call {
            until: Some(until),
            ..call("CreateKey", Effect::Creates, Value::object_of::<&str>([]))
        };
        let (result, asked) = stub::outcome(vec![fine()], call, cloud);
        assert_eq!(asked.len(), requests);
        let code = result.err().map(|error| (error.class, error.code));
        let late = (Class::Refused, "TooLate".to_owned());
        assert_eq!(code, (requests == 0).then_some(late));
    }
}
