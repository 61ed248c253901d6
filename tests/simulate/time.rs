//! Time in the simulation: the clock of a run jumps from one thing that happens to the next, and of two runs one goes on
//! while the other stands still, as a stopped process does: its timers too, though the time on the wall goes on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::runtime::Runtime;
use tokio::time::Instant;

/// The clock of a run. It shows the time since the world began.
pub struct Clock {
    pub runtime: Runtime,
    born: Instant,
    from: Duration,
}

impl Clock {
    /// A clock that begins with this time.
    pub fn new(from: Duration) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let born = runtime.block_on(async { Instant::now() });
        Self { runtime, born, from }
    }

    pub fn now(&self) -> Duration {
        let _here = self.runtime.enter();
        self.from + self.born.elapsed()
    }

    /// Time has passed while the run stood still: all its timers are late now.
    fn jump(&self, to: Duration) {
        let _here = self.runtime.enter();
        let late = to.saturating_sub(self.now());
        if !late.is_zero() {
            let _ = tokio::time::advance(late).now_or_never();
        }
    }
}

/// A time as seconds since 1970.
pub fn seconds(time: Duration) -> i64 {
    1_800_000_000 + i64::try_from(time.as_secs()).unwrap()
}

/// Where a run stands still: before this step, so long before anybody else does something.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    pub step: usize,
    pub pause: Duration,
}

/// One run goes on at a time.
pub struct Baton {
    turn: Mutex<Turn>,
    changed: Condvar,
}

struct Turn {
    whose: usize,
    ended: [bool; 2],
    now: Duration,
    /// How often a run stood still while the other one went on.
    passed: usize,
}

impl Baton {
    /// The first of two runs goes on.
    pub fn new(now: Duration) -> Self {
        Self {
            turn: Mutex::new(Turn {
                whose: 0,
                ended: [false; 2],
                now,
                passed: 0,
            }),
            changed: Condvar::new(),
        }
    }

    /// Waits for the first turn of a run, and tells the time then.
    pub fn begin(&self, me: usize) -> Duration {
        self.wait(me)
    }

    fn wait(&self, me: usize) -> Duration {
        let turn = self.turn.lock().unwrap();
        let turn = self.changed.wait_while(turn, |turn| turn.whose != me).unwrap();
        turn.now
    }

    /// The run stands still; the other one goes on, if it has not ended.
    fn pass(&self, me: usize, clock: &Clock, pause: Duration) {
        {
            let mut turn = self.turn.lock().unwrap();
            turn.now = clock.now() + pause;
            if !turn.ended[1 - me] {
                turn.whose = 1 - me;
                turn.passed += 1;
                self.changed.notify_all();
            }
        }
        clock.jump(self.wait(me));
    }

    /// The run has ended; the other one goes on some time later.
    pub fn end(&self, me: usize, now: Duration) {
        let mut turn = self.turn.lock().unwrap();
        turn.ended[me] = true;
        turn.now = turn.now.max(now);
        turn.whose = 1 - me;
        self.changed.notify_all();
    }

    /// The time at which the next one goes on.
    pub fn now(&self) -> Duration {
        self.turn.lock().unwrap().now
    }

    pub fn passed(&self) -> usize {
        self.turn.lock().unwrap().passed
    }

    pub fn has_ended(&self, run: usize) -> bool {
        self.turn.lock().unwrap().ended[run]
    }
}

/// The life of a run, step by step: where it ends as a kill ends it, and where it stands still.
pub struct Life {
    pub clock: Clock,
    taken: AtomicUsize,
    /// The step that is not lived to see.
    kill: Option<usize>,
    dead: AtomicBool,
    pub ended: tokio::sync::Notify,
    stops: Vec<Stop>,
    /// Which of two runs it is, and who goes on.
    baton: Option<(usize, Arc<Baton>)>,
    /// What happens in the world when it stands still.
    meanwhile: Box<dyn Fn() + Send + Sync>,
}

impl Life {
    /// A life of its own, of so many steps or without end.
    pub fn new(now: Duration, kill: Option<usize>) -> Arc<Self> {
        Arc::new(Self::made(now, kill, Vec::new(), None, Box::new(|| {})))
    }

    /// A life beside another one.
    pub fn beside(
        (me, baton): (usize, Arc<Baton>),
        kill: Option<usize>,
        stops: Vec<Stop>,
        meanwhile: Box<dyn Fn() + Send + Sync>,
    ) -> Arc<Self> {
        let now = baton.begin(me);
        Arc::new(Self::made(now, kill, stops, Some((me, baton)), meanwhile))
    }

    fn made(
        now: Duration,
        kill: Option<usize>,
        stops: Vec<Stop>,
        baton: Option<(usize, Arc<Baton>)>,
        meanwhile: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            clock: Clock::new(now),
            taken: AtomicUsize::new(0),
            kill,
            dead: AtomicBool::new(false),
            ended: tokio::sync::Notify::new(),
            stops,
            baton,
            meanwhile,
        }
    }

    pub fn is_over(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// A step; whether there is life after it.
    pub fn step(&self) -> bool {
        if self.is_over() {
            return false;
        }
        let step = self.taken.fetch_add(1, Ordering::Relaxed);
        if self.kill.is_some_and(|kill| step >= kill) {
            self.dead.store(true, Ordering::Relaxed);
            self.ended.notify_one();
            return false;
        }
        if let Some((me, baton)) = &self.baton {
            for stop in self.stops.iter().filter(|stop| stop.step == step) {
                (self.meanwhile)();
                baton.pass(*me, &self.clock, stop.pause);
            }
        }
        true
    }
}
