//! Values and types as JSON: plain, as in state attributes, and with types, as in outputs.

use super::{Type, Value};

/// Why JSON does not fit a type; a sentence without a full stop.
#[derive(Clone, Debug)]
pub struct JsonError(pub String);

/// A type in the encoding of state files: `"string"`, `["list","string"]`, `["object",{"a":"number"}]`.
pub fn type_to_json(_ty: &Type) -> serde_json::Value {
    todo!("helper")
}

pub fn type_from_json(_json: &serde_json::Value) -> Result<Type, JsonError> {
    todo!("helper")
}

/// A wholly known value as JSON; where `ty` has `Dynamic`, the value is wrapped as `{"value": V, "type": T}`.
/// Unknown parts become null. Marks are looked through: callers decide what may be shown.
pub fn to_json(_value: &Value, _ty: &Type) -> serde_json::Value {
    todo!("helper")
}

/// A value as plain JSON, as `jsonencode` has it: nothing wrapped.
pub fn to_plain_json(_value: &Value) -> serde_json::Value {
    todo!("helper")
}

/// Reads JSON as a value of the type; the inverse of [`to_json`].
pub fn from_json(_json: &serde_json::Value, _ty: &Type) -> Result<Value, JsonError> {
    todo!("helper")
}

/// Reads JSON as objects and tuples, as `jsondecode` does.
pub fn from_plain_json(_json: &serde_json::Value) -> Value {
    todo!("helper")
}

/// Compact text with Go's escapes (`<`, `>`, `&`, U+2028, U+2029 as `\u003c` ...), keys sorted.
pub fn to_go_text(_json: &serde_json::Value) -> String {
    todo!("helper")
}

/// The same with an indent of two spaces and one final newline, keys in the order given.
pub fn to_go_text_pretty(_json: &serde_json::Value) -> String {
    todo!("helper")
}
