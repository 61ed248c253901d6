//! Several operations, fewer turns.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

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

/// A clock that jumps to the next moment somebody waits for, once nobody has anything to do.
#[derive(Default)]
struct Timeline {
    now: Cell<Duration>,
    waiting: RefCell<Vec<(Duration, Waker)>>,
}

impl Machine for Timeline {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        let until = self.now.get() + time;
        Box::pin(std::future::poll_fn(move |context| {
            if self.now.get() >= until {
                return Poll::Ready(());
            }
            let waker = context.waker().clone();
            self.waiting.borrow_mut().push((until, waker));
            Poll::Pending
        }))
    }

    fn elapsed(&self) -> Duration {
        self.now.get()
    }

    fn write_secret_file(&self, _path: &str, _content: &str) -> std::io::Result<()> {
        Ok(())
    }

    fn uuid(&self) -> String {
        String::new()
    }
}

/// Whether somebody has something to do.
struct Awake(AtomicBool);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Timeline {
    /// Runs a future to its end; gives the time that it took.
    fn run(&self, future: impl Future<Output = ()>) -> Duration {
        let awake = Arc::new(Awake(AtomicBool::new(true)));
        let waker = Waker::from(awake.clone());
        let mut context = Context::from_waker(&waker);
        let mut future = std::pin::pin!(future);
        loop {
            while awake.0.swap(false, Ordering::Relaxed) {
                if future.as_mut().poll(&mut context).is_ready() {
                    return self.now.get();
                }
            }
            let mut waiting = self.waiting.borrow_mut();
            let next = waiting.iter().map(|(until, _)| *until).min();
            self.now.set(next.expect("somebody waits for a moment"));
            waiting.retain(|(until, waker)| {
                let later = *until > self.now.get();
                if !later {
                    waker.wake_by_ref();
                }
                later
            });
        }
    }
}

/// How long it takes to make this many objects with one turn, each of which is looked at five times, two seconds apart.
fn time_to_make(count: usize) -> Duration {
    let patient = WAITING
        .replace("until = one.Ready", "until = true || one.Ready")
        .replace("every = \"2s\"", "every = \"2s\"\n        times = 5");
    let bench = Bench::thing(&patient);
    let (cloud, machine, turns) = (Busy::default(), Timeline::default(), Turns::new(1));
    let nobody = Script::default();
    let make = async |number: usize| {
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
        let config = object(bench.ty, &json!({"name": number.to_string()}));
        let planned = bench.propose(&config, None).change.after;
        fine(create(site, &planned, &config).await);
    };
    let time = machine.run(async {
        futures_util::future::join_all((0..count).map(make)).await;
    });
    assert_eq!(cloud.most.get(), 1);
    assert_eq!(cloud.log.borrow().len(), count * 7);
    time
}

#[test]
fn with_one_turn_many_waits_take_as_long_as_one() {
    assert_eq!(time_to_make(1), Duration::from_secs(8));
    assert_eq!(time_to_make(40), Duration::from_secs(8));
}
