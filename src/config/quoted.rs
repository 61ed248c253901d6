//! References in quotes, as Terraform 0.11 wanted them.

use crate::diag::{Diagnostic, Diagnostics};
use crate::lang::syntax::{Expr, ExprKind, parse_quoted, static_string};

/// The reference in a quoted string, with a warning; any other expression as it is.
pub(super) fn unquoted(expr: Expr, problems: &mut Diagnostics) -> Expr {
    let inside = static_string(&expr).and_then(|text| parse_quoted(text, expr.span).ok());
    let Some(inside) = inside.filter(|inside| matches!(inside.kind, ExprKind::Traversal(_))) else {
        return expr;
    };
    problems.push(
        Diagnostic::warning(
            "Quoted references are deprecated",
            "In this context, references are expected literally rather than in quotes. Terraform 0.11 and earlier required quotes, but quoted references are now deprecated and will be removed in a future version of Terraform. Remove the quotes surrounding this reference to silence this warning.",
        )
        .at(expr.span),
    );
    inside
}
