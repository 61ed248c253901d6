//! Values for tests, written as JSON.

use super::empty_object;
use crate::schema::ResourceType;
use crate::value::convert::convert;
use crate::value::{Marks, Value};

/// A value from the JSON that configuration would be; `"?"` is unknown and `"!x"` sensitive.
pub(super) fn value(json: &serde_json::Value) -> Value {
    let plain = crate::value::json::from_plain_json(json);
    crate::value::path::map_deep(&plain, &mut |_, part| match part.as_str() {
        Some("?") => Value::dynamic(),
        Some(text) if text.starts_with('!') => Value::from(&text[1..]).with_marks(Marks::SENSITIVE),
        _ => part,
    })
}

/// An object of the type with the parts that the JSON names, the others null.
pub(super) fn object(ty: &ResourceType, json: &serde_json::Value) -> Value {
    let empty = empty_object(&ty.spec);
    let mut parts = empty.as_entries().cloned().unwrap();
    for (name, part) in value(json).as_entries().unwrap() {
        let to = parts[name].ty();
        parts.insert(name.clone(), convert(part, &to).unwrap());
    }
    Value::object(parts)
}
