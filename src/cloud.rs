//! The door to the clouds: one API call, its answer, and what a failure means.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::value::{Text, Value};

/// One API action with its parameters.
#[derive(Clone, Debug)]
pub struct Call {
    /// The service's name in the provider's schema: `kms`, `sts`.
    pub service: Text,
    pub action: Text,
    /// The region to ask; none means the provider's.
    pub region: Option<Text>,
    /// A host to ask instead of the service's public endpoint. An endpoint that the user configured stays.
    pub endpoint: Option<Text>,
    /// An object; null members are left out. Marked values stay marked until they are sent.
    pub params: Value,
    pub effect: Effect,
    /// It is not signed any more after this second since 1970: by then others may count on its never arriving.
    pub until: Option<i64>,
}

/// What sending a call twice would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Repeating it leads to the same end.
    Repeatable,
    /// Every arrival makes one more: never sent again after an unclear failure.
    Creates,
}

/// What a failed call means for us, whatever the cloud calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The object does not exist.
    Gone,
    /// Ask again later: we called too often.
    Throttled,
    /// Ask again: the service had a bad moment.
    Transient,
    /// The credentials do not allow it, or are missing or wrong.
    Denied,
    /// Asking again will not help.
    Refused,
    /// It may have happened or not: the answer was lost, or could not be read.
    Unclear,
}

/// A call that failed.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub class: Class,
    /// The cloud's own code, or a short word of ours (`ConnectionFailed`, `UnreadableAnswer`).
    pub code: String,
    pub message: String,
    pub service: Text,
    pub action: Text,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// An earlier attempt of the call may have had its effect, whatever this last one came to.
    pub after_unclear: bool,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.action, self.code, self.message)?;
        self.request_id
            .iter()
            .try_for_each(|id| write!(f, " (request id {id})"))
    }
}

/// A future answer: an object, or the error after all sensible retries.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Value, ApiError>> + 'a>>;

/// A future id of an account.
pub type AccountId<'a> = Pin<Box<dyn Future<Output = Option<Text>> + 'a>>;

/// One configured provider.
pub trait Cloud {
    /// Carries out a call. Adapters retry what is safe to retry; [`Effect::Creates`] is never sent again after
    /// an unclear failure.
    fn call(&self, call: Call) -> Answer<'_>;

    /// Facts that only the cloud knows, for schema expressions: `account_id`, `partition`, `region` ...
    /// Asked for at most once per run.
    fn facts(&self) -> Answer<'_>;

    /// The id of the account in which calls are made. None where the cloud does not tell, or not soon: what can do without
    /// is not to hang on it.
    fn account(&self) -> AccountId<'_> {
        Box::pin(async { account_of(&self.facts().await.ok()?) })
    }

    /// The services that are asked at an address which users gave, each with that address.
    fn elsewhere(&self) -> Vec<(Text, String)> {
        Vec::new()
    }

    /// Files with credentials that others on this machine may read, of those that were read so far.
    fn exposed(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The account of which a cloud's facts speak.
pub fn account_of(facts: &Value) -> Option<Text> {
    let account = facts.get("account_id")?.as_text()?;
    (!account.is_empty()).then(|| account.clone())
}
