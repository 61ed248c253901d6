//! Objects that earlier runs may have made without learning their ids: looked for by what they carry.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostics, Ending, Result};
use crate::resource::operate::Found;
use crate::schema::{names, roots};
use crate::state::journal::Intent;
use crate::state::protocol::{Fate, Place, Sight};
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
    /// What had made room for them is the current object again, by the key it had.
    pub back: BTreeMap<InstanceAddr, Text>,
}

impl Planner<'_> {
    /// The id of the object that an earlier run made for the instance without hearing of it, if the instance is to have it.
    pub(super) fn left_open(&mut self, wanted: &Wanted, is_declared: bool) -> Result<Option<Text>> {
        let addr = &wanted.addr;
        let Some(intent) = self.options.open.get(addr).cloned() else {
            return Ok(None);
        };
        let (sight, id) = self.sight(wanted, &intent)?;
        let now = self.timestamp.as_second();
        let place = Place {
            is_wanted: is_declared,
            is_taken: self.prior.get(addr).is_some(),
        };
        match intent.begun.fate(now, sight, place) {
            Fate::TakeOver => return Ok(id),
            Fate::Surplus => self.put_by(wanted, &intent, id)?,
            Fate::Over => {
                self.strays.over.insert(addr.clone());
                self.give_back(addr, intent);
            }
            Fate::Again => self.give_back(addr, intent),
            Fate::Wait | Fate::Ask => {}
        }
        Ok(None)
    }

    /// Looks for what an intent may have made.
    fn sight(&mut self, wanted: &Wanted, intent: &Intent) -> Result<(Sight, Option<Text>)> {
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
        Ok(match found {
            Found::There(id) => (Sight::There, Some(id)),
            Found::Absent { late } => (Sight::Absent { twice: late }, None),
            Found::Untold => (Sight::Untold, None),
        })
    }

    /// Nothing came of it: what had made room is the current object again.
    fn give_back(&mut self, addr: &InstanceAddr, intent: Intent) {
        if let Some(key) = &intent.begun.aside
            && self.prior.restore(addr, key)
        {
            self.strays.back.insert(addr.clone(), key.clone());
        }
        self.strays.absent.insert(addr.clone(), intent);
    }

    /// The instance has its object: what was found beside it goes as a replaced one goes.
    fn put_by(&mut self, wanted: &Wanted, intent: &Intent, id: Option<Text>) -> Result<()> {
        let (addr, ty) = (&wanted.addr, wanted.ty);
        let Some(id) = id else { return Ok(()) };
        let value = self.observer.import(wanted, &id)?;
        let object = crate::state::Object::new(&value, &ty.spec.ty(), ty.version)?;
        let text = format!("{addr} {id}");
        let key = format!("{:08x}", crc32fast::hash(text.as_bytes()));
        self.prior
            .insert_deposed(addr, key.into(), &intent.provider, object);
        self.strays.found.insert(addr.clone());
        Ok(())
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
