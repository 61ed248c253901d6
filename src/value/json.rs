//! Values and types as JSON: plain, as in state attributes, and with types, as in outputs.

mod go;
mod read;
#[cfg(test)]
mod tests;
mod typed;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Data, ObjectType, Text, Type, Value};

pub use go::{go_length, to_go_text, to_go_text_of, to_go_text_pretty};
#[cfg(test)]
pub use read::from_plain_json;
pub use read::{MAX_DEPTH, from_json, read_plain_json};
pub use typed::{from_json_text, object_from_json_text};

/// Why JSON does not fit a type; a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError(pub String);

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JsonError {}

/// A type in the encoding of state files: `"string"`, `["list","string"]`, `["object",{"a":"number"}]`.
/// Optional attributes follow as a third item.
pub fn type_to_json(ty: &Type) -> Json {
    let pair = |kind: &str, inner: Json| Json::Array(vec![kind.into(), inner]);
    match ty {
        Type::Dynamic => "dynamic".into(),
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::List(element) => pair("list", type_to_json(element)),
        Type::Set(element) => pair("set", type_to_json(element)),
        Type::Map(element) => pair("map", type_to_json(element)),
        Type::Tuple(items) => pair("tuple", items.iter().map(type_to_json).collect()),
        Type::Object(object) => {
            let attributes = object
                .attributes
                .iter()
                .map(|(name, ty)| (name.to_string(), type_to_json(ty)));
            let mut parts = vec!["object".into(), Json::Object(attributes.collect())];
            if !object.optional.is_empty() {
                parts.push(object.optional.iter().map(|name| Json::from(&**name)).collect());
            }
            Json::Array(parts)
        }
    }
}

/// Reads the encoding that [`type_to_json`] writes.
pub fn type_from_json(json: &Json) -> Result<Type, JsonError> {
    read_type(json, 0)
}

fn read_type(json: &Json, depth: usize) -> Result<Type, JsonError> {
    let unknown = || JsonError(format!("{json} is not a type"));
    if depth > MAX_DEPTH {
        return Err(read::too_deep());
    }
    let inner = |json: &Json| read_type(json, depth + 1);
    match json {
        Json::String(name) => match name.as_str() {
            "dynamic" => Ok(Type::Dynamic),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(unknown()),
        },
        Json::Array(parts) => match (parts.first().and_then(Json::as_str), &parts[1.min(parts.len())..]) {
            (Some("list"), [element]) => inner(element).map(Type::list),
            (Some("set"), [element]) => inner(element).map(Type::set),
            (Some("map"), [element]) => inner(element).map(Type::map),
            (Some("tuple"), [Json::Array(items)]) => {
                items.iter().map(inner).collect::<Result<_, _>>().map(Type::tuple)
            }
            (Some("object"), [Json::Object(attributes), optional @ ..]) => {
                let attributes: BTreeMap<Text, Type> = attributes
                    .iter()
                    .map(|(name, ty)| Ok((name.as_str().into(), inner(ty)?)))
                    .collect::<Result<_, _>>()?;
                let optional = match optional {
                    [] => [].into(),
                    [Json::Array(names)] => names
                        .iter()
                        .map(|name| name.as_str().map(Text::from).ok_or_else(unknown))
                        .collect::<Result<_, _>>()?,
                    _ => return Err(unknown()),
                };
                Ok(Type::Object(ObjectType { attributes, optional }.into()))
            }
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

/// A wholly known value as JSON; where `ty` has `Dynamic`, the value is wrapped as `{"value": V, "type": T}`.
/// Unknown parts become null. Marks are looked through: callers decide what may be shown.
pub fn to_json(value: &Value, ty: &Type) -> Json {
    let entries = |of: &dyn Fn(&str) -> Type| {
        let entries = value.as_entries().into_iter().flatten();
        Json::Object(
            entries
                .map(|(name, item)| (name.to_string(), to_json(item, &of(name))))
                .collect(),
        )
    };
    let items = |of: &dyn Fn(usize) -> Type| {
        let items = value.as_items().unwrap_or_default().iter().enumerate();
        items.map(|(index, item)| to_json(item, &of(index))).collect()
    };
    match (value.data(), ty) {
        (Data::Null(own), Type::Dynamic) if *own != Type::Dynamic => wrap(value),
        (Data::Null(_) | Data::Unknown(_), _) => Json::Null,
        (_, Type::Dynamic) => wrap(value),
        (_, ty) if !ty.has_dynamic() => to_plain_json(value),
        (Data::List(_) | Data::Set(_), Type::List(element) | Type::Set(element)) => {
            items(&|_| (**element).clone())
        }
        (Data::Map(_), Type::Map(element)) => entries(&|_| (**element).clone()),
        (Data::Tuple(_), Type::Tuple(types)) => {
            items(&|index| types.get(index).cloned().unwrap_or(Type::Dynamic))
        }
        (Data::Object(_), Type::Object(object)) => {
            entries(&|name| object.attributes.get(name).cloned().unwrap_or(Type::Dynamic))
        }
        _ => to_plain_json(value),
    }
}

/// `{"value": V, "type": T}`
fn wrap(value: &Value) -> Json {
    let parts = [
        ("value".to_owned(), to_plain_json(value)),
        ("type".to_owned(), type_to_json(&value.ty())),
    ];
    Json::Object(parts.into_iter().collect())
}

/// A value as plain JSON, as `jsonencode` has it: nothing wrapped.
pub fn to_plain_json(value: &Value) -> Json {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => Json::Null,
        Data::Bool(value) => Json::Bool(*value),
        Data::Number(number) => number_to_json(number),
        Data::String(text) => Json::String(text.to_string()),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => value.children().map(to_plain_json).collect(),
        Data::Map(_) | Data::Object(_) => {
            let entries = value.as_entries().into_iter().flatten();
            Json::Object(
                entries
                    .map(|(name, item)| (name.to_string(), to_plain_json(item)))
                    .collect(),
            )
        }
    }
}

/// A number with all its digits; JSON has no infinities, they become null.
fn number_to_json(number: &super::Number) -> Json {
    match number.as_i64() {
        Some(int) => Json::from(int),
        None => number.to_string().parse().map_or(Json::Null, Json::Number),
    }
}
