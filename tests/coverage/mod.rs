//! That every type is covered: what its provider knows of it is here or is a gap with a reason, its life is lived
//! argument by argument, and clients that other people wrote judge the actions that it calls.
//!
//! The page `docs/coverage.md` says so type by type. `KEYFORM_TEST=bless` rewrites it.

mod foreign;
pub mod list;
mod page;

use std::collections::BTreeSet;

use keyform::schema::{Catalog, Mode, ResourceType};
use keyform::value::Type;

use crate::{reads, steps};

const MODES: [Mode; 3] = [Mode::Managed, Mode::Data, Mode::Ephemeral];

#[test]
fn the_lists_name_every_type_and_no_other() {
    for mode in MODES {
        let listed: Vec<String> = list::entries(mode).into_iter().map(|one| one.name).collect();
        let mut sorted = listed.clone();
        sorted.sort();
        let known: Vec<String> = Catalog::get()
            .names(mode)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(sorted, known, "{mode:?}");
    }
}

#[test]
fn types_that_are_said_to_be_absent_are() {
    for (ty, _) in list::absent() {
        let (kind, name) = ty.split_once(' ').unwrap();
        let mut modes = MODES.into_iter().filter(|mode| list::kind(*mode) == kind);
        assert!(
            modes.all(|mode| Catalog::get().find(mode, name).is_none()),
            "{ty} is here"
        );
    }
}

#[test]
fn what_a_provider_knows_of_a_type_is_here_or_is_a_gap_with_a_reason() {
    let mut problems = Vec::new();
    for (mode, entry) in entries() {
        let ty = found(mode, &entry.name);
        let mut has = arguments(ty);
        has.extend(attributes(ty));
        let mut listed = entry.arguments.clone();
        listed.extend(entry.attributes.iter().cloned());
        let name = &entry.name;
        let missing = listed
            .difference(&has)
            .filter(|one| !entry.gaps.contains_key(*one));
        problems.extend(missing.map(|one| format!("{name} lacks {one} without a reason")));
        let more = has
            .difference(&listed)
            .filter(|one| !entry.ours.contains_key(*one));
        problems.extend(more.map(|one| format!("{name} has {one}, which is listed nowhere")));
        let no_gaps = entry
            .gaps
            .keys()
            .filter(|one| has.contains(*one) || !listed.contains(*one));
        problems.extend(no_gaps.map(|one| format!("{name}: {one} is no gap")));
        let not_ours = entry
            .ours
            .keys()
            .filter(|one| !has.contains(*one) || listed.contains(*one));
        problems.extend(not_ours.map(|one| format!("{name}: {one} is not ours alone")));
        let swapped = entry
            .arguments
            .intersection(&attributes(ty))
            .cloned()
            .collect::<Vec<_>>();
        problems.extend(
            swapped
                .iter()
                .map(|one| format!("{name}.{one} cannot be written")),
        );
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_argument_of_a_resource_is_changed_by_a_step_of_its_life() {
    let mut problems = Vec::new();
    for entry in list::entries(Mode::Managed) {
        let ty = found(Mode::Managed, &entry.name);
        let changed = changed(ty);
        for argument in steps::arguments(ty) {
            match (
                changed.contains(&argument),
                entry.unchanged.contains_key(&argument),
            ) {
                (false, false) => problems.push(format!("no step changes {}.{argument}", entry.name)),
                (true, true) => problems.push(format!("a step does change {}.{argument}", entry.name)),
                _ => {}
            }
        }
        let known = steps::arguments(ty);
        let unknown = entry.unchanged.keys().filter(|one| !known.contains(*one));
        problems.extend(unknown.map(|one| format!("{} has no {one}", entry.name)));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_argument_of_a_data_source_is_written_in_a_configuration_that_is_read() {
    let mut problems = Vec::new();
    for (mode, entry) in entries().filter(|(mode, _)| *mode != Mode::Managed) {
        let example = fs_err::read_to_string(crate::schemas::example(mode, &entry.name)).unwrap();
        let written = reads::written(mode.word(), &entry.name, &example);
        let known = steps::arguments(found(mode, &entry.name));
        let missing = known.difference(&written);
        problems.extend(missing.map(|one| format!("nothing writes {}.{one} into tests/reads", entry.name)));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// The arguments that steps reach: those that the schema gives by itself, and those that are written. What the rules
/// of a type refuse of the first is seen while they are lived.
fn changed(ty: &ResourceType) -> BTreeSet<String> {
    let mut changed = steps::written_to(&ty.name);
    let example = crate::schemas::example(Mode::Managed, &ty.name);
    let text = fs_err::read_to_string(example).unwrap();
    let derived = steps::derived(ty, &text, &steps::address(&ty.name, &text));
    changed.extend(
        derived
            .into_iter()
            .flat_map(|step| step.edits)
            .map(|(name, _)| name),
    );
    changed
}

/// All types with their modes.
fn entries() -> impl Iterator<Item = (Mode, list::Entry)> {
    MODES
        .into_iter()
        .flat_map(|mode| list::entries(mode).into_iter().map(move |entry| (mode, entry)))
}

#[track_caller]
fn found(mode: Mode, name: &str) -> &'static ResourceType {
    let found = Catalog::get().find(mode, name);
    found
        .unwrap_or_else(|| panic!("there is no {mode:?} {name}"))
        .unwrap()
}

/// What users may write of a type, its timeouts among them.
fn arguments(ty: &ResourceType) -> BTreeSet<String> {
    let mut found = steps::arguments(ty);
    found.extend(ty.timeouts.entries().map(|(name, _)| format!("timeouts.{name}")));
    found
}

/// What a type shows, members of objects by their path.
fn attributes(ty: &ResourceType) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if ty.spec.attributes.contains_key("id") {
        found.insert("id".to_owned());
    }
    for attribute in ty.attributes.values() {
        add_members(&attribute.name, &attribute.ty, &mut found);
    }
    found
}

fn add_members(place: &str, ty: &Type, found: &mut BTreeSet<String>) {
    match ty {
        Type::List(inner) | Type::Set(inner) => add_members(place, inner, found),
        Type::Object(object) => {
            for (name, inner) in &object.attributes {
                add_members(&format!("{place}.{name}"), inner, found);
            }
        }
        _ => {
            found.insert(place.to_owned());
        }
    }
}
