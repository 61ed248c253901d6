//! Tree and scope to value.
//!
//! Unknown values and marks spread through every operation, and every evaluation has a budget: a small text
//! cannot ask for endless work or memory.

mod access;
mod binding;
mod budget;
mod call;
mod condition;
mod each;
mod equality;
mod evaluator;
mod explain;
mod operator;
mod scope;
mod template;

#[cfg(test)]
pub(in crate::lang) mod tests;

use crate::diag::Result;
use crate::lang::syntax::{Expr, ExprKind};
use crate::value::{Value, convert};

pub(in crate::lang) use access::{Fault, attribute, index};
pub(in crate::lang) use binding::Binding;
pub(in crate::lang) use budget::{Budget, Exhausted};
pub use equality::equal;
pub(in crate::lang) use evaluator::Evaluator;
pub(in crate::lang) use scope::Constants;
pub use scope::{Entry, EntryKind, Folder, FolderId, Host, Scope, Step};

/// What the expression is worth.
pub fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<Value> {
    if let ExprKind::Literal(value) = &expr.kind {
        return Ok(value.clone());
    }
    evaluate_bound(expr, scope, None)
}

/// The same, with names that hide those of the scope.
pub(in crate::lang) fn evaluate_bound(
    expr: &Expr,
    scope: &dyn Scope,
    bound: Option<&Binding<'_>>,
) -> Result<Value> {
    let budget = Budget::default();
    Evaluator::new(scope, &budget).evaluate(expr, bound)
}

/// Why a value cannot be converted, with the way to the part concerned; without a full stop.
pub(in crate::lang) fn mismatch_text(mismatch: &convert::Mismatch) -> String {
    let place = mismatch.path.iter().map(|step| match step {
        crate::value::Step::Attribute(name) => format!("attribute \"{name}\": "),
        crate::value::Step::Index(key) => match (key.as_str(), key.as_i64()) {
            (Some(key), _) => format!("element {}: ", crate::addr::quote(key)),
            (None, Some(number)) => format!("element {number}: "),
            (None, None) => "element: ".to_owned(),
        },
    });
    place.chain([mismatch.message.clone()]).collect()
}
