//! Equality as `==` has it.

use std::collections::BTreeMap;

use crate::value::{Data, Text, Type, Unknown, Value, raw_equal};

/// Whether two values are equal; none while that depends on something unknown. Marks are ignored.
pub fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left.data(), right.data()) {
        (Data::Null(_), Data::Null(_)) => Some(true),
        (Data::Null(_), Data::Unknown(unknown)) | (Data::Unknown(unknown), Data::Null(_)) => {
            unknown.refinement.not_null.then_some(false)
        }
        (Data::Null(_), _) | (_, Data::Null(_)) => Some(false),
        (Data::Unknown(a), Data::Unknown(b)) => unless_different(&a.ty, &b.ty),
        (Data::Unknown(unknown), _) => equals_unknown(unknown, right),
        (_, Data::Unknown(unknown)) => equals_unknown(unknown, left),
        (Data::Tuple(a), Data::Tuple(b)) => items_equal(a, b),
        (Data::List(a), Data::List(b)) => {
            if a.element == b.element || a.element.has_dynamic() || b.element.has_dynamic() {
                items_equal(&a.items, &b.items)
            } else {
                Some(false)
            }
        }
        (Data::Set(a), Data::Set(b)) => {
            if left.is_wholly_known() && right.is_wholly_known() {
                Some(raw_equal(left, right))
            } else {
                unless_different(&a.element, &b.element)
            }
        }
        (Data::Map(a), Data::Map(b)) => {
            if a.element == b.element || a.element.has_dynamic() || b.element.has_dynamic() {
                entries_equal(&a.items, &b.items)
            } else {
                Some(false)
            }
        }
        (Data::Object(a), Data::Object(b)) => entries_equal(a, b),
        (Data::Bool(a), Data::Bool(b)) => Some(a == b),
        (Data::Number(a), Data::Number(b)) => Some(a == b),
        (Data::String(a), Data::String(b)) => Some(a == b),
        _ => Some(false),
    }
}

/// Values of types that differ are never equal; else it is open.
fn unless_different(a: &Type, b: &Type) -> Option<bool> {
    (a != b && !a.has_dynamic() && !b.has_dynamic()).then_some(false)
}

fn equals_unknown(unknown: &Unknown, known: &Value) -> Option<bool> {
    if let (Some(prefix), Some(text)) = (&unknown.refinement.prefix, known.as_str())
        && !text.starts_with(&**prefix)
    {
        return Some(false);
    }
    if let Some(number) = known.as_number()
        && unknown.refinement.number.exclude(number)
    {
        return Some(false);
    }
    if let Some(items) = known.as_items().filter(|_| known.is_wholly_known()) {
        let (least, most) = unknown.refinement.length;
        if least.is_some_and(|least| items.len() < least) || most.is_some_and(|most| items.len() > most) {
            return Some(false);
        }
    }
    unless_different(&unknown.ty, &known.ty())
}

fn all(mut pairs: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    loop {
        match pairs.next() {
            None => return result,
            Some(Some(false)) => return Some(false),
            Some(None) => result = None,
            Some(Some(true)) => {}
        }
    }
}

/// Inside of others, nulls of different types make these of different types too.
fn part_equal(a: &Value, b: &Value) -> Option<bool> {
    match (a.data(), b.data()) {
        (Data::Null(one), Data::Null(other)) => Some(one == other),
        _ => equal(a, b),
    }
}

fn items_equal(a: &[Value], b: &[Value]) -> Option<bool> {
    if a.len() == b.len() {
        all(a.iter().zip(b).map(|(a, b)| part_equal(a, b)))
    } else {
        Some(false)
    }
}

fn entries_equal(a: &BTreeMap<Text, Value>, b: &BTreeMap<Text, Value>) -> Option<bool> {
    if a.len() == b.len() && a.keys().eq(b.keys()) {
        all(a.values().zip(b.values()).map(|(a, b)| part_equal(a, b)))
    } else {
        Some(false)
    }
}
