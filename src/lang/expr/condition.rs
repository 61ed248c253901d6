//! `condition ? then : otherwise`

use crate::diag::Result;
use crate::lang::syntax::Expr;
use crate::value::{Data, Marks, Type, Value, convert, unify};

use super::evaluator::{Bound, Evaluator};
use super::mismatch_text;

const INCONSISTENT: &str = "Inconsistent conditional result types";

impl Evaluator<'_> {
    /// Both sides are evaluated, since the result has a type that both share; errors of the side not taken are
    /// dropped.
    pub(super) fn conditional(self, parts: &[Expr; 3], expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let [condition, then, otherwise] = parts;
        let (choice, marks) = self.condition(condition, bound)?;
        let (then, otherwise) = match choice {
            Some(true) => (
                self.evaluate(then, bound)?,
                self.quietly()
                    .evaluate(otherwise, bound)
                    .unwrap_or_else(|_| Value::dynamic()),
            ),
            Some(false) => (
                self.quietly()
                    .evaluate(then, bound)
                    .unwrap_or_else(|_| Value::dynamic()),
                self.evaluate(otherwise, bound)?,
            ),
            None => (self.evaluate(then, bound)?, self.evaluate(otherwise, bound)?),
        };
        self.select(choice, marks, [then, otherwise], expr, bound)
    }

    fn select(
        self,
        choice: Option<bool>,
        marks: Marks,
        results: [Value; 2],
        expr: &Expr,
        bound: Bound<'_>,
    ) -> Result<Value> {
        let Some(ty) = shared_type(&results[0], &results[1]) else {
            let why = difference(&results[0].ty(), &results[1].ty());
            return Err(self.error(
                expr,
                bound,
                INCONSISTENT,
                format!("The true and false result expressions must have consistent types. {why}."),
            ));
        };
        let [then, otherwise] = results;
        // What the other side hides is hidden today, so that the day it is taken changes nothing.
        let marks = marks | then.marks() | otherwise.marks();
        let Some(choice) = choice else {
            return Ok(Value::unknown(ty).with_marks(marks));
        };
        let (side, value) = if choice {
            ("true", then)
        } else {
            ("false", otherwise)
        };
        if ty == Type::Dynamic || value.ty() == ty {
            return Ok(value.with_marks(marks));
        }
        match convert::convert(&value, &ty) {
            Ok(value) => Ok(value.with_marks(marks)),
            Err(why) => {
                let why = mismatch_text(&why);
                let detail = format!("The {side} result value has the wrong type: {why}.");
                Err(self.error(expr, bound, INCONSISTENT, detail))
            }
        }
    }

    /// A condition's outcome, none while unknown; and its marks.
    pub(super) fn condition(self, condition: &Expr, bound: Bound<'_>) -> Result<(Option<bool>, Marks)> {
        let value = self.evaluate(condition, bound)?;
        let marks = value.marks_deep();
        if value.is_null() {
            if self.scope.null_tolerant() {
                return Ok((Some(false), marks));
            }
            return Err(self.error(
                condition,
                bound,
                "Null condition",
                "The condition value is null. Conditions must either be true or false.",
            ));
        }
        match convert::convert(&value, &Type::Bool) {
            Ok(value) => Ok((value.as_bool(), marks)),
            Err(_) => Err(self.error(
                condition,
                bound,
                "Incorrect condition type",
                "The condition expression must be of type bool.",
            )),
        }
    }
}

fn is_plain_null(value: &Value) -> bool {
    matches!(value.data(), Data::Null(Type::Dynamic))
}

/// The type that both results are converted to; `Dynamic` where each keeps its own.
fn shared_type(then: &Value, otherwise: &Value) -> Option<Type> {
    let (then_type, otherwise_type) = (then.ty(), otherwise.ty());
    if then_type == otherwise_type || is_plain_null(otherwise) {
        return Some(then_type);
    }
    if is_plain_null(then) {
        return Some(otherwise_type);
    }
    if then_type == Type::Dynamic || otherwise_type == Type::Dynamic {
        return Some(Type::Dynamic);
    }
    unify::unify(&[then_type, otherwise_type])
}

/// What sets two types apart that cannot be unified.
fn difference(then: &Type, otherwise: &Type) -> String {
    let differ = |a: &Type, b: &Type| unify::unify(&[a.clone(), b.clone()]).is_none();
    match (then, otherwise) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, ty) in &a.attributes {
                match b.attributes.get(name) {
                    None => {
                        return format!(
                            "The 'true' value includes object attribute \"{name}\", which is absent in the 'false' value"
                        );
                    }
                    Some(other) if differ(ty, other) => {
                        return format!(
                            "Type mismatch for object attribute \"{name}\": {}",
                            difference(ty, other)
                        );
                    }
                    Some(_) => {}
                }
            }
            if let Some(name) = b.attributes.keys().find(|name| !a.attributes.contains_key(*name)) {
                return format!(
                    "The 'false' value includes object attribute \"{name}\", which is absent in the 'true' value"
                );
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => {
            return format!(
                "The 'true' tuple has length {}, but the 'false' tuple has length {}",
                a.len(),
                b.len()
            );
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            if let Some((at, (a, b))) = a
                .iter()
                .zip(b.iter())
                .enumerate()
                .find(|(_, (a, b))| differ(a, b))
            {
                return format!("Type mismatch for tuple element {at}: {}", difference(a, b));
            }
        }
        (Type::List(a), Type::List(b)) => {
            return format!("Mismatched list element types: {}", difference(a, b));
        }
        (Type::Set(a), Type::Set(b)) => return format!("Mismatched set element types: {}", difference(a, b)),
        (Type::Map(a), Type::Map(b)) => return format!("Mismatched map element types: {}", difference(a, b)),
        _ => {}
    }
    format!("The 'true' value is {then}, but the 'false' value is {otherwise}")
}
