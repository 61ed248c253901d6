//! Error answers of Alibaba Cloud, also those with the status of a success.

use jiff::Timestamp;

use crate::cloud::Class;
use crate::clouds::classify::{self, Said};
use crate::clouds::http::Reply;
use crate::clouds::retry::{Failure, Remedy};
use crate::clouds::session::clock_remedy;
use crate::schema::ErrorCodes;

/// Codes that deny, whichever service says them. `InvalidAccessKeyId.NotFound` has the status 404.
const DENIED: &[&str] = &[
    "Forbidden.NoPermission",
    "Forbidden.RAM",
    "Forbidden.AccessKey",
    "NoPermission",
    "IncompleteSignature",
    "MissingSecurityToken",
];

const DENIED_PREFIXES: &[&str] = &[
    "InvalidAccessKeyId",
    "InvalidSecurityToken",
    "SignatureDoesNotMatch",
];

/// Codes of credentials that were good once.
const EXPIRED: &[&str] = &["InvalidSecurityToken.Expired", "SecurityTokenExpired"];

/// Codes of clocks that differ.
const CLOCK: &[&str] = &[
    "InvalidTimeStamp.Expired",
    "IllegalTimestamp",
    "InvalidTimeStamp.Format",
];

const THROTTLED: &[&str] = &["Rejected.Throttling", "TooManyRequests", "FlowControlError"];

/// Some are spelt wrong by the service.
const TRANSIENT: &[&str] = &[
    "ServiceUnavailable",
    "InternalFailure",
    "InternalError",
    "SerivceUnavailableTemporary",
    "SerivceUnvailableTemporary",
];

/// The failure in an error answer.
pub fn failure(reply: &Reply, codes: &ErrorCodes, now: Timestamp) -> Failure {
    let mut failure = classify::failure(reply, said(reply), codes);
    let code = failure.code.as_str();
    if failure.class == Class::Refused {
        failure.class = if THROTTLED.contains(&code) {
            Class::Throttled
        } else if TRANSIENT.contains(&code) {
            Class::Transient
        } else if denies(code) {
            Class::Denied
        } else {
            Class::Refused
        };
        failure.remedy = match failure.class {
            Class::Throttled => Remedy::SlowDown,
            Class::Transient => Remedy::Wait,
            Class::Gone | Class::Denied | Class::Refused | Class::Unclear => Remedy::None,
        };
    }
    if EXPIRED.contains(&failure.code.as_str()) {
        failure.remedy = Remedy::Credentials;
    }
    if CLOCK.contains(&failure.code.as_str()) {
        failure.remedy = clock_remedy(reply, now);
    }
    failure.message = without_echo(&failure.message);
    failure
}

/// Whether an answer with the status of a success is an error in truth.
pub fn hides_failure(reply: &Reply) -> bool {
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&reply.body) else {
        return false;
    };
    let text = |name: &str| match body.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let code = text("Code");
    let fine = ["", "success", "ok", "200", "0"]
        .iter()
        .any(|word| code.eq_ignore_ascii_case(word));
    let succeeded = body
        .get("Success")
        .is_some_and(|flag| flag.as_bool() == Some(true) || flag.as_str() == Some("true"));
    !fine && !succeeded && !text("Message").is_empty()
}

fn denies(code: &str) -> bool {
    DENIED.contains(&code)
        || CLOCK.contains(&code)
        || EXPIRED.contains(&code)
        || DENIED_PREFIXES.iter().any(|prefix| code.starts_with(prefix))
}

fn said(reply: &Reply) -> Option<Said> {
    let body: serde_json::Value = serde_json::from_slice(&reply.body).ok()?;
    let text = |name: &str| body.get(name).and_then(serde_json::Value::as_str);
    Some(Said {
        code: text("Code")?.to_owned(),
        message: text("Message").unwrap_or("The service gave no reason").to_owned(),
        request_id: text("RequestId")
            .or_else(|| reply.header("x-acs-request-id"))
            .map(str::to_owned),
    })
}

/// Messages on signatures may repeat the whole request, secrets and all.
fn without_echo(message: &str) -> String {
    let lower = message.to_ascii_lowercase();
    let echoes = [
        "server string to sign",
        "string to sign",
        "stringtosign",
        "canonicalrequest",
    ];
    let end = echoes.iter().filter_map(|echo| lower.find(echo)).min();
    match end {
        Some(end) => format!("{} (the rest repeats the request)", message[..end].trim_end()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, code: &str, class: Class, remedy: Remedy) -> Failure {
        let body =
            format!(r#"{{"Code":"{code}","Message":"No. server string to sign is:hidden","RequestId":"r"}}"#);
        let reply = Reply {
            status,
            headers: reqwest::header::HeaderMap::new(),
            body: body.into_bytes().into(),
        };
        let codes = ErrorCodes {
            gone: vec!["Forbidden.KeyNotFound".into()],
            ..ErrorCodes::default()
        };
        let failure = failure(&reply, &codes, Timestamp::UNIX_EPOCH);
        assert_eq!((failure.class, failure.remedy), (class, remedy));
        failure
    }

    #[test]
    fn the_code_decides_and_never_the_status() {
        check(404, "Forbidden.KeyNotFound", Class::Gone, Remedy::None);
        check(404, "InvalidAccessKeyId.NotFound", Class::Denied, Remedy::None);
        check(404, "InvalidAction.NotFound", Class::Refused, Remedy::None);
        check(403, "Forbidden.NoPermission", Class::Denied, Remedy::None);
        // Neither the beginning of a code counts, nor a message that holds one.
        check(403, "Forbidden", Class::Refused, Remedy::None);
        check(400, "Forbidden.KeyNotFound.Not", Class::Refused, Remedy::None);
    }

    #[test]
    fn throttling_slows_down() {
        check(429, "Rejected.Throttling", Class::Throttled, Remedy::SlowDown);
        check(400, "Throttling.User", Class::Throttled, Remedy::SlowDown);
        assert!(!check(503, "Throttling", Class::Throttled, Remedy::SlowDown).unclear);
    }

    #[test]
    fn faults_are_unclear() {
        assert!(check(500, "InternalFailure", Class::Transient, Remedy::Wait).unclear);
    }

    #[test]
    fn expired_tokens_are_renewed() {
        check(
            400,
            "InvalidSecurityToken.Expired",
            Class::Denied,
            Remedy::Credentials,
        );
    }

    #[test]
    fn an_echoed_request_is_cut_off() {
        let failure = check(400, "SignatureDoesNotMatch", Class::Denied, Remedy::None);
        assert!(!failure.message.contains("hidden"), "{}", failure.message);
    }

    #[test]
    fn a_success_may_hide_a_failure() {
        let hides = |body: &str| {
            hides_failure(&Reply {
                status: 200,
                headers: reqwest::header::HeaderMap::new(),
                body: body.as_bytes().to_vec().into(),
            })
        };
        assert!(hides(r#"{"Code":"Rejected","Message":"no"}"#));
        assert!(!hides(r#"{"Code":"Success","Message":"fine"}"#));
        assert!(!hides(r#"{"Code":200,"Message":"fine"}"#));
        assert!(!hides(r#"{"Message":"fine"}"#));
        assert!(!hides(r#"{"Code":"X","Message":"m","Success":true}"#));
    }
}
