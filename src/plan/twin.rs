//! One object at two addresses: what ends at the one would end at the other, whatever protects it there.
//!
//! Only objects that cannot be made again are asked about.

use std::collections::BTreeMap;

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::{Diagnostic, Diagnostics, Ending};
use crate::resource;
use crate::schema::{Destroy, ResourceType};
use crate::state::State;
use crate::value::{Text, Type, Value};

use super::make::{Planner, find_type};
use super::{Planned, is_change_of};

/// An object as it is told from others.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    pub ty: &'a ResourceType,
    pub object: &'a Value,
    pub provider: &'a ProviderConfig,
}

impl Identity<'_> {
    /// Whether both are one object: by their ARNs, else by type, id and place as far as that can be told.
    fn is(self, other: Self, same_place: impl Fn(&ProviderConfig, &ProviderConfig) -> Option<bool>) -> bool {
        let both = |name: &str| {
            let texts = [self.object, other.object].map(|object| object.get(name).and_then(Value::as_str));
            let [Some(one), Some(two)] = texts else {
                return None;
            };
            (!one.is_empty() && !two.is_empty()).then_some(one == two)
        };
        both("arn").unwrap_or_else(|| {
            self.ty.name == other.ty.name
                && both("id") == Some(true)
                && both("region") != Some(false)
                && same_place(self.provider, other.provider) != Some(false)
        })
    }
}

/// Another address at which the state has the object; none for types of which an object can be made again.
pub fn recorded_elsewhere(state: &State, addr: &InstanceAddr, one: Identity<'_>) -> Option<InstanceAddr> {
    Keepsakes::of(state).elsewhere(addr, one)
}

/// Says that an object is recorded already, for who imports it.
pub fn imported_twice(addr: &InstanceAddr, other: &InstanceAddr) -> Diagnostic {
    let detail = format!(
        "The object is recorded as {other} already. At two addresses, what destroys it at the one would destroy it under the protection of the other."
    );
    Diagnostic::error("Object is managed already", detail)
        .hint(format!(
            "To have it at {addr} instead, write a moved block, or run: state mv '{other}' '{addr}'"
        ))
        .about(addr)
}

/// A recorded object of a type whose objects cannot be made again.
struct Keepsake {
    ty: &'static ResourceType,
    object: Value,
    provider: ProviderConfig,
}

impl Keepsake {
    fn identity(&self) -> Identity<'_> {
        Identity {
            ty: self.ty,
            object: &self.object,
            provider: &self.provider,
        }
    }
}

/// By what objects are told apart.
fn names(object: &Value) -> impl Iterator<Item = &str> {
    let names = ["id", "arn"].into_iter();
    names.filter_map(|name| object.get(name)?.as_str())
}

fn is_meant(ty: &ResourceType) -> bool {
    ty.destroy != Destroy::Reversible
}

/// All of them in a state, by their ids and ARNs.
#[derive(Default)]
pub struct Keepsakes {
    all: Vec<(InstanceAddr, Option<Text>, Keepsake)>,
    by_name: BTreeMap<Text, Vec<usize>>,
}

impl Keepsakes {
    pub fn of(state: &State) -> Self {
        let mut found = Self::default();
        for (addr, deposed, keepsake) in keepsakes(state) {
            found.push(addr, deposed, keepsake);
        }
        found
    }

    /// One more, that is about to be recorded.
    pub fn add(
        &mut self,
        addr: &InstanceAddr,
        ty: &'static ResourceType,
        (object, provider): (&Value, &ProviderConfig),
    ) {
        let keepsake = Keepsake {
            ty,
            object: object.unmark_deep().0,
            provider: provider.clone(),
        };
        if is_meant(ty) {
            self.push(addr.clone(), None, keepsake);
        }
    }

    fn push(&mut self, addr: InstanceAddr, deposed: Option<Text>, keepsake: Keepsake) {
        for name in names(&keepsake.object) {
            self.by_name.entry(name.into()).or_default().push(self.all.len());
        }
        self.all.push((addr, deposed, keepsake));
    }

    /// Those that have the id or the ARN of an object.
    fn near(&self, object: &Value) -> impl Iterator<Item = &(InstanceAddr, Option<Text>, Keepsake)> {
        let named = names(object).filter_map(|name| self.by_name.get(name));
        named.flatten().map(|&i| &self.all[i])
    }

    /// Another address that has the object; none for types of which an object can be made again.
    pub fn elsewhere(&self, addr: &InstanceAddr, one: Identity<'_>) -> Option<InstanceAddr> {
        // Whether two configurations reach the same place nobody has asked.
        let same = |one: &ProviderConfig, other: &ProviderConfig| Some(one == other);
        let mut near = self
            .near(one.object)
            .filter(|(other, ..)| other != addr && is_meant(one.ty));
        near.find(|(.., keepsake)| keepsake.identity().is(one, same))
            .map(|(addr, ..)| addr.clone())
    }
}

fn keepsakes(state: &State) -> Vec<(InstanceAddr, Option<Text>, Keepsake)> {
    let mut types: BTreeMap<Text, Option<(&'static ResourceType, Type)>> = BTreeMap::new();
    let managed = state.objects().filter(|(addr, ..)| addr.resource.is_managed());
    let mut found = Vec::new();
    for (addr, deposed, object) in managed {
        let known = types.entry(addr.resource.ty.clone()).or_insert_with(|| {
            let ty = find_type(&addr.resource).ok().filter(|ty| is_meant(ty))?;
            Some((ty, ty.spec.ty()))
        });
        let Some((ty, object_type)) = known else { continue };
        let Ok(value) = resource::recorded(ty, object_type, object) else {
            continue;
        };
        let Some(recorded) = state.resource(&addr.resource_addr()) else {
            continue;
        };
        let provider = ProviderConfig {
            key: object.provider_key.clone(),
            ..recorded.provider.clone()
        };
        let keepsake = Keepsake {
            ty,
            object: value.unmark_deep().0,
            provider,
        };
        found.push((addr, deposed.cloned(), keepsake));
    }
    found
}

impl Planner<'_> {
    /// What would end, or is to be imported, must not be recorded at another address that keeps it.
    pub(super) fn check_twins(&mut self) {
        let asked = self.changes.iter().filter(|planned| {
            is_meant(planned.ty) && (planned.destroys() || planned.retires() || planned.import.is_some())
        });
        let asked: Vec<&Planned> = asked.collect();
        if asked.is_empty() {
            return;
        }
        let recorded = Keepsakes::of(&self.prior);
        let mut found = Diagnostics::new();
        for planned in asked {
            let own = Identity {
                ty: planned.ty,
                object: &planned.change.before,
                provider: &planned.provider,
            };
            let twin = recorded
                .near(&planned.change.before)
                .find(|(addr, deposed, keepsake)| {
                    !is_change_of(planned, addr, deposed.as_ref())
                        && keepsake
                            .identity()
                            .is(own, |one, other| self.is_same_place(one, other))
                        && !self.goes_too(planned, addr, deposed.as_ref())
                });
            if let Some((other, ..)) = twin {
                found.push(if planned.destroys() || planned.retires() {
                    lives_on(planned, other)
                } else {
                    imported_twice(&planned.addr, other)
                });
            }
        }
        self.problems.extend(found);
    }

    /// Whether what is to become of a twin is no worse for the other one than what is planned for that.
    fn goes_too(&self, planned: &Planned, addr: &InstanceAddr, deposed: Option<&Text>) -> bool {
        let other = self
            .changes
            .iter()
            .find(|other| is_change_of(other, addr, deposed));
        let Some(other) = other else { return false };
        if planned.destroys() {
            other.destroys()
        } else if planned.retires() {
            other.destroys() || other.retires()
        } else {
            other.forgets() && !other.retires()
        }
    }
}

/// Another address still has what would end.
fn lives_on(planned: &Planned, other: &InstanceAddr) -> Diagnostic {
    let addr = &planned.addr;
    let ends = if planned.retires() { "disables" } else { "destroys" };
    let detail = format!(
        "The plan {ends} {addr}, but {other} is the same object, which is recorded at both addresses, and it stays there."
    );
    Diagnostic::error("Object is kept at another address", detail)
        .hint(format!(
            "To keep it as {other} alone, take the other record away: state rm '{addr}'"
        ))
        .about(addr)
        .ends_as(Ending::Refused)
}
