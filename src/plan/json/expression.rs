//! Expressions as JSON: their constant value, or what they refer to.

use std::path::Path;

use serde_json::{Map, Value as Json};

use super::value::{Record, known};
use crate::addr::{Reference, Subject, quote};
use crate::diag::{Diagnostic, Result, Span};
use crate::lang::expr::{Host, Scope, Step, evaluate};
use crate::lang::spec::{BlockSpec, Nesting};
use crate::lang::syntax::{Block, Body, Expr, ExprKind, Key, TemplatePart, Traversal};
use crate::value::Value;

/// `{"constant_value": V}`, `{"references": [...]}`, or an empty object.
pub(super) fn expression(expr: &Expr) -> Json {
    let references = references(expr);
    if !references.is_empty() {
        return Record::new().with("references", references).json();
    }
    Record::new()
        .maybe("constant_value", constant(expr).as_ref().map(known))
        .json()
}

/// The same, but none for an expression of which nothing can be said.
pub(super) fn filled(expr: &Expr) -> Option<Json> {
    Some(expression(expr)).filter(|json| json.as_object().is_some_and(|entries| !entries.is_empty()))
}

/// The value of an expression without references and calls.
pub(super) fn constant(expr: &Expr) -> Option<Value> {
    if has_call(expr) {
        return None;
    }
    evaluate(expr, &Nothing).ok().filter(Value::is_wholly_known)
}

/// Whether an expression without references calls a function.
fn has_call(expr: &Expr) -> bool {
    let part_has_call = |part: &TemplatePart| match part {
        TemplatePart::Literal(_) => false,
        TemplatePart::Interpolation(inner) => has_call(inner),
        // What is repeated or left out is not looked into.
        TemplatePart::If { .. } | TemplatePart::For { .. } => true,
    };
    let in_key = |key: &Key| matches!(key, Key::Index(inner) if has_call(inner));
    match &expr.kind {
        ExprKind::Literal(_) => false,
        ExprKind::Call(_) => true,
        ExprKind::Template(parts) => parts.iter().any(part_has_call),
        ExprKind::Interpolation(inner) | ExprKind::Unary(_, inner) | ExprKind::Parens(inner) => {
            has_call(inner)
        }
        ExprKind::Traversal(traversal) => traversal.steps.iter().any(in_key),
        ExprKind::Access(access) => has_call(&access.base) || access.steps.iter().any(in_key),
        ExprKind::Splat(splat) => has_call(&splat.source) || splat.each.iter().any(in_key),
        ExprKind::Tuple(items) => items.iter().any(has_call),
        ExprKind::Object(items) => items
            .iter()
            .any(|item| has_call(&item.key) || has_call(&item.value)),
        ExprKind::For(each) => {
            let parts = [&each.collection, &each.value]
                .into_iter()
                .chain(&each.key)
                .chain(&each.condition);
            parts.into_iter().any(has_call)
        }
        ExprKind::Conditional(parts) => parts.iter().any(has_call),
        ExprKind::Binary(_, sides) => sides.iter().any(has_call),
    }
}

/// Every name the expression mentions with its steps, each followed by its shorter forms.
pub(super) fn references(expr: &Expr) -> Vec<Json> {
    let mut found = Vec::new();
    expr.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
        if let Ok(reference) = &traversal.reference
            && !matches!(reference.subject, Subject::Bare(_))
        {
            found.extend(forms(traversal, reference).into_iter().map(Json::String));
        }
    });
    found
}

/// The text of a plain reference, as in `depends_on`.
pub(super) fn plain(expr: &Expr) -> Option<Json> {
    let ExprKind::Traversal(traversal) = &expr.kind else {
        return None;
    };
    let reference = traversal.reference.as_ref().ok()?;
    forms(traversal, reference).into_iter().next().map(Json::String)
}

/// `a.b[0].c`, `a.b[0]`, `a.b`
fn forms(traversal: &Traversal, reference: &Reference) -> Vec<String> {
    let mut text = reference.subject.to_string();
    let mut forms = vec![text.clone()];
    for (i, step) in traversal.steps[reference.steps.min(traversal.steps.len())..]
        .iter()
        .enumerate()
    {
        let Some(step) = step_text(step) else { break };
        text.push_str(&step);
        // The instance of a module is named with its key, never without.
        if i == 0 && matches!(reference.subject, Subject::Module(_)) && step.starts_with('[') {
            forms.clear();
        }
        forms.push(text.clone());
    }
    forms.reverse();
    forms
}

/// A step whose key is a literal.
fn step_text(step: &Key) -> Option<String> {
    match step {
        Key::Attribute(name, _) => Some(format!(".{name}")),
        Key::Legacy(index, _) => Some(format!("[{index}]")),
        Key::Index(expr) => {
            let ExprKind::Literal(key) = &expr.kind else {
                return None;
            };
            match key.as_str() {
                Some(text) => Some(format!("[{}]", quote(text))),
                None => key.as_number().map(|number| format!("[{number}]")),
            }
        }
    }
}

/// The expressions of a body: arguments by name, nested blocks by kind.
pub(super) fn body(body: &Body, spec: Option<&BlockSpec>) -> Map<String, Json> {
    let mut all: Vec<(String, Json)> = body
        .attributes
        .iter()
        .map(|attribute| (attribute.name.to_string(), expression(&attribute.expr)))
        .collect();
    let mut kinds: Vec<&str> = body
        .blocks
        .iter()
        .map(|block| &*block.kind)
        .filter(|kind| *kind != "dynamic")
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let nested = spec.and_then(|spec| spec.blocks.get(kind));
        let inside = |block: &Block| Json::Object(self::body(&block.body, nested.map(|nested| &nested.spec)));
        let blocks = body.blocks.iter().filter(|block| &*block.kind == kind);
        let json = match nested.map(|nested| nested.nesting) {
            Some(Nesting::Single) => blocks.map(inside).next().unwrap_or_default(),
            Some(Nesting::Map) => {
                let label = |block: &Block| {
                    block
                        .labels
                        .first()
                        .map_or_else(String::new, |label| label.text.to_string())
                };
                Json::Object(blocks.map(|block| (label(block), inside(block))).collect())
            }
            Some(Nesting::List | Nesting::Set) | None => blocks.map(inside).collect(),
        };
        all.push((kind.to_owned(), json));
    }
    all.sort_by(|(left, _), (right, _)| left.cmp(right));
    all.into_iter().collect()
}

/// A scope without any name, function or file.
struct Nothing;

impl Scope for Nothing {
    fn resolve(&self, _reference: &Reference, _rest: &[Step], at: Span) -> Result<(Value, usize)> {
        Err(
            Diagnostic::error("Not a constant", "The expression refers to something.")
                .at(at)
                .into(),
        )
    }

    fn host(&self) -> &dyn Host {
        self
    }
}

impl Host for Nothing {
    fn read_file(&self, _path: &str) -> std::result::Result<Vec<u8>, String> {
        Err("no files here".into())
    }

    fn file_exists(&self, _path: &str) -> std::result::Result<bool, String> {
        Err("no files here".into())
    }

    fn working_dir(&self) -> &Path {
        Path::new(".")
    }

    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }

    fn plan_time(&self) -> Option<jiff::Timestamp> {
        None
    }
}
