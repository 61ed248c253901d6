//! Runs what waits for the world, and hears the requests to stop: Ctrl-C and its relatives.
//!
//! While a lock is held nobody may just end the process: the lock's note would stay. A planning command that is
//! asked to stop gives up what it waits for and ends like one that failed.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::apply::Interrupts;
use crate::diag::{Diagnostic, Result};
use crate::plan::live::Runtime;

/// How long a run that is busy may not look for signals.
const LOOKS: Duration = Duration::from_millis(50);

/// This thread's runtime.
pub struct Runner {
    runtime: tokio::runtime::Runtime,
    /// Empty until they are listened for: until then they end the process, as anywhere.
    signals: RefCell<Signals>,
    interrupted: Cell<bool>,
    /// When signals were looked for last.
    looked: Cell<Instant>,
}

/// Signals that ask for an end: each counts once.
#[derive(Default)]
pub struct Signals(Vec<Signal>);

impl Runner {
    /// A runtime that hears no signals yet.
    pub fn new() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(&format!("The system refuses what a run needs: {error}.")))?;
        Ok(Self {
            runtime,
            signals: RefCell::default(),
            interrupted: Cell::new(false),
            looked: Cell::new(Instant::now()),
        })
    }

    /// From now on a signal does not end the process: whatever runs here ends, and the command goes on from there.
    pub fn listen(&self) -> Result<()> {
        let _inside = self.runtime.enter();
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let heard = kinds.into_iter().map(signal).collect::<std::io::Result<_>>();
        let heard = heard.map_err(|error| failed(&format!("Signals cannot be heard: {error}.")))?;
        *self.signals.borrow_mut() = Signals(heard);
        Ok(())
    }

    /// Runs a future to its end, or until the user asks to stop.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> Result<T> {
        let mut signals = self.signals.borrow_mut();
        let mut future = pin!(future);
        let ended = self.runtime.block_on(poll_fn(|context| {
            if self.interrupted.get() || signals.poll_next(context).is_ready() {
                self.interrupted.set(true);
                return Poll::Ready(None);
            }
            future.as_mut().poll(context).map(Some)
        }));
        ended.ok_or_else(|| interrupted().into())
    }

    /// Runs a future that hears the signals itself, from now on alone.
    pub fn run_hearing<F: Future>(&self, future: impl FnOnce(Signals) -> F) -> F::Output {
        self.runtime.block_on(future(self.signals.take()))
    }

    /// Waits for what blocks a thread, such as somebody's answer. When the user asks to stop the thread is left behind.
    pub fn wait_for<T: Send + 'static>(&self, blocking: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (send, receive) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || send.send(blocking()));
        let answer = self.run(receive)?;
        answer.map_err(|_| failed("A thread ended without an answer.").into())
    }

    /// An error when the user has asked to stop, even while nothing was waited for.
    pub fn check(&self) -> Result<()> {
        // The runtime looks for signals when it has nothing else to do.
        self.run(tokio::task::yield_now())
    }
}

impl Signals {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let heard = |signal: &mut Signal| matches!(signal.poll_recv(context), Poll::Ready(Some(())));
        if self.0.iter_mut().any(heard) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Interrupts for Signals {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(poll_fn(|context| self.poll_next(context)))
    }
}

impl Runtime for Runner {
    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) -> Result<()> {
        self.run(future)
    }

    fn may_go_on(&self) -> Result<()> {
        if self.looked.get().elapsed() < LOOKS {
            return Ok(());
        }
        self.looked.set(Instant::now());
        self.check()
    }
}

fn failed(detail: &str) -> Diagnostic {
    Diagnostic::error("Failed to start", detail)
}

fn interrupted() -> Diagnostic {
    Diagnostic::error(
        "Interrupted",
        "The run was asked to stop before anything was changed.",
    )
}
