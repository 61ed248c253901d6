//! The defaults of optional attributes.

use super::super::{Data, Defaults, Value};

impl Defaults {
    /// Whether there is no default at any depth.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.children.values().all(Self::is_empty)
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.get(name).or_else(|| self.children.get("*"))
    }

    fn fill_child(&self, name: &str, value: &Value) -> Value {
        self.child(name)
            .map_or_else(|| value.clone(), |child| apply_defaults(value, child))
    }
}

/// The value with missing and null attributes replaced by their defaults, at every depth. Null and unknown
/// values stay as they are. Collections that were touched come back as tuples and objects: convert them.
pub fn apply_defaults(value: &Value, defaults: &Defaults) -> Value {
    if defaults.is_empty() {
        return value.clone();
    }
    let filled = match value.data() {
        Data::List(sequence) | Data::Set(sequence) => fill_items(&sequence.items, defaults),
        Data::Tuple(items) => fill_items(items, defaults),
        Data::Map(_) | Data::Object(_) => fill_entries(value, defaults),
        Data::Null(_) | Data::Unknown(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => {
            return value.clone();
        }
    };
    filled.with_marks(value.marks())
}

fn fill_items(items: &[Value], defaults: &Defaults) -> Value {
    let filled = items
        .iter()
        .enumerate()
        .map(|(index, item)| defaults.fill_child(&index.to_string(), item));
    Value::tuple(filled.collect())
}

fn fill_entries(value: &Value, defaults: &Defaults) -> Value {
    let mut entries = value.as_entries().cloned().unwrap_or_default();
    for (name, item) in &mut entries {
        *item = defaults.fill_child(name, item);
    }
    for (name, default) in &defaults.values {
        if entries.get(name).is_none_or(Value::is_null) {
            entries.insert(name.clone(), defaults.fill_child(name, default));
        }
    }
    Value::object(entries)
}
