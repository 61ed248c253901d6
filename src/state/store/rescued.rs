//! States that earlier runs could not put in their place, and what they are worth beside the one that is there.

use std::collections::BTreeMap;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics};
use crate::state::{Identity, Object, State};
use crate::value::Text;

/// How many objects a message names.
const NAMED: usize = 10;

/// A recovery file as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    pub path: String,
    /// The option by which `state push` finds the state that the file stands beside; empty where it needs none.
    pub option: String,
    pub worth: Worth,
}

/// See the head of this file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// It is the state after the one that is there.
    Newer,
    /// It records these objects, which the state does not, and is not the one after it.
    Apart(Vec<String>),
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// All its objects are in the state, so it is in nobody's way; it was put there.
    Spent(String),
}

impl Worth {
    /// What a state is worth beside the one that is there; nothing if that has all of it.
    pub fn of(rescued: &State, present: &State) -> Option<Self> {
        let continues = present.lineage.is_empty() || rescued.lineage == present.lineage;
        if continues && rescued.serial > present.serial {
            return Some(Self::Newer);
        }
        let missing = rescued.missing_in(present);
        (!missing.is_empty()).then_some(Self::Apart(missing))
    }
}

impl State {
    /// The objects recorded here and, at whatever address, not there: each with its id. Where it cannot be told whether both
    /// are one object, it counts as missing.
    pub fn missing_in(&self, other: &Self) -> Vec<String> {
        let mut recorded: BTreeMap<(Text, String), Vec<Identity>> = BTreeMap::new();
        for (_, identity, _) in managed(other) {
            let name = (identity.ty.clone(), identity.id.clone());
            recorded.entry(name).or_default().push(identity);
        }
        let is_there = |one: &Identity| {
            let near = recorded.get(&(one.ty.clone(), one.id.clone()));
            near.into_iter()
                .flatten()
                .any(|other| one.is(other) == Some(true))
        };
        let missing = managed(self).filter(|(_, identity, _)| !is_there(identity));
        missing
            .map(|(address, _, object)| match object.text_attribute("id") {
                Some(id) => format!("{address} [id={id}]"),
                None => address.to_string(),
            })
            .collect()
    }
}

/// The objects that somebody would have to look for.
fn managed(state: &State) -> impl Iterator<Item = (InstanceAddr, Identity, &Object)> {
    let objects = state
        .objects()
        .filter(|(address, ..)| address.resource.is_managed());
    objects.filter_map(|(address, _, object)| {
        let identity = Identity::of(state, &address, object)?;
        Some((address, identity, object))
    })
}

impl Rescued {
    /// Why nothing is to be written beside it; none where all of it is recorded.
    pub fn problem(&self) -> Option<Diagnostic> {
        let Self { path, option, .. } = self;
        let space = if option.is_empty() { "" } else { " " };
        let problem = |detail: String| Diagnostic::error("Recovery file left", detail);
        Some(match &self.worth {
            Worth::Spent(_) => return None,
            Worth::Newer => problem(format!(
                "The file {path} holds a newer state: an earlier run could not put it in its place, so what that run did is not recorded here."
            ))
            .hint(format!("keyform state push{space}{option} {path}"))
            .hint("If it is of no use, remove the file."),
            Worth::Apart(objects) => problem(format!(
                "The file {path} holds what an earlier run could not put in its place, and records objects that the state does not: {}. To go on would make them again or leave them behind.",
                some(objects)
            ))
            .hint("Move the file away, then take over what is to stay with import, and delete the rest in the cloud.")
            .hint(format!(
                "Or let it take the place of the state, which then forgets what only that records: keyform state push -force{space}{option} {path}"
            )),
            Worth::Unreadable(why) => problem(format!(
                "The file {path} should hold what an earlier run could not put in its place, and cannot be read: {why} What that run made may be recorded nowhere else, and would be made again."
            ))
            .hint("Make it readable: its permissions, or the key that it is encrypted with.")
            .hint("If it is of no use, move it away."),
        })
    }

    /// What is said of a file that is in nobody's way any more.
    pub fn farewell(&self) -> Option<String> {
        let Worth::Spent(place) = &self.worth else {
            return None;
        };
        Some(format!(
            "All that the recovery file {} records is in the state. It is of no more use, and was put away as {place}.",
            self.path
        ))
    }
}

/// What is wrong with these files.
pub fn problems(rescued: &[Rescued]) -> Diagnostics {
    rescued.iter().filter_map(Rescued::problem).collect()
}

/// The first of many.
pub fn some(objects: &[String]) -> String {
    let named = objects.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match objects.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{ProviderConfig, parse_instance};
    use crate::value::Value;

    fn state(lineage: &str, serial: u64, objects: &[(&str, &str)]) -> State {
        let mut state = State {
            lineage: lineage.into(),
            serial,
            ..State::new()
        };
        let provider = ProviderConfig::parse(r#"provider["h/n/t"]"#).unwrap();
        for (address, id) in objects {
            let value = Value::object_of([("id", Value::from(*id))]);
            let object = Object::new(&value, &value.ty(), 0, [].into()).unwrap();
            state.insert(&parse_instance(address).unwrap(), &provider, object);
        }
        state
    }

    #[track_caller]
    fn check(rescued: &State, present: &State, expected: Option<&str>) {
        let found = Worth::of(rescued, present).map(|worth| match worth {
            Worth::Newer => "newer".to_owned(),
            Worth::Apart(objects) => objects.join(" "),
            other => panic!("{other:?}"),
        });
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn a_recovery_file_counts_until_its_objects_are_recorded() {
        let (a, b) = (("t.a", "1"), ("t.b", "2"));
        let both = state("l", 2, &[a, b]);
        check(&both, &State::new(), Some("newer"));
        check(&both, &state("l", 1, &[a]), Some("newer"));
        check(&both, &state("l", 2, &[a]), Some("t.b [id=2]"));
        check(&both, &state("l", 9, &[a]), Some("t.b [id=2]"));
        check(&both, &state("other", 1, &[a]), Some("t.b [id=2]"));
        check(&both, &state("l", 1, &[a, b]), Some("newer"));
        check(&both, &state("l", 2, &[a, b]), None);
        check(&both, &state("other", 1, &[("t.moved", "2"), a]), None);
    }

    #[test]
    fn an_object_of_another_region_counts_though_it_has_the_same_id() {
        let at = |region: Option<&str>| {
            let mut state = State {
                lineage: "l".into(),
                serial: 1,
                ..State::new()
            };
            let region = region.map(|region| ("region", Value::from(region)));
            let value = Value::object_of([("id", Value::from("mrk-1"))].into_iter().chain(region));
            let object = Object::new(&value, &value.ty(), 0, [].into()).unwrap();
            let provider = ProviderConfig::parse(r#"provider["h/n/t"]"#).unwrap();
            state.insert(&parse_instance("t.a").unwrap(), &provider, object);
            state
        };
        let (here, there) = (Some("eu-central-1"), Some("us-east-1"));
        check(&at(here), &at(here), None);
        check(&at(here), &at(there), Some("t.a [id=mrk-1]"));
        check(&at(here), &at(None), Some("t.a [id=mrk-1]"));
        check(&at(None), &at(None), None);
    }

    #[test]
    fn what_is_only_read_is_not_missed() {
        check(&state("l", 1, &[("data.t.a", "1")]), &state("l", 1, &[]), None);
    }
}
