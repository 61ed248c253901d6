//! Keys of instances that a reader of the plan takes for others.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{InstanceAddr, InstanceKey, ModulePath, Text};
use crate::config::lookalike;

use super::Planned;
use super::make::Planner;

/// The keys of one resource or module, those that go among them, and an instance to show where it stands.
type Keys<'p> = (BTreeSet<&'p Text>, &'p InstanceAddr);

impl Planner<'_> {
    /// Warns of keys in the plan that look like others.
    pub(super) fn warn_of_alike_keys(&mut self) {
        let has_others = |planned: &Planned| texts(&planned.addr).any(|key| !key.is_ascii());
        if !self.changes.iter().any(has_others) {
            return;
        }
        let mut all: BTreeMap<String, Keys<'_>> = BTreeMap::new();
        for planned in &self.changes {
            let addr = &planned.addr;
            for (of, key) in keys(addr) {
                all.entry(of)
                    .or_insert_with(|| (BTreeSet::new(), addr))
                    .0
                    .insert(key);
            }
        }
        for (of, (keys, addr)) in &all {
            if keys.iter().any(|key| !key.is_ascii()) {
                let keys: Vec<&Text> = keys.iter().copied().collect();
                let found = lookalike::keys(of, &keys).into_iter();
                self.problems.extend(found.map(|one| one.about(addr)).collect());
            }
        }
    }
}

fn texts(addr: &InstanceAddr) -> impl Iterator<Item = &Text> {
    let steps = addr.module.0.iter().map(|step| &step.key);
    steps.chain([&addr.key]).filter_map(|key| match key {
        InstanceKey::Text(key) => Some(key),
        InstanceKey::None | InstanceKey::Number(_) => None,
    })
}

/// The texts that are keys in an address, each with what it is a key of.
fn keys(addr: &InstanceAddr) -> Vec<(String, &Text)> {
    let mut found = Vec::new();
    for (i, step) in addr.module.0.iter().enumerate() {
        if let InstanceKey::Text(key) = &step.key {
            let outer = ModulePath(addr.module.0[..i].to_vec().into());
            let dot = if i == 0 { "" } else { "." };
            found.push((format!("{outer}{dot}module.{}", step.name), key));
        }
    }
    if let InstanceKey::Text(key) = &addr.key {
        found.push((addr.resource_addr().to_string(), key));
    }
    found
}
