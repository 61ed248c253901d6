//! States and JSON forms of the two programs, without what is never the same.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::Value as Json;

use super::text::plain;

/// The names that each resource waits for.
type Waits = BTreeMap<String, BTreeSet<String>>;

/// Objects and checks as `show -json` prints them.
pub(super) fn pretty(text: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<Json>(text) else {
        return plain(text);
    };
    sort(&mut json);
    close(&mut json);
    plain(&serde_json::to_string_pretty(&json).unwrap())
}

/// A plan as `show -json` prints it.
pub(super) fn plan_json(text: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<Json>(text) else {
        return plain(text);
    };
    sort(&mut json);
    if let Some(prior) = json.get_mut("prior_state") {
        sort(prior);
        close(prior);
    }
    plain(&serde_json::to_string_pretty(&json).unwrap())
}

/// A state file. Of its line and its count it is told what became of those before.
pub(super) fn state_json(before: &str, text: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<Json>(text) else {
        return plain(text);
    };
    let before: Json = serde_json::from_str(before).unwrap_or_default();
    json["lineage"] = became(&before["lineage"], &json["lineage"]);
    json["serial"] = became(&before["serial"], &json["serial"]);
    sort(&mut json);
    close(&mut json);
    for resource in json["resources"].as_array_mut().into_iter().flatten() {
        for instance in resource["instances"].as_array_mut().into_iter().flatten() {
            if let Some(Json::Array(paths)) = instance.get_mut("sensitive_attributes") {
                paths.sort_by_key(ToString::to_string);
            }
            if let Some(key) = instance.get_mut("deposed") {
                *key = "KEY".into();
            }
        }
    }
    plain(&serde_json::to_string_pretty(&json).unwrap())
}

fn became(before: &Json, after: &Json) -> Json {
    match (before.as_u64(), after.as_u64()) {
        _ if before == after => "as before",
        (Some(before), Some(after)) if after < before => "fallen",
        _ => "new",
    }
    .into()
}

fn sort(json: &mut Json) {
    for name in ["checks", "check_results", "relevant_attributes"] {
        if let Some(Json::Array(all)) = json.get_mut(name) {
            for check in all.iter_mut() {
                for objects in ["objects", "instances"] {
                    if let Some(Json::Array(objects)) = check.get_mut(objects) {
                        objects.sort_by_key(ToString::to_string);
                    }
                }
            }
            all.sort_by_key(ToString::to_string);
        }
    }
}

/// Adds to what each resource waits for what that waits for: terraform writes all of it, keyform what is named.
fn close(json: &mut Json) {
    let mut waits = Waits::new();
    each_list(json, "", &mut |name, list| {
        let named = list.iter().filter_map(Json::as_str).map(str::to_owned);
        waits.entry(name.to_owned()).or_default().extend(named);
    });
    each_list(json, "", &mut |_, list| {
        let mut open: Vec<&str> = list.iter().filter_map(Json::as_str).collect();
        let mut all = BTreeSet::new();
        while let Some(name) = open.pop() {
            if all.insert(name) {
                let next = waits.get(name).into_iter().flatten();
                open.extend(next.map(String::as_str));
            }
        }
        *list = all.into_iter().map(Json::from).collect();
    });
}

/// Shows every list of dependencies with the name of the resource that it belongs to.
fn each_list(json: &mut Json, owner: &str, see: &mut dyn FnMut(&str, &mut Vec<Json>)) {
    match json {
        Json::Array(all) => all.iter_mut().for_each(|one| each_list(one, owner, see)),
        Json::Object(all) => {
            let name = name_of(all);
            let owner = name.as_deref().unwrap_or(owner);
            for (key, value) in all.iter_mut() {
                match value {
                    Json::Array(list) if key == "dependencies" || key == "depends_on" => see(owner, list),
                    value => each_list(value, owner, see),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// The name of a resource as dependencies have it: without the keys of instances.
fn name_of(object: &serde_json::Map<String, Json>) -> Option<String> {
    let text = |name: &str| object.get(name).and_then(Json::as_str);
    let address = if let Some(address) = text("address") {
        address.to_owned()
    } else {
        let module = text("module").map(|module| format!("{module}."));
        let mode = if text("mode")? == "data" { "data." } else { "" };
        format!(
            "{}{mode}{}.{}",
            module.unwrap_or_default(),
            text("type")?,
            text("name")?
        )
    };
    let keys = Regex::new(r"\[[^\]]*\]").unwrap();
    Some(keys.replace_all(&address, "").into_owned())
}
