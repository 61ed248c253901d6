//! What a block may hold: arguments, attributes and nested blocks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::super::argument::{Argument, Attribute, Checks, ForceNew, Format, NestedBlock};
use super::super::native::Equivalence;
use super::words::{code, codes, shown, source};
use crate::lang::spec::Nesting;
use crate::lang::syntax::write::value_to_source;
use crate::value::{Text, Type};

/// Environment variables by argument; those of nested blocks by `block.argument`.
type Environment = BTreeMap<Text, Vec<Text>>;

/// The arguments and blocks of a type or provider.
pub struct Members<'a> {
    pub arguments: &'a IndexMap<Text, Argument>,
    pub blocks: &'a IndexMap<Text, NestedBlock>,
    pub environment: &'a Environment,
    /// Whether arguments without `read` are worth a word: something could have been read.
    pub is_read: bool,
}

/// What is said of arguments that are known by name only.
const IDLE: &str = "Has no effect.";

/// Lists of arguments, required ones first, and of nested blocks, each with a list of its own.
pub fn members(of: &Members<'_>) -> String {
    let mut text = list(of, "");
    for block in of.blocks.values() {
        nested(&mut text, of, block, "");
    }
    text
}

fn list(of: &Members<'_>, prefix: &str) -> String {
    let (idle, used): (Vec<_>, Vec<_>) = of.arguments.values().partition(|one| &*one.about == IDLE);
    let (required, optional): (Vec<_>, Vec<_>) = used.into_iter().partition(|one| one.required);
    let arguments = required.into_iter().chain(optional);
    let mut text: String = arguments
        .map(|one| {
            argument(
                one,
                of.environment.get(&*format!("{prefix}{}", one.name)),
                of.is_read,
            )
        })
        .collect();
    if !idle.is_empty() {
        let names: Vec<String> = idle.iter().map(|one| format!("`{}`", one.name)).collect();
        put(
            &mut text,
            format_args!("- Taken without effect: {}.\n", names.join(", ")),
        );
    }
    for block in of.blocks.values() {
        let place = format!("{prefix}{}", block.name);
        let needed = if block.min > 0 { "block, required" } else { "block" };
        line(
            &mut text,
            &block.name,
            needed,
            &format!("{} See [below](#block-{}).", block.about, anchor(&place)),
        );
    }
    text
}

/// A heading as links name it.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace('.', "")
}

fn nested(text: &mut String, of: &Members<'_>, block: &NestedBlock, prefix: &str) {
    let place = format!("{prefix}{}", block.name);
    put(
        text,
        format_args!("\n### Block `{place}`\n\n{} {}\n\n", block.about, many(block)),
    );
    let inner = Members {
        arguments: &block.arguments,
        blocks: &block.blocks,
        environment: of.environment,
        is_read: false,
    };
    let prefix = format!("{place}.");
    text.push_str(&list(&inner, &prefix));
    for block in block.blocks.values() {
        nested(text, &inner, block, &prefix);
    }
}

/// How many blocks of a kind there may be, and what becomes of a change.
fn many(block: &NestedBlock) -> String {
    let most = if block.nesting == Nesting::Single {
        Some(1)
    } else {
        block.max
    };
    let count = match (block.min, most) {
        (0, None) => "Any number of them.".to_owned(),
        (0, Some(1)) => "At most one.".to_owned(),
        (0, Some(most)) => format!("At most {most}."),
        (1, Some(1)) => "Exactly one.".to_owned(),
        (least, None) => format!("At least {least}."),
        (least, Some(most)) => format!("From {least} to {most}."),
    };
    let order = match block.nesting {
        Nesting::Set => " Their order does not matter.",
        Nesting::Map => " Each has a label.",
        Nesting::List | Nesting::Single => "",
    };
    let replaces = match &block.force_new {
        ForceNew::Never => String::new(),
        ForceNew::Always => " A change replaces the object.".to_owned(),
        ForceNew::When(when) => format!(" A change replaces the object when {}.", code(&source(when))),
    };
    format!("{count}{order}{replaces}")
}

fn argument(one: &Argument, environment: Option<&Vec<Text>>, is_read: bool) -> String {
    let mut flags = vec![shown(&one.ty)];
    let flag = |set: bool, word: &str| set.then(|| word.to_owned());
    flags.extend(flag(one.required, "required"));
    flags.extend(flag(one.sensitive, "sensitive"));
    flags.extend(flag(one.write_only, "write-only"));
    flags.extend(flag(
        matches!(one.force_new, ForceNew::Always),
        "a change replaces",
    ));
    let mut notes = Vec::new();
    notes.extend(
        one.deprecated
            .iter()
            .map(|instead| format!("**Deprecated.** {instead}")),
    );
    notes.push(one.about.to_string());
    notes.extend(
        one.alias
            .iter()
            .map(|alias| format!("An older name of {}.", code(&alias.of))),
    );
    notes.extend(
        one.default
            .iter()
            .map(|value| format!("Default: {}.", code(&value_to_source(value)))),
    );
    notes.extend(flag(
        one.computed && !one.about.contains("left out"),
        "When left out the cloud chooses.",
    ));
    notes.extend(checks(&one.checks, &one.ty));
    notes.extend(one.same.map(|same| equal(same).to_owned()));
    if let ForceNew::When(when) = &one.force_new {
        notes.push(format!(
            "A change replaces the object when {}.",
            code(&source(when))
        ));
    }
    notes.extend(
        one.ignore_when
            .iter()
            .map(|when| format!("What is written has no effect when {}.", code(&source(when)))),
    );
    notes.extend(flag(one.write_only, "It is never stored."));
    notes.extend(flag(
        is_read && one.is_kept() && !one.write_only,
        "Not read back.",
    ));
    notes.extend(environment.map(|names| format!("Environment: {}.", codes(names))));
    notes.retain(|note| !note.is_empty());
    let mut text = String::new();
    line(&mut text, &one.name, &flags.join(", "), &notes.join(" "));
    text
}

/// What a written value must satisfy, a sentence each.
fn checks(checks: &Checks, ty: &Type) -> Vec<String> {
    let elements = matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_));
    let what = if elements { "elements" } else { "characters" };
    let each = if elements { "Each is" } else { "It is" };
    let one_of = (!checks.one_of.is_empty()).then(|| format!("One of {}.", codes(&checks.one_of)));
    let range = checks
        .range
        .map(|(least, greatest)| format!("From {least} to {greatest}."));
    let length = checks.length.map(|(least, greatest)| match (least, greatest) {
        (0, greatest) => format!("At most {greatest} {what}."),
        (least, greatest) if least == greatest => format!("Exactly {least} {what}."),
        (least, greatest) => format!("{least} to {greatest} {what}."),
    });
    let pattern = checks.pattern.as_ref();
    let pattern = pattern.map(|pattern| format!("{each} as {} says.", code(pattern.text())));
    let format = checks.format.map(|format| form(format).to_owned());
    let named =
        |before: &str, names: &[Text]| (!names.is_empty()).then(|| format!("{before} {}.", codes(names)));
    let needs = named("Needs", &checks.needs);
    let conflicts = named("Not together with", &checks.conflicts);
    let exactly = named("Give exactly one of", &checks.exactly_one);
    [one_of, range, format, length, pattern, needs, conflicts, exactly]
        .into_iter()
        .flatten()
        .collect()
}

fn form(format: Format) -> &'static str {
    match format {
        Format::Json => "A JSON text.",
        Format::JsonObject => "A JSON object.",
        Format::Rfc3339 => "A point in time as RFC 3339 has it: `2030-01-31T12:00:00Z`.",
        Format::Base64 => "Base64.",
        Format::Duration => "A length of time: `604800s` or `7d`.",
        Format::Regex => "A regular expression.",
    }
}

fn equal(same: Equivalence) -> &'static str {
    match same {
        Equivalence::Json => "Texts of the same JSON value count as equal.",
        Equivalence::AwsPolicy => "Policies that allow and deny the same count as equal.",
        Equivalence::KeyRef => "The id and the ARN of a key count as equal.",
        Equivalence::Duration => "`7d` and `604800s` count as equal.",
        Equivalence::Instant => "One point in time counts as equal, however it is written.",
    }
}

/// A list of what is only read.
pub fn attributes(all: &IndexMap<Text, Attribute>) -> String {
    let mut text = String::new();
    for one in all.values() {
        let secret = if one.sensitive { ", sensitive" } else { "" };
        let old = one
            .deprecated
            .iter()
            .map(|instead| format!("**Deprecated.** {instead} "));
        let about: String = old.chain([one.about.to_string()]).collect();
        line(
            &mut text,
            &one.name,
            &format!("{}{secret}", shown(&one.ty)),
            &about,
        );
    }
    text
}

fn line(text: &mut String, name: &str, flags: &str, about: &str) {
    put(text, format_args!("- **{name}** ({flags}): {about}\n"));
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a String takes all");
}
