//! Variables beside Terraform's: types that nobody would write, with `optional` and defaults at any depth, and values
//! that more or less fit them, made from a seed.
//!
//! Both must make the same value of each, or both refuse it. `KEYFORM_CONVERSIONS=2000` makes so many,
//! `KEYFORM_SEED=7` makes others.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use fs_err as fs;
use serde_json::{Map, Value};

use crate::dice::{Dice, number};
use crate::program;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const LEAVES: [&str; 20] = [
    "\"a\"",
    "\"1\"",
    "\"true\"",
    "\"1.50\"",
    "1",
    "1.5",
    "0",
    "-3",
    "true",
    "false",
    "null",
    "\"\"",
    "\"é\"",
    "1e3",
    "0.1",
    "12345678901234567890",
    "\"0x1\"",
    "\"1e2\"",
    "\"false\"",
    "\"null\"",
];

const PLAIN: [&str; 5] = ["string", "number", "bool", "any", "string"];

/// A type as it is written.
enum Kind {
    Plain(&'static str),
    /// `list`, `set` or `map` of one type.
    Of(&'static str, Box<Self>),
    Tuple(Vec<Self>),
    Object(Vec<Attribute>),
}

struct Attribute {
    name: &'static str,
    kind: Kind,
    is_optional: bool,
    default: Option<String>,
}

struct Maker {
    dice: Dice,
}

impl Maker {
    fn kind(&mut self, depth: usize) -> Kind {
        if depth == 0 || self.dice.one_in(3) {
            return Kind::Plain(PLAIN[self.dice.below(PLAIN.len())]);
        }
        match self.dice.below(6) {
            collection @ 0..=2 => {
                let name = ["list", "set", "map"][collection];
                Kind::Of(name, Box::new(self.kind(depth - 1)))
            }
            3 => Kind::Tuple((0..self.dice.below(4)).map(|_| self.kind(depth - 1)).collect()),
            _ => {
                let names = NAMES.into_iter().take(4).filter(|_| self.dice.one_in(2));
                let names: Vec<&str> = names.collect();
                let attribute = |name| self.attribute(name, depth - 1);
                Kind::Object(names.into_iter().map(attribute).collect())
            }
        }
    }

    fn attribute(&mut self, name: &'static str, depth: usize) -> Attribute {
        let kind = self.kind(depth);
        let is_optional = self.dice.one_in(2);
        let default = (is_optional && self.dice.one_in(2)).then(|| self.value_of(&kind));
        Attribute {
            name,
            kind,
            is_optional,
            default,
        }
    }

    /// Any value.
    fn value(&mut self, depth: usize) -> String {
        if depth == 0 || self.dice.one_in(2) {
            return (*self.dice.pick(&LEAVES)).to_owned();
        }
        let count = self.dice.below(4);
        if self.dice.one_in(2) {
            let items: Vec<String> = (0..count).map(|_| self.value(depth - 1)).collect();
            return format!("[{}]", items.join(", "));
        }
        let entry = |name: &&str| format!("{name} = {}", self.value(depth - 1));
        let entries: Vec<String> = NAMES.iter().take(count).map(entry).collect();
        format!("{{ {} }}", entries.join(", "))
    }

    /// A value that fits a type, mostly.
    fn value_of(&mut self, kind: &Kind) -> String {
        if self.dice.one_in(12) {
            return self.value(2);
        }
        let entry = |name: &str, value: String| format!("{name} = {value}");
        let parts: Vec<String> = match kind {
            Kind::Plain("number") => {
                return (*self.dice.pick(&["1", "\"2\"", "1.5", "\"1e2\"", "null", "-7"])).to_owned();
            }
            Kind::Plain("bool") => return (*self.dice.pick(&["true", "\"false\"", "null"])).to_owned(),
            Kind::Plain("any") => return self.value(2),
            Kind::Plain(_) => return (*self.dice.pick(&LEAVES)).to_owned(),
            Kind::Of(name, inner) => {
                let count = self.dice.below(4);
                let items = (0..count).map(|_| self.value_of(inner)).collect::<Vec<_>>();
                if *name == "map" {
                    ["x", "y", "a"]
                        .into_iter()
                        .zip(items)
                        .map(|(name, item)| entry(name, item))
                        .collect()
                } else {
                    return format!("[{}]", items.join(", "));
                }
            }
            Kind::Tuple(kinds) => {
                let items: Vec<String> = kinds.iter().map(|kind| self.value_of(kind)).collect();
                return format!("[{}]", items.join(", "));
            }
            Kind::Object(attributes) => {
                let mut parts = Vec::new();
                for attribute in attributes {
                    let is_left_out = if attribute.is_optional {
                        self.dice.one_in(2)
                    } else {
                        self.dice.one_in(30)
                    };
                    if !is_left_out {
                        parts.push(entry(attribute.name, self.value_of(&attribute.kind)));
                    }
                }
                if self.dice.one_in(10) {
                    parts.push(entry("z", "1".to_owned()));
                }
                parts
            }
        };
        format!("{{ {} }}", parts.join(", "))
    }
}

fn written(kind: &Kind) -> String {
    match kind {
        Kind::Plain(name) => (*name).to_owned(),
        Kind::Of(name, inner) => format!("{name}({})", written(inner)),
        Kind::Tuple(kinds) => format!(
            "tuple([{}])",
            kinds.iter().map(written).collect::<Vec<_>>().join(", ")
        ),
        Kind::Object(attributes) => {
            let one = |attribute: &Attribute| {
                let (name, kind) = (attribute.name, written(&attribute.kind));
                match (&attribute.default, attribute.is_optional) {
                    (Some(default), _) => format!("{name} = optional({kind}, {default})"),
                    (None, true) => format!("{name} = optional({kind})"),
                    (None, false) => format!("{name} = {kind}"),
                }
            };
            format!(
                "object({{ {} }})",
                attributes.iter().map(one).collect::<Vec<_>>().join(", ")
            )
        }
    }
}

/// A variable's block and what it is given.
struct Case {
    block: String,
    value: String,
}

/// The outputs of a configuration with these variables; none where it is refused.
fn outputs(program: &dyn Fn(&Path) -> Command, cases: &[Case]) -> Option<Map<String, Value>> {
    let (_home, folder) = program::folder();
    let (mut text, mut values) = (String::new(), String::new());
    for (at, Case { block, value }) in cases.iter().enumerate() {
        let _ = writeln!(
            text,
            "variable \"v{at}\" {{\n{block}\n}}\noutput \"o{at}\" {{\n  value = var.v{at}\n}}"
        );
        let _ = writeln!(values, "v{at} = {value}");
    }
    fs::write(folder.join("main.tf"), text).unwrap();
    fs::write(folder.join("terraform.tfvars"), values).unwrap();
    let run = |words: &[&str]| program(&folder).args(words).output().unwrap();
    if !run(&["apply", "-auto-approve"]).status.success() {
        return None;
    }
    let output = run(&["output", "-json"]);
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// How both answer.
#[derive(Default)]
struct Both {
    /// Values that terraform made.
    values: usize,
    different: Vec<String>,
}

impl Both {
    /// Asks both, and halves what differs or is refused until it is one variable.
    fn compare(&mut self, cases: &[Case]) {
        let theirs = outputs(&|folder| program::terraform(folder).unwrap(), cases);
        let ours = outputs(&program::keyform, cases);
        if cases.len() > 1 && (theirs != ours || theirs.is_none()) {
            let (left, right) = cases.split_at(cases.len() / 2);
            self.compare(left);
            return self.compare(right);
        }
        self.values += theirs.as_ref().map_or(0, |_| cases.len());
        if theirs != ours {
            let Case { block, value } = &cases[0];
            self.different.push(format!(
                "{block}\n{value}\nterraform: {theirs:?}\nkeyform: {ours:?}"
            ));
        }
    }
}

#[test]
fn terraform_and_we_make_the_same_of_variables() {
    let (_home, folder) = program::folder();
    if program::terraform(&folder).is_none() {
        return;
    }
    let mut maker = Maker {
        dice: Dice(number("KEYFORM_SEED", 1)),
    };
    let count = usize::try_from(number("KEYFORM_CONVERSIONS", 60)).unwrap();
    let cases: Vec<Case> = (0..count)
        .map(|_| {
            let kind = maker.kind(3);
            let value = maker.value_of(&kind);
            let nullable = if maker.dice.one_in(5) {
                "\n  nullable = false"
            } else {
                ""
            };
            Case {
                block: format!("  type = {}{nullable}", written(&kind)),
                value,
            }
        })
        .collect();
    let mut both = Both::default();
    cases.chunks(20).for_each(|some| both.compare(some));
    eprintln!(
        "conversions: {} of {count} agree; of {} terraform makes a value, the rest it refuses",
        count - both.different.len(),
        both.values
    );
    assert!(both.values > count / 2, "most are refused, which says little");
    assert!(both.different.is_empty(), "{}", both.different.join("\n"));
}
