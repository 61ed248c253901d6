//! Objects that somebody else has scheduled for deletion: what becomes of them, and what is said of it.
//!
//! Who declares them still has them called back, which the planning of instances does. The others leave the state, in plain
//! sight: as a change, and called back first where their lifecycle keeps them.

use std::sync::Arc;

use jiff::Timestamp;

use crate::addr::{InstanceAddr, InstanceKey, OnDestroy, ProviderConfig};
use crate::config::Expand;
use crate::diag::{Diagnostic, Result};
use crate::eval::Expanded;
use crate::resource::{Action, Change};
use crate::state;
use crate::value::Text;

use super::make::{Planner, about};
use super::provider::block_of;
use super::{Mode, Pending, Planned, Reason, as_warnings};

/// An object that waits for its end, as it was recorded.
#[derive(Clone)]
pub(super) struct Leaving {
    pub(super) provider: ProviderConfig,
    pub(super) object: Arc<state::Object>,
    /// When it is lost, in the words of its cloud.
    lost_at: Option<Text>,
    pending: Pending,
}

impl Planner<'_> {
    /// Takes an object that waits for its end out of the prior state. Where everything is only looked at it stays: forgotten, it
    /// could not be called back, and would be made a second time.
    pub(super) fn enter_leaving(
        &mut self,
        addr: &InstanceAddr,
        provider: &ProviderConfig,
        lost_at: Option<Text>,
    ) -> Pending {
        let at: Option<Timestamp> = lost_at.as_ref().and_then(|text| text.parse().ok());
        let days = at.map(|at| (at.as_second() - self.timestamp.as_second()).div_euclid(86_400));
        let pending = Pending { at, days };
        if self.options.mode != Mode::RefreshOnly
            && let Some(object) = self.prior.remove(addr)
        {
            let leaving = Leaving {
                provider: provider.clone(),
                object,
                lost_at,
                pending,
            };
            self.leaving.insert(addr.clone(), leaving);
        }
        pending
    }

    /// Reads an object that is to be forgotten and kept: it may wait for its end. Where nobody can be asked it goes unread.
    pub(super) fn look_at_kept(&mut self, addr: &InstanceAddr) {
        let provider = self.provider_of(addr);
        let can_leave = self
            .type_of(&addr.resource)
            .is_ok_and(|(ty, _)| ty.restore.is_some());
        let is_there = self.providers.contains_key(&provider) || block_of(&self.graph, &provider).is_some();
        if !can_leave || !is_there || self.options.skip_refresh {
            return;
        }
        if let Err(errors) = self.provider(&provider) {
            return self.problems.extend(about(errors, addr));
        }
        let told = std::mem::take(&mut self.problems);
        self.refresh(std::slice::from_ref(addr));
        let found = std::mem::replace(&mut self.problems, told);
        self.problems.extend(as_warnings(found));
    }

    /// Notes of what is called back until when it can be.
    fn note_called_back(&mut self) {
        for (addr, leaving) in &self.leaving {
            if let Some(&i) = self.at.get(addr)
                && self.changes[i].restores
            {
                self.changes[i].pending = Some(leaving.pending);
            }
        }
    }

    /// Plans what becomes of those that nothing declares. No other one leaves the state.
    pub(super) fn let_leaving_go(&mut self) {
        self.note_called_back();
        let left = self
            .leaving
            .iter()
            .filter(|(addr, _)| !self.at.contains_key(addr));
        let left: Vec<(InstanceAddr, Leaving)> =
            left.map(|(addr, one)| (addr.clone(), one.clone())).collect();
        for (addr, leaving) in left {
            self.prior
                .insert(&addr, &leaving.provider, leaving.object.clone());
            if self.may_be_declared(&addr) || !self.targets.may_go(&addr) {
                continue;
            }
            match self.let_go(&addr, leaving) {
                Ok(planned) => self.add(planned),
                Err(errors) => self.problems.extend(about(errors, &addr)),
            }
        }
    }

    fn let_go(&mut self, addr: &InstanceAddr, leaving: Leaving) -> Result<Planned> {
        let (ty, object_type) = self.type_of(&addr.resource)?;
        let before = crate::resource::recorded(ty, &object_type, &leaving.object)?;
        let guard = self.guard_of(addr, Some(&leaving.object));
        let is_kept = guard.on_destroy != OnDestroy::Schedule || self.is_forgotten(addr);
        let change = Change {
            action: Action::Forget,
            ..Change::delete(before)
        };
        Ok(Planned {
            moved_from: self.moves.origin(addr).cloned(),
            reason: self.why_undeclared(addr),
            guard,
            restores: is_kept && ty.restore.is_some(),
            pending: Some(leaving.pending),
            ..Planned::bare(addr.clone(), leaving.provider, ty, change)
        })
    }

    /// Whether the configuration has the instance, or that cannot be told.
    fn may_be_declared(&self, addr: &InstanceAddr) -> bool {
        match (self.options.mode, self.expanded(addr)) {
            (Mode::Destroy, _) => false,
            (_, Some(Expanded::Unknown)) => true,
            (_, Some(expanded)) => expanded.has(&addr.key),
            (_, None) => self.is_declared(addr),
        }
    }

    /// What the block of an instance was expanded to.
    fn expanded(&self, addr: &InstanceAddr) -> Option<&Expanded> {
        let module = self.evaluator.instance_at(&addr.module)?;
        let values = self.evaluator.resource(module, &addr.resource)?;
        Some(&values.expanded)
    }

    /// Why the configuration has the instance no more; none where everything goes.
    fn why_undeclared(&self, addr: &InstanceAddr) -> Option<Reason> {
        if self.options.mode == Mode::Destroy {
            return None;
        }
        let block = self.graph.block_of(addr).filter(|_| self.is_declared(addr));
        Some(match block {
            Some(block) => why_surplus(&block.expand, &addr.key),
            None => self.why_gone(addr),
        })
    }

    /// Whoever plans around such objects must know of each.
    pub(super) fn tell_of_leaving(&mut self) {
        let told: Vec<Diagnostic> = self
            .leaving
            .iter()
            .map(|(addr, leaving)| {
                let planned = self.at.get(addr).map(|&i| &self.changes[i]);
                let way = planned.map_or(
                    "Nothing is planned for it here. To keep it, cancel its deletion in the cloud.",
                    |planned| way_out(planned, self.options.mode),
                );
                warning(addr, leaving, way)
            })
            .collect();
        self.problems.extend(told.into_iter().collect());
    }
}

/// Why an instance is one too many for its block.
pub(super) fn why_surplus(expand: &Expand, key: &InstanceKey) -> Reason {
    match (expand, key) {
        (Expand::Count(_), InstanceKey::Number(_)) => Reason::DeleteBecauseCountIndex,
        (Expand::ForEach(_), InstanceKey::Text(_)) => Reason::DeleteBecauseEachKey,
        (Expand::Enabled(_), InstanceKey::None) => Reason::DeleteBecauseEnabledFalse,
        _ => Reason::DeleteBecauseWrongRepetition,
    }
}

/// What becomes of the object, and how it is kept.
fn way_out(planned: &Planned, mode: Mode) -> &'static str {
    match (planned.change.action, mode) {
        (Action::Forget, _) if planned.restores => {
            "Its lifecycle says that it is kept when it goes: apply calls the deletion off before it takes it out of the state."
        }
        (Action::Forget, Mode::Destroy) => {
            "There is nothing left to destroy: this plan only takes it out of the state. To keep it, cancel its deletion in the cloud, and leave it out of this plan with -exclude."
        }
        (Action::Forget, _) => {
            "Nothing declares it any more, so this plan only takes it out of the state, and it is not told again. To keep it, declare it again: then apply calls the deletion off. Or cancel its deletion in the cloud before you apply, and plan again."
        }
        _ if planned.restores => {
            "Apply calls the deletion off, as long as the object is declared. Where it would have to be replaced, it must be named as whatever is destroyed."
        }
        _ => {
            "This plan treats it as gone. To keep it, cancel its deletion in the cloud before you apply, and plan again."
        }
    }
}

fn warning(addr: &InstanceAddr, leaving: &Leaving, way: &str) -> Diagnostic {
    let when = leaving
        .lost_at
        .as_ref()
        .map_or_else(String::new, |date| format!(" on {date}"));
    let detail = format!(
        "Somebody has scheduled this object for deletion: it is lost for ever{when}, with everything that only it can decrypt. {way}"
    );
    Diagnostic::warning("Object is pending deletion", detail).about(addr)
}
