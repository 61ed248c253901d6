//! Turns: how many operations work at the same time.

use std::cell::RefCell;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns of a run, as many as may work at once.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Semaphore>);

impl Turns {
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// A turn, if one is free. Who has rested and wants to go on comes before who has not begun.
    pub fn take(&self) -> Option<Turn> {
        let held = self.0.clone().try_acquire_owned().ok()?;
        Some(Turn {
            turns: self.0.clone(),
            held: RefCell::new(Some(held)),
        })
    }
}

/// The right of one operation to work, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Semaphore>,
    held: RefCell<Option<OwnedSemaphorePermit>>,
}

impl Turn {
    /// Lets time pass in which another may work, then waits for its turn again.
    pub(super) async fn rest(&self, pause: impl Future<Output = ()>) {
        drop(self.held.take());
        pause.await;
        // None only if somebody closed the turns, which nobody does.
        let again = self.turns.clone().acquire_owned().await.ok();
        self.held.replace(again);
    }
}
