//! The end of objects: replacement, what is lost with them, what protects them, and calling them back.

use crate::addr::{InstanceAddr, OnDestroy};
use crate::config::{Lifecycle, Resource};
use crate::diag::{Diagnostic, Diagnostics, Ending, Result};
use crate::graph::{Node, Object};
use crate::lang::expr::evaluate;
use crate::lang::syntax::{Expr, ExprKind};
use crate::resource::{self, Action, Change, Wish};
use crate::schema::{Destroy, ResourceType};
use crate::state::{self, Guard};
use crate::value::{Type, Value, convert};

use super::instance::Declared;
use super::leaving::Leaving;
use super::make::{Planner, about};
use super::render::destroy_option;
use super::{Mode, Planned};

impl Planner<'_> {
    /// Turns a change into a replacement: the new object is made from the whole configuration.
    pub(super) fn replace(
        &mut self,
        declared: &Declared<'_>,
        addr: &InstanceAddr,
        change: &mut Change,
        (config, facts): (&Value, &Value),
    ) -> Result<()> {
        let (ty, block) = (declared.ty, declared.block);
        if block.lifecycle.keeps_objects {
            return Err(left_behind(block).into());
        }
        // A new object has nothing before it of which a change could be ignored.
        let fresh = resource::propose(&Wish {
            ty,
            config,
            prior: None,
            provider: facts,
            forced: false,
        })?;
        if block.lifecycle.on_destroy() == OnDestroy::Schedule {
            let told = resource::may_delete(ty, &change.before, facts);
            self.problems.extend(about(told, addr));
        }
        change.after = fresh.change.after;
        change.action = if self.create_first[declared.id.0 as usize] {
            Action::ReplaceCreateFirst
        } else {
            Action::Replace
        };
        Ok(())
    }

    /// Takes an object back into the state that waits for its end and can be called back. Where it has to be replaced it
    /// is destroyed as any other is, and not left to die unnamed.
    pub(super) fn call_back(
        &mut self,
        declared: &Declared<'_>,
        addr: &InstanceAddr,
        (config, facts): (&Value, &Value),
    ) -> Result<bool> {
        let Some(Leaving { provider, object, .. }) = self.leaving.get(addr).cloned() else {
            return Ok(false);
        };
        let ty = declared.ty;
        let Some(recorded) = self.value_of(&object, addr, declared) else {
            return Ok(false);
        };
        let secrets = &self.prior.secrets;
        let recorded = resource::withheld::fill_written(&recorded, config, &object, secrets).value;
        let Some(restored) = resource::operate::restored(ty, &recorded, facts)? else {
            return Ok(false);
        };
        let mut fresh = resource::record(ty, &restored, &declared.object_type)?;
        super::inherit(&mut fresh, &object);
        resource::withheld::still_withheld(&mut fresh, &object, &restored);
        self.prior.insert(addr, &provider, fresh);
        Ok(true)
    }

    /// What is recorded about the end of an object that a block declares, and noted of one that is there already.
    pub(super) fn note_guard(&mut self, declared: &Declared<'_>, addr: &InstanceAddr) -> Guard {
        let lifecycle = &declared.block.lifecycle;
        let protection = lifecycle.prevent_destroy.as_ref();
        let guard = Guard {
            prevent_destroy: protection.is_some_and(|protection| self.is_protected(protection, addr)),
            on_destroy: lifecycle.on_destroy(),
        };
        if self.prior.get(addr).is_some_and(|object| object.guard != guard)
            && let Some(object) = self.prior.get_mut(addr)
        {
            object.guard = guard;
        }
        guard
    }

    /// What holds for the end of a recorded object: what its block says, or where that is gone what is recorded,
    /// unless a `removed` block stands in its place.
    pub(super) fn guard_of(&self, addr: &InstanceAddr, object: Option<&state::Object>) -> Guard {
        match self.graph.block_of(addr) {
            // Its protection is looked up when everything is planned.
            Some(block) => Guard {
                prevent_destroy: false,
                on_destroy: block.lifecycle.on_destroy(),
            },
            None if self.is_removed(addr) => Guard::default(),
            None => object.map(|object| object.guard).unwrap_or_default(),
        }
    }

    /// Whether a `removed` block says what becomes of an object. One that keeps it says nothing about destroying all.
    fn is_removed(&self, addr: &InstanceAddr) -> bool {
        self.removed.iter().any(|removed| {
            (removed.destroy || self.options.mode != Mode::Destroy) && removed.from.contains(addr)
        })
    }

    /// What the destruction of an object means, where it matters. Whether it is named is told when everything is planned.
    pub(super) fn loss(
        &self,
        ty: &'static ResourceType,
        (change, guard): (&Change, Guard),
    ) -> Option<super::Loss> {
        if !change.action.destroys() || guard.on_destroy != OnDestroy::Schedule {
            return None;
        }
        resource::loss(ty, &change.before).map(|(irreversible, days)| super::Loss {
            at: days.and_then(|days| {
                self.timestamp
                    .checked_add(jiff::SignedDuration::from_hours(24 * days))
                    .ok()
            }),
            days,
            irreversible,
            after_replicas: false,
            with: None,
            named: false,
            named_in_use: false,
        })
    }

    /// Whether a protection holds. What cannot be told protects.
    fn is_protected(&self, protection: &Expr, addr: &InstanceAddr) -> bool {
        let truth = |value: &Value| convert::convert(value, &Type::Bool).ok();
        if let ExprKind::Literal(value) = &protection.kind {
            return truth(value).is_none_or(|value| value.as_bool() != Some(false));
        }
        let Some(module) = self.evaluator.instance_at(&addr.module) else {
            return true;
        };
        let value = evaluate(protection, &self.evaluator.scope(module)).ok();
        let value = value.as_ref().and_then(truth);
        value.is_none_or(|value| !value.is_null() && value.as_bool() != Some(false))
    }

    /// What is destroyed or disabled, and what is forgotten because it waits for its end, with what holds for it.
    fn going(&self) -> impl Iterator<Item = &Planned> {
        let going = self.changes.iter().filter(|planned| planned.ends());
        going.filter(|planned| planned.deposed.is_none())
    }

    /// Protected objects are not destroyed. What a replacement left over is no longer the object that is protected.
    pub(super) fn check_protection(&mut self) {
        let mut found = Diagnostics::new();
        for planned in self.going() {
            let addr = &planned.addr;
            let Some(node) = self.node_of(&addr.resource_addr()) else {
                if planned.guard.prevent_destroy && !self.named(planned).0 {
                    found.push(still_protected(addr));
                }
                continue;
            };
            let Node {
                module,
                object: Object::Resource(i),
            } = self.graph.node(node)
            else {
                continue;
            };
            let block = &self.graph.module(module).config.resources[i as usize];
            if let Some(protection) = &block.lifecycle.prevent_destroy
                && self.is_protected(protection, addr)
            {
                let with = planned.loss.as_ref().and_then(|loss| loss.with.as_ref());
                found.push(lost_with(with,
                    Diagnostic::error(
                        "Instance cannot be destroyed",
                        format!("Resource {addr} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option."),
                    )
                    .at(protection.span)
                    .about(addr)
                    .ends_as(Ending::Refused),
                ));
            }
        }
        self.problems.extend(found);
    }
}

/// Why a type gives no meaning to what its block says of the end of objects.
pub fn without_meaning(ty: &ResourceType, lifecycle: &Lifecycle) -> Option<Diagnostic> {
    let (word, span) = lifecycle.on_destroy?;
    let (why, way) = match word {
        OnDestroy::Schedule if ty.destroy == Destroy::Windowed => return None,
        OnDestroy::Disable if ty.retire.is_some() => return None,
        OnDestroy::Retain => return None,
        OnDestroy::Schedule => (
            "are destroyed at once, not scheduled for deletion",
            "Take the argument out.",
        ),
        OnDestroy::Disable => (
            "cannot be disabled",
            "Write \"retain\" to leave them as they are, or take the argument out.",
        ),
    };
    let detail = format!("Objects of the type {} {why}. {way}", ty.name);
    Some(Diagnostic::error("Invalid on_destroy argument", detail).at(span))
}

/// The block of an object is gone, and what it said of its protection holds.
fn still_protected(addr: &InstanceAddr) -> Diagnostic {
    let detail = format!(
        "{addr} was applied with lifecycle.prevent_destroy = true. Its block is no longer in the configuration, but the state remembers that it is protected, so the plan must not destroy it."
    );
    let option = destroy_option(addr, false);
    Diagnostic::error("Protected instance cannot be destroyed", detail)
        .hint("To keep it, put its block back. To keep it and manage it no longer, write a removed block with destroy = false.")
        .hint(format!("To destroy it, put its block back with prevent_destroy = false and apply that first, write a removed block with destroy = true, or name it: {option}"))
        .about(addr)
        .ends_as(Ending::Refused)
}

/// A refusal to destroy what goes only because something that holds it does.
fn lost_with(with: Option<&InstanceAddr>, refused: Diagnostic) -> Diagnostic {
    let Some(container) = with else {
        return refused;
    };
    refused
        .hint(format!("{container} holds it, and the plan destroys that: the cloud destroys both together. To keep it, undo what makes the plan do so."))
}

/// What is to be replaced would have to be destroyed.
fn left_behind(block: &Resource) -> Diagnostic {
    Diagnostic::error(
        "Instance cannot be replaced",
        "The plan calls for this object to be replaced, but its lifecycle has destroy = false: the old object would stay behind, and nothing would manage it.",
    )
    .hint("Undo the change that needs a replacement.")
    .hint("If the old object may be destroyed, take destroy = false out.")
    .hint("If it is to stay, take it out of the state first, with keyform state rm; the next apply makes a new one.")
    .at(block.span)
}
