//! Applies on a disk that goes bad.

use std::cell::Cell;
use std::future::pending;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::addr::{ProviderConfig, parse_instance};
use crate::cloud::{AccountId, Answer, Call, Cloud};
use crate::plan::for_tests::{NoMachine, planned};
use crate::plan::live::{Connector, Opened, Opening, Providers};
use crate::resource::operate::Machine;
use crate::state::store::Session;
use crate::state::store::for_tests::BadDisk;
use crate::value::Value;

/// A cloud to which nothing may be sent.
struct Silent;

impl Cloud for Silent {
    fn call(&self, call: Call) -> Answer<'_> {
        panic!("{} was sent", call.action);
    }

    fn facts(&self) -> Answer<'_> {
        panic!("the cloud was asked for facts");
    }

    fn account(&self) -> AccountId<'_> {
        Box::pin(async { None })
    }
}

struct ToSilence;

impl Connector for ToSilence {
    fn open<'a>(&'a mut self, _: &'a ProviderConfig, arguments: Value) -> Opening<'a> {
        let opened = Opened {
            cloud: Some(Rc::new(Silent)),
            schema: None,
            value: arguments,
        };
        Box::pin(async { Ok(opened) })
    }
}

/// A clock that goes on so many seconds whenever somebody looks.
#[derive(Default)]
struct Clock {
    step: u64,
    now: Cell<u64>,
}

impl Machine for Clock {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(async {})
    }

    fn elapsed(&self) -> Duration {
        self.now.set(self.now.get() + self.step);
        Duration::from_secs(self.now.get())
    }

    fn write_secret_file(&self, path: &str, _: &str) -> std::io::Result<()> {
        panic!("{path} was written");
    }

    fn uuid(&self) -> String {
        "00000000-0000-4000-8000-000000000000".into()
    }
}

struct Nobody;

impl Interrupts for Nobody {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(pending())
    }
}

/// What was begun.
#[derive(Default)]
struct Begun(Vec<String>);

impl Progress for Begun {
    fn started(&mut self, addr: &InstanceAddr, _: Option<&Text>, _: Doing, _: Option<&str>) {
        self.0.push(addr.to_string());
    }

    fn still(&mut self, _: &InstanceAddr, _: Option<&Text>, _: Doing, _: Duration) {}

    fn done(&mut self, _: &Report) {}

    fn unrecorded(&mut self, _: &Report) {}

    fn failed(&mut self, _: &InstanceAddr, _: Option<&Text>, _: Doing, _: Duration) {}

    fn provisioning(&mut self, _: &InstanceAddr) {}

    fn said(&mut self, _: &InstanceAddr, _: &str) {}

    fn stopping(&mut self, _: usize, _: bool) {}
}

const RECORDED: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{},"resources":[{"mode":"managed","type":"terraform_data","name":"d","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{"schema_version":0,"attributes":{"id":"old","input":null,"output":null,"triggers_replace":{"value":"old","type":"string"}},"sensitive_attributes":[]}]}],"check_results":null}"#;

const CREATE_FIRST: &str = r#"
resource "terraform_data" "d" {
  triggers_replace = "new"
  lifecycle {
    create_before_destroy = true
  }
}"#;

/// The journal took the lines that make room for the new object, and could not be made durable: nothing is sent,
/// and the old object is what the state has, though no line can say so any more.
#[test]
fn a_create_that_is_dropped_leaves_the_old_object_current() {
    let made = planned(CREATE_FIRST, State::parse(RECORDED.to_owned(), "test").unwrap());
    assert!(made.plan.changes[0].change.action.is_replace());
    let mut disk = BadDisk {
        closes: true,
        ..BadDisk::default()
    };
    let mut begun = Begun::default();
    let prior = made.prior.clone();
    let work = Work {
        made,
        providers: Providers::default(),
        connector: &mut ToSilence,
        machine: Rc::new(Clock::default()),
        host: Rc::new(NoMachine),
        session: Session::begin(&mut disk, &prior),
        progress: &mut begun,
        interrupts: &mut Nobody,
        at_once: 10,
        marks: false,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = runtime.block_on(run(work));
    let addr = parse_instance("terraform_data.d").unwrap();
    assert!(outcome.state.get(&addr).is_some(), "the old object is current");
    assert!(outcome.state.same_content(&prior));
    assert!(outcome.problems.has_errors());
    assert!(begun.0.is_empty(), "{:?}", begun.0);
}

/// The run stood still for minutes between the note and the request, which nobody waits for any more.
#[test]
fn what_was_noted_long_ago_is_not_sent() {
    let made = planned("resource \"terraform_data\" \"d\" {}", State::new());
    let mut disk = BadDisk {
        failed: true,
        ..BadDisk::default()
    };
    let prior = made.prior.clone();
    let work = Work {
        made,
        providers: Providers::default(),
        connector: &mut ToSilence,
        machine: Rc::new(Clock {
            step: 301,
            now: Cell::default(),
        }),
        host: Rc::new(NoMachine),
        session: Session::begin(&mut disk, &prior),
        progress: &mut Begun::default(),
        interrupts: &mut Nobody,
        at_once: 10,
        marks: false,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = runtime.block_on(run(work));
    let told: Vec<String> = outcome.problems.iter().map(|one| one.summary.clone()).collect();
    assert!(told.contains(&"Too late to create".to_owned()), "{told:?}");
    assert_eq!(outcome.state.objects().count(), 0);
}
