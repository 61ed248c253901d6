//! What changes in the life of an object: the steps that a schema gives by itself, those that `tests/life` writes, and
//! which arguments they reach. Nothing is run here.

use std::collections::{BTreeMap, BTreeSet};

use fs_err as fs;
use indexmap::IndexMap;
use keyform::diag::Sources;
use keyform::lang::syntax::{self, Block, Body, Key};
use keyform::schema::{Argument, ForceNew, NestedBlock, ResourceType, Rule};
use keyform::value::{Text, Type, Value};

use crate::folder::block;

/// Arguments that may hold anything by any name.
const TEXTS_BY_NAME: [&str; 5] = ["tags", "context", "encryption_context", "keepers", "triggers"];

/// Providers whose objects are nowhere but in the state.
const WITHOUT_CLOUD: [&str; 3] = ["null", "random", "time"];

/// One change of a resource's arguments.
pub struct Step {
    pub name: String,
    /// None: the schema cannot tell.
    pub replaces: Option<bool>,
    /// The rules of the type may forbid it.
    pub may_be_refused: bool,
    /// The cloud does not tell what changed.
    pub is_kept: bool,
    pub edits: Vec<(String, String)>,
}

/// What users may write of a type, nested arguments by their path. What its `timeouts` say means something to this
/// program only, so it is no part of an object.
pub fn arguments(ty: &ResourceType) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    add_arguments("", &ty.arguments, &ty.blocks, &mut found);
    found
}

fn add_arguments(
    place: &str,
    arguments: &IndexMap<Text, Argument>,
    blocks: &IndexMap<Text, NestedBlock>,
    found: &mut BTreeSet<String>,
) {
    found.extend(arguments.keys().map(|name| format!("{place}{name}")));
    for (name, inner) in blocks {
        add_arguments(&format!("{place}{name}."), &inner.arguments, &inner.blocks, found);
    }
}

/// The files in which the life of a type is written.
pub fn files(ty: &str) -> Vec<String> {
    let entries = fs::read_dir("tests/life").unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names.filter(|name| name.split('.').next() == Some(ty)).collect();
    files.sort();
    files
}

/// The arguments of a type that are changed by some step that is written.
pub fn written_to(ty: &str) -> BTreeSet<String> {
    let mut changed = BTreeSet::new();
    for file in files(ty) {
        let text = fs::read_to_string(format!("tests/life/{file}")).unwrap();
        let mut parts = text.split("\n#### ");
        let mut before = parts.next().unwrap().to_owned();
        let address = address(ty, &before);
        for part in parts {
            let edits = written(part).edits;
            let after = edits.iter().fold(before.clone(), |text, (name, value)| {
                edited(&text, &address, name, value)
            });
            let (old, new) = (members(&before, &address), members(&after, &address));
            let names = old.keys().chain(new.keys());
            changed.extend(names.filter(|name| old.get(*name) != new.get(*name)).cloned());
            before = after;
        }
    }
    changed
}

/// What is written of a resource, nested arguments by their path; null is as if it were not.
fn members(text: &str, address: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    add_members("", &parsed(text, address).body, text, &mut found);
    found
}

fn add_members(place: &str, body: &Body, text: &str, found: &mut BTreeMap<String, Vec<String>>) {
    for attribute in &body.attributes {
        let span = attribute.span.start as usize..attribute.span.end as usize;
        let value = text[span].split_once('=').unwrap().1.trim();
        if value != "null" {
            let values: &mut Vec<String> = found.entry(format!("{place}{}", attribute.name)).or_default();
            values.push(value.to_owned());
        }
    }
    for inner in &body.blocks {
        add_members(&format!("{place}{}.", inner.kind), &inner.body, text, found);
    }
}

/// The block of a resource in a configuration.
fn parsed(text: &str, address: &str) -> Block {
    let body = syntax::parse_body(Sources::new().add("main.tf", text), text).unwrap();
    let found = body.blocks.into_iter().find(|one| {
        let labels: Vec<&Text> = one.labels.iter().map(|label| &label.text).collect();
        matches!(labels[..], [ty, label] if format!("{ty}.{label}") == address)
    });
    found.unwrap_or_else(|| panic!("{address} is missing"))
}

/// The changes that can be made knowing the schema only: flags are turned over, texts that may be anything and tags
/// become others.
pub fn derived(ty: &ResourceType, text: &str, address: &str) -> Vec<Step> {
    let block = &text[block(text, address)];
    let mut steps = Vec::new();
    for argument in ty
        .arguments
        .values()
        .filter(|one| one.alias.is_none() && !one.write_only)
    {
        let Some(value) = other(argument, block) else {
            continue;
        };
        steps.push(Step {
            name: format!("other {}", argument.name),
            replaces: match argument.force_new {
                ForceNew::Never => Some(false),
                ForceNew::Always => Some(true),
                ForceNew::When(_) => None,
            },
            may_be_refused: ty.rules.iter().any(|rule| mentions(rule, &argument.name)),
            is_kept: ty.read.is_none()
                || WITHOUT_CLOUD.contains(&&*ty.provider)
                || argument.name.ends_with("_permission")
                || (argument.read.is_none() && matches!(argument.force_new, ForceNew::Never)),
            edits: vec![(argument.name.to_string(), value)],
        });
    }
    steps
}

/// Whether a rule of a type looks at an argument.
fn mentions(rule: &Rule, argument: &str) -> bool {
    let mut found = false;
    for expression in rule.when.iter().chain([&rule.holds]) {
        expression.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
            found |= matches!(traversal.steps.first(), Some(Key::Attribute(name, _)) if &**name == argument);
        });
    }
    found
}

/// Another value of an argument, as source, if one is known to be good.
fn other(argument: &Argument, block: &str) -> Option<String> {
    let name = argument.name.as_ref();
    let checks = &argument.checks;
    let written = block.lines().find_map(|line| {
        let (found, value) = line.split_once('=')?;
        (found.trim() == name).then_some(value.trim())
    });
    match &argument.ty {
        // What is protected cannot be destroyed at the end.
        Type::Bool if name == "deletion_protection" => None,
        Type::Bool => {
            let default = argument
                .default
                .as_ref()
                .and_then(Value::as_bool)
                .unwrap_or(false);
            Some((!written.map_or(default, |value| value == "true")).to_string())
        }
        // Others may look into an object.
        Type::Dynamic if !written?.starts_with('{') => Some("\"another\"".to_owned()),
        Type::String if name == "description" => Some("\"another\"".to_owned()),
        Type::String if checks.one_of.is_empty() && checks.format.is_none() => {
            let text = written?.strip_prefix('"')?.strip_suffix('"')?;
            let longer = format!("{text}2");
            checks.validate(&Value::string(longer.as_str())).ok()?;
            Some(format!("\"{longer}\""))
        }
        Type::Map(_) if TEXTS_BY_NAME.contains(&name) => Some("{ another = \"one\" }".to_owned()),
        Type::Number if name.ends_with("window_in_days") => {
            let (least, greatest) = checks.range?;
            Some(least.midpoint(greatest).to_string())
        }
        _ => None,
    }
}

/// A change as `tests/life` has it.
pub fn written(part: &str) -> Step {
    let (head, body) = part.split_once('\n').unwrap();
    let (name, kind) = head.split_once(": ").unwrap();
    let mut words = kind.split(' ');
    let edits = if body.starts_with("resource \"") {
        vec![(String::new(), body.trim().to_owned())]
    } else {
        let lines = body.lines().filter_map(|line| line.split_once(" = "));
        lines
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    Step {
        name: name.to_owned(),
        replaces: Some(match words.next() {
            Some("replace") => true,
            Some("update") => false,
            other => panic!("{head}: {other:?} is no kind of change"),
        }),
        may_be_refused: false,
        is_kept: match words.next() {
            Some("kept") => true,
            None => false,
            Some(other) => panic!("{head}: {other:?} is no word"),
        },
        edits,
    }
}

/// The address of the last resource of a type in a configuration.
pub fn address(ty: &str, text: &str) -> String {
    let head = format!("resource \"{ty}\" \"");
    let start = text.rfind(&head).unwrap_or_else(|| panic!("no {ty}")) + head.len();
    let name = text[start..].split('"').next().unwrap();
    format!("{ty}.{name}")
}

/// The configuration with another value of an argument, or with another block in the place of a resource's.
pub fn edited(text: &str, address: &str, name: &str, value: &str) -> String {
    let place = block(text, address);
    let mut result = text.to_owned();
    if name.is_empty() {
        result.replace_range(place, value);
        return result;
    }
    let found = parsed(text, address);
    if let Some(attribute) = found.body.attributes.iter().find(|one| &*one.name == name) {
        let span = attribute.span.start as usize..attribute.span.end as usize;
        result.replace_range(span, &format!("{name} = {value}"));
    } else {
        let at = place.start + text[place].find('{').unwrap() + 1;
        result.insert_str(at, &format!("\n  {name} = {value}"));
    }
    result
}
