//! A cloud that answers from a script, and a machine whose clock jumps.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::cloud::{Answer, ApiError, Call, Class, Cloud};
use crate::resource::operate::Machine;
use crate::value::json::{from_plain_json, to_plain_json};

/// Answers calls by their action; the last answer of an action repeats.
#[derive(Default)]
pub(super) struct Script {
    pub(super) answers: RefCell<BTreeMap<String, Vec<Result<Json, ApiError>>>>,
    /// What was asked, in order.
    pub(super) log: RefCell<Vec<Call>>,
}

impl Script {
    pub(super) fn new(answers: &[(&str, Json)]) -> Self {
        let script = Self::default();
        for (action, answer) in answers {
            script.add(action, Ok(answer.clone()));
        }
        script
    }

    pub(super) fn add(&self, action: &str, answer: Result<Json, ApiError>) {
        self.answers
            .borrow_mut()
            .entry(action.into())
            .or_default()
            .push(answer);
    }

    pub(super) fn fail(self, action: &str, class: Class, code: &str, message: &str) -> Self {
        let error = ApiError {
            class,
            code: code.into(),
            message: message.into(),
            service: "kms".into(),
            action: action.into(),
            status: None,
            request_id: Some("r-1".into()),
            after_unclear: false,
        };
        self.add(action, Err(error));
        self
    }

    /// A refusal after an attempt to which no answer came.
    pub(super) fn refuse_after_silence(self, action: &str, code: &str) -> Self {
        let script = self.fail(action, Class::Refused, code, "no");
        for error in script.answers.borrow_mut().get_mut(action).into_iter().flatten() {
            if let Err(error) = error {
                error.after_unclear = true;
            }
        }
        script
    }

    pub(super) fn then(self, action: &str, answer: Json) -> Self {
        self.add(action, Ok(answer));
        self
    }

    /// The actions that change something.
    pub(super) fn changes(&self) -> String {
        let log = self.log.borrow();
        let reads = ["Describe", "Get", "List"];
        let changes = log
            .iter()
            .filter(|call| !reads.iter().any(|read| call.action.starts_with(read)));
        changes
            .map(|call| call.action.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(super) fn count(&self, action: &str) -> usize {
        self.log
            .borrow()
            .iter()
            .filter(|call| &*call.action == action)
            .count()
    }

    pub(super) fn params(&self, action: &str) -> Json {
        let log = self.log.borrow();
        let call = log
            .iter()
            .rfind(|call| &*call.action == action)
            .expect("it was called");
        to_plain_json(&call.params)
    }
}

impl Cloud for Script {
    fn call(&self, call: Call) -> Answer<'_> {
        let mut answers = self.answers.borrow_mut();
        let queue = answers
            .get_mut(&*call.action)
            .unwrap_or_else(|| panic!("{} is not in the script", call.action));
        let answer = if queue.len() > 1 {
            queue.remove(0)
        } else {
            queue[0].clone()
        };
        self.log.borrow_mut().push(call);
        Box::pin(async move { answer.map(|json| from_plain_json(&json)) })
    }

    fn facts(&self) -> Answer<'_> {
        Box::pin(async { Ok(from_plain_json(&json!({}))) })
    }
}

#[derive(Default)]
pub(super) struct Clock {
    pub(super) now: Cell<Duration>,
    pub(super) files: RefCell<Vec<(String, String)>>,
    pub(super) read_only: bool,
}

impl Machine for Clock {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        self.now.set(self.now.get() + time);
        Box::pin(async {})
    }

    fn elapsed(&self) -> Duration {
        self.now.get()
    }

    fn write_secret_file(&self, path: &str, content: &str) -> std::io::Result<()> {
        self.files.borrow_mut().push((path.into(), content.into()));
        Ok(())
    }

    fn reserve_secret_file(&self, _path: &str, _former: Option<&str>) -> std::io::Result<()> {
        if self.read_only {
            Err(std::io::ErrorKind::PermissionDenied.into())
        } else {
            Ok(())
        }
    }

    fn uuid(&self) -> String {
        "00000000-0000-4000-8000-000000000000".into()
    }
}
