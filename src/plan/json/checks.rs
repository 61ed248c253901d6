//! The results of conditions as JSON.

use serde_json::Value as Json;

use super::module::index;
use super::value::Record;
use crate::addr::{Target, parse_instance, parse_target};
use crate::eval::{CheckKind, CheckStatus, Checks};
use crate::state::CheckResult;

/// One object whose conditions were checked.
struct Checked<'a> {
    address: &'a str,
    status: &'a str,
    messages: Vec<&'a str>,
}

/// The results as recorded in a state.
pub(super) fn recorded(results: &[CheckResult]) -> Vec<Json> {
    let one = |result: &CheckResult| {
        let objects = result.objects.iter().flatten().map(|object| Checked {
            address: &object.address,
            status: &object.status,
            messages: object.failure_messages.iter().map(|message| &**message).collect(),
        });
        result_json(
            (&result.kind, &result.config_addr, &result.status),
            objects.collect(),
        )
    };
    sorted(results.iter().map(one).collect())
}

/// The results as evaluated.
pub(super) fn evaluated(checks: &Checks) -> Vec<Json> {
    let one = |((kind, address), objects): (&(CheckKind, String), &std::collections::BTreeMap<String, _>)| {
        let worst = objects
            .values()
            .map(|result: &crate::eval::CheckResult| result.status)
            .max();
        let checked = objects.iter().map(|(address, result)| Checked {
            address,
            status: result.status.word(),
            messages: result.messages.iter().map(String::as_str).collect(),
        });
        result_json(
            (kind.word(), address, worst.unwrap_or(CheckStatus::Unknown).word()),
            checked.collect(),
        )
    };
    sorted(checks.0.iter().map(one).collect())
}

fn sorted(mut all: Vec<Json>) -> Vec<Json> {
    let display = |json: &Json| json["address"]["to_display"].as_str().map(str::to_owned);
    all.sort_by_key(display);
    all
}

fn result_json((kind, address, status): (&str, &str, &str), objects: Vec<Checked<'_>>) -> Json {
    let instances: Vec<Json> = objects.into_iter().map(|object| instance(kind, object)).collect();
    Record::new()
        .with("address", config_address(kind, address))
        .with("status", status)
        .filled("instances", instances)
        .json()
}

/// The address of a block, taken apart.
fn config_address(kind: &str, address: &str) -> Json {
    if kind == "resource"
        && let Ok(Target::Resource(resource)) = parse_target(address)
    {
        let mode = resource.resource.mode.word();
        let module = (!resource.module.is_root()).then(|| resource.module.to_string());
        return Record::new()
            .with("kind", kind)
            .with("mode", mode)
            .maybe("module", module)
            .with("name", &*resource.resource.name)
            .with("to_display", address)
            .with("type", &*resource.resource.ty)
            .json();
    }
    let (module, name) = apart(address);
    let kind = if kind == "output" { "output_value" } else { kind };
    Record::new()
        .with("kind", kind)
        .maybe("module", module)
        .with("name", name)
        .with("to_display", address)
        .json()
}

/// The module and the name in `module.m.output.name`.
fn apart(address: &str) -> (Option<&str>, &str) {
    let Some((rest, name)) = address.rsplit_once('.') else {
        return (None, address);
    };
    (rest.rsplit_once('.').map(|(module, _)| module), name)
}

fn instance(kind: &str, object: Checked<'_>) -> Json {
    let (key, module) = match parse_instance(object.address) {
        Ok(addr) if kind == "resource" => (
            index(&addr.key),
            (!addr.module.is_root()).then(|| addr.module.to_string()),
        ),
        _ => (None, apart(object.address).0.map(str::to_owned)),
    };
    let address = Record::new()
        .maybe("instance_key", key)
        .maybe("module", module)
        .with("to_display", object.address)
        .json();
    let problems: Vec<Json> = object
        .messages
        .into_iter()
        .map(|message| Record::new().with("message", message).json())
        .collect();
    Record::new()
        .with("address", address)
        .with("status", object.status)
        .filled("problems", problems)
        .json()
}
