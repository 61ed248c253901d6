//! The functions that only schema expressions have, as far as they need nothing but their arguments.

use std::collections::{BTreeMap, BTreeSet};

use super::super::names::Function;
use super::Equivalence;
use crate::value::{Data, Marks, Text, Type, Value, raw_equal};

/// Calls a function. What is not known makes the result unknown, and marks of the arguments pass to it. The error is
/// a sentence without full stop.
pub fn call(function: Function, arguments: &[Value]) -> Result<Value, String> {
    let marks = arguments
        .iter()
        .fold(Marks::NONE, |marks, one| marks | one.marks());
    match (function, arguments) {
        (Function::Or, [first, second]) => Ok(or(first, second)),
        (Function::Removed, [old, new]) => Ok(removed(old, new).with_marks(marks)),
        (Function::Upserted, [old, new]) => Ok(upserted(old, new).with_marks(marks)),
        (Function::Same, [name, left, right]) => same(name, left, right).map(|same| same.with_marks(marks)),
        (Function::ContainsText, [text, part]) => Ok(contains_text(text, part).with_marks(marks)),
        (Function::Changed, _) => Err("only an object can tell what changed".into()),
        _ => Err("it takes another number of arguments".into()),
    }
}

fn same(name: &Value, left: &Value, right: &Value) -> Result<Value, String> {
    let equivalence = name.as_str().and_then(Equivalence::find);
    let equivalence = equivalence.ok_or("there is no such equivalence")?;
    if !left.is_wholly_known() || !right.is_wholly_known() {
        return Ok(Value::unknown(Type::Bool));
    }
    Ok(Value::bool(equivalence.holds(left, right)))
}

fn contains_text(text: &Value, part: &Value) -> Value {
    if !text.is_known() || !part.is_known() {
        return Value::unknown(Type::Bool);
    }
    Value::bool(matches!((text.as_str(), part.as_str()), (Some(text), Some(part)) if text.contains(part)))
}

fn or(first: &Value, second: &Value) -> Value {
    if !first.is_known() {
        return Value::dynamic().with_marks(first.marks());
    }
    if first.is_null() || first.as_str() == Some("") {
        second.clone().with_marks(first.marks())
    } else {
        first.clone()
    }
}

fn removed(old: &Value, new: &Value) -> Value {
    if !old.is_known() || !new.is_known() {
        return Value::unknown(Type::list(Type::String));
    }
    let kept: BTreeSet<&Text> = new
        .as_entries()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    let gone = old
        .as_entries()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !kept.contains(name));
    Value::list(
        Type::String,
        gone.map(|(name, _)| Value::text(name.clone())).collect(),
    )
}

fn upserted(old: &Value, new: &Value) -> Value {
    if !old.is_known() || !new.is_known() {
        return Value::unknown(Type::map(Type::Dynamic));
    }
    let set = |entries: &BTreeMap<Text, Value>| {
        let differs = |name: &str, value: &Value| !old.get(name).is_some_and(|old| raw_equal(old, value));
        let entries = entries.iter().filter(|(name, value)| differs(name, value));
        entries
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<BTreeMap<Text, Value>>()
    };
    match new.data() {
        Data::Map(map) => Value::map(map.element.clone(), set(&map.items)),
        Data::Object(object) => Value::object(set(object)),
        _ => Value::map(Type::Dynamic, BTreeMap::new()),
    }
}
