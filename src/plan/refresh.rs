//! Reading what exists: the prior state becomes what is there now, and what differs is drift.

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::{Diagnostic, Result};
use crate::resource::Change;
use crate::resource::operate::Existence;
use crate::resource::withheld;
use crate::schema::{Destroy, ResourceType};
use crate::value::Value;

use super::make::{Planner, about};
use super::observe::Wanted;
use super::provider::block_of;
use super::{Mode, Planned};

impl Planner<'_> {
    /// Reads every recorded object whose provider can be opened already, all at once. What is to be forgotten is
    /// of no interest.
    pub(super) fn refresh_all(&mut self) {
        if self.options.skip_refresh {
            return;
        }
        let addrs: Vec<InstanceAddr> = self
            .prior
            .current()
            .map(|(addr, _)| addr)
            .filter(|addr| addr.resource.is_managed() && self.targets.includes(addr))
            .collect();
        let ready: Vec<InstanceAddr> = addrs
            .into_iter()
            .filter(|addr| self.options.mode != Mode::Normal || !self.is_forgotten(addr))
            .filter(|addr| self.provider_is_early(addr))
            .collect();
        self.refresh(&ready);
    }

    fn provider_is_early(&self, addr: &InstanceAddr) -> bool {
        let served = self
            .node_of(&addr.resource_addr())
            .and_then(|node| self.graph.served_by(node));
        if served.is_some_and(|served| served.instance.is_some()) {
            // The configuration says which one, when its turn comes.
            return false;
        }
        let provider = block_of(&self.graph, &self.provider_of(addr));
        provider.is_none_or(|id| self.early[id.0 as usize])
    }

    /// Reads the given objects again, those not read before, and enters what was seen.
    pub(super) fn refresh(&mut self, addrs: &[InstanceAddr]) {
        let mut wanted = Vec::new();
        for addr in addrs {
            if self.options.skip_refresh || !self.refreshed.insert(addr.clone()) {
                continue;
            }
            match self.wanted(addr) {
                Ok(found) => wanted.push(found),
                Err(errors) => self.problems.extend(about(errors, addr)),
            }
        }
        if wanted.is_empty() {
            return;
        }
        let answers = self.observer.refresh(&wanted);
        for (wanted, answer) in wanted.into_iter().zip(answers) {
            match answer {
                Ok(seen) => {
                    self.read.insert(wanted.addr.clone());
                    self.enter_seen(wanted, seen);
                }
                Err(errors) => self.problems.extend(about(errors, &wanted.addr)),
            }
        }
    }

    fn wanted(&mut self, addr: &InstanceAddr) -> Result<Wanted> {
        let (ty, object_type) = self.type_of(&addr.resource)?;
        let provider = self.provider_of(addr);
        self.provider(&provider)?;
        let object = self
            .prior
            .get(addr)
            .expect("only recorded objects are read again");
        let prior = crate::resource::recorded(ty, &object_type, object)?;
        let names_it = ty.spec.attributes.contains_key("arn") || ty.read.is_none();
        let account = if names_it { None } else { self.account_beside(addr) };
        Ok(Wanted {
            addr: addr.clone(),
            ty,
            provider,
            prior,
            account,
        })
    }

    fn enter_seen(&mut self, wanted: Wanted, seen: Existence) {
        let Wanted {
            addr,
            ty,
            provider,
            mut prior,
            account: _,
        } = wanted;
        if let (Existence::There(seen), Some(object)) = (&seen, self.prior.get(&addr))
            && !object.withheld.is_empty()
        {
            prior = withheld::fill_seen(&prior, seen, object, &self.prior.secrets);
        }
        let (change, pending) = match seen {
            Existence::Gone => {
                if let Some(object) = self.prior.remove(&addr)
                    && object.guard.prevent_destroy
                    && ty.destroy != Destroy::Reversible
                    && self.options.mode != Mode::Destroy
                {
                    self.problems.push(protected_is_gone(&addr, &object));
                }
                (Change::delete(prior), None)
            }
            Existence::Leaving { lost_at } => {
                let pending = self.enter_leaving(&addr, &provider, lost_at);
                let change = match self.options.mode {
                    Mode::RefreshOnly => Change::none(prior),
                    Mode::Normal | Mode::Destroy => Change::delete(prior),
                };
                (change, Some(pending))
            }
            Existence::There(seen) if crate::value::raw_equal(&seen, &prior) => {
                // What the state does not hold is known now.
                let filled = self
                    .prior
                    .get(&addr)
                    .is_some_and(|object| !object.withheld.is_empty());
                if filled && let Err(error) = self.record_seen(&addr, ty, &provider, &seen) {
                    self.problems.push(error.about(&addr));
                }
                return;
            }
            Existence::There(seen) => {
                if let Err(error) = self.record_seen(&addr, ty, &provider, &seen) {
                    return self.problems.push(error.about(&addr));
                }
                let action = crate::resource::Action::Update;
                (
                    Change {
                        action,
                        before: prior,
                        after: seen,
                        replace_paths: Vec::new(),
                    },
                    None,
                )
            }
        };
        self.drift.push(Planned {
            pending,
            ..Planned::bare(addr, provider, ty, change)
        });
    }

    fn record_seen(
        &mut self,
        addr: &InstanceAddr,
        ty: &'static ResourceType,
        provider: &ProviderConfig,
        seen: &Value,
    ) -> std::result::Result<(), Diagnostic> {
        let mut object = crate::resource::record(ty, seen, &ty.spec.ty())?;
        if let Some(old) = self.prior.get(addr) {
            inherit(&mut object, old);
            withheld::still_withheld(&mut object, old, seen);
        }
        self.prior.insert(addr, provider, object);
        Ok(())
    }
}

/// What nobody was to destroy is not there any more.
fn protected_is_gone(addr: &InstanceAddr, object: &crate::state::Object) -> Diagnostic {
    let id = object.text_attribute("id").unwrap_or_default();
    let detail = format!(
        "{addr} was recorded with lifecycle.prevent_destroy = true, and its object {id} is not there any more: it was destroyed outside of this configuration, or these credentials, this region or this endpoint are not those that it was made with. Another one in its place cannot decrypt what it has encrypted."
    );
    Diagnostic::warning("Protected object is gone", detail)
        .hint("If it should be there, do not apply: look first where it is.")
        .about(addr)
}

/// What a new record of an object keeps of the old one beside its attributes.
pub fn inherit(object: &mut crate::state::Object, old: &crate::state::Object) {
    object.status = old.status;
    object.private.clone_from(&old.private);
    object.dependencies.clone_from(&old.dependencies);
    object.create_before_destroy = old.create_before_destroy;
    object.guard = old.guard;
    object.incomplete = old.incomplete;
    object.identity_schema_version = old.identity_schema_version;
    object.identity.clone_from(&old.identity);
    object.rest.clone_from(&old.rest);
    object.withheld = object.withheld.iter().map(|one| as_before(one, old)).collect();
}

/// What is left out of a state, with the digest that it had: where it is the same still, it is kept as it was.
fn as_before(withheld: &crate::state::Withheld, old: &crate::state::Object) -> crate::state::Withheld {
    let before = old.withheld.iter().find(|one| one.path == withheld.path);
    before.unwrap_or(withheld).clone()
}
