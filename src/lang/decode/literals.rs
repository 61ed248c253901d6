//! What is written out in an expression that is worth a secret.

use crate::lang::syntax::{Expr, ExprKind, TemplatePart};
use crate::secret;

/// The texts that are written in the expression are secrets, as what it is worth would be: it cannot be told, and the
/// message may quote them. Keys of objects are names.
pub(super) fn meet(expr: &Expr) {
    match &expr.kind {
        ExprKind::Literal(value) => value.meet(),
        ExprKind::Template(parts) => meet_parts(parts),
        ExprKind::Interpolation(inner) | ExprKind::Unary(_, inner) | ExprKind::Parens(inner) => meet(inner),
        ExprKind::Traversal(_) => {}
        ExprKind::Access(access) => meet(&access.base),
        ExprKind::Splat(splat) => meet(&splat.source),
        ExprKind::Call(call) => call.arguments.iter().for_each(meet),
        ExprKind::Tuple(items) => items.iter().for_each(meet),
        ExprKind::Object(items) => items.iter().for_each(|item| meet(&item.value)),
        ExprKind::For(each) => [&each.collection, &each.value].into_iter().for_each(meet),
        ExprKind::Conditional(parts) => parts.iter().for_each(meet),
        ExprKind::Binary(_, sides) => sides.iter().for_each(meet),
    }
}

fn meet_parts(parts: &[TemplatePart]) {
    for part in parts {
        match part {
            TemplatePart::Literal(text) => text.lines().for_each(secret::meet),
            TemplatePart::Interpolation(expr) => meet(expr),
            TemplatePart::If { then, otherwise, .. } => {
                meet_parts(then);
                meet_parts(otherwise);
            }
            TemplatePart::For { body, .. } => meet_parts(body),
        }
    }
}
