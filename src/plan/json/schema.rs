//! Schemas as JSON, as `providers schema -json` prints them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::function::of_provider;
use super::value::Record;
use crate::addr::{Mode, ProviderName};
use crate::diag::Result;
use crate::lang::func::provider::functions;
use crate::lang::spec::{AttributeSpec, BlockSpec, NestedSpec, Nesting};
use crate::schema::{Catalog, ProviderSchema};
use crate::value::json::type_to_json;

/// The schemas of these providers; of those that the program does not have, nothing.
pub fn providers_schema_json(catalog: &'static Catalog, wanted: &BTreeSet<ProviderName>) -> Result<Json> {
    let mut providers = Map::new();
    for full in wanted {
        if let Some(schema) = catalog.provider(&full.ty) {
            providers.insert(full.to_string(), provider(catalog, full, schema?)?);
        }
    }
    Ok(Record::new()
        .with("format_version", "1.0")
        .filled("provider_schemas", providers)
        .json())
}

fn provider(catalog: &'static Catalog, full: &ProviderName, schema: &ProviderSchema) -> Result<Json> {
    let configured = if full.is_builtin() {
        Record::new().with("version", 0).json()
    } else {
        top(0, &schema.spec, &schema.about)
    };
    let functions: BTreeMap<&str, Json> = functions(full)
        .iter()
        .map(|function| (function.name, of_provider(function)))
        .collect();
    let functions: Map<String, Json> = functions
        .into_iter()
        .map(|(name, signature)| (name.to_owned(), signature))
        .collect();
    Ok(Record::new()
        .with("provider", configured)
        .filled("resource_schemas", types(catalog, &full.ty, Mode::Managed)?)
        .filled("data_source_schemas", types(catalog, &full.ty, Mode::Data)?)
        .filled(
            "ephemeral_resource_schemas",
            types(catalog, &full.ty, Mode::Ephemeral)?,
        )
        .filled("functions", functions)
        .json())
}

fn types(catalog: &'static Catalog, provider: &str, mode: Mode) -> Result<Map<String, Json>> {
    let mut all = Map::new();
    for name in catalog.names(mode) {
        let Some(ty) = catalog.find(mode, &name).transpose()? else {
            continue;
        };
        if &*ty.provider == provider {
            all.insert(name.to_string(), top(ty.version, &ty.spec, &ty.about));
        }
    }
    Ok(all)
}

fn top(version: u64, spec: &BlockSpec, about: &str) -> Json {
    Record::new()
        .with("version", version)
        .with("block", block(spec, about))
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
    let many = spec.nesting != Nesting::Single;
    let count = |count: usize| u64::try_from(count).ok().filter(|count| *count > 0);
    Record::new()
        .with("nesting_mode", mode)
        .with("block", block(&spec.spec, &spec.about))
        .maybe("min_items", many.then_some(spec.min).and_then(count))
        .maybe("max_items", many.then_some(spec.max).flatten().and_then(count))
        .json()
}
