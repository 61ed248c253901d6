//! The emulated Alibaba Cloud KMS.

use serde::{Deserialize, Serialize};

use super::{Request, Response};

/// What the emulated Alibaba Cloud remembers.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Alicloud {}

/// Answers one request.
pub fn handle(_world: &mut Alicloud, _request: &Request, _now: jiff::Timestamp) -> Response {
    Response::json(501, &serde_json::json!({ "Code": "NotImplemented" }))
}
