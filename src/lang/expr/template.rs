//! Templates: text with values and directives in it.

use crate::diag::{Diagnostics, Result, Span};
use crate::lang::syntax::{Expr, TemplatePart};
use crate::value::{Marks, Refinement, Text, Type, Value, convert};

use super::each::Items;
use super::evaluator::{Bound, ERRORS, Evaluator};
use super::{Binding, mismatch_text};

const INVALID: &str = "Invalid template interpolation value";

/// The text made so far.
#[derive(Default)]
struct Made {
    text: String,
    marks: Marks,
    /// Something in it is unknown; `text` is what stands before.
    unknown: bool,
    errors: Diagnostics,
}

impl Made {
    fn push(&mut self, text: &str) {
        if !self.unknown {
            self.text.push_str(text);
        }
    }
}

impl Evaluator<'_> {
    pub(super) fn template(self, parts: &[TemplatePart], expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let mut made = Made::default();
        self.parts(parts, expr.span, bound, &mut made)?;
        let value = if made.unknown {
            Value::unknown_refined(
                Type::String,
                Refinement {
                    not_null: true,
                    prefix: (!made.text.is_empty()).then(|| Text::from(made.text)),
                    ..Refinement::default()
                },
            )
        } else {
            Value::string(&made.text)
        };
        made.errors.or(value.with_marks(made.marks))
    }

    fn parts(self, parts: &[TemplatePart], span: Span, bound: Bound<'_>, made: &mut Made) -> Result<()> {
        for part in parts {
            match part {
                TemplatePart::Literal(text) => {
                    self.spend_text(text.len(), span)?;
                    made.push(text);
                }
                TemplatePart::Interpolation(expr) => self.interpolation(expr, bound, made)?,
                TemplatePart::If {
                    condition,
                    then,
                    otherwise,
                    span,
                } => {
                    let Some((choice, marks)) = made.errors.take(self.condition(condition, bound)) else {
                        continue;
                    };
                    made.marks = made.marks | marks;
                    let (taken, other) = if choice == Some(true) {
                        (then, otherwise)
                    } else {
                        (otherwise, then)
                    };
                    made.marks = made.marks | self.marks_of(other, *span, bound);
                    if choice.is_none() {
                        made.marks = made.marks | self.marks_of(taken, *span, bound);
                        made.unknown = true;
                    } else {
                        self.parts(taken, *span, bound, made)?;
                    }
                }
                TemplatePart::For {
                    key,
                    value,
                    collection,
                    body,
                    span,
                } => {
                    let Some(items) = made.errors.take(self.items(collection, bound)) else {
                        continue;
                    };
                    made.marks = made.marks | items.marks;
                    let names = (key.as_deref(), &**value);
                    self.repeat(&items, names, (body, *span), bound, made)?;
                }
            }
        }
        Ok(())
    }

    /// The marks of parts that are not taken. What goes wrong in them does not matter.
    fn marks_of(self, parts: &[TemplatePart], span: Span, bound: Bound<'_>) -> Marks {
        let mut made = Made::default();
        let _ = self.quietly().parts(parts, span, bound, &mut made);
        made.marks
    }

    fn repeat(
        self,
        items: &Items,
        (key_name, value_name): (Option<&str>, &str),
        (body, span): (&[TemplatePart], Span),
        bound: Bound<'_>,
        made: &mut Made,
    ) -> Result<()> {
        let Some(entries) = &items.entries else {
            made.unknown = true;
            return Ok(());
        };
        for (key, value) in entries.iter() {
            self.budget
                .enter()
                .map_err(|why| super::evaluator::exhausted(why, span))?;
            self.budget.leave();
            let by_value = Binding::one(value_name, value, bound);
            match key_name {
                Some(name) => {
                    let by_key = Binding::one(name, key, Some(&by_value));
                    self.parts(body, span, Some(&by_key), made)?;
                }
                None => self.parts(body, span, Some(&by_value), made)?,
            }
        }
        Ok(())
    }

    fn interpolation(self, expr: &Expr, bound: Bound<'_>, made: &mut Made) -> Result<()> {
        if made.errors.len() >= ERRORS {
            return Err(std::mem::take(&mut made.errors));
        }
        let Some(value) = made.errors.take(self.evaluate(expr, bound)) else {
            return Ok(());
        };
        made.marks = made.marks | value.marks_deep();
        if let Some(text) = value.as_str() {
            self.spend_text(text.len(), expr.span)?;
            made.push(text);
            return Ok(());
        }
        if value.is_null() {
            if self.scope.null_tolerant() {
                return Ok(());
            }
            made.errors.extend(self.error(
                expr,
                bound,
                INVALID,
                "The expression result is null. Cannot include a null value in a string template.",
            ));
            return Ok(());
        }
        match convert::convert(&value, &Type::String) {
            Ok(text) => match text.as_str() {
                Some(text) => {
                    self.spend_text(text.len(), expr.span)?;
                    made.push(text);
                }
                None => made.unknown = true,
            },
            Err(why) => {
                let why = mismatch_text(&why);
                let detail = format!("Cannot include the given value in a string template: {why}.");
                made.errors.extend(self.error(expr, bound, INVALID, detail));
            }
        }
        Ok(())
    }
}
