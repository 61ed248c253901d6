//! Refreshing many keys with their aliases and grants against the sandbox, which answers after 20 ms and keeps the request
//! quotas that the clouds document; and how many calls a second the sandbox itself answers.
//!
//! `cargo bench --bench refresh` measures all but the longest case; `-- 10000` only those with the word in their name;
//! `-- all` everything.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on must stop"
)]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use keyform::cloud::{Call, Cloud, Effect};
use keyform::clouds::{Environment, Options, SandboxTarget, connect};
use keyform::sandbox::{self, Running};
use keyform::schema::Catalog;
use keyform::value::Value;
use serde_json::Value as Json;

/// What is refreshed.
struct Case {
    cloud: &'static str,
    keys: usize,
    grants: bool,
    /// Takes minutes.
    long: bool,
}

const CASES: [Case; 5] = [
    Case::new("aws", 1_000),
    Case::new("aws", 1_000).with_grants(),
    Case::new("alicloud", 200),
    Case::new("aws", 10_000),
    Case::new("aws", 10_000).with_grants(),
];

impl Case {
    const fn new(cloud: &'static str, keys: usize) -> Self {
        Self {
            cloud,
            keys,
            grants: false,
            long: false,
        }
    }

    const fn with_grants(self) -> Self {
        Self {
            grants: true,
            long: self.keys > 1_000,
            ..self
        }
    }

    fn name(&self) -> String {
        let grants = if self.grants { ", each with a grant" } else { "" };
        format!("{} {} keys, each with an alias{grants}", self.cloud, self.keys)
    }

    fn configuration(&self, address: SocketAddr) -> String {
        let keys = self.keys;
        if self.cloud == "alicloud" {
            let (key, secret) = (
                sandbox::ALICLOUD_ACCESS_KEY_ID,
                sandbox::ALICLOUD_ACCESS_KEY_SECRET,
            );
            return format!(
                "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  access_key = \"{key}\"\n  secret_key = \"{secret}\"\n  endpoints {{ kms = \"http://{address}\" }}\n}}\n\
                 resource \"alicloud_kms_key\" \"k\" {{\n  count = {keys}\n  tags = {{ n = count.index }}\n}}\n\
                 resource \"alicloud_kms_alias\" \"a\" {{\n  count = {keys}\n  alias_name = \"alias/a-${{count.index}}\"\n  key_id = alicloud_kms_key.k[count.index].id\n}}\n"
            );
        }
        let (key, secret) = (sandbox::AWS_ACCESS_KEY_ID, sandbox::AWS_SECRET_ACCESS_KEY);
        let mut text = format!(
            "provider \"aws\" {{\n  region = \"eu-west-1\"\n  access_key = \"{key}\"\n  secret_key = \"{secret}\"\n  endpoints {{ kms = \"http://{address}\" }}\n}}\n\
             resource \"aws_kms_key\" \"k\" {{ count = {keys} }}\n\
             resource \"aws_kms_alias\" \"a\" {{\n  count = {keys}\n  name = \"alias/a-${{count.index}}\"\n  target_key_id = aws_kms_key.k[count.index].key_id\n}}\n"
        );
        if self.grants {
            let _ = write!(
                text,
                "resource \"aws_kms_grant\" \"g\" {{\n  count = {keys}\n  name = \"g-${{count.index}}\"\n  key_id = aws_kms_key.k[count.index].key_id\n  grantee_principal = \"arn:aws:iam::123456789012:role/r\"\n  operations = [\"Decrypt\"]\n}}\n"
            );
        }
        text
    }

    /// The calls that the official provider makes for the same, read from its source.
    fn official(&self) -> usize {
        let keys = self.keys;
        if self.cloud == "alicloud" {
            // Two for each key, and pages of twenty for each alias, half of them on average.
            return 2 * keys + keys * (keys / 40).max(1);
        }
        // Four for each key, all pages of fifty for each alias, one for each grant.
        4 * keys + keys * (keys + 17).div_ceil(50) + usize::from(self.grants) * keys
    }
}

fn control(address: SocketAddr, method: &str, path: &str, body: &str) -> Json {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /_keyform/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn keyform(folder: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_keyform"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("KEYFORM_KEEP_QUOTAS", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// The seconds that the quotas ask for: those of the slowest.
fn floor(cloud: &str, calls: &Json) -> f64 {
    let schema = Catalog::get().provider(cloud).unwrap().unwrap();
    let quotas = &schema.services["kms"].quotas;
    let seconds = quotas.iter().map(|quota| {
        let count = |action: &str| calls[cloud][action].as_u64().unwrap_or_default();
        let all: u64 = quota.actions.iter().map(|action| count(action)).sum();
        f64::from(u32::try_from(all).unwrap()) / f64::from(quota.per_second)
    });
    seconds.fold(0.0, f64::max)
}

fn refresh(case: &Case) {
    let cloud = sandbox::start(sandbox::Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("main.tf"), case.configuration(cloud.address)).unwrap();
    // Made without quotas, which would take hours.
    let output = Command::new(env!("CARGO_BIN_EXE_keyform"))
        .args(["apply", "-auto-approve", "-parallelism=50"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    control(
        cloud.address,
        "PATCH",
        "faults",
        r#"{"latency_ms":20,"quotas":true}"#,
    );
    control(cloud.address, "DELETE", "calls", "");
    let began = Instant::now();
    keyform(folder.path(), &["plan", "-detailed-exitcode"]);
    let took = began.elapsed().as_secs_f64();
    let calls = control(cloud.address, "GET", "calls", "");
    let made: u64 = calls[case.cloud]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Json::as_u64)
        .sum();
    let floor = floor(case.cloud, &calls);
    println!(
        "{:<60} {made:>7} calls (official {:>8}), {} throttled, {took:>7.2} s, quotas ask for {floor:>7.2} s, ratio {:.2}",
        case.name(),
        case.official(),
        calls["throttled"],
        took / floor
    );
    cloud.stop().unwrap();
}

fn call(action: &str, effect: Effect, id: &str) -> Call {
    let params = [("KeyId", Value::from(id))];
    Call {
        service: "kms".into(),
        action: action.into(),
        region: None,
        endpoint: None,
        params: Value::object_of(params.into_iter().filter(|_| !id.is_empty())),
        effect,
        until: None,
    }
}

fn client(cloud: &Running) -> Rc<dyn Cloud> {
    let target = SandboxTarget {
        base_url: format!("http://{}", cloud.address),
        access_key: sandbox::AWS_ACCESS_KEY_ID.into(),
        secret_key: sandbox::AWS_SECRET_ACCESS_KEY.into(),
    };
    let options = Options {
        sandbox: Some(target),
        ..Options::default()
    };
    let schema = Catalog::get().provider("aws").unwrap().unwrap();
    let region = Value::object_of([("region", Value::from("eu-west-1"))]);
    connect(
        &Arc::new(schema.clone()),
        &region,
        &Environment::default(),
        options,
    )
    .unwrap()
}

/// What a second of the sandbox holds: the client that asks shares the machine with it.
fn sandbox_speed() {
    let cloud = sandbox::start(sandbox::Options::default()).unwrap();
    let client = client(&cloud);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let made = client.call(call("CreateKey", Effect::Creates, "")).await.unwrap();
        let id = made
            .get("KeyMetadata")
            .unwrap()
            .get("KeyId")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned();
        for (action, effect, id, count) in [
            ("DescribeKey", Effect::Read, id.as_str(), 20_000_u32),
            ("ListResourceTags", Effect::Read, id.as_str(), 20_000),
            ("CreateKey", Effect::Creates, "", 5_000),
        ] {
            for at_once in [1_usize, 50] {
                let began = Instant::now();
                let calls = (0..count).map(|_| client.call(call(action, effect, id)));
                let mut answers = futures_util::stream::iter(calls).buffer_unordered(at_once);
                while let Some(answer) = answers.next().await {
                    answer.unwrap();
                }
                let took: Duration = began.elapsed();
                println!(
                    "sandbox {action:<18} {at_once:>3} at once: {:>8.0} calls a second, {:>6.1} µs each",
                    f64::from(count) / took.as_secs_f64(),
                    took.as_secs_f64() * 1e6 / f64::from(count)
                );
            }
        }
    });
    cloud.stop().unwrap();
}

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let all = words.iter().any(|word| word == "all");
    if wanted("sandbox") || all {
        sandbox_speed();
    }
    for case in &CASES {
        if all || (wanted(&case.name()) && !case.long) {
            refresh(case);
        }
    }
}
