//! Reads that several objects ask for: asked once per run for all that ask the same, and together where one call takes
//! several ids.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use futures_util::lock::Mutex;

use crate::cloud::{ApiError, Call, Cloud};
use crate::value::json::to_plain_json;
use crate::value::{Text, Value};

/// What one run has already read. It lasts as long as nothing is changed: one for each refresh.
#[derive(Default)]
pub struct SharedReads {
    /// By question. Whoever asks while it is asked waits for the answer.
    answers: RefCell<BTreeMap<Question, Slot>>,
    /// The objects that are asked for together with one.
    together: RefCell<BTreeMap<Object, Rc<[Text]>>>,
}

type Slot = Rc<Mutex<Option<Result<Rc<Known>, ApiError>>>>;

/// The connection that is asked, as the address of the provider's client, which lives as long as the run.
type Place = usize;

/// An object: where it is, its type and its id.
type Object = (Place, Text, Text);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    place: Place,
    service: Text,
    action: Text,
    region: Option<Text>,
    endpoint: Option<Text>,
    params: String,
}

/// An answer, and what was looked up in it before.
pub(super) struct Known {
    pub answer: Value,
    /// By the member that tells elements apart.
    indexes: RefCell<BTreeMap<Text, Rc<Index>>>,
}

/// The elements of a list, by one of their members; of several alike the first.
type Index = BTreeMap<Text, Value>;

impl Known {
    pub fn new(answer: Value) -> Self {
        Self {
            answer,
            indexes: RefCell::default(),
        }
    }

    /// The element whose member `by` has this value. `list` gives the list in the answer.
    pub fn find<E>(
        &self,
        by: &Text,
        value: &str,
        list: impl FnOnce() -> Result<Value, E>,
    ) -> Result<Option<Value>, E> {
        let known = self.indexes.borrow().get(by).cloned();
        let index = if let Some(index) = known {
            index
        } else {
            let index = Rc::new(indexed(&list()?, by));
            self.indexes.borrow_mut().insert(by.clone(), index.clone());
            index
        };
        Ok(index.get(value).cloned())
    }
}

fn indexed(list: &Value, by: &str) -> Index {
    let mut index = Index::new();
    for item in list.as_items().unwrap_or_default() {
        if let Some(name) = item.get(by).and_then(Value::as_text) {
            index.entry(name.clone()).or_insert_with(|| item.clone());
        }
    }
    index
}

/// Whether failures are kept, so that not everybody fails anew.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Failures {
    Kept,
    AskedAgain,
}

impl SharedReads {
    pub fn new() -> Self {
        Self::default()
    }

    /// The answer to a call, from an earlier object or by asking. A secret question is nobody else's.
    pub(super) async fn get(
        &self,
        (cloud, provider): (&dyn Cloud, &Value),
        call: &Call,
        failures: Failures,
        ask: impl Future<Output = Result<Value, ApiError>>,
    ) -> Result<Rc<Known>, ApiError> {
        let Some(question) = question(cloud, provider, call) else {
            return Ok(Rc::new(Known::new(ask.await?)));
        };
        let slot = self.answers.borrow_mut().entry(question).or_default().clone();
        let mut answer = slot.lock().await;
        if let Some(known) = &*answer {
            return known.clone();
        }
        let fresh = ask.await.map(|answer| Rc::new(Known::new(answer)));
        if fresh.is_ok() || failures == Failures::Kept {
            *answer = Some(fresh.clone());
        }
        fresh
    }

    /// Lets these objects of a type be asked for together, as many at once as the type's calls take.
    pub fn ask_together(&self, cloud: &dyn Cloud, ty: &Text, ids: &[Text]) {
        let all: Rc<[Text]> = ids.into();
        let mut together = self.together.borrow_mut();
        for id in ids {
            together.insert((place(cloud), ty.clone(), id.clone()), all.clone());
        }
    }

    /// The ids to ask for together with this one, itself included.
    pub(super) fn companions(&self, cloud: &dyn Cloud, ty: &Text, id: &Text) -> Option<Rc<[Text]>> {
        let key = (place(cloud), ty.clone(), id.clone());
        self.together.borrow().get(&key).cloned()
    }
}

fn place(cloud: &dyn Cloud) -> Place {
    std::ptr::from_ref(cloud).cast::<()>().addr()
}

/// None where a parameter is secret.
fn question(cloud: &dyn Cloud, provider: &Value, call: &Call) -> Option<Question> {
    if !call.params.marks_deep().is_empty() {
        return None;
    }
    let usual = || provider.get("region").and_then(Value::as_text).cloned();
    Some(Question {
        place: place(cloud),
        service: call.service.clone(),
        action: call.action.clone(),
        region: call.region.clone().or_else(usual),
        endpoint: call.endpoint.clone(),
        params: to_plain_json(&call.params).to_string(),
    })
}

impl fmt::Debug for SharedReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedReads")
            .field("answers", &self.answers.borrow().len())
            .finish_non_exhaustive()
    }
}
