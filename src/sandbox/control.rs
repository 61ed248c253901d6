//! The sandbox's own controls below `/_keyform/`, which no cloud has.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::faults::{self, Dice, Faults};
use super::route::{self, Cloud};
use super::store::World;
use super::{Request, Response};

/// How often each action was called since the start or the last reset.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    aws: BTreeMap<String, u64>,
    alicloud: BTreeMap<String, u64>,
    /// How many of them were beyond a quota.
    pub throttled: u64,
}

impl Calls {
    /// Notes one call.
    pub fn count(&mut self, cloud: Cloud, action: &str) {
        let counters = match cloud {
            Cloud::Aws => &mut self.aws,
            Cloud::Alicloud => &mut self.alicloud,
        };
        match counters.get_mut(action) {
            Some(count) => *count += 1,
            None => {
                counters.insert(action.to_owned(), 1);
            }
        }
    }

    /// The counters as a JSON document.
    pub fn show(&self) -> Value {
        json!({ "aws": self.aws, "alicloud": self.alicloud, "throttled": self.throttled })
    }
}

/// Says that the sandbox is up.
pub fn health() -> Response {
    Response::json(
        200,
        &json!({ "status": "ok", "services": ["aws.kms", "aws.sts", "aws.iam", "alicloud.kms"] }),
    )
}

/// Says that an order was carried out.
pub fn done() -> Response {
    Response::json(200, &json!({ "status": "ok" }))
}

/// Moves the emulated clock ahead by `seconds` of the query.
pub fn advance(world: &mut World, request: &Request) -> Response {
    let seconds = route::parameter(request, "seconds").and_then(|text| text.parse::<u32>().ok());
    let Some(seconds) = seconds else {
        return refuse("\"seconds\" must be a whole number from 0");
    };
    world.ahead_seconds = world.ahead_seconds.saturating_add(i64::from(seconds));
    Response::json(
        200,
        &json!({ "status": "ok", "ahead_seconds": world.ahead_seconds }),
    )
}

/// Shows the faults as they stand.
pub fn show_faults(faults: &Faults) -> Response {
    Response::json(200, &serde_json::to_value(faults).unwrap_or(Value::Null))
}

/// Overlays the faults with the members of a JSON document; a new seed starts the dice afresh.
pub fn set_faults(dice: &mut Dice, request: &Request) -> Response {
    let patch: serde_json::Map<String, Value> = match serde_json::from_slice(&request.body) {
        Ok(patch) => patch,
        Err(why) => return refuse(&format!("the body must be a JSON object: {why}")),
    };
    let mut merged = if request.method == "PUT" {
        json!({})
    } else {
        serde_json::to_value(&dice.faults).unwrap_or(json!({}))
    };
    let reseeds = patch.contains_key("seed");
    for (name, value) in patch {
        merged[name] = value;
    }
    let faults: Faults = match serde_json::from_value(merged) {
        Ok(faults) => faults,
        Err(why) => return refuse(&why.to_string()),
    };
    if let Err(why) = faults::check(&faults) {
        return refuse(&why);
    }
    if reseeds {
        *dice = Dice::new(faults);
    } else {
        dice.faults = faults;
    }
    show_faults(&dice.faults)
}

fn refuse(why: &str) -> Response {
    Response::json(400, &json!({ "message": why }))
}
