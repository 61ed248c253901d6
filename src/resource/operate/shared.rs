//! Reads whose answers hold many objects: asked once per run for all that ask the same.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use futures_util::lock::Mutex;

use crate::cloud::{ApiError, Call};
use crate::value::Value;

/// What one run has already listed. It lasts as long as nothing is changed: one for each refresh.
#[derive(Default)]
pub struct SharedReads {
    entries: RefCell<Vec<Entry>>,
}

/// One question and its answer; whoever asks while it is asked waits for it.
struct Entry {
    provider: Value,
    call: Call,
    answer: Rc<Mutex<Option<Value>>>,
}

impl Entry {
    fn is(&self, provider: &Value, call: &Call) -> bool {
        let words = |call: &Call| {
            let place = (call.region.clone(), call.endpoint.clone());
            (call.service.clone(), call.action.clone(), place)
        };
        words(&self.call) == words(call) && self.call.params == call.params && self.provider == *provider
    }
}

impl SharedReads {
    pub fn new() -> Self {
        Self::default()
    }

    /// The answer to a call, from an earlier object or by asking. Failures are not kept.
    pub(super) async fn get(
        &self,
        provider: &Value,
        call: &Call,
        ask: impl Future<Output = Result<Value, ApiError>>,
    ) -> Result<Value, ApiError> {
        let slot = self.slot(provider, call);
        let mut answer = slot.lock().await;
        if let Some(known) = &*answer {
            return Ok(known.clone());
        }
        let fresh = ask.await?;
        *answer = Some(fresh.clone());
        Ok(fresh)
    }

    fn slot(&self, provider: &Value, call: &Call) -> Rc<Mutex<Option<Value>>> {
        let mut entries = self.entries.borrow_mut();
        if let Some(entry) = entries.iter().find(|entry| entry.is(provider, call)) {
            return entry.answer.clone();
        }
        let answer = Rc::<Mutex<Option<Value>>>::default();
        entries.push(Entry {
            provider: provider.clone(),
            call: call.clone(),
            answer: answer.clone(),
        });
        answer
    }
}

impl fmt::Debug for SharedReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedReads")
            .field("answers", &self.entries.borrow().len())
            .finish()
    }
}
