//! What written values must satisfy: one by one, together, and by the rules of the type.

use indexmap::IndexMap;

use crate::diag::{Diagnostic, Diagnostics, Ending, Result};
use crate::schema::{Argument, NestedBlock, ResourceType, Rule};
use crate::value::{Data, Marks, Text, Value, go_quote, placeholder, raw_equal};

use super::scope::Names;
use super::timeouts;

/// Checks what the configuration writes. What equals the recorded object was checked when it was written.
pub(super) fn written(ty: &ResourceType, config: &Value, prior: Option<&Value>) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let inside = Inside::default();
    values(&ty.arguments, &ty.blocks, (config, prior), &inside, &mut problems);
    together(&ty.arguments, config, prior, &inside, &mut problems);
    lengths_of_time(ty, config, &mut problems);
    problems
}

/// Checks the arguments of a block that is no resource.
pub(super) fn block(
    arguments: &IndexMap<Text, Argument>,
    blocks: &IndexMap<Text, NestedBlock>,
    config: &Value,
) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let inside = Inside::default();
    values(arguments, blocks, (config, None), &inside, &mut problems);
    together(arguments, config, None, &inside, &mut problems);
    problems
}

/// Nested blocks from the outside in, each with its position.
#[derive(Default)]
struct Inside(Vec<(String, usize)>);

impl Inside {
    fn and(&self, name: &str, position: usize) -> Self {
        let place = (name.to_owned(), position);
        Self(self.0.iter().cloned().chain([place]).collect())
    }

    fn place(&self, name: &str) -> Vec<(String, usize)> {
        self.and(name, 0).0
    }

    /// An argument as messages name it: `block.argument`.
    fn name(&self, name: &str) -> String {
        let outer = self.0.iter().map(|(outer, _)| &**outer);
        outer.chain([name]).collect::<Vec<_>>().join(".")
    }
}

/// The entries of the `timeouts` block.
fn lengths_of_time(ty: &ResourceType, config: &Value, problems: &mut Diagnostics) {
    let Some(block) = config.get("timeouts") else {
        return;
    };
    for (name, _) in ty.timeouts.entries() {
        let text = block.get(name).and_then(Value::as_str);
        if let Some(text) = text.filter(|text| timeouts::duration(text).is_none()) {
            let detail = format!(
                "The argument \"timeouts.{name}\" must be a length of time such as \"90s\" or \"1h30m\". It is {}.",
                go_quote(text)
            );
            let place = vec![("timeouts".to_owned(), 0), (name.to_string(), 0)];
            problems.push(Diagnostic::error("Invalid argument value", detail).of(place));
        }
    }
}

/// Each value by itself, in nested blocks too.
fn values(
    arguments: &IndexMap<Text, Argument>,
    blocks: &IndexMap<Text, NestedBlock>,
    (object, prior): (&Value, Option<&Value>),
    inside: &Inside,
    problems: &mut Diagnostics,
) {
    for argument in arguments.values() {
        let Some(value) = object.get(&argument.name) else {
            continue;
        };
        let recorded = prior.and_then(|prior| prior.get(&argument.name));
        if recorded.is_some_and(|recorded| raw_equal(recorded, value)) {
            continue;
        }
        // An older name takes what the argument takes that it stands for.
        let target = argument.alias.as_ref().filter(|alias| alias.into.is_none());
        let target = target.and_then(|alias| arguments.get(&alias.of));
        let mut checks = [Some(argument), target].into_iter().flatten();
        if let Some(why) = checks.find_map(|one| one.checks.validate(value).err()) {
            let shown = shown(argument, value);
            let why = if shown.is_some() {
                why
            } else {
                hidden(argument, &why)
            };
            let is = shown.map_or_else(String::new, |value| format!(" It is {value}."));
            let detail = format!("The argument \"{}\" {why}.{is}", inside.name(&argument.name));
            let place = inside.place(&argument.name);
            problems.push(Diagnostic::error("Invalid argument value", detail).of(place));
        }
    }
    for block in blocks.values() {
        let Some(value) = object.get(&block.name) else {
            continue;
        };
        // The elements of a set do not stand in the order of their blocks.
        let ordered = !matches!(value.data(), Data::Set(_) | Data::Map(_));
        for (i, body) in bodies(value).into_iter().enumerate() {
            let inside = inside.and(&block.name, if ordered { i } else { usize::MAX });
            values(&block.arguments, &block.blocks, (body, None), &inside, problems);
            together(&block.arguments, body, None, &inside, problems);
            expected(&block.arguments, body, &inside, problems);
        }
    }
}

/// What a block is without which it has no effect.
fn expected(arguments: &IndexMap<Text, Argument>, body: &Value, inside: &Inside, problems: &mut Diagnostics) {
    let missing = arguments.values().filter(|argument| {
        let is_written = |value: &Value| !value.is_null() && value.as_str() != Some("");
        argument.checks.expected && !body.get(&argument.name).is_some_and(is_written)
    });
    for argument in missing {
        let name = inside.name(&argument.name);
        let detail = format!(
            "Without the argument \"{name}\" the block has no effect. Give it, or take the block out."
        );
        let warning = Diagnostic::warning("Missing required argument", detail);
        problems.push(warning.of(inside.place(&argument.name)));
    }
}

/// The objects that the blocks of one kind stand for.
pub(super) fn bodies(value: &Value) -> Vec<&Value> {
    match value.data() {
        Data::Object(_) => vec![value],
        Data::List(_) | Data::Set(_) | Data::Map(_) => value.children().collect(),
        _ => Vec::new(),
    }
}

/// The value as messages have it; none where it is too large or secret to be shown.
fn shown(argument: &Argument, value: &Value) -> Option<String> {
    if argument.sensitive || !value.marks_deep().is_empty() {
        return placeholder(Marks::SENSITIVE).map(str::to_owned);
    }
    match value.data() {
        Data::String(text) if text.chars().count() <= 200 => Some(go_quote(text)),
        Data::Number(number) => Some(number.to_string()),
        Data::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A parser's words may quote the text it read: those about secrets stay hidden.
fn hidden(argument: &Argument, why: &str) -> String {
    match why.split_once(": ") {
        Some((start, _)) if argument.sensitive => start.to_owned(),
        _ => why.to_owned(),
    }
}

/// Which arguments need, rule out and replace each other.
fn together(
    arguments: &IndexMap<Text, Argument>,
    object: &Value,
    prior: Option<&Value>,
    inside: &Inside,
    problems: &mut Diagnostics,
) {
    let written = |name: &str| object.get(name).is_some_and(|value| !value.is_null());
    let fresh = |name: &str| match (prior.and_then(|prior| prior.get(name)), object.get(name)) {
        (Some(prior), Some(value)) => !raw_equal(prior, value),
        _ => true,
    };
    let quoted = |names: &[Text]| {
        let quoted: Vec<String> = names
            .iter()
            .map(|name| format!("\"{}\"", inside.name(name)))
            .collect();
        quoted.join(", ")
    };
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut groups: Vec<&[Text]> = Vec::new();
    for argument in arguments.values() {
        let name = &*argument.name;
        let checks = &argument.checks;
        if written(name) {
            let missing: Vec<Text> = checks
                .needs
                .iter()
                .filter(|other| !written(other))
                .cloned()
                .collect();
            if !missing.is_empty() {
                let detail = format!(
                    "The argument \"{}\" can only be given together with {}.",
                    inside.name(name),
                    quoted(&missing)
                );
                let place = inside.place(name);
                problems.push(Diagnostic::error("Missing required argument", detail).of(place));
            }
            for other in checks.conflicts.iter().map(|other| &**other) {
                if written(other) && (fresh(name) || fresh(other)) && !seen.contains(&(other, name)) {
                    seen.push((name, other));
                    let detail = format!(
                        "The arguments \"{}\" and \"{}\" cannot be given together. Take one of them out.",
                        inside.name(name),
                        inside.name(other)
                    );
                    let place = inside.place(name);
                    problems.push(Diagnostic::error("Conflicting arguments", detail).of(place));
                }
            }
        }
        let group = &checks.exactly_one;
        if !group.is_empty()
            && !groups
                .iter()
                .any(|known| known.iter().all(|one| group.contains(one)))
        {
            groups.push(group);
            let given: Vec<Text> = group.iter().filter(|other| written(other)).cloned().collect();
            let wrong = given.is_empty() || (given.len() > 1 && given.iter().any(|name| fresh(name)));
            if wrong {
                let found = if given.is_empty() {
                    "none is".to_owned()
                } else {
                    format!("{} are", quoted(&given))
                };
                let detail = format!("Exactly one of {} must be given, and {found}.", quoted(group));
                // Of two that exclude each other the second is one too many; what is missing stands nowhere.
                let place = given.get(1).map_or_else(Vec::new, |second| inside.place(second));
                problems.push(Diagnostic::error("Invalid combination of arguments", detail).of(place));
            }
        }
    }
}

/// Checks rules. One that depends on what is not known yet is left until it is.
pub(super) fn check(rules: &[Rule], names: &Names<'_>) -> Result<Diagnostics> {
    let mut found = Diagnostics::new();
    let mut faults = Diagnostics::new();
    for rule in rules {
        if let Some(Some(problem)) = faults.take(broken(rule, names)) {
            found.push(problem);
        }
    }
    faults.or(found)
}

fn broken(rule: &Rule, names: &Names<'_>) -> Result<Option<Diagnostic>> {
    if !names.allows(rule.when.as_ref())? || names.truth(&rule.holds)? != Some(false) {
        return Ok(None);
    }
    let message = names.message(&rule.message)?;
    Ok(Some(if rule.warning {
        Diagnostic::warning("Questionable configuration", message)
    } else if rule.guard {
        Diagnostic::error("Invalid configuration of the resource", message).ends_as(Ending::Refused)
    } else {
        Diagnostic::error("Invalid configuration of the resource", message)
    }))
}
