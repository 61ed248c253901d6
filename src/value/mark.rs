//! Marks on values: they spread through every operation.

use std::ops::BitOr;

use super::{Data, Value};

/// A set of marks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks(u8);

/// Not a mark of its own: all of a sensitive value is, not only parts of a document.
const WHOLE: u8 = 4;

impl Marks {
    pub const NONE: Self = Self(0);
    /// Never shown, never stored where it can be read.
    pub const SENSITIVE: Self = Self(1 | WHOLE);
    /// Sensitive as any other, for what parts of it are worth; [`super::document`] knows which. Joined with what is
    /// sensitive for another reason, all of it is.
    pub const SENSITIVE_WITHIN: Self = Self(1);
    /// Lives in this run only: never in state or plan.
    pub const EPHEMERAL: Self = Self(2);

    pub fn contains(self, other: Self) -> bool {
        self.kinds() & other.kinds() == other.kinds()
    }

    /// Whether nothing but parts of the text inside is sensitive.
    pub fn are_within(self) -> bool {
        self.0 == Self::SENSITIVE_WITHIN.0
    }

    fn kinds(self) -> u8 {
        self.0 & !WHOLE
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These marks less the others.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// Where in a text the secret stands makes no difference.
impl PartialEq for Marks {
    fn eq(&self, other: &Self) -> bool {
        self.kinds() == other.kinds()
    }
}

impl Eq for Marks {}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// See [`Value::unmark_deep`]. Shares what carries no mark.
pub(super) fn unmark_deep(value: &Value) -> (Value, Marks) {
    let marks = value.marks_deep();
    if marks.is_empty() {
        (value.clone(), marks)
    } else {
        (strip(value), marks)
    }
}

/// Shows the texts in a value, and the numbers as they are written. Names of attributes and keys of maps are no
/// values. A value of more than `parts` parts is gone through no further: nobody can record it.
pub(super) fn each_text(value: &Value, parts: &mut usize, see: &mut dyn FnMut(&str)) {
    match value.data() {
        Data::String(text) => see(text),
        Data::Number(number) => see(&number.to_string()),
        _ => {
            for child in value.children() {
                let Some(left) = parts.checked_sub(1) else { return };
                *parts = left;
                each_text(child, parts, see);
            }
        }
    }
}

fn strip(value: &Value) -> Value {
    let items = |items: &[Value]| items.iter().map(strip).collect();
    match value.data() {
        Data::List(list) => Value::list(list.element.clone(), items(&list.items)),
        Data::Set(set) => Value::set(set.element.clone(), items(&set.items)),
        Data::Tuple(tuple) => Value::tuple(items(tuple)),
        Data::Map(map) => Value::map(
            map.element.clone(),
            map.items.iter().map(|(k, v)| (k.clone(), strip(v))).collect(),
        ),
        Data::Object(object) => Value::object(object.iter().map(|(k, v)| (k.clone(), strip(v))).collect()),
        plain => Value::from_data(plain.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_holds_another_many_times_over_is_not_gone_through_for_ever() {
        let doubled = (0..40).fold(Value::from("hunter22"), |inner, _| {
            Value::tuple(vec![inner.clone(), inner])
        });
        let mut seen = 0;
        each_text(&doubled, &mut 1_000, &mut |_| seen += 1);
        assert!((1..=1_000).contains(&seen), "{seen}");
    }
}
