//! The actions that operations call, and the permissions that calling them needs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::operation::{CallSpec, Group};
use super::super::provider::{Protocol, ProviderSchema};
use super::super::resource::ResourceType;
use super::words::{code, codes};
use crate::addr::Mode;
use crate::value::Text;

/// A table of all calls, and the least policy that allows them; empty for types that call nothing.
pub fn actions(ty: &ResourceType, provider: &ProviderSchema) -> String {
    let operations = operations(ty);
    if operations.iter().all(|operation| operation.calls.is_empty()) {
        return String::new();
    }
    let mut text =
        "\n## Actions and permissions\n\n| operation | action | permissions |\n|---|---|---|\n".to_owned();
    let mut all = BTreeSet::new();
    for operation in &operations {
        for call in each_once(operation.calls) {
            let needs = permissions(ty, provider, call);
            let cell = if needs.is_empty() {
                "none".to_owned()
            } else {
                codes(&needs)
            };
            writeln!(text, "| {} | {} | {cell} |", operation.name, code(&call.action))
                .expect("a String takes all");
            all.extend(needs);
        }
    }
    text.push_str(&notes(ty));
    if !all.is_empty() {
        text.push_str(&policy(ty, provider, &all));
    }
    text
}

/// An operation with what it calls.
struct Operation<'a> {
    name: String,
    calls: &'a [CallSpec],
}

fn operations(ty: &ResourceType) -> Vec<Operation<'_>> {
    let one = |name: &str, calls| Operation {
        name: name.to_owned(),
        calls,
    };
    let read = ty.read.iter().map(|read| one("read", &*read.calls));
    let create = ty.create.iter().map(|create| one("create", &*create.calls));
    let update = ty.updates.iter().map(|group| Operation {
        name: format!("update {}", code(&group.name)),
        calls: &group.calls,
    });
    let delete = ty.delete.iter().map(|delete| one("delete", &*delete.calls));
    let find = ty.find.iter().map(|find| one("find", &*find.calls));
    let among = ty.among.iter().map(|among| one("among", &*among.read.calls));
    let survey = ty.survey.iter().map(|survey| one("survey", &*survey.calls));
    read.chain(create)
        .chain(update)
        .chain(delete)
        .chain(ty.restore.iter().map(|restore| one("restore", &*restore.calls)))
        .chain(ty.retire.iter().map(|retire| one("retire", &*retire.calls)))
        .chain(ty.usage.iter().map(|usage| one("usage", &*usage.calls)))
        .chain(find)
        .chain(among)
        .chain(survey)
        .chain(ty.pending.iter().map(|pending| one("pending", &*pending.calls)))
        .collect()
}

/// Of calls of one action the first.
fn each_once(calls: &[CallSpec]) -> Vec<&CallSpec> {
    let mut seen = BTreeSet::new();
    calls.iter().filter(|call| seen.insert(&call.action)).collect()
}

fn permissions(ty: &ResourceType, provider: &ProviderSchema, call: &CallSpec) -> Vec<Text> {
    let service = call.service.as_ref().unwrap_or(&ty.service);
    let service = provider.services.get(service);
    service
        .map(|service| service.permissions_of(&call.action))
        .unwrap_or_default()
}

/// When groups of an update run, and that they serve new objects too.
fn notes(ty: &ResourceType) -> String {
    let mut text = String::new();
    let groups: Vec<&Group> = ty.updates.iter().filter(|group| !group.on.is_empty()).collect();
    if groups.is_empty() || ty.mode != Mode::Managed {
        return text;
    }
    text.push_str("\nWhat an update calls depends on what changes:\n\n");
    for group in groups {
        writeln!(text, "- {}: {}", code(&group.name), codes(&group.on)).expect("a String takes all");
    }
    let left = ty.create.iter().flat_map(|create| create.leaves.keys().cloned());
    let left: Vec<Text> = left.collect();
    if !left.is_empty() {
        writeln!(
            text,
            "\nA new object that is to have other values of {} than it is made with is updated at once.",
            codes(&left)
        )
        .expect("a String takes all");
    }
    text
}

/// The least policy for all operations.
fn policy(ty: &ResourceType, provider: &ProviderSchema, all: &BTreeSet<Text>) -> String {
    let is_alicloud = provider
        .services
        .values()
        .any(|one| one.protocol == Protocol::AlicloudRpc);
    let (system, version) = if is_alicloud {
        ("RAM", "1")
    } else {
        ("IAM", "2012-10-17")
    };
    let names: Vec<String> = all.iter().map(|name| format!("      \"{name}\"")).collect();
    let what = match ty.mode {
        Mode::Managed => "every operation needs",
        Mode::Data | Mode::Ephemeral => "reading it needs",
    };
    format!(
        "\nThe least {system} policy that allows what {what}; narrow `Resource` to your own:\n\n```json\n{{\n  \"Version\": \"{version}\",\n  \"Statement\": [{{\n    \"Effect\": \"Allow\",\n    \"Action\": [\n{}\n    ],\n    \"Resource\": \"*\"\n  }}]\n}}\n```\n",
        names.join(",\n")
    )
}
