//! What the names in a failing expression stand for.

use crate::diag::Diagnostic;
use crate::lang::syntax::{Expr, Key, Traversal};
use crate::value::{Data, Marks, Type, Value};

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
            longest(traversal, expr, evaluator, bound).map(|found| names.push(found));
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
            kind: crate::lang::syntax::ExprKind::Traversal(Box::new(part)),
            span: expr.span,
        };
        let value = evaluator.evaluate(&part, bound).ok()?;
        Some((name, value))
    })
}

/// A traversal as text, where its indices are literals.
fn written(traversal: &Traversal) -> Option<String> {
    let mut text = traversal.root.to_string();
    for key in &traversal.steps {
        match key {
            Key::Attribute(name, _) => {
                text.push('.');
                text.push_str(name);
            }
            Key::Legacy(number, _) => text.push_str(&format!("[{number}]")),
            Key::Index(index) => match &index.kind {
                crate::lang::syntax::ExprKind::Literal(value) => match (value.as_str(), value.as_number()) {
                    (Some(key), _) => text.push_str(&format!("[{}]", crate::addr::quote(key))),
                    (None, Some(number)) => text.push_str(&format!("[{number}]")),
                    (None, None) => return None,
                },
                crate::lang::syntax::ExprKind::Traversal(inner) => {
                    text.push_str(&format!("[{}]", written(inner)?));
                }
                _ => return None,
            },
        }
    }
    Some(text)
}

/// A statement on a value: `is "text"`, `is object with 2 attributes`, `has a sensitive value`.
fn describe(value: &Value) -> String {
    let marks = value.marks();
    if marks.contains(Marks::SENSITIVE) {
        return "has a sensitive value".into();
    }
    if marks.contains(Marks::EPHEMERAL) {
        return "has an ephemeral value".into();
    }
    format!("is {}", compact(value))
}

fn compact(value: &Value) -> String {
    let counted = |count: usize, word: &str| match count {
        0 => format!("no {word}s"),
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    match value.data() {
        Data::Null(_) => "null".into(),
        Data::Unknown(unknown) if unknown.ty == Type::Dynamic => "known only after apply".into(),
        Data::Unknown(unknown) => format!("a {}, known only after apply", unknown.ty),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => crate::addr::quote(text),
        Data::List(sequence) | Data::Set(sequence) => {
            format!("{} with {}", value.ty(), counted(sequence.items.len(), "element"))
        }
        Data::Map(map) => format!("{} with {}", value.ty(), counted(map.items.len(), "element")),
        Data::Tuple(items) => format!("tuple with {}", counted(items.len(), "element")),
        Data::Object(attributes) => match attributes.keys().next() {
            Some(only) if attributes.len() == 1 => {
                format!("object with 1 attribute {}", crate::addr::quote(only))
            }
            _ => format!("object with {}", counted(attributes.len(), "attribute")),
        },
    }
}
