//! What ends with its container: client keys with their access point, keys and secrets with their instance.
//!
//! An object that a plan destroys by destroying what holds it must be lost in plain sight: the plan destroys it too, as any
//! other object, or it is refused.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::{Diagnostic, Diagnostics, Ending};
use crate::graph::{Graph, NodeId};
use crate::schema::ResourceType;
use crate::value::{Text, Value};

use super::instance::Declared;
use super::make::Planner;
use super::render::destroy_option;
use super::{Planned, Reason};

/// What goes, by its type and its id: positions of changes.
pub(super) type Ends = BTreeMap<(Text, Text), Vec<usize>>;

impl Planner<'_> {
    /// Why the object is replaced where what holds it is, and it refers to that: then it is made anew in the new one.
    pub(super) fn goes_with(
        &self,
        declared: &Declared<'_>,
        provider: &ProviderConfig,
        prior: &Value,
    ) -> Option<Reason> {
        let goes = declared.ty.containers().any(|(argument, container)| {
            let id = prior.get(argument).and_then(Value::as_text);
            let ends = id.and_then(|id| self.ends.get(&(container.clone(), id.clone())));
            ends.into_iter().flatten().any(|&i| {
                let around = &self.changes[i];
                around.change.action.is_replace()
                    && self.is_same_place(&around.provider, provider) == Some(true)
                    && is_made_after(&self.graph, declared.id, around)
            })
        });
        goes.then_some(Reason::ReplaceBecauseCannotUpdate)
    }

    /// Notes an end, for what stands in it.
    pub(super) fn note_end(&mut self, i: usize) {
        let planned = &self.changes[i];
        let id = planned.change.before.get("id").and_then(Value::as_text);
        if let Some(id) = id.filter(|_| planned.destroys()) {
            let key = (planned.ty.name.clone(), id.clone());
            self.ends.entry(key).or_default().push(i);
        }
    }

    /// What stands in something that goes is lost with it: the plan must say so, or it is refused.
    pub(super) fn check_contained(&mut self) {
        if self.ends.is_empty() || self.problems.has_errors() {
            return;
        }
        let destroyed: BTreeMap<(InstanceAddr, Option<Text>), usize> = self
            .changes
            .iter()
            .enumerate()
            .filter(|(_, planned)| planned.destroys())
            .map(|(i, planned)| ((planned.addr.clone(), planned.deposed.clone()), i))
            .collect();
        let mut refused: BTreeSet<(InstanceAddr, usize)> = BTreeSet::new();
        for (addr, deposed, around) in self.contained() {
            let around_addr = self.changes[around].addr.clone();
            let Some(&i) = destroyed.get(&(addr.clone(), deposed)) else {
                refused.insert((addr, around));
                continue;
            };
            if let Some(loss) = &mut self.changes[i].loss {
                (loss.at, loss.days, loss.irreversible) = (None, None, true);
                loss.with = Some(around_addr);
            }
        }
        refused.extend(self.made_too_early());
        let found = refused
            .iter()
            .map(|(addr, around)| stays(addr, &self.changes[*around]));
        let found: Diagnostics = found.collect();
        self.problems.extend(found);
    }

    /// Every recorded object that stands in something that goes, with the position of that.
    fn contained(&mut self) -> Vec<(InstanceAddr, Option<Text>, usize)> {
        let types: BTreeSet<Text> = self.ends.keys().map(|(ty, _)| ty.clone()).collect();
        let resources = self
            .prior
            .resources
            .keys()
            .filter(|addr| addr.resource.is_managed());
        let mut found = Vec::new();
        for resource in resources.cloned().collect::<Vec<_>>() {
            let Ok((ty, object_type)) = self.type_of(&resource.resource) else {
                continue;
            };
            if !ty.containers().any(|(_, container)| types.contains(container)) {
                continue;
            }
            let all = self.prior.resource(&resource).into_iter();
            let all = all.flat_map(|recorded| &recorded.instances);
            let all = all.flat_map(|(key, one)| {
                let deposed = one
                    .deposed
                    .iter()
                    .map(|(key, object)| (Some(key.clone()), object));
                let current = one.current.iter().map(|object| (None, object));
                current.chain(deposed).map(move |(at, object)| (key, at, object))
            });
            for (key, deposed, object) in all {
                let addr = resource.instance(key.clone());
                let Ok(value) = crate::resource::recorded(ty, &object_type, object) else {
                    continue;
                };
                let provider = self.provider_of(&addr);
                if let Some(around) = self.end_around(ty, &value, &provider) {
                    found.push((addr, deposed, around));
                }
            }
        }
        found
    }

    /// The end of what holds an object, as far as it cannot be told to be another one of the same name.
    fn end_around(&self, ty: &ResourceType, object: &Value, provider: &ProviderConfig) -> Option<usize> {
        ty.containers().find_map(|(argument, container)| {
            let id = object.get(argument)?.as_text()?;
            let ends = self.ends.get(&(container.clone(), id.clone()))?;
            let is_it = |i: &&usize| self.is_same_place(&self.changes[**i].provider, provider) != Some(false);
            ends.iter().find(is_it).copied()
        })
    }

    /// What is to be made in something that goes, and does not wait for what takes its place.
    fn made_too_early(&self) -> Vec<(InstanceAddr, usize)> {
        let made = self
            .changes
            .iter()
            .filter(|planned| planned.change.action.creates());
        made.filter_map(|planned| {
            let around = self.end_around(planned.ty, &planned.change.after, &planned.provider)?;
            let node = planned.source.as_ref()?.node;
            let end = &self.changes[around];
            let waits = end.change.action.is_replace() && is_made_after(&self.graph, node, end);
            (!waits).then(|| (planned.addr.clone(), around))
        })
        .collect()
    }

    /// See [`is_same_place`].
    pub(super) fn is_same_place(&self, one: &ProviderConfig, other: &ProviderConfig) -> Option<bool> {
        is_same_place((one, other), |config, name| {
            let value = self.providers.get(config)?.get(name)?.unmark_deep().0;
            value.as_text().cloned()
        })
    }
}

/// Whether two configurations of a provider, of which these facts are known, reach the same objects; none where that cannot
/// be told.
pub(super) fn is_same_place(
    (one, other): (&ProviderConfig, &ProviderConfig),
    fact: impl Fn(&ProviderConfig, &str) -> Option<Text>,
) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    let fact = |config: &ProviderConfig, name: &str| fact(config, name).filter(|text| !text.is_empty());
    let same = |name: &str| Some(fact(one, name)? == fact(other, name)?);
    match (same("region"), same("account_id")) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether a node waits for the block of a change.
fn is_made_after(graph: &Graph, node: NodeId, around: &Planned) -> bool {
    let Some(wanted) = around.source.as_ref().map(|source| source.node) else {
        return false;
    };
    let mut seen = BTreeSet::new();
    let mut open = vec![node];
    while let Some(id) = open.pop() {
        if id == wanted && id != node {
            return true;
        }
        if seen.insert(id) {
            open.extend(graph.dependencies(id));
        }
    }
    false
}

/// What the plan means to keep, or to make, would be destroyed by the cloud.
fn stays(addr: &InstanceAddr, around: &Planned) -> Diagnostic {
    let container = &around.addr;
    let (ends, way) = if around.change.action.is_replace() {
        (
            "replaces",
            "let it refer to what holds it, so that it is made anew in the new one",
        )
    } else {
        (
            "destroys",
            "let the plan destroy it too: take out its block, and what keeps it in its lifecycle block",
        )
    };
    let detail = format!(
        "{addr} is in {container}, which the plan {ends}, and the cloud destroys with that whatever it holds. The plan does not destroy {addr} itself, so it would be lost without a word."
    );
    let option = destroy_option(addr, false);
    Diagnostic::error("Object would be lost with what holds it", detail)
        .hint(format!(
            "To keep it, keep {container}: undo what makes the plan {}, or leave it out with -exclude.",
            if ends == "replaces" {
                "replace it"
            } else {
                "destroy it"
            }
        ))
        .hint(format!("If {addr} may be lost, {way}, and name it: {option}"))
        .about(addr)
        .ends_as(Ending::Refused)
}
