//! `for` expressions.

use std::collections::BTreeMap;

use crate::diag::{Diagnostics, Result, Span};
use crate::lang::syntax::{Expr, For};
use crate::value::{Data, Marks, Text, Type, Value, convert};

use super::evaluator::{Bound, Evaluator};
use super::{Binding, mismatch_text};

/// So many errors of one loop are reported.
const ERRORS: usize = 10;

/// What a loop runs over.
pub(super) struct Items {
    /// None while the collection is unknown.
    pub(super) entries: Option<Entries>,
    pub(super) marks: Marks,
}

/// A known collection without its own marks.
pub(super) struct Entries(Value);

impl Entries {
    /// Keys and values.
    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = (Value, Value)> + '_> {
        match self.0.data() {
            Data::Set(set) => Box::new(set.items.iter().map(|item| (item.clone(), item.clone()))),
            Data::List(list) => Box::new(numbered(&list.items)),
            Data::Tuple(items) => Box::new(numbered(items)),
            Data::Map(map) => Box::new(named(&map.items)),
            Data::Object(attributes) => Box::new(named(attributes)),
            _ => Box::new(std::iter::empty()),
        }
    }
}

fn numbered(items: &[Value]) -> impl Iterator<Item = (Value, Value)> + '_ {
    (0i64..).map(Value::int).zip(items.iter().cloned())
}

fn named(items: &BTreeMap<Text, Value>) -> impl Iterator<Item = (Value, Value)> + '_ {
    items
        .iter()
        .map(|(name, value)| (Value::text(name.clone()), value.clone()))
}

/// What a loop has made so far.
#[derive(Default)]
struct Made {
    items: Vec<Value>,
    attributes: BTreeMap<Text, Value>,
    groups: BTreeMap<Text, Vec<Value>>,
    marks: Marks,
    unknown: bool,
    errors: Diagnostics,
}

impl Evaluator<'_> {
    /// The items of a collection.
    pub(super) fn items(self, collection: &Expr, bound: Bound<'_>) -> Result<Items> {
        let value = self.evaluate(collection, bound)?;
        let (value, marks) = value.unmark();
        let entries = match value.data() {
            Data::Null(_) if self.scope.null_tolerant() => Some(Entries(Value::tuple(Vec::new()))),
            Data::Null(_) => {
                return Err(self.error(
                    collection,
                    bound,
                    "Iteration over null value",
                    "A null value cannot be used as the collection in a 'for' expression.",
                ));
            }
            Data::Unknown(unknown) if !unknown.ty.is_primitive() => None,
            Data::Unknown(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => {
                let detail = format!(
                    "A value of type {} cannot be used as the collection in a 'for' expression.",
                    value.ty()
                );
                return Err(self.error(collection, bound, "Iteration over non-iterable value", detail));
            }
            Data::List(_) | Data::Set(_) | Data::Map(_) | Data::Tuple(_) | Data::Object(_) => {
                Some(Entries(value))
            }
        };
        Ok(Items { entries, marks })
    }

    pub(super) fn for_each(self, each: &For, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let items = self.items(&each.collection, bound)?;
        let Some(entries) = items.entries else {
            return Ok(Value::dynamic().with_marks(items.marks));
        };
        let mut made = Made {
            marks: items.marks,
            ..Made::default()
        };
        self.check_condition(each, bound)?;
        for (key, value) in entries.iter() {
            let by_key = each.key_name.as_ref().map(|name| Binding::one(name, key, bound));
            let by_value = Binding::one(&each.value_name, value, by_key.as_ref().or(bound));
            let result = self.turn(each, expr.span, Some(&by_value), &mut made);
            made.errors.take(result);
            if made.errors.len() >= ERRORS || (self.budget.is_spent() && !made.errors.is_empty()) {
                break;
            }
        }
        let value = if made.unknown {
            Value::dynamic()
        } else if each.key.is_none() {
            Value::tuple(made.items)
        } else if each.grouping {
            Value::object(
                made.groups
                    .into_iter()
                    .map(|(name, items)| (name, Value::tuple(items)))
                    .collect(),
            )
        } else {
            Value::object(made.attributes)
        };
        made.errors.or(value.with_marks(made.marks))
    }

    /// A condition that no turn can satisfy or bring to a value is an error even where there is no turn.
    fn check_condition(self, each: &For, bound: Bound<'_>) -> Result<()> {
        let Some(condition) = &each.condition else {
            return Ok(());
        };
        let any = || Value::dynamic();
        let by_key = each
            .key_name
            .as_ref()
            .map(|name| Binding::one(name, any(), bound));
        let by_value = Binding::one(&each.value_name, any(), by_key.as_ref().or(bound));
        self.wanted(condition, Some(&by_value), &mut Made::default())
            .map(drop)
    }

    /// One turn of the loop.
    fn turn(self, each: &For, span: Span, bound: Bound<'_>, made: &mut Made) -> Result<()> {
        self.spend_elements(1, span)?;
        if let Some(condition) = &each.condition
            && !self.wanted(condition, bound, made)?
        {
            return Ok(());
        }
        let Some(key_expr) = &each.key else {
            made.items.push(self.evaluate(&each.value, bound)?);
            return Ok(());
        };
        let key = self.key(key_expr, bound, made)?;
        let value = self.evaluate(&each.value, bound)?;
        let Some(key) = key else { return Ok(()) };
        if each.grouping {
            made.groups.entry(key).or_default().push(value);
            return Ok(());
        }
        if made.attributes.insert(key.clone(), value).is_some() {
            let key = if made.marks.is_empty() {
                crate::addr::quote(&key)
            } else {
                "(sensitive value)".to_owned()
            };
            let detail = format!(
                "Two different items produced the key {key} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key."
            );
            return Err(self.error(key_expr, bound, "Duplicate object key", detail));
        }
        Ok(())
    }

    fn wanted(self, condition: &Expr, bound: Bound<'_>, made: &mut Made) -> Result<bool> {
        let value = self.evaluate(condition, bound)?;
        made.marks = made.marks | value.marks_deep();
        if value.is_null() {
            if self.scope.null_tolerant() {
                return Ok(false);
            }
            let detail = "The value of the 'if' clause must not be null.";
            return Err(self.error(condition, bound, "Condition is null", detail));
        }
        let value = convert::convert(&value, &Type::Bool).map_err(|why| {
            let detail = format!("The 'if' clause value is invalid: {}.", mismatch_text(&why));
            self.error(condition, bound, "Invalid 'for' condition", detail)
        })?;
        made.unknown |= !value.is_known();
        Ok(value.as_bool() == Some(true))
    }

    /// The key of one turn; none while unknown.
    fn key(self, key: &Expr, bound: Bound<'_>, made: &mut Made) -> Result<Option<Text>> {
        let value = self.evaluate(key, bound)?;
        made.marks = made.marks | value.marks_deep();
        if value.is_null() {
            let detail = "Key expression in 'for' expression must not produce a null value.";
            return Err(self.error(key, bound, "Invalid object key", detail));
        }
        let text = convert::convert(&value, &Type::String).map_err(|why| {
            let detail = format!(
                "The key expression produced an invalid result: {}.",
                mismatch_text(&why)
            );
            self.error(key, bound, "Invalid object key", detail)
        })?;
        made.unknown |= !text.is_known();
        Ok(text.as_text().cloned())
    }
}
