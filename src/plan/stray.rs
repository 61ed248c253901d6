//! Objects that earlier runs may have made without learning their ids: looked for by what they carry, or by what was not
//! there before.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::{Diagnostic, Diagnostics, Ending, Result, listed};
use crate::resource::operate::{Found, import_id};
use crate::schema::{Among, ResourceType, names, roots};
use crate::state::Identity;
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
    pub found: BTreeMap<InstanceAddr, Intent>,
    /// They are not there, and may be made without a second one coming of it.
    pub absent: BTreeMap<InstanceAddr, Intent>,
    /// They are not there, and no request can make them any more.
    pub over: BTreeMap<InstanceAddr, Intent>,
    /// What had made room for them is the current object again, by the key it had.
    pub back: BTreeMap<InstanceAddr, Text>,
    /// The instances that have other addresses than in the journal, and all others that have moved with them; from where to
    /// where.
    pub moved: Vec<(InstanceAddr, InstanceAddr)>,
}

impl Strays {
    /// What is open, with the address that its instance has now.
    pub fn now(&self, intent: &Intent) -> Intent {
        let moved = self.moved.iter().find(|(from, _)| *from == intent.address);
        Intent {
            address: moved.map_or(&intent.address, |(_, to)| to).clone(),
            ..intent.clone()
        }
    }

    /// Whether just this creation was looked for, and it is known what became of it.
    pub fn tell_of(&self, intent: &Intent) -> bool {
        [&self.absent, &self.found]
            .into_iter()
            .any(|told| is_in(told, intent))
    }

    /// Whether nothing is open of it any more.
    pub fn settle(&self, intent: &Intent) -> bool {
        [&self.found, &self.over]
            .into_iter()
            .any(|told| is_in(told, intent))
    }
}

fn is_in(told: &BTreeMap<InstanceAddr, Intent>, intent: &Intent) -> bool {
    told.get(&intent.address).is_some_and(|one| one.is_same(intent))
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
            Fate::TakeOver | Fate::Surplus if self.is_claimed(&intent, id.as_deref()) => {
                // Its user has it under another address: nothing is missing here.
                self.bring_back(addr, &intent);
                self.strays.found.insert(addr.clone(), intent);
            }
            Fate::TakeOver => return Ok(id),
            Fate::Surplus => self.put_by(wanted, &intent, id)?,
            Fate::Over => {
                self.strays.over.insert(addr.clone(), intent.clone());
                self.give_back(addr, intent);
            }
            Fate::Again => self.give_back(addr, intent),
            Fate::Wait | Fate::Ask => {}
        }
        Ok(None)
    }

    /// What was found for the instance is its object now.
    pub(super) fn taken_over(&mut self, addr: &InstanceAddr) {
        if let Some(intent) = self.options.open.get(addr) {
            self.strays.found.insert(addr.clone(), intent.clone());
        }
    }

    /// Whether what was found has a record, or is to be imported, for some instance. In another region another object may have
    /// its id.
    fn is_claimed(&self, intent: &Intent, id: Option<&str>) -> bool {
        let Some(id) = id else { return false };
        let ty = &intent.address.resource.ty;
        let found = self.import_identity(ty, id, &intent.provider);
        let found = Identity {
            region: found
                .region
                .or_else(|| intent.region.as_deref().map(str::to_owned)),
            account: intent.account.as_deref().map(str::to_owned),
            ..found
        };
        let recorded = [&self.previous, &self.prior].into_iter().flat_map(|state| {
            let objects = state.objects().filter(|(addr, ..)| addr.resource.ty == *ty);
            objects.filter_map(|(addr, _, object)| Identity::of(state, &addr, object))
        });
        let imported = self.imports.wanted().filter(|(addr, _)| addr.resource.ty == *ty);
        let imported = imported.map(|(addr, id)| self.import_identity(ty, id, &self.provider_of(addr)));
        recorded.chain(imported).any(|one| {
            // A name proves less than a mark.
            let same_place = || {
                intent.marker.is_some() && self.is_same_place(&one.provider, &intent.provider) == Some(true)
            };
            one.is(&found).unwrap_or_else(same_place)
        })
    }

    /// What an import names, which is where its provider is unless it says otherwise.
    fn import_identity(&self, ty: &Text, id: &str, provider: &ProviderConfig) -> Identity {
        let identity = Identity::of_import(ty, id, provider.clone());
        let own = || {
            let facts = self.providers.get(provider)?;
            Some(facts.get("region")?.unmark_deep().0.as_str()?.to_owned())
        };
        Identity {
            region: identity.region.clone().or_else(own),
            ..identity
        }
    }

    /// An object is imported for an instance of which a creation is open. Whether it is what came of that is looked up: what
    /// is another one stays open, and is told.
    pub(super) fn imported_beside(&mut self, wanted: &Wanted, value: &Value) -> Result<()> {
        let addr = &wanted.addr;
        let Some(intent) = self.options.open.get(addr).cloned() else {
            return Ok(());
        };
        let facts = self.provider(&wanted.provider)?;
        let imported = import_id(wanted.ty, &facts, value);
        let there = self.provider(&intent.provider);
        let looked = there.and_then(|facts| match in_other_region(wanted.ty, &intent, &facts) {
            Some(told) => Err(told.into()),
            None => self.sight_there(wanted, &intent),
        });
        let (sight, id) = looked.map_err(|errors| not_looked_for(errors, addr))?;
        let is_over = intent.begun.is_over(self.timestamp.as_second());
        match beside(&intent, sight, id.as_ref(), &imported) {
            Beside::Same => drop(self.strays.found.insert(addr.clone(), intent)),
            Beside::Nothing if is_over => drop(self.strays.over.insert(addr.clone(), intent)),
            Beside::Nothing => {}
            Beside::Other(id) => self.problems.push(other_than_imported(addr, &id, &imported)),
        }
        Ok(())
    }

    /// Looks for what an intent may have made, where it was asked for: through no other provider, and in no other region.
    fn sight(&mut self, wanted: &Wanted, intent: &Intent) -> Result<(Sight, Option<Text>)> {
        let facts = self.provider(&intent.provider);
        let facts = facts.map_err(|errors| not_looked_for(errors, &wanted.addr))?;
        if let Some(told) = in_other_region(wanted.ty, intent, &facts) {
            let told = not_looked_for(told.into(), &wanted.addr);
            self.problems.extend(as_warnings(told));
            return Ok((Sight::Untold, None));
        }
        let (sight, id) = self.sight_there(wanted, intent)?;
        if intent.provider == wanted.provider {
            return Ok((sight, id));
        }
        Ok(match (sight, id) {
            (Sight::There, Some(id)) => {
                self.problems.push(by_other_provider(wanted, intent, &id));
                (Sight::Untold, None)
            }
            // There a name can be taken that is free here.
            (Sight::Absent { .. }, _) => (Sight::Absent { twice: true }, None),
            (sight, id) => (sight, id),
        })
    }

    fn sight_there(&mut self, wanted: &Wanted, intent: &Intent) -> Result<(Sight, Option<Text>)> {
        if let (Some(among), Some(_)) = (&wanted.ty.among, &intent.before) {
            return self.sight_in_list(wanted, intent, among).map_err(unsettled);
        }
        let asked = asked(wanted.ty, intent)?;
        let found = self.observer.find(&asked, intent);
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
        let there = self.observer.among(&asked(ty, intent)?, intent)?;
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
        let imported = self.imports.wanted().map(|(_, id)| id.clone());
        recorded.map(Text::from).chain(imported).collect()
    }

    /// Nothing came of it: what had made room is the current object again.
    fn give_back(&mut self, addr: &InstanceAddr, intent: Intent) {
        self.bring_back(addr, &intent);
        self.strays.absent.insert(addr.clone(), intent);
    }

    fn bring_back(&mut self, addr: &InstanceAddr, intent: &Intent) {
        if let Some(key) = &intent.begun.aside
            && self.prior.restore(addr, key)
        {
            self.strays.back.insert(addr.clone(), key.clone());
        }
    }

    /// The instance has its object: what was found beside it goes as a replaced one goes.
    fn put_by(&mut self, wanted: &Wanted, intent: &Intent, id: Option<Text>) -> Result<()> {
        let (addr, ty) = (&wanted.addr, wanted.ty);
        let Some(id) = id else { return Ok(()) };
        let value = self.observer.import(wanted, &id)?;
        let mut object = crate::resource::record(ty, &value, &ty.spec.ty())?;
        object.guard = intent.wished.guard;
        let text = format!("{addr} {id}");
        let key = format!("{:08x}", crc32fast::hash(text.as_bytes()));
        self.prior
            .insert_deposed(addr, key.into(), &intent.provider, object);
        self.strays.found.insert(addr.clone(), intent.clone());
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
            let is_planned = self.at.contains_key(&addr) || self.strays.found.contains_key(&addr);
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
        let is_told = id.is_none_or(|id| id.contains(names::REPLY) && !id.contains(names::SELF));
        if intent.marker.is_none() && intent.before.is_none() && is_told {
            // Nobody but the lost answer knows its id, so that nobody is asked.
            return Ok(());
        }
        let (provider, guard) = (intent.provider.clone(), intent.wished.guard);
        self.provider(&provider)?;
        let wanted = Wanted {
            addr: addr.clone(),
            ty,
            provider: provider.clone(),
            prior: Value::null(Type::Dynamic),
            account: None,
        };
        let Some(id) = self.left_open(&wanted, false)? else {
            return Ok(());
        };
        let value = self.observer.import(&wanted, &id)?;
        self.note_import(addr, &provider, ty, (&value, guard))?;
        self.taken_over(addr);
        Ok(())
    }
}

/// What is there of an open creation beside an object that is imported for its instance.
pub enum Beside {
    /// It is that object, or its user says so where nobody else can tell.
    Same,
    /// Another object came of it.
    Other(Text),
    /// Nothing is found.
    Nothing,
}

/// What was found of a creation, held against the object that is imported for its instance.
pub fn beside(intent: &Intent, sight: Sight, found: Option<&Text>, imported: &str) -> Beside {
    match (sight, found) {
        // What is imported is not among what is looked through.
        _ if intent.before.is_some() => Beside::Same,
        (Sight::There, Some(id)) if **id != *imported => Beside::Other(id.clone()),
        (Sight::Absent { .. }, _) => Beside::Nothing,
        (Sight::There | Sight::Untold, _) => Beside::Same,
    }
}

/// What is said of an object that came of an open creation, where another one is imported.
pub fn other_than_imported(addr: &InstanceAddr, id: &str, imported: &str) -> Diagnostic {
    let detail = format!(
        "An earlier run was about to create an object for this instance and heard no answer. The object is there, with the id {id}, and {imported} is imported in its place. The operation stays open, and the next plan is to destroy {id}."
    );
    Diagnostic::warning("Another object was made for this instance", detail)
        .about(addr)
        .alone()
        .hint(format!(
            "If {id} is of use, import it at an address of its own before the next apply."
        ))
}

/// Why it cannot be looked for what an intent has made, where its provider has gone to another region.
pub fn in_other_region(ty: &ResourceType, intent: &Intent, facts: &Value) -> Option<Diagnostic> {
    let addr = &intent.address;
    let now = facts.get("region").and_then(Value::as_str)?;
    let then = intent.region.as_deref().filter(|then| *then != now)?;
    if ty.region.is_some() {
        // What was wished for names its region.
        return None;
    }
    let detail = format!(
        "An earlier run was about to create this object in the region {then}, and its provider is in {now} now, where it cannot be looked for. It stays open, and is not made here as long as it is."
    );
    Some(
        Diagnostic::error("Object may be in another region", detail)
            .about(addr)
            .alone()
            .hint(format!(
                "Apply with the provider in {then} once more: the object is found then."
            )),
    )
}

fn by_other_provider(wanted: &Wanted, intent: &Intent, id: &str) -> Diagnostic {
    let addr = &wanted.addr;
    let detail = format!(
        "An earlier run was about to create this object through {} and heard no answer. It is there, with the id {id}, and {} serves the instance now, through which it is not taken over. It stays open, and no other is made as long as it is.",
        intent.provider, wanted.provider
    );
    Diagnostic::warning("Object was made through another provider", detail)
        .about(addr)
        .alone()
        .hint("Give the resource its former provider back and apply: the object is taken over then.")
        .hint(format!(
            "If it is not to be managed: keyform recover -abandon '{addr}'"
        ))
}

/// The way out where nobody can look.
pub fn not_looked_for(errors: Diagnostics, addr: &InstanceAddr) -> Diagnostics {
    let hint = format!(
        "An earlier run may have made the object. If you know that it is not there: keyform recover -abandon '{addr}'"
    );
    let errors = unsettled(errors).into_iter();
    errors.map(|error| error.hint(hint.clone())).collect()
}

fn asked(ty: &'static ResourceType, intent: &Intent) -> Result<Wanted> {
    Ok(Wanted {
        addr: intent.address.clone(),
        ty,
        provider: intent.provider.clone(),
        prior: crate::resource::recorded(ty, &ty.spec.ty(), &intent.wished)?,
        account: None,
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
