//! For tests: a service on this machine that answers by a script and remembers what it was asked.

use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::retry::Policy;
use super::{Environment, Options, SandboxTarget};
use crate::cloud::{ApiError, Call, Cloud, Effect};
use crate::lang::spec::BlockSpec;
use crate::schema::{ErrorCodes, Permissions, Protocol, ProviderSchema, Quota, Service};
use crate::value::Value;

/// What the stub does with a request.
#[derive(Clone)]
pub enum Act {
    /// Answers with a status, further headers and a text.
    Say(u16, &'static str, String),
    /// Closes the connection without an answer.
    HangUp,
    /// Promises more than it sends.
    CutShort,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub head: String,
    pub body: String,
}

/// A running stub.
pub struct Stub {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

pub fn say(status: u16, body: &str) -> Act {
    Act::Say(status, "", body.to_owned())
}

impl Stub {
    /// Starts a stub; the last act of the script repeats.
    pub async fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = seen.lock().unwrap().len();
                let act = script[number.min(script.len() - 1)].clone();
                serve(stream, act, &seen).await;
            }
        });
        Self { url, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn options(&self) -> Options {
        Options {
            sandbox: Some(SandboxTarget {
                base_url: self.url.clone(),
                access_key: "AKIDEXAMPLE".to_owned(),
                secret_key: "hidden".to_owned(),
            }),
            ..quick()
        }
    }
}

/// Options that never pause.
pub fn quick() -> Options {
    Options {
        retry: Policy {
            base: Duration::ZERO,
            throttled: Duration::ZERO,
            cap: Duration::ZERO,
            ..Policy::default()
        },
        clock: Rc::new(|| "2024-05-06T07:08:09Z".parse().unwrap()),
        ..Options::default()
    }
}

async fn serve(mut stream: TcpStream, act: Act, asked: &Mutex<Vec<Asked>>) {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    let (head, body) = loop {
        let length = stream.read(&mut chunk).await.unwrap_or(0);
        text.extend_from_slice(&chunk[..length]);
        let all = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = all.split_once("\r\n\r\n") {
            let wanted = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")?
                    .trim()
                    .parse()
                    .ok()
            });
            if body.len() >= wanted.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        }
        if length == 0 {
            return;
        }
    };
    asked.lock().unwrap().push(Asked { head, body });
    let answer = match act {
        Act::HangUp => return,
        Act::CutShort => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_owned(),
        Act::Say(status, headers, body) => {
            let kind = if body.starts_with('<') {
                "text/xml"
            } else {
                "application/json"
            };
            format!(
                "HTTP/1.1 {status} X\r\n{headers}Content-Type: {kind}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        }
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// A schema with the services that tests call.
pub fn schema(name: &str) -> ProviderSchema {
    let aws = name == "aws";
    let service = |name: &str| Service {
        name: name.into(),
        protocol: match (aws, name) {
            (false, _) => Protocol::AlicloudRpc,
            (true, "sts") => Protocol::AwsQuery,
            (true, _) => Protocol::AwsJson,
        },
        signing: name.into(),
        target: "TrentService".into(),
        version: match (aws, name) {
            (true, _) => "2011-06-15".into(),
            (false, "sts") => "2015-04-01".into(),
            (false, _) => "2016-01-20".into(),
        },
        endpoint: if aws {
            format!("https://{name}.${{region}}.${{dns_suffix}}").into()
        } else {
            format!("https://{name}.${{region}}.aliyuncs.com").into()
        },
        quotas: vec![Quota {
            per_second: 1000,
            actions: vec!["DescribeKey".into(), "CreateKey".into()],
        }],
        permissions: Permissions::default(),
    };
    ProviderSchema {
        name: name.into(),
        about: "".into(),
        spec: BlockSpec::default(),
        arguments: indexmap::IndexMap::new(),
        blocks: indexmap::IndexMap::new(),
        facts: vec![],
        environment: std::collections::BTreeMap::new(),
        credentials: Vec::new(),
        services: [("kms".into(), service("kms")), ("sts".into(), service("sts"))].into(),
        errors: ErrorCodes {
            gone: vec!["NotFoundException".into(), "Forbidden.KeyNotFound".into()],
            throttled: vec!["ThrottlingException".into()],
            transient: vec!["KMSInternalException".into()],
            denied: vec![],
        },
        settle: Duration::ZERO,
        poll: crate::schema::Poll::default(),
    }
}

pub fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        home: None,
    }
}

pub fn call(action: &str, effect: Effect, params: Value) -> Call {
    Call {
        service: "kms".into(),
        action: action.into(),
        region: None,
        endpoint: None,
        params,
        effect,
        until: None,
    }
}

/// Runs a test on a runtime of its own.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test)
}

/// The outcome of one call against a script, and what arrived.
pub fn outcome(
    script: Vec<Act>,
    call: Call,
    connect: impl FnOnce(Options) -> Rc<dyn Cloud>,
) -> (Result<Value, ApiError>, Vec<Asked>) {
    run(async {
        let stub = Stub::start(script).await;
        let cloud = connect(stub.options());
        (cloud.call(call).await, stub.asked())
    })
}
