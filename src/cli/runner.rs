//! Runs what waits for the world, and hears the requests to stop: Ctrl-C and its relatives.
//!
//! While a lock is held nobody may just end the process: the lock's note would stay. A planning command that is
//! asked to stop gives up what it waits for and ends like one that failed. Where something keeps it from that, the second
//! request ends the process: better a note that is left than a run that only SIGKILL ends.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io::{self, Write as _};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::apply::Interrupts;
use crate::diag::{Diagnostic, Result};
use crate::plan::live::Runtime;

/// How long a run that is busy may not look for signals.
const LOOKS: Duration = Duration::from_millis(50);

/// How long a run that was asked twice to stop may take to end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// How long it may take to say why the process ends.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// This thread's runtime.
pub struct Runner {
    runtime: tokio::runtime::Runtime,
    /// Empty until they are listened for: until then they end the process, as anywhere.
    signals: RefCell<Signals>,
    interrupted: Cell<bool>,
    /// When signals were looked for last.
    looked: Cell<Instant>,
    /// Whether something may have been changed, so that only who did it knows how to end.
    begun: Arc<AtomicBool>,
}

/// Signals that ask for an end: each counts once.
#[derive(Default)]
pub struct Signals(Vec<Signal>);

impl Runner {
    /// A runtime that hears no signals yet.
    pub fn new() -> Result<Self> {
        Ok(Self {
            runtime: runtime()?,
            signals: RefCell::default(),
            interrupted: Cell::new(false),
            looked: Cell::new(Instant::now()),
            begun: Arc::default(),
        })
    }

    /// From now on a signal does not end the process: whatever runs here ends, and the command goes on from there.
    pub fn listen(&self) -> Result<()> {
        *self.signals.borrow_mut() = Signals::heard_in(&self.runtime)?;
        let begun = self.begun.clone();
        on_second_signal(move || {
            // Who is not kept from it ends in this time, and gives the lock back.
            std::thread::sleep(GRACE);
            if !begun.load(Ordering::SeqCst) {
                end_process();
            }
        })?;
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
        self.begun.store(true, Ordering::SeqCst);
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
    /// From now on signals come here instead of ending the process.
    fn heard_in(runtime: &tokio::runtime::Runtime) -> Result<Self> {
        let _inside = runtime.enter();
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let heard = kinds.into_iter().map(signal).collect::<io::Result<_>>();
        let heard = heard.map_err(|error| failed(&format!("Signals cannot be heard: {error}.")))?;
        Ok(Self(heard))
    }

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

fn runtime() -> Result<tokio::runtime::Runtime> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| failed(&format!("The system refuses what a run needs: {error}.")).into())
}

/// Does something on a thread of its own once two signals have come, whatever keeps the others.
fn on_second_signal(then: impl FnOnce() + Send + 'static) -> Result<()> {
    let runtime = runtime()?;
    let mut signals = Signals::heard_in(&runtime)?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            signals.next().await;
            signals.next().await;
        });
        then();
    });
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "the thread that should return an exit code is kept from it"
)]
fn end_process() {
    // Stderr may be what keeps the other thread.
    std::thread::spawn(|| {
        writeln!(
            io::stderr(),
            "\nTwo interrupts received. The run could not end by itself, so it was ended, before anything was changed."
        )
    });
    std::thread::sleep(LAST_WORDS);
    std::process::exit(1);
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
