//! `condition ? then : otherwise`

use std::collections::BTreeMap;

use crate::diag::Result;
use crate::lang::syntax::{Expr, ExprKind, ObjectItem, UnaryOp};
use crate::value::{Data, Marks, Refinement, Type, Value, convert, unify};

use super::evaluator::{Bound, Evaluator};
use super::mismatch_text;

/// How deep the forms of failed expressions are looked into.
const DEPTH: usize = 3;

const INCONSISTENT: &str = "Inconsistent conditional result types";

impl Evaluator<'_> {
    /// Both sides are evaluated, since the result has a type that both share; errors of the side not taken are
    /// dropped.
    pub(super) fn conditional(self, parts: &[Expr; 3], expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let [condition, then, otherwise] = parts;
        let (choice, marks) = self.condition(condition, bound)?;
        let (then, otherwise) = match choice {
            Some(true) => (self.evaluate(then, bound)?, self.side(otherwise, bound)),
            Some(false) => (self.side(then, bound), self.evaluate(otherwise, bound)?),
            None => (self.side(then, bound), self.side(otherwise, bound)),
        };
        self.select(choice, marks, [then, otherwise], expr, bound)
    }

    /// The side that is not taken. Where it fails, what can be said of its type still counts; within such a side
    /// no more, for each level would evaluate its parts again.
    fn side(self, expr: &Expr, bound: Bound<'_>) -> Value {
        match self.aside().evaluate(expr, bound) {
            Ok(value) => value,
            Err(_) if self.aside => Value::dynamic(),
            Err(_) => Value::unknown(self.type_of_failed(expr, bound, 0)),
        }
    }

    fn aside(self) -> Self {
        Self {
            aside: true,
            ..self.quietly()
        }
    }

    /// The type that an expression has by its form, whatever fails in it.
    fn type_of_failed(self, expr: &Expr, bound: Bound<'_>, depth: usize) -> Type {
        let part = |part: &Expr| {
            let value = self.aside().evaluate(part, bound);
            value.unwrap_or_else(|_| Value::unknown(self.type_of_failed(part, bound, depth + 1)))
        };
        match &expr.kind {
            ExprKind::Template(_) => Type::String,
            ExprKind::Interpolation(inner) | ExprKind::Parens(inner) => {
                self.type_of_failed(inner, bound, depth)
            }
            ExprKind::Unary(UnaryOp::Negate, _) => Type::Number,
            ExprKind::Binary(operator, _) if operator.is_arithmetic() => Type::Number,
            ExprKind::Unary(UnaryOp::Not, _) | ExprKind::Binary(..) => Type::Bool,
            // Each level evaluates its parts again.
            _ if depth > DEPTH => Type::Dynamic,
            ExprKind::Conditional(parts) => {
                shared_type(&part(&parts[1]), &part(&parts[2])).unwrap_or(Type::Dynamic)
            }
            ExprKind::Tuple(items) => Type::tuple(items.iter().map(|item| part(item).ty()).collect()),
            ExprKind::Object(items) => {
                let entry = |item: &ObjectItem| {
                    let key = self.quietly().evaluate(&item.key, bound).ok()?;
                    let key = convert::convert(&key, &Type::String).ok()?;
                    Some((key.as_text()?.clone(), part(&item.value).ty()))
                };
                let entries: Option<BTreeMap<_, _>> = items.iter().map(entry).collect();
                entries.map_or(Type::Dynamic, Type::object)
            }
            _ => Type::Dynamic,
        }
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
            return Ok(either(ty, &then, &otherwise).with_marks(marks));
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

/// What is known of the result before it is known which side is taken.
fn either(ty: Type, then: &Value, otherwise: &Value) -> Value {
    if then.is_null() && otherwise.is_null() {
        return Value::null(ty);
    }
    let mut known = Refinement {
        not_null: then.is_never_null() && otherwise.is_never_null(),
        ..Refinement::default()
    };
    let (one, other) = (then.ty(), otherwise.ty());
    if one == Type::Number && other == Type::Number {
        known.number = then.number_bounds().or(&otherwise.number_bounds());
    } else if one == other && one.is_collection() && known.not_null {
        let ((least, most), (or_least, or_most)) = (then.length_bounds(), otherwise.length_bounds());
        known.length = (
            Some(least.min(or_least)),
            most.zip(or_most).map(|(most, other)| most.max(other)),
        );
    }
    Value::unknown_refined(ty, known)
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
