//! Whether an answer comes from the service: captive portals and proxies answer with pages of their own, status 200.
//!
//! This is for mistakes. Who wants to deceive is kept out by TLS.

use super::http::Reply;
use super::json::excerpt;
use super::retry::{Failure, Remedy};
use super::sent::REQUEST_ID;
use crate::schema::Protocol;

const JSON: &[&str] = &[
    "application/json",
    "application/x-amz-json-1.0",
    "application/x-amz-json-1.1",
    "text/json",
];
const XML: &[&str] = &["application/xml", "text/xml"];

/// Refuses a success that is not written as the service writes, and does not name its request either. Whether it had
/// an effect is open: somebody may have answered after the service.
pub fn check(reply: &Reply, protocol: Protocol, place: &str) -> Result<(), Failure> {
    let is_success = (200..300).contains(&reply.status);
    if !is_success || is_of_service(reply, protocol) || names_request(reply, protocol) {
        return Ok(());
    }
    let kind = match reply.headers.get("content-type") {
        Some(kind) => excerpt(kind.as_bytes()),
        None => "no content type".to_owned(),
    };
    let message = format!(
        "{place} answered with status {} and {} bytes, {kind}, which is not how this service answers: something on the way, like a proxy or a login page, may have answered in its place",
        reply.status,
        reply.body.len(),
    );
    Err(Failure {
        status: Some(reply.status),
        ..Failure::unclear("UnreadableAnswer", message, Remedy::Few)
    })
}

/// Whether the content type is one in which the service answers, whatever its parameters are.
fn is_of_service(reply: &Reply, protocol: Protocol) -> bool {
    let kinds = match protocol {
        Protocol::AwsQuery => XML,
        Protocol::AwsJson | Protocol::AlicloudRpc => JSON,
        Protocol::Machine => return true,
    };
    let kind = reply.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kinds.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

/// Whether the answer names its request, as nobody else's does. Emulators call all they say `text/html`, but do this.
fn names_request(reply: &Reply, protocol: Protocol) -> bool {
    if REQUEST_ID.iter().any(|name| reply.header(name).is_some()) {
        return true;
    }
    // Alibaba Cloud names it in the text, and not all its gateways in a header.
    protocol == Protocol::AlicloudRpc
        && serde_json::from_slice::<serde_json::Value>(&reply.body)
            .is_ok_and(|body| body.get("RequestId").is_some_and(serde_json::Value::is_string))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    /// Whether an answer with these headers is taken for the service's.
    #[track_caller]
    fn check_answer(protocol: Protocol, headers: &[(&'static str, &str)], body: &str, taken: bool) {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        });
        let reply = Reply {
            headers: headers.collect(),
            ..Reply::bare(200, body.as_bytes())
        };
        let checked = check(&reply, protocol, "kms.example:443");
        assert_eq!(checked.is_ok(), taken, "{checked:?}");
        if let Err(failure) = checked {
            assert!(failure.unclear, "{failure:?}");
            assert!(!failure.message.contains(char::is_control), "{failure:?}");
            assert!(
                failure
                    .message
                    .starts_with("kms.example:443 answered with status 200"),
                "{failure:?}"
            );
        }
    }

    const KIND: &str = "content-type";

    #[test]
    fn services_answer_in_their_own_form() {
        for kind in [
            "application/x-amz-json-1.1",
            "application/x-amz-json-1.0",
            "Application/JSON; charset=utf-8",
            "application/json;charset=utf-8",
        ] {
            check_answer(Protocol::AwsJson, &[(KIND, kind)], "", true);
            check_answer(Protocol::AlicloudRpc, &[(KIND, kind)], "", true);
            check_answer(Protocol::AwsQuery, &[(KIND, kind)], "", false);
        }
        for kind in ["text/xml", "text/xml;charset=UTF-8", "application/xml"] {
            check_answer(Protocol::AwsQuery, &[(KIND, kind)], "", true);
            check_answer(Protocol::AwsJson, &[(KIND, kind)], "", false);
        }
    }

    #[test]
    fn pages_of_others_are_no_answers_even_if_they_could_be_read() {
        for protocol in [Protocol::AwsJson, Protocol::AwsQuery, Protocol::AlicloudRpc] {
            for kind in ["text/html", "application/xhtml+xml", "json", "", "\u{9b}31m"] {
                check_answer(protocol, &[(KIND, kind)], "{}", false);
                check_answer(protocol, &[(KIND, kind)], "", false);
            }
            check_answer(protocol, &[], "{}", false);
        }
    }

    #[test]
    fn who_names_the_request_is_the_service_or_plays_it() {
        let page = (KIND, "text/html; charset=utf-8");
        check_answer(Protocol::AwsJson, &[page, ("x-amzn-requestid", "r")], "{}", true);
        check_answer(
            Protocol::AlicloudRpc,
            &[page, ("x-acs-request-id", "r")],
            "{}",
            true,
        );
        let body = r#"{"RequestId":"r"}"#;
        check_answer(Protocol::AlicloudRpc, &[page], body, true);
        check_answer(Protocol::AwsJson, &[page], body, false);
    }
}
