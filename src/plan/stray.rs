//! Objects that earlier runs may have made without learning their ids: looked for by what they carry.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostics, Ending, Result};
use crate::resource::operate::Found;
use crate::schema::{names, roots};
use crate::state::journal::Intent;
use crate::value::{Text, Type, Value};

use super::make::{Planner, about};
use super::observe::Wanted;
use super::{Mode, as_warnings};

/// What became of those that were looked for.
#[derive(Clone, Debug, Default)]
pub struct Strays {
    /// They are in the prior state now.
    pub found: BTreeSet<InstanceAddr>,
    /// They are not there, and may be made without a second one coming of it.
    pub absent: BTreeMap<InstanceAddr, Intent>,
    /// They are not there, and no request can make them any more.
    pub over: BTreeSet<InstanceAddr>,
}

/// After so many seconds no cloud carries out a request any more: its signature has expired long ago. An object that
/// is not there by then was never made.
pub const LATEST: i64 = 20 * 60;

/// Whether the request of an intent can make nothing any more.
fn is_over(intent: &Intent, now: jiff::Timestamp) -> bool {
    now.as_second() - intent.since >= LATEST
}

impl Planner<'_> {
    /// The id of the object that an earlier run made for the instance without hearing of it. What is declared is made anew
    /// where a second one cannot come of it; of the rest it must be sure that nothing comes any more.
    pub(super) fn left_open(&mut self, wanted: &Wanted, is_declared: bool) -> Result<Option<Text>> {
        let addr = &wanted.addr;
        let Some(intent) = self.options.open.get(addr).cloned() else {
            return Ok(None);
        };
        if self.prior.get(addr).is_some() {
            return Ok(None);
        }
        let wished = crate::resource::recorded(wanted.ty, &wanted.ty.spec.ty(), &intent.wished)?;
        let asked = Wanted {
            prior: wished,
            ..wanted.clone()
        };
        let found = self.observer.find(&asked, intent.marker.as_deref());
        let found = found.map_err(|errors| {
            let errors = errors.into_iter();
            errors
                .map(|error| error.ends_as(Ending::Unsettled))
                .collect::<Diagnostics>()
        })?;
        match found {
            Found::There(id) => Ok(Some(id)),
            Found::Absent { late } => {
                let is_over = is_over(&intent, self.timestamp);
                if is_over {
                    self.strays.over.insert(addr.clone());
                }
                if is_over || (is_declared && !late) {
                    self.strays.absent.insert(addr.clone(), intent);
                }
                Ok(None)
            }
            Found::Untold => Ok(None),
        }
    }

    /// Takes into the state what was made for instances that are no longer declared, so that it goes like the rest of
    /// what is recorded and not declared.
    pub(super) fn strays(&mut self) {
        if self.options.mode == Mode::RefreshOnly {
            return;
        }
        let open: Vec<InstanceAddr> = self.options.open.keys().cloned().collect();
        for addr in open {
            let is_planned = self.at.contains_key(&addr) || self.strays.found.contains(&addr);
            let awaits = self.options.mode == Mode::Normal && self.is_expected(&addr);
            if is_planned || awaits || !self.targets.may_go(&addr) {
                continue;
            }
            if let Err(errors) = self.stray(&addr) {
                // It stays open, and hinders nothing of what is declared.
                self.problems.extend(about(as_warnings(errors), &addr));
            }
        }
    }

    fn stray(&mut self, addr: &InstanceAddr) -> Result<()> {
        let (ty, _) = self.type_of(&addr.resource)?;
        let Some(intent) = self.options.open.get(addr) else {
            return Ok(());
        };
        let id = ty.create.as_ref().map(|create| roots(&create.id));
        let is_told = id.is_none_or(|id| id.contains(names::REPLY));
        if intent.marker.is_none() && is_told {
            // Nobody but the lost answer knows its id.
            return Ok(());
        }
        let provider = intent.provider.clone();
        self.provider(&provider)?;
        let wanted = Wanted {
            addr: addr.clone(),
            ty,
            provider: provider.clone(),
            prior: Value::null(Type::Dynamic),
        };
        let Some(id) = self.left_open(&wanted, false)? else {
            return Ok(());
        };
        let value = self.observer.import(&wanted, &id)?;
        self.note_import(addr, &provider, ty, &value)?;
        self.strays.found.insert(addr.clone());
        Ok(())
    }
}
