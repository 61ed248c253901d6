//! What importing, waiting for and destroying objects of a type means.

use std::fmt::Write as _;

use super::super::resource::{Destroy, ResourceType};
use super::words::{code, length, source};
use crate::lang::syntax::write::quote;

/// How existing objects are taken over, or why they cannot be.
pub fn import(ty: &ResourceType) -> String {
    let mut text = "\n## Import\n\n".to_owned();
    if let Some(why) = &ty.import.refused {
        writeln!(text, "Objects of this type cannot be imported: {why}").expect("a String takes all");
        return text;
    }
    if ty.read.is_none() && ty.import.gives.is_empty() && !ty.native {
        text.push_str("Objects of this type cannot be imported: they exist in the state only.\n");
        return text;
    }
    let example = ty.import.example.as_deref().unwrap_or("ID");
    let name = &ty.name;
    writeln!(
        text,
        "```hcl\nimport {{\n  to = {name}.example\n  id = {}\n}}\n```\n\n```\n$ keyform import {name}.example {}\n```",
        quote(example),
        word(example),
    )
    .expect("a String takes all");
    let patterns: Vec<String> = ty.import.patterns.iter().map(|one| code(one.text())).collect();
    if !patterns.is_empty() {
        writeln!(
            text,
            "\nThe text is matched by {}; the group `id` is the id, groups of other names give arguments.",
            patterns.join(", then what that leaves as `id` by ")
        )
        .expect("a String takes all");
    }
    text
}

/// A word as a shell takes it.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@,+=".contains(c);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{text}'")
    }
}

/// The entries of the `timeouts` block; empty when the type has none.
pub fn timeouts(ty: &ResourceType) -> String {
    let mut text = String::new();
    for (name, limit) in ty.timeouts.entries() {
        writeln!(text, "- **{name}**: {}", length(limit)).expect("a String takes all");
    }
    if text.is_empty() {
        return text;
    }
    format!("\n## Timeouts\n\nThe block `timeouts` says how long failed calls are tried again:\n\n{text}")
}

/// What becomes of a destroyed object.
pub fn destroy(ty: &ResourceType) -> String {
    let meaning = match (&ty.delete, ty.destroy) {
        (None, _) => "Nothing is called: the object is only forgotten.",
        (_, Destroy::Reversible) => "The object is deleted, and can be made again as it was.",
        (_, Destroy::Windowed) => "It can be called back for some days, and is lost after them.",
        (_, Destroy::Irreversible) => {
            "**The object is lost at once.** A plan that destroys one says so first."
        }
    };
    let window = ty.window.as_ref().filter(|_| ty.destroy == Destroy::Windowed);
    let days = window.map(|days| {
        format!(
            " How many days: {}. A plan that destroys one says so first.",
            code(&source(days))
        )
    });
    let retire = match ty.retire {
        Some(_) => {
            "\nWith `on_destroy = \"disable\"` in its `lifecycle` block it is disabled and forgotten instead.\n"
        }
        None => "",
    };
    let holds = if ty.holds_others() {
        "\nWhat it holds is lost with it: unless the plan destroys all of that for itself, or the cloud says that there is nothing, `-destroy-key` must name it.\n"
    } else {
        ""
    };
    let within: Vec<String> = ty.containers().map(|(argument, container)| {
        format!("\nIt is lost at once with the `{container}` that `{argument}` names. A plan that destroys or replaces that destroys the object for itself, or is refused.\n")
    }).collect();
    format!(
        "\n## Destroying\n\n{meaning}{}\n{retire}{holds}{}",
        days.unwrap_or_default(),
        within.concat()
    )
}
