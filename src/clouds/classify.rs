//! What an error answer means: by its code, and by its status only where the service had a bad moment.

use std::time::Duration;

use super::http::Reply;
use super::json::{excerpt, one_line};
use super::retry::{Failure, Remedy};
use crate::cloud::Class;
use crate::schema::ErrorCodes;
use crate::value::Text;

/// What an error answer says.
pub struct Said {
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
}

/// The failure that an error answer means. `said` is none where the answer is not in the service's form.
pub fn failure(reply: &Reply, said: Option<Said>, codes: &ErrorCodes) -> Failure {
    let fault = reply.status >= 500;
    let Some(said) = said else {
        return unreadable(reply);
    };
    let class = by_code(&said.code, codes).unwrap_or(match reply.status {
        429 => Class::Throttled,
        500.. => Class::Transient,
        _ => Class::Refused,
    });
    let remedy = match class {
        Class::Throttled => Remedy::SlowDown,
        Class::Transient => Remedy::Wait,
        Class::Gone | Class::Denied | Class::Refused | Class::Unclear => Remedy::None,
    };
    Failure {
        class,
        message: one_line(&said.message),
        code: one_line(&said.code),
        status: Some(reply.status),
        request_id: said.request_id,
        unclear: fault && class == Class::Transient,
        after_unclear: false,
        remedy,
        retry_after: retry_after(reply),
    }
}

/// A success whose text cannot be understood: it happened, but we do not know what.
pub fn unreadable_success(reply: &Reply) -> Failure {
    Failure {
        status: Some(reply.status),
        ..Failure::unclear(
            "UnreadableAnswer",
            format!("The answer cannot be understood: {}", unquoted(reply)),
            Remedy::Few,
        )
    }
}

/// The class of a code: exactly, or by the start where a listed code ends in `*`.
fn by_code(code: &str, codes: &ErrorCodes) -> Option<Class> {
    let listed = |list: &[Text]| {
        list.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => code.starts_with(start),
            None => &**known == code,
        })
    };
    let classes = [
        (&codes.gone, Class::Gone),
        (&codes.throttled, Class::Throttled),
        (&codes.transient, Class::Transient),
        (&codes.denied, Class::Denied),
    ];
    classes
        .into_iter()
        .find_map(|(list, class)| listed(list).then_some(class))
        .or_else(|| code.starts_with("Throttling").then_some(Class::Throttled))
}

/// What can be told of a success: it may hold secrets, so it is never quoted.
fn unquoted(reply: &Reply) -> String {
    let kind = reply.header("content-type").unwrap_or("no content type");
    format!("{} bytes, {kind}", reply.body.len())
}

fn unreadable(reply: &Reply) -> Failure {
    let text = match reply.status {
        200..300 => unquoted(reply),
        _ => excerpt(&reply.body),
    };
    let message = if text.is_empty() {
        format!("The service answered with status {} and no text", reply.status)
    } else {
        format!("The service answered with status {}: {text}", reply.status)
    };
    let failure = match reply.status {
        429 => Failure {
            class: Class::Throttled,
            ..Failure::clear("TooManyRequests", message, Remedy::SlowDown)
        },
        500.. => Failure::unclear("UnreadableAnswer", message, Remedy::Few),
        _ => Failure::refused("UnreadableAnswer", message),
    };
    Failure {
        status: Some(reply.status),
        retry_after: retry_after(reply),
        ..failure
    }
}

fn retry_after(reply: &Reply) -> Option<Duration> {
    let number = |name: &str| reply.header(name)?.trim().parse::<u64>().ok();
    number("x-amz-retry-after")
        .or_else(|| number("x-acs-retry-after"))
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))
}
