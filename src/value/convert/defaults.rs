//! The defaults of optional attributes.

use super::super::{Constraint, Data, Defaults, Type, Value};

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

/// The most attributes that are filled in where they are not given: a few bytes for each element would otherwise become as many
/// attributes as a type has.
pub(super) const FILLED: usize = 1_000_000;

/// Whether not too many attributes are to be filled in.
pub(super) fn are_few(value: &Value, to: &Constraint) -> bool {
    let mut left = FILLED;
    fill(value, &to.ty, Some(&to.defaults), &mut left).is_some()
}

/// Takes what is filled in at any depth off what is left; none where that is not enough.
fn fill(value: &Value, to: &Type, defaults: Option<&Defaults>, left: &mut usize) -> Option<()> {
    let child = |name: &str| defaults.and_then(|defaults| defaults.child(name));
    match to {
        Type::Object(object) => {
            let Some(entries) = value.as_entries() else {
                return Some(());
            };
            for (name, ty) in &object.attributes {
                let given = entries.get(name).filter(|given| !given.is_null());
                if given.is_none() {
                    *left = left.checked_sub(1)?;
                }
                if let Some(value) = given.or_else(|| defaults?.values.get(name)) {
                    fill(value, ty, child(name), left)?;
                }
            }
            Some(())
        }
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            let mut items = value.children();
            items.try_for_each(|item| fill(item, element, child("*"), left))
        }
        Type::Tuple(types) => {
            let mut items = value.children().zip(types.iter()).enumerate();
            items.try_for_each(|(at, (item, ty))| fill(item, ty, child(&at.to_string()), left))
        }
        Type::Dynamic | Type::Bool | Type::Number | Type::String => Some(()),
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
