//! Dependencies across what is no longer there.
//!
//! Objects record what they depend on directly. When the middle of a chain leaves the state, its two neighbours
//! must still be destroyed in the right order, so the one takes over what the other depended on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Instances, Object, State};
use crate::addr::ResourceAddr;
use crate::value::Text;

impl State {
    /// Makes up for everything that was in an earlier state and is not in this one.
    pub fn bridge(&mut self, before: &Self) {
        let here: BTreeSet<String> = self.resources.keys().map(ResourceAddr::block_name).collect();
        let mut gone: BTreeMap<String, BTreeSet<Text>> = BTreeMap::new();
        for (addr, resource) in &before.resources {
            let name = addr.block_name();
            if !here.contains(&name) {
                let objects = resource.instances.values().flat_map(Instances::objects);
                let dependencies = objects.flat_map(|(_, object)| object.dependencies.iter().cloned());
                gone.entry(name).or_default().extend(dependencies);
            }
        }
        gone.retain(|_, dependencies| !dependencies.is_empty());
        if gone.is_empty() {
            return;
        }
        for (addr, resource) in &mut self.resources {
            let mut objects = resource.instances.values().flat_map(Instances::objects);
            let bridges = |object: &Object| object.dependencies.iter().any(|name| gone.contains_key(&**name));
            let touched = objects.any(|(_, object)| bridges(object));
            drop(objects);
            if !touched {
                continue;
            }
            let own = addr.block_name();
            for instances in Arc::make_mut(resource).instances.values_mut() {
                let current = instances.current.iter_mut();
                for object in current.chain(instances.deposed.values_mut()) {
                    if bridges(object) {
                        let object = Arc::make_mut(object);
                        object.dependencies = across(&object.dependencies, &gone, &own).into();
                    }
                }
            }
        }
    }
}

/// Names, and in place of those gone also what they depended on; sorted.
fn across(names: &[Text], gone: &BTreeMap<String, BTreeSet<Text>>, own: &str) -> Vec<Text> {
    let mut found = BTreeSet::new();
    let mut open: Vec<Text> = names.to_vec();
    while let Some(name) = open.pop() {
        if *name != *own && found.insert(name.clone()) {
            open.extend(gone.get(&*name).into_iter().flatten().cloned());
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(objects: &[(&str, &[&str])]) -> State {
        let resources: Vec<String> = objects
            .iter()
            .map(|(name, dependencies)| {
                format!(
                    r#"{{"mode":"managed","type":"terraform_data","name":"{name}","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{{"schema_version":0,"attributes":{{"id":"1"}},"sensitive_attributes":[],"dependencies":{}}}]}}"#,
                    serde_json::json!(dependencies)
                )
            })
            .collect();
        let text = format!(
            r#"{{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{{}},"resources":[{}],"check_results":null}}"#,
            resources.join(",")
        );
        State::parse(text, "test").unwrap()
    }

    #[track_caller]
    fn check(before: &[(&str, &[&str])], left: &[&str], expected: &[(&str, &[&str])]) {
        let before = state(before);
        let mut after = before.clone();
        after
            .resources
            .retain(|addr, _| left.contains(&&*addr.resource.name));
        after.bridge(&before);
        let found: Vec<(String, Vec<String>)> = after
            .current()
            .map(|(addr, object)| {
                let names = object.dependencies.iter().map(ToString::to_string);
                (addr.resource.name.to_string(), names.collect())
            })
            .collect();
        let expected: Vec<(String, Vec<String>)> = expected
            .iter()
            .map(|(name, names)| {
                (
                    (*name).to_owned(),
                    names.iter().map(|&name| name.to_owned()).collect(),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_neighbours_of_what_left_know_each_other() {
        let chain: &[(&str, &[&str])] = &[
            ("a", &[]),
            ("b", &["terraform_data.a"]),
            ("c", &["terraform_data.b"]),
            ("d", &["terraform_data.c"]),
        ];
        check(
            chain,
            &["a", "d"],
            &[
                ("a", &[]),
                ("d", &["terraform_data.a", "terraform_data.b", "terraform_data.c"]),
            ],
        );
        check(
            chain,
            &["a", "b", "c"],
            &[
                ("a", &[]),
                ("b", &["terraform_data.a"]),
                ("c", &["terraform_data.b"]),
            ],
        );
    }

    #[test]
    fn nothing_comes_to_depend_on_itself() {
        check(
            &[("a", &["terraform_data.b"]), ("b", &["terraform_data.a"])],
            &["a"],
            &[("a", &["terraform_data.b"])],
        );
    }
}
