//! Objects that earlier runs may have made without learning their ids: looked for by what they carry.

use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::diag::{Ending, Result};
use crate::value::{Text, Type, Value};

use super::Mode;
use super::make::{Planner, about};
use super::observe::Wanted;

/// What became of those that were looked for.
#[derive(Clone, Debug, Default)]
pub struct Strays {
    /// They are in the prior state now.
    pub found: BTreeSet<InstanceAddr>,
    /// They are not there.
    pub absent: BTreeSet<InstanceAddr>,
}

impl Planner<'_> {
    /// The object that an earlier run made for the instance without learning its id.
    pub(super) fn left_open(&mut self, wanted: &Wanted, config: &Value) -> Result<Option<Text>> {
        let addr = &wanted.addr;
        let Some(marker) = self.options.open.get(addr).cloned() else {
            return Ok(None);
        };
        if self.prior.get(addr).is_some() {
            return Ok(None);
        }
        let found = self.observer.find(wanted, config, &marker);
        let found = found.map_err(|errors| {
            let errors = errors.into_iter();
            errors
                .map(|error| error.ends_as(Ending::Unsettled))
                .collect::<crate::diag::Diagnostics>()
        })?;
        let strays = &mut self.strays;
        match found {
            Some(_) => strays.found.insert(addr.clone()),
            None => strays.absent.insert(addr.clone()),
        };
        Ok(found)
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
                self.problems.extend(about(errors, &addr));
            }
        }
    }

    fn stray(&mut self, addr: &InstanceAddr) -> Result<()> {
        let (ty, _) = self.type_of(&addr.resource)?;
        let provider = self.provider_of(addr);
        self.provider(&provider)?;
        let wanted = Wanted {
            addr: addr.clone(),
            ty,
            provider: provider.clone(),
            prior: Value::null(Type::Dynamic),
        };
        let Some(id) = self.left_open(&wanted, &Value::null(Type::Dynamic))? else {
            return Ok(());
        };
        let value = self.observer.import(&wanted, &id)?;
        self.note_import(addr, &provider, ty, &value)
    }
}
