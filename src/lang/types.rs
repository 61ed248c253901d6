//! Type constraint expressions: `object({ name = string, tags = optional(map(string), {}) })`.

use crate::diag::Result;
use crate::lang::syntax::Expr;
use crate::value::Constraint;

/// Reads the expression of a `type` argument.
pub fn constraint(_expr: &Expr) -> Result<Constraint> {
    todo!("helper")
}
