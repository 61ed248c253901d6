//! Equality, canonical order and sets.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::show::go_quote;
use super::{Data, Marks, Text, Type, Unknown, Value};

/// Whether two values are the same, type and unknowns included; marks are ignored. Never unknown.
pub fn raw_equal(left: &Value, right: &Value) -> bool {
    same(left, right, false)
}

fn same(left: &Value, right: &Value, with_marks: bool) -> bool {
    if with_marks && left.marks() != right.marks() {
        return false;
    }
    let items =
        |a: &[Value], b: &[Value]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, with_marks));
    let entries = |a: &BTreeMap<Text, Value>, b: &BTreeMap<Text, Value>| {
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|((name, a), (other, b))| name == other && same(a, b, with_marks))
    };
    match (left.data(), right.data()) {
        (Data::Null(a), Data::Null(b)) => a == b,
        (Data::Unknown(a), Data::Unknown(b)) => a == b,
        (Data::Bool(a), Data::Bool(b)) => a == b,
        (Data::Number(a), Data::Number(b)) => a == b,
        (Data::String(a), Data::String(b)) => a == b,
        (Data::List(a), Data::List(b)) | (Data::Set(a), Data::Set(b)) => {
            a.element == b.element && items(&a.items, &b.items)
        }
        (Data::Map(a), Data::Map(b)) => a.element == b.element && entries(&a.items, &b.items),
        (Data::Tuple(a), Data::Tuple(b)) => items(a, b),
        (Data::Object(a), Data::Object(b)) => entries(a, b),
        _ => false,
    }
}

impl PartialEq for Value {
    /// [`raw_equal`], and the same marks at every depth.
    fn eq(&self, other: &Self) -> bool {
        same(self, other, true)
    }
}

/// What `==` gives: a bool, unknown where it depends on what is not known yet, with the marks of both sides.
pub fn equal(left: &Value, right: &Value) -> Value {
    let marks = left.marks_deep() | right.marks_deep();
    let result = match decide(left, right) {
        Some(result) => Value::bool(result),
        None => Value::unknown_refined(
            Type::Bool,
            super::Refinement {
                not_null: true,
                ..super::Refinement::default()
            },
        ),
    };
    result.with_marks(marks)
}

/// Equality as far as it is known.
fn decide(left: &Value, right: &Value) -> Option<bool> {
    match (left.data(), right.data()) {
        (Data::Unknown(_), Data::Unknown(_)) => None,
        (Data::Unknown(unknown), _) => is_ruled_out(unknown, right).then_some(false),
        (_, Data::Unknown(unknown)) => is_ruled_out(unknown, left).then_some(false),
        (Data::Null(_), Data::Null(_)) => Some(true),
        (Data::Null(_), _) | (_, Data::Null(_)) => Some(false),
        _ if hides_a_type(left) || hides_a_type(right) => None,
        _ if left.ty() != right.ty() => Some(false),
        _ => decide_parts(left, right),
    }
}

/// Whether an unknown value can never become equal to a known one.
fn is_ruled_out(unknown: &Unknown, known: &Value) -> bool {
    let refinement = &unknown.refinement;
    if known.is_null() {
        return refinement.not_null;
    }
    if unknown.ty.has_dynamic() || hides_a_type(known) {
        return false;
    }
    if unknown.ty != known.ty() {
        return true;
    }
    if let (Some(prefix), Some(text)) = (&refinement.prefix, known.as_str()) {
        return !text.starts_with(&**prefix);
    }
    if let Some(number) = known.as_number() {
        return refinement.number.exclude(number);
    }
    let (least, most) = refinement.length;
    let length = known.children().count();
    unknown.ty.is_collection()
        && (least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most))
}

/// Whether an unknown inside may still become of any type.
fn hides_a_type(value: &Value) -> bool {
    match value.data() {
        Data::Unknown(unknown) => unknown.ty.has_dynamic(),
        Data::List(_) | Data::Set(_) | Data::Map(_) | Data::Tuple(_) | Data::Object(_) => {
            value.children().any(hides_a_type)
        }
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => false,
    }
}

/// Compares two known values of the same type.
fn decide_parts(left: &Value, right: &Value) -> Option<bool> {
    match (left.data(), right.data()) {
        (Data::Set(_), Data::Set(_)) if left.is_wholly_known() && right.is_wholly_known() => {
            Some(raw_equal(left, right))
        }
        (Data::Set(_), Data::Set(_)) => None,
        (Data::List(a), Data::List(b)) => decide_all(&a.items, &b.items),
        (Data::Tuple(a), Data::Tuple(b)) => decide_all(a.as_slice(), b.as_slice()),
        (Data::Map(a), Data::Map(b)) if !a.items.keys().eq(b.items.keys()) => Some(false),
        (Data::Map(a), Data::Map(b)) => decide_all(a.items.values(), b.items.values()),
        (Data::Object(a), Data::Object(b)) => decide_all(a.values(), b.values()),
        _ => Some(raw_equal(left, right)),
    }
}

/// One known difference decides; otherwise one unknown leaves it open.
fn decide_all<'a, I>(left: I, right: I) -> Option<bool>
where
    I: IntoIterator<Item = &'a Value, IntoIter: ExactSizeIterator>,
{
    let (left, right) = (left.into_iter(), right.into_iter());
    if left.len() != right.len() {
        return Some(false);
    }
    let mut result = Some(true);
    for (a, b) in left.zip(right) {
        match decide(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

/// The order of set elements: numbers ascending, strings by UTF-8 bytes, false before true; everything else by
/// the bytes that Terraform derives from a value, so that state files list the same order. Unknown values come
/// last but for nulls.
pub fn canonical_order(left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| (value.is_null(), !value.is_known());
    rank(left)
        .cmp(&rank(right))
        .then_with(|| match (left.data(), right.data()) {
            (Data::Bool(a), Data::Bool(b)) => a.cmp(b),
            (Data::Number(a), Data::Number(b)) => a.cmp(b),
            (Data::String(a), Data::String(b)) => a.cmp(b),
            (Data::Null(a), Data::Null(b)) => a.cmp(b),
            (Data::Unknown(a), Data::Unknown(b)) => a.ty.cmp(&b.ty),
            _ => order_key(left)
                .cmp(&order_key(right))
                .then_with(|| order_parts(left, right)),
        })
}

/// Decides between values whose keys agree.
fn order_parts(left: &Value, right: &Value) -> Ordering {
    let names = |value: &Value| {
        value
            .as_entries()
            .map(|entries| entries.keys().cloned().collect::<Vec<_>>())
    };
    left.ty()
        .cmp(&right.ty())
        .then_with(|| names(left).cmp(&names(right)))
        .then_with(|| {
            left.children()
                .zip(right.children())
                .map(|(a, b)| canonical_order(a, b))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        })
}

fn order_key(value: &Value) -> String {
    let mut key = String::new();
    write_order_key(value, &mut key);
    key
}

fn write_order_key(value: &Value, key: &mut String) {
    let mut parts = |open: char, close: char| {
        key.push(open);
        for child in value.children() {
            write_order_key(child, key);
            key.push(';');
        }
        key.push(close);
    };
    match value.data() {
        Data::Null(_) => key.push('~'),
        Data::Unknown(_) => key.push('?'),
        Data::Bool(value) => key.push(if *value { 'T' } else { 'F' }),
        // Terraform cuts numbers to ten digits here; beyond them the order may differ from its own.
        Data::Number(number) => write!(key, "{number}").expect("writing to a string never fails"),
        Data::String(text) => key.push_str(&go_quote(text)),
        Data::List(_) | Data::Set(_) => parts('[', ']'),
        Data::Tuple(_) | Data::Object(_) => parts('<', '>'),
        Data::Map(map) => {
            key.push('{');
            for (name, item) in &map.items {
                key.push_str(&go_quote(name));
                key.push(':');
                write_order_key(item, key);
                key.push(';');
            }
            key.push('}');
        }
    }
}

/// See [`Value::set`].
pub(super) fn make_set(element: Type, items: Vec<Value>) -> Value {
    let marks = items
        .iter()
        .fold(Marks::NONE, |marks, item| marks | item.marks_deep());
    let plain = |item: Value| {
        if marks.is_empty() {
            item
        } else {
            item.unmark_deep().0
        }
    };
    let mut keyed: Vec<(Option<String>, Value)> = items
        .into_iter()
        .map(plain)
        .map(|item| (sort_key(&item), item))
        .collect();
    keyed.sort_by(
        |(left_key, left), (right_key, right)| match (left_key, right_key) {
            (Some(a), Some(b)) => a.cmp(b).then_with(|| order_parts(left, right)),
            _ => canonical_order(left, right),
        },
    );
    let mut items: Vec<Value> = Vec::with_capacity(keyed.len());
    for (_, item) in keyed {
        if items
            .last()
            .is_none_or(|last| !raw_equal(last, &item) || !item.is_wholly_known())
        {
            items.push(item);
        }
    }
    Value::from_data(Data::Set(super::Sequence { element, items }.into())).with_marks(marks)
}

/// The key of an element that has parts, made once instead of at every comparison.
fn sort_key(item: &Value) -> Option<String> {
    matches!(
        item.data(),
        Data::List(_) | Data::Set(_) | Data::Map(_) | Data::Tuple(_) | Data::Object(_)
    )
    .then(|| order_key(item))
}
