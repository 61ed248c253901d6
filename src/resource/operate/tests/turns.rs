//! Several operations, fewer turns.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::*;
use crate::cloud::{Answer, Call};

/// Comes to an end the second time it is asked, so that others are asked in between.
#[derive(Default)]
struct Later(bool);

impl Future for Later {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// A cloud whose answers take a moment, and that sees how many ask at once.
#[derive(Default)]
struct Busy {
    asking: Cell<usize>,
    most: Cell<usize>,
    /// What was asked for whom.
    log: RefCell<Vec<String>>,
}

impl Cloud for Busy {
    fn call(&self, call: Call) -> Answer<'_> {
        let name = call.params.get("Name").or_else(|| call.params.get("Id"));
        let name = name.and_then(Value::as_str).unwrap_or_default();
        self.log.borrow_mut().push(format!("{} {name}", call.action));
        let asked = self.log.borrow().len();
        let answer = json!({"Id": name, "Ready": asked > 6});
        Box::pin(async move {
            self.asking.set(self.asking.get() + 1);
            self.most.set(self.most.get().max(self.asking.get()));
            Later::default().await;
            self.asking.set(self.asking.get() - 1);
            Ok(from_plain_json(&answer))
        })
    }

    fn facts(&self) -> Answer<'_> {
        Box::pin(async { Ok(from_plain_json(&json!({}))) })
    }
}

/// A machine on which others are asked while one sleeps.
#[derive(Default)]
struct Shared(Clock);

impl Machine for Shared {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        self.0.now.set(self.0.now.get() + time);
        Box::pin(Later::default())
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn write_secret_file(&self, _path: &str, _content: &str) -> std::io::Result<()> {
        Ok(())
    }

    fn uuid(&self) -> String {
        self.0.uuid()
    }
}

const WAITING: &str = r#"
    argument "name" { type = string }
    attribute "ready" {
      type = bool
      read = one.Ready
    }
    read {
      call "GetOne" {
        as     = "one"
        params = { Id = id }
      }
    }
    create {
      call "MakeOne" { params = { Name = self.name } }
      id = reply.Id
      wait {
        until = one.Ready
        every = "2s"
        limit = "10m"
      }
    }"#;

#[test]
fn one_turn_lets_another_begin_while_one_waits_and_never_serves_two() {
    let bench = Bench::thing(WAITING);
    let (cloud, machine, turns) = (Busy::default(), Shared::default(), Turns::new(1));
    let nobody = Script::default();
    let make = async |name: &str| {
        // As the loop of an apply: who has no turn yet asks again later.
        let turn = loop {
            match turns.take() {
                Some(turn) => break turn,
                None => Later::default().await,
            }
        };
        let site = Site {
            cloud: Some(&cloud),
            machine: &machine,
            turn: Some(&turn),
            ..bench.site(&nobody)
        };
        let config = object(bench.ty, &json!({"name": name}));
        let planned = bench.propose(&config, None).change.after;
        fine(create(site, &planned, &config).await);
    };
    let both = futures_util::future::join(make("a"), make("b"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(both);
    assert_eq!(cloud.most.get(), 1, "{:?}", cloud.log);
    let log = cloud.log.borrow();
    let at = |what: &str| log.iter().position(|one| one == what).expect(what);
    let last = log
        .iter()
        .rposition(|one| one == "GetOne a")
        .expect("it was read");
    assert!(at("MakeOne b") < last, "{log:?}");
}
