//! Two values to their difference where no type guides: outputs, attributes of any type, JSON inside strings.

use crate::value::{Data, Value};

use super::align;
use super::compare::unknown;
use super::diff::{Diff, Kind, Pair, Sign, total};

/// The difference of two values.
pub(super) fn compare(pair: Pair<'_>) -> Diff<'_> {
    let whole = bare(pair);
    match pair.sensitive() {
        (false, false) => whole,
        _ => Diff::hide(pair, whole.sign, false, Kind::Sensitive),
    }
}

/// The same without a look at the values' own marks.
pub(super) fn bare(pair: Pair<'_>) -> Diff<'_> {
    if let Some(unknown) = unknown(pair, false, bare) {
        return unknown;
    }
    match (pair.before.map(Shape::of), pair.after.map(Shape::of)) {
        (Some(before), Some(after)) if before != after => {
            let sides = (shaped(pair.removed(), before), shaped(pair.added(), after));
            Diff::new(Kind::Retyped(Box::new(sides)), Sign::Changed, false)
        }
        (Some(shape), _) | (None, Some(shape)) => shaped(pair, shape),
        (None, None) => shaped(pair, Shape::Null),
    }
}

/// The kinds of JSON values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl Shape {
    fn of(value: &Value) -> Self {
        match value.data() {
            Data::Null(_) | Data::Unknown(_) => Self::Null,
            Data::Bool(_) => Self::Bool,
            Data::Number(_) => Self::Number,
            Data::String(_) => Self::String,
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => Self::Array,
            Data::Map(_) | Data::Object(_) => Self::Object,
        }
    }
}

fn shaped(pair: Pair<'_>, shape: Shape) -> Diff<'_> {
    match shape {
        Shape::Object => {
            let names = pair.names().into_iter();
            let parts: Vec<_> = names.map(|name| (name, compare(pair.entry(name)))).collect();
            let sign = total(pair.start(), parts.iter().map(|(_, part)| part));
            Diff::new(Kind::Object(parts), sign, false)
        }
        Shape::Array => {
            let (old, new) = pair.items();
            let of = |(i, j): (Option<usize>, Option<usize>)| {
                compare(Pair::new(i.and_then(|i| old.get(i)), j.and_then(|j| new.get(j))))
            };
            let parts: Vec<_> = align::lists(old, new).into_iter().map(of).collect();
            let sign = total(pair.start(), &parts);
            Diff::new(Kind::List(parts), sign, false)
        }
        Shape::Null | Shape::Bool | Shape::Number | Shape::String => {
            Diff::new(Kind::Leaf(pair), leaf_sign(pair), false)
        }
    }
}

/// The sign of a primitive.
pub(super) fn leaf_sign(pair: Pair<'_>) -> Sign {
    match (pair.before, pair.after) {
        (None, None) => Sign::Same,
        (None, Some(_)) => Sign::Added,
        (Some(_), None) => Sign::Removed,
        (Some(before), Some(after)) if align::same(before, after) => Sign::Same,
        _ => Sign::Changed,
    }
}
