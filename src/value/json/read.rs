//! JSON to values.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::super::convert::convert;
use super::super::path::PathText;
use super::super::{Number, Path, Step, Text, Type, Value};
use super::{JsonError, type_from_json};

/// How deep values may nest when they are read.
pub const MAX_DEPTH: usize = 500;

/// Larger exponents are not read where values are recorded: a few bytes would stand for as many digits as a file has place for.
const EXPONENT: i64 = 1_000;

/// Reads JSON as a value of the type; the inverse of [`super::to_json`]. Attributes that are missing are null.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, JsonError> {
    let mut reader = Reader { path: Path::new() };
    reader.read(json, ty)
}

pub(super) fn too_deep() -> JsonError {
    JsonError(format!("the value is nested more than {MAX_DEPTH} levels deep"))
}

/// Knows where it is, for messages.
struct Reader {
    path: Path,
}

impl Reader {
    fn error<T>(&self, message: impl std::fmt::Display) -> Result<T, JsonError> {
        Err(if self.path.is_empty() {
            JsonError(message.to_string())
        } else {
            JsonError(format!("{}: {message}", PathText(&self.path)))
        })
    }

    fn within<T>(
        &mut self,
        step: Step,
        read: impl FnOnce(&mut Self) -> Result<T, JsonError>,
    ) -> Result<T, JsonError> {
        if self.path.len() >= MAX_DEPTH {
            return Err(too_deep());
        }
        self.path.push(step);
        let result = read(self);
        self.path.pop();
        result
    }

    fn read(&mut self, json: &Json, ty: &Type) -> Result<Value, JsonError> {
        match (json, ty) {
            (Json::Null, _) => Ok(Value::null(ty.without_optional())),
            (_, Type::Dynamic) => self.read_wrapped(json),
            (Json::Bool(_) | Json::Number(_) | Json::String(_), Type::Bool | Type::Number | Type::String) => {
                self.read_primitive(json, ty)
            }
            (Json::Array(items), Type::List(element)) => {
                let items = self.read_items(items, |_| element)?;
                Ok(Value::list(settled(element, &items), items))
            }
            (Json::Array(items), Type::Set(element)) => {
                let items = self.read_items(items, |_| element)?;
                Ok(Value::set(settled(element, &items), items))
            }
            (Json::Array(items), Type::Tuple(types)) if items.len() == types.len() => {
                self.read_items(items, |index| &types[index]).map(Value::tuple)
            }
            (Json::Array(items), Type::Tuple(types)) => self.error(format_args!(
                "{} elements are required, not {}",
                types.len(),
                items.len()
            )),
            (Json::Object(entries), Type::Map(element)) => self.read_map(entries, element),
            (Json::Object(entries), Type::Object(object)) => self.read_object(entries, &object.attributes),
            (_, ty) => self.error(format_args!("{} required", with_article(ty))),
        }
    }

    fn read_primitive(&self, json: &Json, ty: &Type) -> Result<Value, JsonError> {
        let value = match json {
            Json::Bool(value) => Value::bool(*value),
            Json::Number(number) => match recorded(&number.to_string()) {
                Some(number) => Value::number(number),
                None => return self.error("the number is too large or too small"),
            },
            Json::String(text) => Value::string(text),
            _ => Value::null(Type::Dynamic),
        };
        convert(&value, ty).or_else(|_| self.error(format_args!("{} required", with_article(ty))))
    }

    fn read_items<'t>(
        &mut self,
        items: &[Json],
        ty: impl Fn(usize) -> &'t Type,
    ) -> Result<Vec<Value>, JsonError> {
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let step = Step::Index(Value::number(Number::from(index)));
            values.push(self.within(step, |reader| reader.read(item, ty(index)))?);
        }
        Ok(values)
    }

    fn read_map(&mut self, entries: &Map<String, Json>, element: &Type) -> Result<Value, JsonError> {
        let mut items = BTreeMap::new();
        for (name, item) in entries {
            let step = Step::Index(Value::string(name));
            let item = self.within(step, |reader| reader.read(item, element))?;
            items.insert(key_text(name), item);
        }
        let element = items
            .values()
            .next()
            .filter(|_| element.has_dynamic())
            .map_or_else(|| element.without_optional(), Value::ty);
        Ok(Value::map(element, items))
    }

    fn read_object(
        &mut self,
        entries: &Map<String, Json>,
        types: &BTreeMap<Text, Type>,
    ) -> Result<Value, JsonError> {
        if let Some(name) = entries.keys().find(|name| !types.contains_key(name.as_str())) {
            return self.error(format_args!("unsupported attribute {name:?}"));
        }
        let mut attributes = BTreeMap::new();
        for (name, ty) in types {
            let value = match entries.get(&**name) {
                Some(json) => self.within(Step::Attribute(name.clone()), |reader| reader.read(json, ty))?,
                None => Value::null(ty.without_optional()),
            };
            attributes.insert(name.clone(), value);
        }
        Ok(Value::object(attributes))
    }

    /// `{"value": V, "type": T}`
    fn read_wrapped(&mut self, json: &Json) -> Result<Value, JsonError> {
        let (Some(value), Some(ty)) = (json.get("value"), json.get("type")) else {
            return self.error("an object with \"value\" and \"type\" is required");
        };
        let ty = type_from_json(ty).or_else(|JsonError(why)| self.error(why))?;
        if ty == Type::Dynamic && !value.is_null() {
            return self.error("a value of dynamic type must be null");
        }
        self.read(value, &ty)
    }
}

/// The element type of what was read: where the type says "any", what the first element turned out to be.
fn settled(element: &Type, items: &[Value]) -> Type {
    items
        .first()
        .filter(|_| element.has_dynamic())
        .map_or_else(|| element.without_optional(), Value::ty)
}

/// A number as it is recorded: with all its digits, or with an exponent of which nobody can make much longer text.
pub(super) fn recorded(text: &str) -> Option<Number> {
    let exponent = text.split_once(['e', 'E']).map_or("0", |(_, exponent)| exponent);
    let exponent: i64 = exponent.parse().ok()?;
    (exponent.abs() <= EXPONENT).then(|| Number::parse(text))?
}

fn key_text(name: &str) -> Text {
    Value::string(name)
        .as_text()
        .cloned()
        .unwrap_or_else(|| name.into())
}

fn with_article(ty: &Type) -> String {
    match ty {
        Type::Object(_) => "an object is".into(),
        ty => format!("a {ty} is"),
    }
}

/// Reads JSON as objects and tuples, as `jsondecode` does.
pub fn read_plain_json(json: &Json) -> Result<Value, JsonError> {
    read_plain(json, 0)
}

/// The same for the JSON that tests write.
#[cfg(test)]
pub fn from_plain_json(json: &Json) -> Value {
    read_plain_json(json).expect("tests write readable JSON")
}

fn read_plain(json: &Json, depth: usize) -> Result<Value, JsonError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(value) => Value::bool(*value),
        Json::Number(number) => Number::parse(&number.to_string())
            .map(Value::number)
            .ok_or_else(|| JsonError("a number is too large or too small to be represented".to_owned()))?,
        Json::String(text) => Value::string(text),
        Json::Array(items) => Value::tuple(
            items
                .iter()
                .map(|item| read_plain(item, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        Json::Object(entries) => Value::object(
            entries
                .iter()
                .map(|(name, item)| Ok((key_text(name), read_plain(item, depth + 1)?)))
                .collect::<Result<_, _>>()?,
        ),
    })
}
