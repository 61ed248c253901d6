//! Schemas as JSON, as `providers schema -json` prints them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::value::Record;
use crate::addr::{Mode, ProviderName};
use crate::diag::Result;
use crate::lang::spec::{AttributeSpec, BlockSpec, NestedSpec, Nesting};
use crate::schema::Catalog;
use crate::value::json::type_to_json;

/// The schemas of all providers. `full_name` says what a provider is called in full.
pub fn providers_schema_json(
    catalog: &'static Catalog,
    full_name: &dyn Fn(&str) -> ProviderName,
) -> Result<Json> {
    let mut providers = BTreeMap::new();
    for name in catalog.providers() {
        let Some(schema) = catalog.provider(&name) else {
            continue;
        };
        let provider = Record::new()
            .with("provider", top(0, &schema?.spec))
            .filled("resource_schemas", types(catalog, &name, Mode::Managed)?)
            .filled("data_source_schemas", types(catalog, &name, Mode::Data)?)
            .filled(
                "ephemeral_resource_schemas",
                types(catalog, &name, Mode::Ephemeral)?,
            );
        providers.insert(full_name(&name).to_string(), provider.json());
    }
    let providers: Map<String, Json> = providers.into_iter().collect();
    Ok(Record::new()
        .with("format_version", "1.0")
        .filled("provider_schemas", providers)
        .json())
}

fn types(catalog: &'static Catalog, provider: &str, mode: Mode) -> Result<Map<String, Json>> {
    let mut all = Map::new();
    for name in catalog.names(mode) {
        let Some(ty) = catalog.find(mode, &name).transpose()? else {
            continue;
        };
        if &*ty.provider == provider {
            all.insert(name.to_string(), top(ty.version, &ty.spec));
        }
    }
    Ok(all)
}

fn top(version: u64, spec: &BlockSpec) -> Json {
    Record::new()
        .with("version", version)
        .with("block", block(spec, ""))
        .json()
}

fn block(spec: &BlockSpec, about: &str) -> Json {
    let attributes: Map<String, Json> = spec
        .attributes
        .iter()
        .map(|(name, its)| (name.to_string(), attribute(its)))
        .collect();
    let blocks: Map<String, Json> = spec
        .blocks
        .iter()
        .map(|(name, its)| (name.to_string(), nested(its)))
        .collect();
    Record::new()
        .filled("attributes", attributes)
        .filled("block_types", blocks)
        .maybe("description", (!about.is_empty()).then_some(about))
        .with("description_kind", "plain")
        .json()
}

fn attribute(spec: &AttributeSpec) -> Json {
    let flag = |value: bool| value.then_some(true);
    Record::new()
        .with("type", type_to_json(&spec.ty.ty))
        .maybe("description", (!spec.about.is_empty()).then_some(&*spec.about))
        .with("description_kind", "plain")
        .maybe("deprecated", flag(spec.deprecated.is_some()))
        .maybe("required", flag(spec.required))
        .maybe("optional", flag(spec.optional))
        .maybe("computed", flag(spec.computed))
        .maybe("sensitive", flag(spec.sensitive))
        .maybe("write_only", flag(spec.write_only))
        .json()
}

fn nested(spec: &NestedSpec) -> Json {
    let mode = match spec.nesting {
        Nesting::Single => "single",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    };
    let count = |count: usize| u64::try_from(count).ok().filter(|count| *count > 0);
    Record::new()
        .with("nesting_mode", mode)
        .with("block", block(&spec.spec, &spec.about))
        .maybe("min_items", count(spec.min))
        .maybe("max_items", spec.max.and_then(count))
        .json()
}
