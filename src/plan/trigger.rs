//! `replace_triggered_by`: replacement because something else changes.

use crate::addr::{InstanceKey, ResourceAddr, Subject};
use crate::diag::{Diagnostic, Result};
use crate::lang::expr::evaluate;
use crate::lang::syntax::{Expr, ExprKind, Key, Traversal};
use crate::resource::Action;
use crate::value::{Path, Step, Value, path};

use super::instance::Declared;
use super::make::Planner;
use super::{Planned, Source};

impl Planner<'_> {
    /// Whether a reference of `replace_triggered_by` asks for a replacement.
    pub(super) fn triggered(&self, declared: &Declared<'_>, source: &Source) -> Result<bool> {
        let triggers = &declared.block.lifecycle.replace_triggered_by;
        triggers.iter().try_fold(false, |fired, expr| match &expr.kind {
            ExprKind::Traversal(traversal) => Ok(self.fires(traversal, source)? || fired),
            _ => Ok(fired),
        })
    }

    fn fires(&self, traversal: &Traversal, source: &Source) -> Result<bool> {
        let Ok(reference) = &traversal.reference else {
            return Ok(false);
        };
        let Subject::Resource(name) = &reference.subject else {
            return Ok(false);
        };
        let resource = ResourceAddr {
            module: self.evaluator.path(source.module).clone(),
            resource: name.clone(),
        };
        let rest = &traversal.steps[reference.steps.min(traversal.steps.len())..];
        if let Some(Key::Index(expr)) = rest.first() {
            let scope = self
                .evaluator
                .scope(source.module)
                .with_repetition(&source.repetition);
            let key = instance_key(expr, &evaluate(expr, &scope)?)?;
            let one = self.at.get(&resource.instance(key));
            return Ok(one.is_some_and(|&i| changes(&self.changes[i], &attribute_path(&rest[1..]))));
        }
        let waits = self.node_of(&resource).map(|id| self.pending[id.0 as usize]);
        if waits == Some(false) {
            return Ok(false);
        }
        let attribute = attribute_path(rest);
        let mut all = self
            .at
            .range(resource.instance(InstanceKey::None)..)
            .take_while(|(addr, _)| addr.module == resource.module && addr.resource == resource.resource);
        Ok(all.any(|(_, &i)| changes(&self.changes[i], &attribute)))
    }
}

fn instance_key(expr: &Expr, key: &Value) -> Result<InstanceKey> {
    let number = || key.as_i64().and_then(|number| u64::try_from(number).ok());
    let key = match key.as_text() {
        Some(text) => Some(InstanceKey::Text(text.clone())),
        None => number().map(InstanceKey::Number),
    };
    key.ok_or_else(|| {
        Diagnostic::error(
            "Invalid replace_triggered_by expression",
            "The key of an instance must be a known string or whole number.",
        )
        .at(expr.span)
        .into()
    })
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

/// A whole instance fires when it is updated or replaced; an attribute when that changes its value. What is only made
/// or only goes was never, or is no longer, something that others were made from.
fn changes(planned: &Planned, attribute: &Path) -> bool {
    let change = &planned.change;
    match change.action {
        Action::Update | Action::Replace | Action::ReplaceCreateFirst => {
            let before = path::get(&change.before, attribute);
            let after = path::get(&change.after, attribute);
            attribute.is_empty()
                || match (before, after) {
                    (Some(before), Some(after)) => !crate::value::raw_equal(&before, &after),
                    (before, after) => before.is_some() != after.is_some(),
                }
        }
        Action::Create | Action::Delete | Action::NoOp | Action::Read | Action::Open | Action::Forget => {
            false
        }
    }
}
