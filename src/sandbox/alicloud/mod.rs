//! The emulated Alibaba Cloud KMS.

use serde::{Deserialize, Serialize};

use super::{Request, Response};

/// The made-up access key that the sandbox knows.
pub const ACCESS_KEY_ID: &str = "LTAI5tKeyformSandbox01";
/// The secret of [`ACCESS_KEY_ID`].
pub const ACCESS_KEY_SECRET: &str = "keyformSandboxSecret0123456789";
/// The made-up account that owns everything.
pub const ACCOUNT_ID: &str = "1234567890123456";

/// What the emulated Alibaba Cloud remembers.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Alicloud {}

/// Answers one request.
pub fn handle(_world: &mut Alicloud, _request: &Request, _now: jiff::Timestamp) -> Response {
    Response::json(501, &serde_json::json!({ "Code": "NotImplemented" }))
}

/// The answer to a request that is refused for this reason.
pub fn refuse(_request: &Request, status: u16, code: &str, message: &str) -> Response {
    Response::json(status, &serde_json::json!({ "Code": code, "Message": message }))
}
