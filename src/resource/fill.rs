//! What a block means when parts of it are not written: defaults, recorded values, unknowns.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::schema::{Argument, NestedBlock, ResourceType};
use crate::value::{Data, Text, Type, Value};

use super::same;

/// Gives an argument that is not written its default, or what is recorded where the cloud chooses it.
pub(super) fn argument(argument: &Argument, written: &Value, prior: Option<&Value>) -> Value {
    if !written.is_null() {
        return without_null_elements(written);
    }
    match (&argument.default, prior) {
        (Some(default), _) => default.clone(),
        (None, Some(prior)) if argument.computed => prior.clone(),
        _ => Value::null(argument.ty.clone()),
    }
}

/// A map without the elements that are null: whoever writes `env = null` leaves it out.
fn without_null_elements(value: &Value) -> Value {
    match value.data() {
        Data::Map(map) if map.items.values().any(Value::is_null) => {
            let kept = map.items.iter().filter(|(_, item)| !item.is_null());
            let kept = kept.map(|(name, item)| (name.clone(), item.clone())).collect();
            Value::map(map.element.clone(), kept).with_marks(value.marks())
        }
        _ => value.clone(),
    }
}

/// The value of one kind of nested blocks: the recorded one where it counts as equal, otherwise what is written,
/// filled up; what the cloud will choose is unknown.
pub(super) fn blocks(block: &NestedBlock, written: &Value, prior: Option<&Value>) -> Value {
    let filled = match written.data() {
        Data::Object(_) => body(block, written, prior.filter(|prior| !prior.is_null())),
        Data::List(list) => {
            let recorded = |index: usize| {
                prior
                    .and_then(|prior| prior.as_items())
                    .and_then(|items| items.get(index))
            };
            let items = list
                .items
                .iter()
                .enumerate()
                .map(|(index, item)| body(block, item, recorded(index)));
            Value::list(list.element.clone(), items.collect())
        }
        Data::Set(set) => {
            let items = set.items.iter().map(|item| body(block, item, None));
            Value::set(set.element.clone(), items.collect())
        }
        Data::Map(map) => {
            let recorded = |key: &str| prior.and_then(|prior| prior.get(key));
            let items = map
                .items
                .iter()
                .map(|(key, item)| (key.clone(), body(block, item, recorded(key))));
            Value::map(map.element.clone(), items.collect())
        }
        _ => written.clone(),
    };
    filled.with_marks(written.marks())
}

fn body(block: &NestedBlock, written: &Value, prior: Option<&Value>) -> Value {
    let Some(entries) = written.as_entries() else {
        return written.clone();
    };
    let recorded = |name: &str| prior.and_then(|prior| prior.get(name));
    let mut made = entries.clone();
    arguments(&block.arguments, &mut made, &recorded);
    for inner in block.blocks.values() {
        if let Some(value) = made.get(&inner.name) {
            let value = blocks(inner, value, recorded(&inner.name));
            made.insert(inner.name.clone(), value);
        }
    }
    Value::object(made).with_marks(written.marks())
}

fn arguments<'v>(
    arguments: &IndexMap<Text, Argument>,
    made: &mut BTreeMap<Text, Value>,
    recorded: &dyn Fn(&str) -> Option<&'v Value>,
) {
    for argument in arguments.values() {
        let name = &argument.name;
        let Some(written) = made.get(name) else { continue };
        let prior = recorded(name);
        let filled = self::argument(argument, written, prior);
        let value = match prior {
            Some(prior) if same::argument_equal(argument, prior, &filled) => {
                prior.clone().with_marks(filled.marks())
            }
            None if filled.is_null() && argument.computed => Value::unknown(argument.ty.clone()),
            _ => filled,
        };
        made.insert(name.clone(), value);
    }
}

/// What an attribute, or the id, is before anything is worked out: as recorded, otherwise unknown.
pub(super) fn read_only(ty: &ResourceType, name: &str, prior: Option<&Value>) -> Value {
    if let Some(recorded) = prior.and_then(|prior| prior.get(name)) {
        return recorded.clone();
    }
    let spec = ty.spec.attributes.get(name);
    let open = Value::unknown(spec.map_or(Type::String, |spec| spec.ty.ty.clone()));
    // Every object has an id.
    if name == "id" { open.never_null() } else { open }
}

/// What was unknown in the plan, by the wish as it is known now. What the cloud chooses stays unknown.
pub(super) fn completed(planned: &Value, fresh: &Value) -> BTreeMap<Text, Value> {
    let mut parts = planned.as_entries().cloned().unwrap_or_default();
    for (name, value) in &mut parts {
        if let Some(fresh) = fresh.get(name)
            && !value.is_wholly_known()
        {
            *value = fresh.clone();
        }
    }
    parts
}
