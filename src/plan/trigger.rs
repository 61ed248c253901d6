//! `replace_triggered_by`: replacement because something else changes.

use crate::addr::{InstanceKey, Subject};
use crate::lang::expr::evaluate;
use crate::lang::syntax::{ExprKind, Key, Traversal};
use crate::resource::Action;
use crate::value::{Path, Step, Value, path};

use super::instance::Declared;
use super::make::Planner;
use super::{Planned, Source};

impl Planner<'_> {
    /// Whether a reference of `replace_triggered_by` asks for a replacement.
    pub(super) fn triggered(&self, declared: &Declared<'_>, source: &Source) -> bool {
        let triggers = &declared.block.lifecycle.replace_triggered_by;
        triggers.iter().any(|expr| match &expr.kind {
            ExprKind::Traversal(traversal) => self.fires(traversal, source),
            _ => false,
        })
    }

    fn fires(&self, traversal: &Traversal, source: &Source) -> bool {
        let Ok(reference) = &traversal.reference else {
            return false;
        };
        let Subject::Resource(name) = &reference.subject else {
            return false;
        };
        let module = self.evaluator.path(source.module);
        let mut rest = &traversal.steps[reference.steps.min(traversal.steps.len())..];
        let mut wanted = None;
        if let Some(Key::Index(expr)) = rest.first() {
            let scope = self
                .evaluator
                .scope(source.module)
                .with_repetition(&source.repetition);
            wanted = evaluate(expr, &scope).ok().and_then(|key| instance_key(&key));
            rest = &rest[1..];
        }
        let attribute = attribute_path(rest);
        self.changes
            .iter()
            .filter(|planned| planned.addr.module == *module && planned.addr.resource == *name)
            .filter(|planned| wanted.as_ref().is_none_or(|key| *key == planned.addr.key))
            .any(|planned| changes(planned, &attribute))
    }
}

fn instance_key(key: &Value) -> Option<InstanceKey> {
    match key.as_text() {
        Some(text) => Some(InstanceKey::Text(text.clone())),
        None => key
            .as_i64()
            .and_then(|number| u64::try_from(number).ok())
            .map(InstanceKey::Number),
    }
}

fn attribute_path(keys: &[Key]) -> Path {
    keys.iter()
        .map_while(|key| match key {
            Key::Attribute(name, _) => Some(Step::Attribute(name.clone())),
            Key::Index(expr) => match &expr.kind {
                ExprKind::Literal(value) => Some(Step::Index(value.clone())),
                _ => None,
            },
            Key::Legacy(number, _) => Some(Step::Index(Value::int(
                i64::try_from(*number).unwrap_or(i64::MAX),
            ))),
        })
        .collect()
}

/// A whole resource fires when it is updated or replaced; an attribute when its value changes.
fn changes(planned: &Planned, attribute: &Path) -> bool {
    let change = &planned.change;
    match change.action {
        Action::Create | Action::Delete | Action::Replace | Action::ReplaceCreateFirst | Action::Update => {
            if attribute.is_empty() {
                return change.action != Action::Delete;
            }
            let before = path::get(&change.before, attribute);
            let after = path::get(&change.after, attribute);
            match (before, after) {
                (Some(before), Some(after)) => !crate::value::raw_equal(&before, &after),
                (before, after) => before.is_some() != after.is_some(),
            }
        }
        Action::NoOp | Action::Read | Action::Forget => false,
    }
}
