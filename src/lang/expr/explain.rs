//! What the names in a failing expression stand for.

use crate::diag::Diagnostic;
use crate::lang::syntax::{Expr, ExprKind, Key, Traversal};
use crate::value::{Value, describe};

use super::evaluator::{Bound, Evaluator};

/// So many names are explained.
const NAMES: usize = 8;

/// Adds to a diagnostic what each name in the expression stands for.
pub(super) fn with_values(
    mut diagnostic: Diagnostic,
    expr: &Expr,
    evaluator: Evaluator<'_>,
    bound: Bound<'_>,
) -> Diagnostic {
    let evaluator = evaluator.quietly();
    let mut names: Vec<(String, Value)> = Vec::new();
    expr.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
        if names.len() < NAMES {
            names.extend(longest(traversal, expr, evaluator, bound));
        }
    });
    names.sort_by(|a, b| a.0.cmp(&b.0));
    names.dedup_by(|a, b| a.0 == b.0);
    for (name, value) in names {
        diagnostic = diagnostic.value(name, describe(&value));
    }
    diagnostic
}

/// The longest part of a traversal that has a value.
fn longest(
    traversal: &Traversal,
    expr: &Expr,
    evaluator: Evaluator<'_>,
    bound: Bound<'_>,
) -> Option<(String, Value)> {
    let first = traversal
        .reference
        .as_ref()
        .map_or(0, |reference| reference.steps);
    let is_bound = bound.is_some_and(|bound| bound.find(&traversal.root).is_some());
    let shortest = if is_bound { 0 } else { first };
    (shortest..=traversal.steps.len()).rev().find_map(|length| {
        let part = Traversal {
            root: traversal.root.clone(),
            root_span: traversal.root_span,
            steps: traversal.steps[..length].to_vec(),
            reference: traversal.reference.clone(),
        };
        let name = written(&part)?;
        let part = Expr {
            kind: ExprKind::Traversal(Box::new(part)),
            span: expr.span,
        };
        let value = evaluator.evaluate(&part, bound).ok()?;
        Some((name, value))
    })
}

/// A traversal as text, where its indices are literals or names.
fn written(traversal: &Traversal) -> Option<String> {
    let mut text = traversal.root.to_string();
    for key in &traversal.steps {
        let index = match key {
            Key::Attribute(name, _) => {
                text.push('.');
                text.push_str(name);
                continue;
            }
            Key::Legacy(number, _) => number.to_string(),
            Key::Index(index) => match &index.kind {
                ExprKind::Literal(value) => match (value.as_str(), value.as_number()) {
                    (Some(key), _) => crate::addr::quote(key),
                    (None, Some(number)) => number.to_string(),
                    (None, None) => return None,
                },
                ExprKind::Traversal(inner) => written(inner)?,
                _ => return None,
            },
        };
        text.push('[');
        text.push_str(&index);
        text.push(']');
    }
    Some(text)
}
