//! What a failed step tells the user.

use crate::cloud::{ApiError, Class};
use crate::diag::{Diagnostic, Diagnostics};
use crate::value::{Data, Marks, Value};

/// Why a step did not succeed.
pub(super) enum Failure {
    /// The object does not exist.
    Gone(ApiError),
    Api(ApiError),
    /// An error of the schema, or of this machine.
    Other(Diagnostics),
}

/// A step that may not succeed.
pub(super) type Attempt<T> = Result<T, Failure>;

impl From<Diagnostics> for Failure {
    fn from(problems: Diagnostics) -> Self {
        Self::Other(problems)
    }
}

impl Failure {
    /// As the user is told; `doing` completes "while": `creating the object`.
    pub fn told(self, doing: &str) -> Diagnostics {
        match self {
            Self::Gone(error) | Self::Api(error) => api_error(&error, doing).into(),
            Self::Other(problems) => problems,
        }
    }

    /// Whether the call may have had its effect: its answer was lost, or that of an earlier attempt.
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Gone(error) | Self::Api(error) => error.class == Class::Unclear || error.after_unclear,
            Self::Other(_) => false,
        }
    }
}

fn api_error(error: &ApiError, doing: &str) -> Diagnostic {
    let (summary, advice) = match error.class {
        Class::Gone => (
            "Object does not exist",
            "It may have been deleted outside of this configuration.",
        ),
        Class::Throttled => (
            "Too many requests",
            "The cloud still refuses after all retries. Try again later, or with less parallelism.",
        ),
        Class::Transient => (
            "Service unavailable",
            "The service still fails after all retries. Try again later.",
        ),
        Class::Denied => (
            "Access denied",
            "The credentials are missing or wrong, or do not allow this request.",
        ),
        Class::Refused => ("Request refused", ""),
        Class::Unclear => (
            "Answer lost",
            "Nobody can tell whether the request was carried out.",
        ),
    };
    let request = error
        .request_id
        .as_ref()
        .map_or_else(String::new, |id| format!(" (request id {id})"));
    let message = error.message.trim();
    let stop = if message.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    let detail = format!(
        "{} failed while {doing}: {}: {message}{stop}{request}",
        error.action, error.code
    );
    let detail = if advice.is_empty() {
        detail
    } else {
        format!("{detail}\n\n{advice}")
    };
    let told = Diagnostic::error(summary, detail);
    if error.class == Class::Refused && says_it_exists(&error.code) {
        return told.hint(
            "If it is the object that is meant, bring it under management with \"import ADDRESS ID\".",
        );
    }
    if error.class != Class::Denied {
        return told;
    }
    let lacks_permission = ["AccessDenied", "Forbidden", "NoPermission", "NotAuthorized"]
        .iter()
        .any(|word| error.code.contains(word));
    told.hint(if lacks_permission {
        format!(
            "Grant the permission {}:{} to the credentials in use.",
            error.service, error.action
        )
    } else {
        "Check which credentials are in use, and whether they are complete and still valid.".into()
    })
}

/// `AlreadyExistsException`, `Rejected.ResourceExist`.
fn says_it_exists(code: &str) -> bool {
    code.contains("Exist") && !code.contains("NotExist") && !code.contains("NonExist")
}

/// The error without the secrets of the request, which a cloud may repeat.
pub(super) fn scrubbed(mut error: ApiError, params: &Value) -> ApiError {
    let mut secrets = Vec::new();
    collect(params, false, &mut secrets);
    // A long secret may hold a short one.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets.iter().filter(|secret| secret.len() > 3) {
        error.message = error.message.replace(&**secret, "(sensitive value)");
    }
    error
}

fn collect(value: &Value, within: bool, found: &mut Vec<String>) {
    let secret = within || value.marks().contains(Marks::SENSITIVE);
    if let Data::String(text) = value.data()
        && secret
    {
        found.push(text.to_string());
    }
    value.children().for_each(|child| collect(child, secret, found));
}
