//! What it costs to note durably that an object is about to be made, on the disk that the build folder is on.
//!
//! `cargo bench --bench journal` prints it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on must stop"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyform::addr::{ProviderConfig, parse_instance};
use keyform::state::journal::Intent;
use keyform::state::protocol::Begun;
use keyform::state::store::{LocalStore, LockInfo, Session, Store as _};
use keyform::state::{Object, State};
use keyform::value::Value;

const MANY: usize = 1_000;
/// How long the clouds take to answer, at best.
const CALL: Duration = Duration::from_millis(30);

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut store = LocalStore::new(folder.path().join("terraform.tfstate"));
    store
        .lock(LockInfo::new("OperationTypeApply", "bench"), Duration::ZERO)
        .unwrap();
    let mut session = Session::begin(&mut store, &State::new());
    session.open().unwrap();
    let mut took: Vec<Duration> = (0..MANY).map(|at| note(&mut session, at)).collect();
    took.sort();
    let (half, most) = (took[MANY / 2], took[MANY * 99 / 100]);
    let share = 100.0 * half.as_secs_f64() / (CALL + half).as_secs_f64();
    println!(
        "R26: a durable intent per create = {half:.1?} in the median of {MANY}, {most:.1?} at the 99th percentile, {share:.1} % of a creation that is answered after {CALL:?}"
    );
    assert!(half <= Duration::from_millis(1) && share <= 2.0);
}

/// Notes the intent to make a key, for good.
fn note(session: &mut Session<'_>, at: usize) -> Duration {
    let wished = Value::object_of([
        ("description", Value::from("a key for the backups of the orders")),
        ("key_usage", Value::from("ENCRYPT_DECRYPT")),
        ("customer_master_key_spec", Value::from("SYMMETRIC_DEFAULT")),
    ]);
    let intent = Intent {
        address: parse_instance(&format!("aws_kms_key.k[{at}]")).unwrap(),
        marker: Some("0123abcd.0123456789abcdef".into()),
        begun: Begun {
            since: 1_800_000_000,
            aside: None,
        },
        before: None,
        provider: ProviderConfig::parse(r#"provider["registry.terraform.io/hashicorp/aws"]"#).unwrap(),
        region: None,
        account: None,
        wished: Arc::new(Object::new(&wished, &wished.ty(), 0, [].into()).unwrap()),
    };
    let begun = Instant::now();
    session.record_intent(intent, 8 << 10).unwrap();
    session.sync().unwrap();
    begun.elapsed()
}
