//! A configuration as JSON: what is declared, with expressions reduced to what they refer to.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::expression::{body, constant, expression, filled, plain, references};
use super::value::{Record, known};
use crate::addr::ProviderConfig;
use crate::config::{Expand, Module, ModuleCall, Output, ProviderBlock, Resource, Variable};
use crate::graph::{Graph, GraphModule, ModuleId, Node, Object};
use crate::lang::syntax::Expr;
use crate::plan::make::find_type;
use crate::schema::Catalog;
use crate::value::convert;

/// The provider configurations and the root module with all below.
pub(super) fn configuration(graph: &Graph) -> Json {
    Record::new()
        .filled("provider_config", provider_configs(graph))
        .with("root_module", module(graph, graph.root()))
        .json()
}

// ---- providers -----------------------------------------------------------------------------------------------

fn provider_configs(graph: &Graph) -> Map<String, Json> {
    let mut all = BTreeMap::new();
    for (_, module) in graph.modules() {
        for block in module.config.providers.values() {
            let address = ProviderConfig {
                module: path_of(&module.config),
                provider: module.config.provider_name(&block.key.local),
                alias: block.key.alias.clone(),
            };
            all.insert(key(graph, &address), provider(graph, &address, Some(block)));
        }
    }
    let root = &graph.module(graph.root()).config;
    let required = root.required_providers.values().map(|required| ProviderConfig {
        module: crate::addr::ModulePath::root(),
        provider: required.source.clone(),
        alias: None,
    });
    let served = graph
        .node_ids()
        .filter_map(|id| Some(graph.served_by(id)?.config.clone()));
    for address in required.chain(served) {
        all.entry(key(graph, &address))
            .or_insert_with(|| provider(graph, &address, None));
    }
    all.into_iter().collect()
}

fn provider(graph: &Graph, address: &ProviderConfig, block: Option<&ProviderBlock>) -> Json {
    let module = of_provider(graph, address);
    let local = local_name(module, address);
    let version = module
        .required_providers
        .get(local)
        .and_then(|required| required.version.as_deref());
    let schema = Catalog::get().provider(&address.provider.ty).and_then(Result::ok);
    let expressions = block
        .map(|block| body(&block.body, schema.map(|schema| &schema.spec)))
        .unwrap_or_default();
    let version = version.or_else(|| block.and_then(|block| block.version.as_deref()));
    Record::new()
        .with("name", local)
        .with("full_name", address.provider.to_string())
        .maybe("alias", address.alias.as_deref())
        .maybe("version_constraint", version)
        .maybe(
            "module_address",
            (!address.module.is_root()).then(|| address.module.to_string()),
        )
        .filled("expressions", expressions)
        .json()
}

/// `aws`, `aws.west`, `module.m:aws`
fn key(graph: &Graph, address: &ProviderConfig) -> String {
    let local = local_name(of_provider(graph, address), address);
    let alias = address
        .alias
        .as_ref()
        .map_or_else(String::new, |alias| format!(".{alias}"));
    if address.module.is_root() {
        return format!("{local}{alias}");
    }
    format!("{}:{local}{alias}", address.module)
}

fn of_provider<'a>(graph: &'a Graph, address: &ProviderConfig) -> &'a Module {
    let id = graph
        .module_by_names(&address.module.names())
        .unwrap_or(graph.root());
    &graph.module(id).config
}

fn local_name<'a>(module: &'a Module, address: &'a ProviderConfig) -> &'a str {
    let required = module
        .required_providers
        .iter()
        .find(|(_, required)| required.source == address.provider);
    required.map_or(&*address.provider.ty, |(local, _)| &**local)
}

fn path_of(module: &Module) -> crate::addr::ModulePath {
    let root = crate::addr::ModulePath::root();
    module.path.iter().fold(root, |path, name| {
        path.child(name.clone(), crate::addr::InstanceKey::None)
    })
}

// ---- modules -------------------------------------------------------------------------------------------------

fn module(graph: &Graph, id: ModuleId) -> Json {
    let GraphModule { config, .. } = graph.module(id);
    let outputs = config
        .outputs
        .iter()
        .map(|(name, declared)| (name.to_string(), output(declared)));
    let mut resources: Vec<(String, Json)> = (0u32..)
        .zip(config.resources.values())
        .filter(|(_, declared)| !declared.generated)
        .map(|(i, declared)| {
            let node = graph.id_of(Node {
                module: id,
                object: Object::Resource(i),
            });
            let provider = graph.served_by(node).map(|served| key(graph, &served.config));
            (declared.name.to_string(), resource(declared, provider))
        })
        .collect();
    resources.sort_by(|(left, _), (right, _)| left.cmp(right));
    let calls = (0u32..).zip(config.calls.values());
    let calls = calls.map(|(i, declared)| {
        (
            declared.name.to_string(),
            call(declared, module(graph, graph.called(id, i))),
        )
    });
    let variables = config
        .variables
        .iter()
        .map(|(name, declared)| (name.to_string(), variable(declared)));
    Record::new()
        .filled("outputs", sorted(outputs))
        .filled(
            "resources",
            resources.into_iter().map(|(_, json)| json).collect::<Vec<_>>(),
        )
        .filled("module_calls", sorted(calls))
        .filled("variables", sorted(variables))
        .json()
}

fn sorted(entries: impl Iterator<Item = (String, Json)>) -> Map<String, Json> {
    entries.collect::<BTreeMap<_, _>>().into_iter().collect()
}

fn resource(declared: &Resource, provider: Option<String>) -> Json {
    let name = &declared.name;
    let ty = find_type(name).ok();
    Record::new()
        .with("address", name.to_string())
        .with("mode", if name.is_managed() { "managed" } else { "data" })
        .with("type", &*name.ty)
        .with("name", &*name.name)
        .maybe("provider_config_key", provider)
        .filled("expressions", body(&declared.body, ty.map(|ty| &ty.spec)))
        .with("schema_version", ty.map_or(0, |ty| ty.version))
        .maybe("count_expression", count(&declared.expand))
        .maybe("for_each_expression", for_each(&declared.expand))
        .filled("depends_on", depends_on(&declared.depends_on))
        .json()
}

fn count(expand: &Expand) -> Option<Json> {
    match expand {
        Expand::Count(expr) => filled(expr),
        Expand::Single | Expand::ForEach(_) => None,
    }
}

fn for_each(expand: &Expand) -> Option<Json> {
    match expand {
        Expand::ForEach(expr) => filled(expr),
        Expand::Single | Expand::Count(_) => None,
    }
}

fn depends_on(list: &[Expr]) -> Vec<Json> {
    list.iter().filter_map(plain).collect()
}

fn call(declared: &ModuleCall, module: Json) -> Json {
    Record::new()
        .with("source", &*declared.source.text)
        .filled("expressions", body(&declared.inputs, None))
        .maybe("count_expression", count(&declared.expand))
        .maybe("for_each_expression", for_each(&declared.expand))
        .with("module", module)
        .maybe("version_constraint", declared.version.as_deref())
        .filled("depends_on", depends_on(&declared.depends_on))
        .json()
}

fn output(declared: &Output) -> Json {
    Record::new()
        .maybe("sensitive", declared.sensitive.then_some(true))
        .maybe("ephemeral", declared.ephemeral.then_some(true))
        .with("expression", expression(&declared.value))
        .filled("depends_on", depends_on(&declared.depends_on))
        .maybe(
            "description",
            declared.description.as_deref().filter(|text| !text.is_empty()),
        )
        .json()
}

fn variable(declared: &Variable) -> Json {
    let default = declared
        .default
        .as_ref()
        .filter(|expr| references(expr).is_empty())
        .and_then(constant);
    let default = default.map(|value| convert::convert_with_defaults(&value, &declared.ty).unwrap_or(value));
    Record::new()
        .maybe("default", default.as_ref().map(known))
        .maybe(
            "description",
            declared.description.as_deref().filter(|text| !text.is_empty()),
        )
        .maybe("sensitive", declared.sensitive.then_some(true))
        .maybe("ephemeral", declared.ephemeral.then_some(true))
        .json()
}
