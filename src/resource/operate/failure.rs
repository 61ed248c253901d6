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
    if error.class == Class::Refused && error.code.contains("InDeleteWindow") {
        return told.hint(
            "An object of this name waits for its deletion and keeps the name until then. Call it back and import it, delete it for good, or choose another name.",
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

/// The error without the secrets of the request, which a cloud may repeat in one form or another.
pub(super) fn scrubbed(mut error: ApiError, params: &Value) -> ApiError {
    let mut secrets = Vec::new();
    collect(params, false, &mut secrets);
    let mut forms: Vec<String> = secrets.iter().flat_map(|secret| forms(secret)).collect();
    // A long secret may hold a short one.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    for form in forms.iter().filter(|form| !form.is_empty()) {
        error.message = without(&error.message, form);
    }
    error
}

/// How a service may write a text: as it is, quoted once or twice, as a part of a URL or of one within another, in
/// base64.
fn forms(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    let quoted = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, RESERVED).to_string();
    let (once, part) = (quoted(secret), encoded(secret));
    vec![
        secret.to_owned(),
        quoted(&once),
        encoded(&part),
        part.replace("%20", "+"),
        once,
        part,
        base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret),
    ]
}

/// What is encoded in URLs: all but the unreserved characters of RFC 3986.
const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The text without the secret. A short one is taken out only where it stands by itself: every sentence has an "a".
fn without(text: &str, secret: &str) -> String {
    let short = secret.chars().count() <= 3;
    let mut rest = text;
    let mut clean = String::new();
    while let Some((before, after)) = rest.split_once(secret) {
        clean.push_str(before);
        let within = clean.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        clean.push_str(if short && within { secret } else { HIDDEN });
        rest = after;
    }
    clean + rest
}

const HIDDEN: &str = "(sensitive value)";

fn collect(value: &Value, within: bool, found: &mut Vec<String>) {
    let secret = within || value.marks().contains(Marks::SENSITIVE);
    if let Data::String(text) = value.data()
        && secret
    {
        found.push(text.to_string());
    }
    value.children().for_each(|child| collect(child, secret, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secret: &str, message: &str, expected: &str) {
        let error = ApiError {
            class: Class::Refused,
            code: String::new(),
            message: message.into(),
            service: "kms".into(),
            action: "CreateSecret".into(),
            status: None,
            request_id: None,
            after_unclear: false,
        };
        let params = Value::object_of([("SecretData", Value::from(secret).with_marks(Marks::SENSITIVE))]);
        assert_eq!(scrubbed(error, &params).message, expected);
    }

    #[test]
    fn a_secret_is_hidden_in_every_form_that_services_repeat() {
        let secret = "{\"Password\":\"p@ss word\"}";
        for form in [
            secret,
            r#"{\"Password\":\"p@ss word\"}"#,
            r#"{\\\"Password\\\":\\\"p@ss word\\\"}"#,
            "%7B%22Password%22%3A%22p%40ss%20word%22%7D",
            "%7B%22Password%22%3A%22p%40ss+word%22%7D",
            "%257B%2522Password%2522%253A%2522p%2540ss%2520word%2522%257D",
        ] {
            check(
                secret,
                &format!("The value \"{form}\" is not valid"),
                "The value \"(sensitive value)\" is not valid",
            );
        }
        check("hunter2!", "aHVudGVyMiE=", "(sensitive value)=");
    }

    #[test]
    fn a_short_secret_is_hidden_where_it_stands_by_itself() {
        check(
            "abc",
            "abc is no value, abcd is",
            "(sensitive value) is no value, abcd is",
        );
        check("", "nothing", "nothing");
    }
}
