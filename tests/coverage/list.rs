//! `tests/coverage/*.txt`: for each type what the provider of its name lets users write and shows them, and the reasons
//! for what is otherwise here.
//!
//! A type begins with its mode and name. The lines below it:
//!
//! * `arguments: ...` and `attributes: ...` are what that provider has, nested ones by their path.
//! * `gap NAME: reason`: it has this, and keyform does not.
//! * `ours NAME: reason`: keyform has this, and it does not; without a name, the whole type.
//! * `unchanged NAME: reason`: no step of a life changes this argument.
//! * `undriven ACTION: reason`: no client that other people wrote calls this action of the type.
//! * `moto: reason`: moto cannot serve the type.
//!
//! A line `absent KIND TYPE: reason` names a type that the provider has and keyform does not.

use std::collections::{BTreeMap, BTreeSet};

use keyform::schema::Mode;

const TEXTS: [&str; 3] = [
    include_str!("aws.txt"),
    include_str!("alicloud.txt"),
    include_str!("neutral.txt"),
];

/// A type as the lists have it.
#[derive(Default)]
pub struct Entry {
    pub name: String,
    pub arguments: BTreeSet<String>,
    pub attributes: BTreeSet<String>,
    /// Why keyform has a type that the provider does not have.
    pub is_ours: Option<String>,
    pub gaps: BTreeMap<String, String>,
    pub ours: BTreeMap<String, String>,
    pub unchanged: BTreeMap<String, String>,
    pub undriven: BTreeMap<String, String>,
    pub moto: Option<String>,
}

/// The word by which configurations begin blocks of a mode.
pub fn kind(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "resource",
        mode => mode.word(),
    }
}

/// Every type of a mode, in the order of the lists.
pub fn entries(mode: Mode) -> Vec<Entry> {
    let word = kind(mode);
    let mut entries = Vec::new();
    for text in TEXTS {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut is_wanted = false;
        for line in lines {
            match line.strip_prefix("  ") {
                Some(line) if is_wanted => entries.last_mut().map(|entry| add(entry, line)).unwrap(),
                Some(_) => {}
                None => {
                    let (mode, name) = line.split_once(' ').unwrap();
                    is_wanted = mode == word;
                    if is_wanted {
                        let name = name.to_owned();
                        entries.push(Entry {
                            name,
                            ..Entry::default()
                        });
                    }
                }
            }
        }
    }
    entries
}

/// Types that the providers have and keyform does not: kind and name, and why.
pub fn absent() -> Vec<(&'static str, &'static str)> {
    let lines = TEXTS.iter().flat_map(|text| text.lines());
    let lines = lines.filter_map(|line| line.strip_prefix("absent "));
    lines.map(|line| line.split_once(": ").unwrap()).collect()
}

/// The one of a type.
#[track_caller]
pub fn entry(mode: Mode, name: &str) -> Entry {
    let found = entries(mode).into_iter().find(|entry| entry.name == name);
    found.unwrap_or_else(|| panic!("tests/coverage lists no {mode:?} {name}"))
}

/// Takes a line of a type.
fn add(entry: &mut Entry, line: &str) {
    let (head, text) = line.split_once(':').unwrap_or_else(|| panic!("{line}: no colon"));
    let reason = text.trim().to_owned();
    let names = text.split_whitespace().map(str::to_owned);
    match head.split_once(' ').unwrap_or((head, "")) {
        ("arguments", "") => entry.arguments.extend(names),
        ("attributes", "") => entry.attributes.extend(names),
        ("ours", "") => entry.is_ours = Some(reason),
        ("moto", "") => entry.moto = Some(reason),
        (kind, name) => {
            let of = match kind {
                "gap" => &mut entry.gaps,
                "ours" => &mut entry.ours,
                "unchanged" => &mut entry.unchanged,
                "undriven" => &mut entry.undriven,
                _ => panic!("{line}: what is {kind}?"),
            };
            assert!(
                !name.is_empty() && !reason.is_empty(),
                "{line}: no name or no reason"
            );
            of.insert(name.to_owned(), reason);
        }
    }
}
