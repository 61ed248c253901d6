//! A state as JSON, as `show -json` prints it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::checks;
use super::module::{Tree, named};
use super::value::{Record, known, sensitive};
use crate::addr::ResourceName;
use crate::schema::ResourceType;
use crate::state::{Object, OutputValue, State, Status, TERRAFORM_VERSION};
use crate::value::{Text, Type, Value, json};

/// The whole state. Like Terraform's, it holds every value in clear text: what is sensitive is only named beside
/// it, in `sensitive_values`.
pub fn state_json(state: &State, find_type: &dyn Fn(&ResourceName) -> Option<&'static ResourceType>) -> Json {
    if state.is_empty() {
        return Record::new().with("format_version", "1.0").json();
    }
    let mut tree = Tree::default();
    let mut types: BTreeMap<(bool, &str), Type> = BTreeMap::new();
    for (addr, deposed, object) in state.objects() {
        let provider = state
            .resource(&addr.resource_addr())
            .map(|resource| resource.provider.provider.to_string());
        let ty = find_type(&addr.resource);
        let managed = addr.resource.is_managed();
        let ty = ty.map(|ty| &*types.entry((managed, &ty.name)).or_insert_with(|| ty.spec.ty()));
        let record = Record::sized(9).with("address", addr.to_string());
        let record = named(record, &addr).maybe("provider_name", provider);
        tree.add(&addr.module, resource(record, object, ty, deposed));
    }
    let outputs: Map<String, Json> = state
        .outputs
        .iter()
        .map(|(name, value)| (name.to_string(), output(value)))
        .collect();
    let root = tree.json();
    let values = Record::new()
        .filled("outputs", outputs)
        .with("root_module", root)
        .json();
    let checks = state
        .check_results
        .as_deref()
        .map(checks::recorded)
        .unwrap_or_default();
    Record::new()
        .with("format_version", "1.0")
        .with("terraform_version", TERRAFORM_VERSION)
        .with("values", values)
        .filled("checks", checks)
        .json()
}

fn resource(record: Record, object: &Object, ty: Option<&Type>, deposed: Option<&Text>) -> Json {
    let value: Option<Value> = ty.and_then(|ty| object.value(ty).ok());
    let (values, marks) = match value {
        Some(value) => (known(&value), sensitive(&value)),
        None => (
            object.attributes_json().unwrap_or_default(),
            Json::Object(Map::new()),
        ),
    };
    let depends_on: Vec<Json> = object
        .dependencies
        .iter()
        .map(|address| (&**address).into())
        .collect();
    record
        .with("schema_version", object.schema_version)
        .with("values", values)
        .with("sensitive_values", marks)
        .filled("depends_on", depends_on)
        .maybe("tainted", (object.status == Status::Tainted).then_some(true))
        .maybe("deposed_key", deposed.map(|key| &**key))
        .json()
}

fn output(output: &OutputValue) -> Json {
    Record::new()
        .with("sensitive", output.sensitive)
        .with("value", json::to_plain_json(&output.value))
        .with("type", json::type_to_json(&output.ty))
        .json()
}
