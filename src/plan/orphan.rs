//! Objects that the state has and the configuration no longer declares.

use crate::addr::{InstanceAddr, ModulePath, OnDestroy, ResourceAddr, Target};
use crate::config::Removed;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::Expanded;
use crate::graph::Graph;
use crate::resource::{Action, Change};
use crate::value::Text;

use super::instance::Declared;
use super::leaving::why_surplus;
use super::make::{Planner, about};
use super::{Mode, Planned, Reason};

impl Planner<'_> {
    /// Instances of a declared resource beyond what it expands to.
    pub(super) fn surplus(&mut self, declared: &Declared<'_>, addr: &ResourceAddr, expanded: &Expanded) {
        let Some(resource) = self.prior.resource(addr) else {
            return;
        };
        let surplus: Vec<InstanceAddr> = resource
            .instances
            .iter()
            .filter(|(key, instances)| instances.current.is_some() && !expanded.has(key))
            .map(|(key, _)| addr.instance(key.clone()))
            .collect();
        for addr in surplus {
            if !addr.resource.is_managed() {
                if self.targets.includes(&addr) {
                    self.prior.remove(&addr);
                }
                continue;
            }
            let reason = why_surplus(&declared.block.expand, &addr.key);
            self.delete(&addr, Some(reason));
            self.pending[declared.id.0 as usize] = true;
        }
    }

    /// Everything recorded that no block declares; all of it when everything is to go; and what is left over from
    /// replacements.
    pub(super) fn orphans(&mut self) {
        let everything = self.options.mode == Mode::Destroy;
        let all: Vec<InstanceAddr> = self
            .prior
            .resources
            .iter()
            .filter(|(addr, _)| everything || !self.handled.contains(*addr))
            .flat_map(|(addr, resource)| {
                let current = resource.instances.iter().filter(|(_, one)| one.current.is_some());
                current.map(move |(key, _)| addr.instance(key.clone()))
            })
            .collect();
        for addr in all {
            if !addr.resource.is_managed() {
                if self.targets.includes(&addr) {
                    self.prior.remove(&addr);
                }
                continue;
            }
            if self.options.mode == Mode::RefreshOnly || self.at.contains_key(&addr) {
                continue;
            }
            // A block whose type is unknown, or that targeting left out, still declares its objects.
            if !everything && self.is_declared(&addr) {
                continue;
            }
            let reason = if everything {
                None
            } else {
                Some(self.why_gone(&addr))
            };
            self.delete(&addr, reason);
        }
        if self.options.mode != Mode::RefreshOnly {
            self.deposed();
        }
    }

    /// Whether the configuration has the instance, as far as can be told: it may not have been planned because of an error.
    pub(super) fn is_expected(&self, addr: &InstanceAddr) -> bool {
        self.is_declared(addr) && self.problems.has_errors()
    }

    /// Whether the configuration has a block for the instance, expanded or not.
    pub(super) fn is_declared(&self, addr: &InstanceAddr) -> bool {
        self.node_of(&addr.resource_addr()).is_some() && self.evaluator.instance_at(&addr.module).is_some()
    }

    pub(super) fn why_gone(&self, addr: &InstanceAddr) -> Reason {
        if self.node_of(&addr.resource_addr()).is_some() {
            // Its block stands in a module that has no such instance any more.
            return Reason::DeleteBecauseNoModule;
        }
        if self.moves.origin(addr).is_some() {
            return Reason::DeleteBecauseNoMoveTarget;
        }
        Reason::DeleteBecauseNoResourceConfig
    }

    /// Plans the end of a recorded object: its deletion, or, where a `removed` block says so, its being forgotten.
    fn delete(&mut self, addr: &InstanceAddr, reason: Option<Reason>) {
        if !self.targets.may_go(addr) || self.at.contains_key(addr) {
            return;
        }
        let guard = self.guard_of(addr, self.prior.get(addr));
        let forget = self.is_forgotten(addr) || guard.on_destroy == OnDestroy::Retain;
        if !forget {
            self.refresh(std::slice::from_ref(addr));
        } else if !self.is_given_up(addr) {
            self.look_at_kept(addr);
        }
        let (ty, object_type) = match self.type_of(&addr.resource) {
            Ok(found) => found,
            Err(errors) => return self.problems.extend(about(errors, addr)),
        };
        let provider = self.provider_of(addr);
        // Gone already: the refresh has taken it out.
        let Some(before) = self.recorded(addr, ty, &object_type) else {
            return;
        };
        if !forget && let Err(errors) = self.provider(&provider) {
            return self.problems.extend(about(errors, addr));
        }
        let mut change = Change::delete(before);
        if forget || guard.on_destroy == OnDestroy::Disable {
            change.action = Action::Forget;
        } else {
            let told = self.may_delete(ty, &change, &provider);
            self.problems
                .extend(about(told.unwrap_or_else(|errors| errors), addr));
        }
        let planned = Planned {
            moved_from: self.moves.origin(addr).cloned(),
            reason,
            guard,
            loss: self.loss(ty, (&change, guard)).map(Box::new),
            ..Planned::bare(addr.clone(), provider, ty, change)
        };
        self.add(planned);
    }

    fn may_delete(
        &mut self,
        ty: &'static crate::schema::ResourceType,
        change: &Change,
        provider: &crate::addr::ProviderConfig,
    ) -> Result<Diagnostics> {
        let facts = self.provider(provider)?;
        Ok(crate::resource::may_delete(ty, &change.before, &facts))
    }

    /// Whether the instance is taken out of the state and its object left alone: its own block says so, a `removed`
    /// block, or what the state recorded of the block that is gone.
    pub(super) fn is_forgotten(&self, addr: &InstanceAddr) -> bool {
        let block = self.graph.block_of(addr);
        if block.is_some_and(|block| block.lifecycle.keeps_objects) {
            return true;
        }
        if block.is_none() && self.guard_of(addr, self.prior.get(addr)).on_destroy == OnDestroy::Retain {
            return true;
        }
        self.is_given_up(addr)
    }

    /// Whether a `removed` block says that the object is left alone.
    fn is_given_up(&self, addr: &InstanceAddr) -> bool {
        let mut removed = self.removed.iter().filter(|removed| !removed.destroy);
        self.options.mode != Mode::Destroy && removed.any(|removed| removed.from.contains(addr))
    }

    fn deposed(&mut self) {
        let all: Vec<(InstanceAddr, Text)> = self
            .prior
            .objects()
            .filter_map(|(addr, deposed, _)| deposed.map(|key| (addr, key.clone())))
            .filter(|(addr, _)| self.targets.may_go(addr))
            .collect();
        for (addr, key) in all {
            match self.deposed_object(&addr, key) {
                Ok(planned) => self.push(planned),
                Err(errors) => self.problems.extend(about(errors, &addr)),
            }
        }
    }

    /// What is left over from a replacement goes, or is forgotten with its instance.
    fn deposed_object(&mut self, addr: &InstanceAddr, key: Text) -> Result<Planned> {
        let (ty, object_type) = self.type_of(&addr.resource)?;
        let mut provider = self.provider_of(addr);
        let own = self.prior.get_deposed(addr, &key);
        let guard = self.guard_of(addr, own);
        if let Some(own) = own.and_then(|object| object.provider_key.clone()) {
            // The object in its place may be served by another one.
            provider.key = provider.key.and(Some(own));
        }
        let forget = self.is_forgotten(addr) || guard.on_destroy == OnDestroy::Retain;
        if !forget {
            self.provider(&provider)?;
        }
        let object = self
            .prior
            .get_deposed(addr, &key)
            .expect("it was listed a moment ago");
        let mut change = Change::delete(crate::resource::recorded(ty, &object_type, object)?);
        if forget || guard.on_destroy == OnDestroy::Disable {
            change.action = Action::Forget;
        }
        Ok(Planned {
            deposed: Some(key),
            guard,
            loss: self.loss(ty, (&change, guard)).map(Box::new),
            ..Planned::bare(addr.clone(), provider, ty, change)
        })
    }

    /// A `removed` block for something that is still declared contradicts itself.
    pub(super) fn check_removed(&mut self) {
        for removed in &self.removed {
            let (kind, declared) = match &removed.from {
                Target::Resource(resource) => ("resource", self.node_of(resource).is_some()),
                Target::Module(path) => ("module", self.graph.module_by_names(&path.names()).is_some()),
                Target::Instance(_) => continue,
            };
            if declared {
                self.problems.push(
                    Diagnostic::error(
                        format!("Removed {kind} still exists"),
                        format!("This statement declares that {} was removed, but it is still declared in the configuration. Remove the {kind} block, or this one.", removed.from),
                    )
                    .at(removed.span),
                );
            }
        }
    }
}

/// Every `removed` block, its address as seen from the root.
pub(super) fn removed(graph: &Graph) -> Vec<Removed> {
    let blocks = graph.modules().flat_map(|(_, module)| {
        let path = ModulePath::of_names(&module.config.path);
        module.config.removed.iter().map(move |removed| Removed {
            from: removed.from.below(&path),
            ..removed.clone()
        })
    });
    blocks.collect()
}
