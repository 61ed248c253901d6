//! When a key was last used, and for what.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::Error;
use super::world::{Key, Names};
use super::{Aws, Call, request_id, seconds};

/// One successful use of a key.
#[derive(Clone, Serialize, Deserialize)]
pub struct Use {
    operation: String,
    at: i64,
    event: String,
    request: String,
}

impl Key {
    /// Notes a use.
    pub fn used(&mut self, operation: &str, now: i64) {
        self.last_use = Some(Use {
            operation: operation.to_owned(),
            at: now,
            event: request_id(),
            request: request_id(),
        });
    }
}

/// Tells the last use of a key; nothing for one that was never used.
pub fn get(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.key(call, Names::Own)?;
    let mut reply = json!({
        "KeyId": key.arn,
        "TrackingStartDate": seconds(key.created),
        "KeyCreationDate": seconds(key.created),
    });
    if let Some(last) = &key.last_use {
        reply["KeyLastUsage"] = json!({
            "Operation": last.operation,
            "Timestamp": seconds(last.at),
            "CloudTrailEventId": last.event,
            "KmsRequestId": last.request,
        });
    }
    Ok(reply)
}
