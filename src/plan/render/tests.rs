//! Plans as text, held against what Terraform printed for the same plans (`recorded/`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{RenderOptions, render};
use crate::addr::{InstanceAddr, ProviderConfig, ProviderName, parse_instance};
use crate::plan::{Loss, Mode, OutputChange, Plan, Planned, Reason};
use crate::resource::{Action, Change};
use crate::schema::Catalog;
use crate::value::{Marks, Text, Type, Value, json};

/// A value from its JSON forms in a plan.
fn value(plain: Option<&Json>, unknown: Option<&Json>, sensitive: Option<&Json>) -> Value {
    let marks = if sensitive == Some(&Json::Bool(true)) {
        Marks::SENSITIVE
    } else {
        Marks::NONE
    };
    let part = |of: Option<&Json>, key: &str| of.and_then(|of| of.get(key)).cloned();
    let item = |of: Option<&Json>, i: usize| of.and_then(|of| of.get(i)).cloned();
    let found = match (plain, unknown) {
        (_, Some(Json::Bool(true))) => Value::dynamic(),
        (Some(Json::Array(items)), _) => Value::tuple(
            items
                .iter()
                .enumerate()
                .map(|(i, plain)| {
                    value(
                        Some(plain),
                        item(unknown, i).as_ref(),
                        item(sensitive, i).as_ref(),
                    )
                })
                .collect(),
        ),
        (Some(Json::Object(entries)), _) => {
            let unknown_keys = unknown
                .and_then(Json::as_object)
                .into_iter()
                .flat_map(|all| all.keys());
            let keys = entries.keys().chain(unknown_keys);
            Value::object(
                keys.map(|key| {
                    let plain = entries.get(key);
                    let value = value(plain, part(unknown, key).as_ref(), part(sensitive, key).as_ref());
                    (Text::from(key.as_str()), value)
                })
                .collect(),
            )
        }
        (Some(plain), _) => json::from_plain_json(plain),
        (None, _) => Value::null(Type::Dynamic),
    };
    found.with_marks(marks)
}

fn action(json: &Json) -> Action {
    match json.to_string().as_str() {
        r#"["no-op"]"# => Action::NoOp,
        r#"["create"]"# => Action::Create,
        r#"["update"]"# => Action::Update,
        r#"["delete"]"# => Action::Delete,
        r#"["delete","create"]"# => Action::Replace,
        r#"["create","delete"]"# => Action::ReplaceCreateFirst,
        r#"["forget"]"# => Action::Forget,
        other => panic!("{other}"),
    }
}

fn reason(word: &str) -> Option<Reason> {
    [
        Reason::ReplaceBecauseTainted,
        Reason::ReplaceByRequest,
        Reason::ReplaceByTriggers,
        Reason::ReplaceBecauseCannotUpdate,
        Reason::DeleteBecauseNoResourceConfig,
        Reason::DeleteBecauseWrongRepetition,
        Reason::DeleteBecauseCountIndex,
        Reason::DeleteBecauseEachKey,
        Reason::DeleteBecauseNoModule,
        Reason::DeleteBecauseNoMoveTarget,
    ]
    .into_iter()
    .find(|reason| reason.word() == word)
}

fn address(json: &Json) -> InstanceAddr {
    parse_instance(json.as_str().unwrap()).unwrap()
}

pub(in crate::plan) fn planned(json: &Json) -> Planned {
    let change = &json["change"];
    let before = value(Some(&change["before"]), None, Some(&change["before_sensitive"]));
    let after = value(
        Some(&change["after"]),
        Some(&change["after_unknown"]),
        Some(&change["after_sensitive"]),
    );
    let paths = change["replace_paths"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|path| {
            let step = |step: &Json| crate::value::Step::attribute(step.as_str().unwrap());
            path.as_array().unwrap().iter().map(step).collect()
        });
    Planned {
        addr: address(&json["address"]),
        moved_from: json.get("previous_address").map(address),
        deposed: json.get("deposed").and_then(Json::as_str).map(Text::from),
        provider: ProviderConfig {
            module: crate::addr::ModulePath::root(),
            provider: ProviderName::implied("terraform"),
            alias: None,
            key: None,
        },
        ty: Catalog::get().resource_type("terraform_data").unwrap().unwrap(),
        change: Change {
            action: action(&change["actions"]),
            before,
            after,
            replace_paths: paths.collect(),
        },
        reason: json["action_reason"].as_str().and_then(reason),
        import: change["importing"]["id"].as_str().map(Text::from),
        generated: None,
        restores: false,
        pending: None,
        guard: crate::state::Guard::default(),
        loss: None,
        usage: None,
        notes: Vec::new(),
        users: Vec::new(),
        source: None,
    }
}

fn output(json: &Json) -> OutputChange {
    let side = |key: &str, unknown: Option<&Json>| {
        let known = json.get(key).filter(|value| !value.is_null());
        let is_unknown = unknown.is_some_and(|unknown| *unknown != Json::Bool(false));
        (known.is_some() || is_unknown).then(|| value(json.get(key), unknown, None))
    };
    OutputChange {
        before: side("before", None),
        after: side("after", json.get("after_unknown")),
        sensitive: json["after_sensitive"] == Json::Bool(true),
        was_sensitive: json["before_sensitive"] == Json::Bool(true),
    }
}

/// A plan with nothing in it.
pub(in crate::plan) fn empty() -> Plan {
    Plan {
        mode: Mode::Normal,
        changes: Vec::new(),
        drift: Vec::new(),
        outputs: BTreeMap::new(),
        checks: crate::eval::Checks::default(),
        variables: BTreeMap::new(),
        is_partial: false,
        timestamp: Timestamp::UNIX_EPOCH,
        relevant: Vec::new(),
        errored: false,
        recent_days: 90,
    }
}

/// A plan from Terraform's JSON.
fn plan(text: &str) -> Plan {
    let json: Json = serde_json::from_str(text).unwrap();
    let changes = json["resource_changes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(planned);
    let outputs = json["output_changes"].as_object().into_iter().flatten();
    Plan {
        changes: changes.collect(),
        outputs: outputs
            .map(|(name, change)| (Text::from(name.as_str()), output(change)))
            .collect(),
        ..empty()
    }
}

#[track_caller]
fn check(json: &str, expected: &str) {
    let shown = render(&plan(json), &RenderOptions::default());
    if shown != expected {
        let diff = similar::TextDiff::from_lines(expected, &shown);
        panic!("{}", diff.unified_diff().header("Terraform", "keyform"));
    }
}

#[test]
fn plans_look_as_terraform_prints_them() {
    check(
        include_str!("recorded/create.json"),
        include_str!("recorded/create.txt"),
    );
    check(
        include_str!("recorded/change.json"),
        include_str!("recorded/change.txt"),
    );
    check(
        include_str!("recorded/lists.json"),
        include_str!("recorded/lists.txt"),
    );
    check(
        include_str!("recorded/fates.json"),
        include_str!("recorded/fates.txt"),
    );
    check(
        include_str!("recorded/outputs.json"),
        include_str!("recorded/outputs.txt"),
    );
}

#[test]
fn a_key_that_is_lost_is_named_first() {
    let mut plan = plan(include_str!("recorded/fates.json"));
    plan.changes
        .retain(|planned| planned.change.action == Action::Delete);
    let at = "2026-12-22T10:00:00Z".parse().unwrap();
    plan.changes[0].loss = Some(Box::new(Loss {
        at: Some(at),
        days: Some(30),
        named: true,
        ..Loss::default()
    }));
    plan.changes[1].loss = Some(Box::new(Loss {
        irreversible: true,
        named: true,
        ..Loss::default()
    }));
    plan.changes[1].users = (1..=7).map(|i| format!("terraform_data.u{i}")).collect();
    let shown = render(&plan, &RenderOptions::default());
    assert!(
        shown.starts_with("\n2 objects will be destroyed:\n  terraform_data.d ("),
        "{shown}"
    );
    assert!(
        shown.contains("): lost for ever on 2026-12-22; it can be called back until then\n"),
        "{shown}"
    );
    assert!(
        shown.contains(
            "): lost for ever as soon as it is destroyed; it cannot be called back\n    referred to by terraform_data.u1, terraform_data.u2, terraform_data.u3, terraform_data.u4, terraform_data.u5 and 2 more\n\nTerraform used"
        ),
        "{shown}"
    );
}

#[test]
fn text_from_outside_cannot_play_tricks() {
    let mut tricky = empty();
    let value = Value::object_of([("input", Value::from("a\u{1b}[2J\u{202e}b\n\u{200b}c\td\r"))]);
    let mut change = plan(include_str!("recorded/create.json")).changes.swap_remove(0);
    change.change = Change::create(value);
    tricky.changes.push(change);
    let shown = render(&tricky, &RenderOptions::default());
    assert!(shown.contains(" a\\x1b[2J\\u202eb\n"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\r']));
}
