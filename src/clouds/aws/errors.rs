//! Error answers of AWS: JSON with a type, or XML.

use jiff::Timestamp;

use super::encode;
use crate::cloud::Class;
use crate::clouds::classify::{self, Said};
use crate::clouds::http::Reply;
use crate::clouds::retry::{Failure, Remedy};
use crate::clouds::session::clock_remedy;
use crate::schema::{ErrorCodes, Protocol};
use crate::value::Value;

/// Codes of credentials that were good once.
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"];

/// Codes of signatures that do not match, often because a clock is wrong.
const SIGNATURE: &[&str] = &[
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "RequestInTheFuture",
];

/// Codes that deny, whichever service says them.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "AuthFailure",
    "OptInRequired",
    "NotAuthorized",
    "InvalidIdentityToken",
];

/// Codes that ask for patience, whichever service says them. `LimitExceededException` is none of them: it is
/// the end of a quota of resources.
const THROTTLED: &[&str] = &[
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
];

const TRANSIENT: &[&str] = &[
    "RequestTimeout",
    "RequestTimeoutException",
    "IDPCommunicationError",
];

/// The failure in an error answer.
pub fn failure(reply: &Reply, protocol: Protocol, codes: &ErrorCodes, now: Timestamp) -> Failure {
    let said = match protocol {
        Protocol::AwsQuery => xml(reply).or_else(|| json(reply)),
        Protocol::AwsJson | Protocol::AlicloudRpc | Protocol::Machine => json(reply).or_else(|| xml(reply)),
    };
    let mut failure = classify::failure(reply, said, codes);
    let code = failure.code.as_str();
    if failure.class == Class::Refused {
        failure.class = match code {
            code if THROTTLED.contains(&code) => Class::Throttled,
            code if TRANSIENT.contains(&code) => Class::Transient,
            code if [DENIED, SIGNATURE, EXPIRED].concat().contains(&code) => Class::Denied,
            _ => Class::Refused,
        };
        failure.remedy = match failure.class {
            Class::Throttled => Remedy::SlowDown,
            Class::Transient => Remedy::Wait,
            _ => Remedy::None,
        };
    }
    if EXPIRED.contains(&failure.code.as_str()) {
        failure.remedy = Remedy::Credentials;
    }
    if SIGNATURE.contains(&failure.code.as_str()) {
        failure.remedy = clock_remedy(reply, now);
        failure.message = without_echo(&failure.message);
    }
    failure
}

fn json(reply: &Reply) -> Option<Said> {
    let body = serde_json::from_slice::<serde_json::Value>(&reply.body).ok();
    let text = |names: &[&str]| {
        let body = body.as_ref()?;
        names.iter().find_map(|name| body.get(name)?.as_str())
    };
    let code = text(&["__type", "code"])
        .or_else(|| reply.header("x-amzn-errortype"))
        .map(bare_code)
        .filter(|code| !code.is_empty())?;
    Some(Said {
        code: code.to_owned(),
        message: text(&["message", "Message"])
            .unwrap_or("The service gave no reason")
            .to_owned(),
        request_id: request_id(reply),
    })
}

fn xml(reply: &Reply) -> Option<Said> {
    let (name, root) = encode::xml(&reply.body)?;
    if !["ErrorResponse", "Response", "Error"].contains(&name.as_str()) {
        return None;
    }
    let error = root
        .get("Error")
        .or_else(|| root.get("Errors").and_then(|errors| errors.get("Error")))
        .unwrap_or(&root);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Said {
        code: text(error, "Code")?,
        message: text(error, "Message").unwrap_or_else(|| "The service gave no reason".to_owned()),
        request_id: request_id(reply)
            .or_else(|| text(&root, "RequestId"))
            .or_else(|| text(&root, "RequestID")),
    })
}

fn request_id(reply: &Reply) -> Option<String> {
    reply
        .header("x-amzn-requestid")
        .or_else(|| reply.header("x-amz-request-id"))
        .map(str::to_owned)
}

/// `NotFoundException` of `com.amazonaws.kms#NotFoundException:http://...`.
fn bare_code(text: &str) -> &str {
    let text = text.rsplit('#').next().unwrap_or(text);
    text.split(':').next().unwrap_or(text).trim()
}

/// Messages on signatures may repeat the request, which may hold secrets.
fn without_echo(message: &str) -> String {
    let echoes = [
        "The Canonical String",
        "The String-to-Sign",
        "canonical string",
        "string to sign",
    ];
    let end = echoes.iter().filter_map(|echo| message.find(echo)).min();
    match end {
        Some(end) => format!("{} (the rest repeats the request)", message[..end].trim_end()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an answer means: class, code, remedy, message.
    #[track_caller]
    fn check(status: u16, body: &str, expected: (Class, &str, Remedy)) -> Failure {
        let reply = Reply {
            status,
            headers: reqwest::header::HeaderMap::new(),
            body: body.as_bytes().to_vec().into(),
        };
        let codes = ErrorCodes {
            gone: vec!["NotFoundException".into()],
            throttled: vec!["ThrottlingException".into()],
            transient: vec!["KMSInternalException".into()],
            denied: vec![],
        };
        let failure = failure(&reply, Protocol::AwsJson, &codes, Timestamp::UNIX_EPOCH);
        assert_eq!((failure.class, &*failure.code, failure.remedy), expected);
        failure
    }

    #[test]
    fn the_code_decides() {
        let gone = r#"{"__type":"com.amazonaws.kms#NotFoundException:http://x","Message":"no"}"#;
        let failure = check(400, gone, (Class::Gone, "NotFoundException", Remedy::None));
        assert_eq!(failure.message, "no");
        check(
            400,
            r#"{"__type":"ThrottlingException"}"#,
            (Class::Throttled, "ThrottlingException", Remedy::SlowDown),
        );
        check(
            400,
            r#"{"__type":"LimitExceededException"}"#,
            (Class::Refused, "LimitExceededException", Remedy::None),
        );
        check(
            400,
            r#"{"__type":"AccessDeniedException"}"#,
            (Class::Denied, "AccessDeniedException", Remedy::None),
        );
    }

    #[test]
    fn a_status_never_means_gone() {
        check(404, "<html>", (Class::Refused, "UnreadableAnswer", Remedy::None));
        check(
            404,
            r#"{"__type":"Other"}"#,
            (Class::Refused, "Other", Remedy::None),
        );
    }

    #[test]
    fn faults_are_unclear() {
        let fault = r#"{"__type":"KMSInternalException"}"#;
        assert!(
            check(
                500,
                fault,
                (Class::Transient, "KMSInternalException", Remedy::Wait)
            )
            .unclear
        );
        let html = check(
            502,
            "<html>\n\u{1b}bad",
            (Class::Transient, "UnreadableAnswer", Remedy::Few),
        );
        assert!(html.unclear);
        assert!(!html.message.contains('\u{1b}'), "{}", html.message);
    }

    #[test]
    fn xml_errors_are_read_too() {
        let body = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>old</Message></Error>\
            <RequestId>r</RequestId></ErrorResponse>";
        let failure = check(403, body, (Class::Denied, "ExpiredToken", Remedy::Credentials));
        assert_eq!(failure.request_id.as_deref(), Some("r"));
    }

    #[test]
    fn an_echoed_request_is_cut_off() {
        let body = r#"{"__type":"InvalidSignatureException",
            "message":"No match.\n\nThe Canonical String for this request should have been\n'secret'"}"#;
        let failure = check(
            400,
            body,
            (Class::Denied, "InvalidSignatureException", Remedy::None),
        );
        assert!(!failure.message.contains("secret"), "{}", failure.message);
    }
}
