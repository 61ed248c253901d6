//! Values as plan and state JSON have them: the value, and beside it which parts are unknown or sensitive.

use serde_json::{Map, Value as Json};

use crate::value::{Data, Marks, Path, Step, Type, Value, json};

/// The known parts: unknown attributes and map elements are left out, unknown elements of sequences are null.
pub(super) fn known(value: &Value) -> Json {
    match value.data() {
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => value.children().map(known).collect(),
        Data::Map(_) | Data::Object(_) => {
            let entries = value.as_entries();
            let mut all = Map::with_capacity(entries.map_or(0, std::collections::BTreeMap::len));
            let entries = entries.into_iter().flatten();
            let entries = entries.filter(|(_, part)| part.is_known());
            all.extend(entries.map(|(name, part)| (name.to_string(), known(part))));
            Json::Object(all)
        }
        _ => json::to_plain_json(value),
    }
}

/// True where the value is unknown, in the shape of the value; an empty object for what is wholly known.
pub(super) fn unknown_object(value: &Value) -> Json {
    if value.is_wholly_known() {
        Json::Object(Map::new())
    } else {
        unknown(value)
    }
}

/// True where the value is unknown, in the shape of the value; false for what is wholly known.
pub fn unknown_or_false(value: &Value) -> Json {
    if value.is_wholly_known() {
        Json::Bool(false)
    } else {
        unknown(value)
    }
}

fn unknown(value: &Value) -> Json {
    mirror(value, &|part| match part.data() {
        Data::Unknown(_) => Some(true),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => Some(false),
        _ => None,
    })
}

/// True where the value is sensitive, in the shape of the value.
pub(super) fn sensitive(value: &Value) -> Json {
    marked(value, Marks::SENSITIVE)
}

/// True where the value carries these marks, in the shape of the value.
pub fn marked(value: &Value, marks: Marks) -> Json {
    mirror(value, &|part| match part.data() {
        _ if part.marks().contains(marks) => Some(true),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => Some(false),
        Data::Unknown(unknown) if unknown.ty.is_primitive() || unknown.ty == Type::Dynamic => Some(false),
        _ => None,
    })
}

/// A structure of booleans in the shape of a value: sequences list every element, objects and maps only what is
/// not false.
fn mirror(value: &Value, leaf: &dyn Fn(&Value) -> Option<bool>) -> Json {
    if let Some(leaf) = leaf(value) {
        return Json::Bool(leaf);
    }
    match value.data() {
        Data::Map(_) | Data::Object(_) => {
            let entries = value.as_entries().into_iter().flatten();
            let entries = entries.map(|(name, part)| (name.to_string(), mirror(part, leaf)));
            Json::Object(entries.filter(|(_, part)| *part != Json::Bool(false)).collect())
        }
        Data::Unknown(unknown) => match unknown.ty {
            Type::Map(_) | Type::Object(_) => Json::Object(Map::new()),
            _ => Json::Array(Vec::new()),
        },
        _ => value.children().map(|part| mirror(part, leaf)).collect(),
    }
}

/// A way into a value as a list of names, keys and indexes.
pub(super) fn path(path: &Path) -> Json {
    path.iter()
        .map(|step| match step {
            Step::Attribute(name) => Json::String(name.to_string()),
            Step::Index(key) => json::to_plain_json(key),
        })
        .collect()
}

/// An object that is put together key by key, in order.
#[derive(Default)]
pub(super) struct Record(Map<String, Json>);

impl Record {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// With room for so many keys.
    pub(super) fn sized(keys: usize) -> Self {
        Self(Map::with_capacity(keys))
    }

    #[must_use]
    pub(super) fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Leaves the key out when there is no value.
    #[must_use]
    pub(super) fn maybe(self, key: &str, value: Option<impl Into<Json>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Leaves the key out when the list or object is empty.
    #[must_use]
    pub(super) fn filled(self, key: &str, value: impl Into<Json>) -> Self {
        let value = value.into();
        let is_empty = match &value {
            Json::Array(items) => items.is_empty(),
            Json::Object(entries) => entries.is_empty(),
            _ => false,
        };
        if is_empty { self } else { self.with(key, value) }
    }

    pub(super) fn json(self) -> Json {
        Json::Object(self.0)
    }
}
