//! Names that a reader takes for others: letters of several scripts in one name, and names that look the same.
//!
//! Names of ASCII alone are left in peace, alike as `l1` and `ll` may be.

use std::collections::BTreeMap;

use unicode_script::{Script, UnicodeScript as _};
use unicode_security::confusable_detection::skeleton;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _};

use super::Module;
use crate::addr::{Mode, Text};
use crate::diag::{Diagnostic, Diagnostics, Span};

/// Names of one kind, such as local values: only they can be taken for each other.
type Names<'m> = Vec<(&'m Text, Span)>;

/// What a reader of the module might not see.
pub(super) fn warnings(module: &Module) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (kind, names) in kinds(module) {
        if names.iter().any(|(name, _)| !name.is_ascii()) {
            judge(&kind, &names, &mut found);
        }
    }
    found
}

fn kinds(module: &Module) -> BTreeMap<String, Names<'_>> {
    let mut kinds: BTreeMap<String, Names<'_>> = BTreeMap::new();
    let mut add = |kind: String, name, span| kinds.entry(kind).or_default().push((name, span));
    for (name, local) in &module.locals {
        add("local value".into(), name, local.span);
    }
    for (name, variable) in &module.variables {
        add("input variable".into(), name, variable.span);
    }
    for (name, output) in &module.outputs {
        add("output value".into(), name, output.span);
    }
    for (name, call) in &module.calls {
        add("module".into(), name, call.span);
    }
    for (name, resource) in &module.resources {
        let kind = match name.mode {
            Mode::Managed => "resource",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        add(format!("{kind} \"{}\"", name.ty), &name.name, resource.span);
    }
    kinds
}

/// The same for the keys of instances, which stand in no one place.
pub fn keys(of: &str, keys: &[&Text]) -> Diagnostics {
    let kind = format!("instance key of {of}");
    let looks = looks(keys).into_iter();
    looks.map(|look| look.told(&kind)).collect()
}

fn judge(kind: &str, names: &Names<'_>, found: &mut Diagnostics) {
    let texts: Vec<&Text> = names.iter().map(|(name, _)| *name).collect();
    for look in looks(&texts) {
        let told = look.told(kind).at(names[look.at].1);
        found.push(match look.other {
            Some((_, other)) => told.label(names[other].1, "looks like this one"),
            None => told,
        });
    }
}

/// What a reader might take for something else.
struct Look<'n> {
    name: &'n Text,
    at: usize,
    /// The name that it looks like, and its place among all; else it is one of several scripts.
    other: Option<(&'n Text, usize)>,
}

fn looks<'n>(names: &[&'n Text]) -> Vec<Look<'n>> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<String, (&Text, usize)> = BTreeMap::new();
    for (at, &name) in names.iter().enumerate() {
        let looks: String = skeleton(name).collect();
        match seen.get(&looks) {
            Some(&other) if !name.is_ascii() || !other.0.is_ascii() => found.push(Look {
                name,
                at,
                other: Some(other),
            }),
            Some(_) => {}
            None => {
                if is_mixed(name) {
                    found.push(Look {
                        name,
                        at,
                        other: None,
                    });
                }
                seen.insert(looks, (name, at));
            }
        }
    }
    found
}

impl Look<'_> {
    fn told(&self, kind: &str) -> Diagnostic {
        let name = self.name;
        match self.other {
            Some((other, _)) => Diagnostic::warning(
                "Names that look alike",
                format!(
                    "The {kind} \"{name}\" ({}) looks like \"{other}\" ({}), and is another one. Who reads the plan cannot tell them apart.",
                    scripts(name),
                    scripts(other),
                ),
            )
            .hint("Give one of them another name."),
            None => Diagnostic::warning(
                "Name of several scripts",
                format!(
                    "The {kind} \"{name}\" has letters of {}, of which some look the same, so that it may be taken for another name.",
                    scripts(name),
                ),
            ),
        }
    }
}

/// Whether letters of several scripts are in a name, other than those that are usually written together.
fn is_mixed(name: &str) -> bool {
    own_scripts(name).len() > 1 && name.detect_restriction_level() > RestrictionLevel::HighlyRestrictive
}

/// The scripts of a name, in words.
fn scripts(name: &str) -> String {
    let names: Vec<&str> = own_scripts(name).into_iter().map(Script::full_name).collect();
    names.join(" and ")
}

/// The scripts of a name in the order of its letters, without what belongs to all.
fn own_scripts(name: &str) -> Vec<Script> {
    let mut found = Vec::new();
    for char in name.chars() {
        let script = char.script();
        if !matches!(script, Script::Common | Script::Inherited | Script::Unknown) && !found.contains(&script)
        {
            found.push(script);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], expected: &[&str]) {
        let texts: Vec<Text> = names.iter().map(|name| Text::from(*name)).collect();
        let names = texts
            .iter()
            .map(|name| (name, Span::new(crate::diag::FileId(0), 0, 0)))
            .collect();
        let mut found = Diagnostics::new();
        judge("local value", &names, &mut found);
        let said: Vec<String> = found.iter().map(|one| one.detail.clone()).collect();
        assert_eq!(said.len(), expected.len(), "{said:?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn names_that_look_the_same_are_told_with_their_scripts() {
        check(
            &["pa", "\u{440}\u{430}"],
            &["\"\u{440}\u{430}\" (Cyrillic) looks like \"pa\" (Latin)"],
        );
        check(
            &["\u{3bf}x", "ox"],
            &[
                "has letters of Greek and Latin",
                "\"ox\" (Latin) looks like \"\u{3bf}x\" (Greek and Latin)",
            ],
        );
    }

    #[test]
    fn a_name_of_several_scripts_is_told() {
        check(&["k\u{435}y"], &["letters of Latin and Cyrillic"]);
    }

    #[test]
    fn names_that_people_write_are_left_in_peace() {
        check(&["l1", "ll", "rn", "m", "O0", "OO"], &[]);
        check(
            &[
                "caf\u{e9}",
                "stra\u{df}e",
                "\u{43a}\u{43b}\u{44e}\u{447}",
                "\u{9470}key",
                "\u{30ad}\u{30fc}\u{9375}key",
                "\u{1f600}",
            ],
            &[],
        );
    }
}
