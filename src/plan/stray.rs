//! Objects that earlier runs may have made without learning their ids: looked for by what they carry, or by what was not
//! there before.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, Ending, Result, listed};
use crate::resource::operate::Found;
use crate::schema::{Among, ResourceType, names, roots};
use crate::state::journal::Intent;
use crate::state::protocol::{Fate, Place, Sight, told_by_list};
use crate::value::{Text, Type, Value};

use super::make::{Planner, about};
use super::observe::Wanted;
use super::{Mode, as_warnings};

/// How many ids are shown to choose from.
const SHOWN: usize = 5;

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
    /// They are not declared, and could not be looked for.
    pub untold: BTreeSet<InstanceAddr>,
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
        if let (Some(among), Some(_)) = (&wanted.ty.among, &intent.before) {
            return self.sight_in_list(wanted, intent, among).map_err(unsettled);
        }
        let asked = asked(wanted.ty, intent)?;
        let found = self.observer.find(&asked, intent.marker.as_deref());
        let found = found.map_err(unsettled)?;
        Ok(match found {
            Found::There(id) => (Sight::There, Some(id)),
            Found::Absent { late } => (Sight::Absent { twice: late }, None),
            Found::Untold => (Sight::Untold, None),
        })
    }

    /// Looks for it among what was not there before. What another open intent may have made as well is nobody's.
    fn sight_in_list(
        &mut self,
        wanted: &Wanted,
        intent: &Intent,
        among: &Among,
    ) -> Result<(Sight, Option<Text>)> {
        let (mut new, is_same_list) = self.new_since(wanted.ty, intent)?;
        let claimed = self.claimed(&wanted.addr);
        new.retain(|id| !claimed.contains(id));
        let of_type = |other: &&Intent| other.address.resource.ty == wanted.addr.resource.ty;
        let open = self.options.open.values().filter(of_type);
        let rivals: Vec<Intent> = open
            .filter(|other| other.address != intent.address)
            .cloned()
            .collect();
        let mut others = BTreeSet::new();
        for rival in rivals.iter().filter(|_| !new.is_empty()) {
            let may_be_its = self.provider(&rival.provider);
            let may_be_its = may_be_its.and_then(|_| self.new_since(wanted.ty, rival));
            others.extend(may_be_its.map_or_else(|_| new.clone(), |(ids, _)| ids));
        }
        let sight = match told_by_list(&new, &others) {
            _ if !is_same_list => Sight::Untold,
            Sight::There if among.lost.is_some() => Sight::Untold,
            sight => sight,
        };
        if sight == Sight::Untold && !new.is_empty() {
            let is_taken = self.prior.get(&wanted.addr).is_some();
            let told = candidates(&wanted.addr, &new, among, is_taken);
            self.problems.push(told);
        }
        let id = new.pop_first().filter(|_| sight == Sight::There);
        Ok((sight, id))
    }

    /// What is there now and was not when the intent was noted; and whether it is the list of then: where nothing is left
    /// of what was there, an alias may stand for another key by now.
    fn new_since(&mut self, ty: &'static ResourceType, intent: &Intent) -> Result<(BTreeSet<Text>, bool)> {
        let there = self.observer.among(&asked(ty, intent)?)?;
        let before: BTreeSet<&Text> = intent.before.iter().flatten().collect();
        let is_same_list =
            before.is_empty() || there.is_empty() || there.iter().any(|id| before.contains(id));
        let new = there.into_iter().filter(|id| !before.contains(id));
        Ok((new.collect(), is_same_list))
    }

    /// The ids that recorded objects of the type have, and those that are to be imported.
    fn claimed(&self, addr: &InstanceAddr) -> BTreeSet<Text> {
        let recorded = self.previous.objects().chain(self.prior.objects());
        let recorded = recorded.filter(|(other, ..)| other.resource.ty == addr.resource.ty);
        let recorded = recorded.filter_map(|(_, _, object)| object.text_attribute("id"));
        recorded.map(Text::from).chain(self.imports.ids()).collect()
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
        let object = crate::resource::record(ty, &value, &ty.spec.ty())?;
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
                // It stays open, and hinders nothing of what is declared; but the run ends as one that left it open.
                self.strays.untold.insert(addr.clone());
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
        if intent.marker.is_none() && intent.before.is_none() && is_told {
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

fn asked(ty: &'static ResourceType, intent: &Intent) -> Result<Wanted> {
    Ok(Wanted {
        addr: intent.address.clone(),
        ty,
        provider: intent.provider.clone(),
        prior: crate::resource::recorded(ty, &ty.spec.ty(), &intent.wished)?,
    })
}

fn unsettled(errors: Diagnostics) -> Diagnostics {
    let errors = errors.into_iter();
    errors.map(|error| error.ends_as(Ending::Unsettled)).collect()
}

/// What its user has to choose from.
fn candidates(addr: &InstanceAddr, new: &BTreeSet<Text>, among: &Among, is_taken: bool) -> Diagnostic {
    let lost = among.lost.as_ref().map_or_else(String::new, |lost| {
        format!(
            " Its {lost} was in the answer that was lost and cannot be had again, so that it is of no use but to be replaced or deleted."
        )
    });
    let detail = format!(
        "An earlier run was about to create this object and heard no answer. New since then, and recorded nowhere: {}. One of these may be the object, which is not taken over by itself where others may have made it.{lost}",
        listed(new, SHOWN)
    );
    let told = Diagnostic::warning("Object may be one of those that are new", detail)
        .about(addr)
        .alone();
    if is_taken {
        return told.hint("The instance has its former object: delete what is yours of these by hand.");
    }
    let adopts = new
        .iter()
        .take(SHOWN)
        .map(|id| format!("keyform recover -adopt '{addr}={id}'"));
    let told = adopts.fold(told, Diagnostic::hint);
    match among.lost {
        Some(_) => told.hint(format!(
            "and then: keyform apply -replace='{addr}' -destroy-key='{addr}'"
        )),
        None => told,
    }
}
