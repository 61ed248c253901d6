//! The lives of `tests/life` on emulated AWS that we did not write: moto, and LocalStack, which is stricter.
//!
//! Nothing tells keyform there that it need not wait, so a step may take half a minute; the lives go on side by side.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::folder::Folder;
use crate::life;

/// A life, and what is left out of it: the step, and why.
pub type Life = (&'static str, &'static [(&'static str, &'static str)]);

const SLOW: &str = "takes half a minute, and the life of a key that is born disabled has it";
const NO_PERIOD: &str = "moto keeps no period of rotation";
const NO_EXPIRY: &str = "LocalStack forgets when material expires";
const BARE_REPLICAS: &str = "replicas are made there without policy and tags";

/// The lives that moto serves.
pub const ON_MOTO: [Life; 9] = [
    ("aws_kms_alias.prefix.tf", &[]),
    ("aws_kms_alias.random.tf", &[]),
    ("aws_kms_alias.tf", &[]),
    ("aws_kms_ciphertext.tf", &[]),
    ("aws_kms_grant.tf", &[]),
    ("aws_kms_key.born_disabled.tf", &[]),
    (
        "aws_kms_key.tf",
        &[
            ("period", NO_PERIOD),
            ("other period", NO_PERIOD),
            ("disable", SLOW),
            ("enable", SLOW),
        ],
    ),
    ("aws_kms_key_policy.tf", &[]),
    (
        "aws_kms_replica_key.tf",
        &[("primary", BARE_REPLICAS), ("region", BARE_REPLICAS)],
    ),
];

/// The lives that LocalStack serves. Replicas of keys with imported material are not among them: LocalStack copies the
/// material, which AWS wants to be imported again.
pub const ON_LOCALSTACK: [Life; 10] = [
    ("aws_kms_alias.prefix.tf", &[]),
    ("aws_kms_alias.random.tf", &[]),
    ("aws_kms_alias.tf", &[]),
    ("aws_kms_ciphertext.tf", &[]),
    (
        "aws_kms_external_key.tf",
        &[
            ("expires", NO_EXPIRY),
            ("never expires", NO_EXPIRY),
            ("disable", SLOW),
            ("enable", SLOW),
        ],
    ),
    ("aws_kms_grant.tf", &[]),
    ("aws_kms_key.born_disabled.tf", &[]),
    ("aws_kms_key.tf", &[("disable", SLOW), ("enable", SLOW)]),
    ("aws_kms_key_policy.tf", &[]),
    (
        "aws_kms_replica_key.tf",
        &[("primary", BARE_REPLICAS), ("region", BARE_REPLICAS)],
    ),
];

/// A running emulator; it ends with the value.
pub struct Emulator {
    process: Child,
    pub url: String,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn types_of_aws_live_on_moto() {
    let Some(moto) = moto() else { return };
    live_on(&moto, &ON_MOTO);
}

#[test]
fn types_of_aws_live_on_localstack() {
    let Some((localstack, _folder)) = localstack() else {
        return;
    };
    live_on(&localstack, &ON_LOCALSTACK);
}

#[track_caller]
fn live_on(emulator: &Emulator, lives: &[Life]) {
    let provider = format!(
        "provider \"aws\" {{\n  access_key = \"testing\"\n  secret_key = \"testing\"\n  endpoints {{\n    kms = \"{0}\"\n    sts = \"{0}\"\n  }}\n",
        emulator.url
    );
    let lives = lives.iter().filter(|(file, _)| life::is_wanted(file));
    // Lives of one type use the same names, so they follow each other.
    let mut of_types: BTreeMap<&str, Vec<&Life>> = BTreeMap::new();
    for life in lives {
        let ty = life.0.split('.').next().unwrap();
        of_types.entry(ty).or_default().push(life);
    }
    let provider = &provider;
    std::thread::scope(|scope| {
        for lives in of_types.values() {
            scope.spawn(move || {
                for (file, left) in lives {
                    let folder = Folder::without_sandbox(file);
                    let there = |text: String| text.replacen("provider \"aws\" {\n", provider, 1);
                    life::live(&folder, file, there, |step| {
                        left.iter().all(|(name, _)| *name != step)
                    });
                }
            });
        }
    });
}

/// moto on a free port; none, and said so, where it is not installed. One that is must run.
pub fn moto() -> Option<Emulator> {
    let port = free_port();
    let mut command = Command::new("moto_server");
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    let started = started(command, port);
    if started.is_none() {
        eprintln!("SKIPPED: moto_server is not installed");
    }
    started
}

/// LocalStack with KMS on a free port, and its folder. `KEYFORM_LOCALSTACK_PYTHON` names a Python that has it, since
/// its packages do not go together with those of the other clients.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
pub fn localstack() -> Option<(Emulator, tempfile::TempDir)> {
    let Ok(python) = std::env::var("KEYFORM_LOCALSTACK_PYTHON") else {
        eprintln!("SKIPPED: KEYFORM_LOCALSTACK_PYTHON names no Python with LocalStack");
        return None;
    };
    let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
    let mut command = Command::new(python);
    command
        .args(["-m", "localstack.runtime.main"])
        .env("GATEWAY_LISTEN", format!("127.0.0.1:{port}"))
        .env("SERVICES", "kms,sts")
        .env("SKIP_SSL_CERT_DOWNLOAD", "1")
        .env("DISABLE_EVENTS", "1")
        .env("FILESYSTEM_ROOT", folder.path())
        .env("LOCALSTACK_VOLUME_DIR", folder.path().join("volume"));
    let started = started(command, port);
    Some((started.expect("the Python that is named can be started"), folder))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// A server that answers; none where there is no such program.
fn started(mut command: Command, port: u16) -> Option<Emulator> {
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let process = match process {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        process => process.unwrap(),
    };
    let mut emulator = Emulator {
        process,
        url: format!("http://127.0.0.1:{port}"),
    };
    let limit = Instant::now() + Duration::from_mins(5);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = emulator.process.try_wait().unwrap();
        assert!(ended.is_none(), "the emulator ended by itself: {ended:?}");
        assert!(Instant::now() < limit, "the emulator does not answer");
        std::thread::yield_now();
    }
    Some(emulator)
}
