//! When two values of an argument count as equal: for diffs, groups and `changed`.

use indexmap::IndexMap;

use crate::schema::{Argument, NestedBlock, ResourceType};
use crate::value::{Data, Text, Value, raw_equal};

/// Whether what has this name differs between two objects of the type.
pub(super) fn differs(ty: &ResourceType, name: &str, left: &Value, right: &Value) -> bool {
    let (Some(left), Some(right)) = (left.get(name), right.get(name)) else {
        return left.get(name).is_some() != right.get(name).is_some();
    };
    !equal(ty, name, left, right)
}

/// Whether two values of the argument, attribute or kind of nested blocks of this name count as equal.
pub(super) fn equal(ty: &ResourceType, name: &str, left: &Value, right: &Value) -> bool {
    if raw_equal(left, right) {
        return true;
    }
    if let Some(argument) = ty.arguments.get(name) {
        return argument_equal(argument, left, right);
    }
    if let Some(attribute) = ty.attributes.get(name) {
        return both_empty(left, right)
            || attribute
                .same
                .is_some_and(|same| known(left, right) && same.holds(left, right));
    }
    ty.blocks
        .get(name)
        .is_some_and(|block| blocks_equal(block, left, right))
}

/// Whether two values of an argument count as equal. Without a default, null is the empty value of its type.
pub(super) fn argument_equal(argument: &Argument, left: &Value, right: &Value) -> bool {
    raw_equal(left, right)
        || (argument.default.is_none() && both_empty(left, right))
        || argument
            .same
            .is_some_and(|same| known(left, right) && same.holds(left, right))
}

fn blocks_equal(block: &NestedBlock, left: &Value, right: &Value) -> bool {
    if both_empty(left, right) {
        return true;
    }
    match (left.data(), right.data()) {
        (Data::Set(left), Data::Set(right)) => {
            left.items.len() == right.items.len()
                && left
                    .items
                    .iter()
                    .all(|one| right.items.iter().any(|other| bodies_equal(block, one, other)))
                && right
                    .items
                    .iter()
                    .all(|one| left.items.iter().any(|other| bodies_equal(block, one, other)))
        }
        (Data::List(left), Data::List(right)) => {
            left.items.len() == right.items.len()
                && left
                    .items
                    .iter()
                    .zip(&right.items)
                    .all(|(left, right)| bodies_equal(block, left, right))
        }
        (Data::Map(left), Data::Map(right)) => {
            left.items.keys().eq(right.items.keys())
                && left
                    .items
                    .values()
                    .zip(right.items.values())
                    .all(|(left, right)| bodies_equal(block, left, right))
        }
        _ => bodies_equal(block, left, right),
    }
}

fn bodies_equal(block: &NestedBlock, left: &Value, right: &Value) -> bool {
    parts_equal(&block.arguments, left, right, argument_equal)
        && parts_equal(&block.blocks, left, right, blocks_equal)
}

fn parts_equal<T>(
    parts: &IndexMap<Text, T>,
    left: &Value,
    right: &Value,
    equal: fn(&T, &Value, &Value) -> bool,
) -> bool {
    parts
        .iter()
        .all(|(name, part)| match (left.get(name), right.get(name)) {
            (Some(left), Some(right)) => equal(part, left, right),
            (None, None) => true,
            _ => false,
        })
}

fn known(left: &Value, right: &Value) -> bool {
    left.is_wholly_known() && right.is_wholly_known()
}

fn both_empty(left: &Value, right: &Value) -> bool {
    is_empty(left) && is_empty(right)
}

/// Null, or what a type has for nothing: no text, no elements, zero, false.
pub(super) fn is_empty(value: &Value) -> bool {
    match value.data() {
        Data::Null(_) => true,
        Data::Unknown(_) | Data::Object(_) => false,
        Data::Bool(value) => !value,
        Data::Number(number) => number.is_zero(),
        Data::String(text) => text.is_empty(),
        Data::List(_) | Data::Set(_) | Data::Map(_) | Data::Tuple(_) => value.children().next().is_none(),
    }
}
