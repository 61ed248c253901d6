//! A configuration as JSON: what is declared, with expressions reduced to what they refer to.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::expression::{body, constant, expression, filled, plain, references};
use super::provider::ProviderConfigs;
use super::value::{Record, known};
use crate::config::{Expand, LOCAL_EXEC, ModuleCall, Output, Provisioner, Resource, Variable};
use crate::graph::{Graph, GraphModule, ModuleId};
use crate::lang::syntax::Expr;
use crate::plan::make::find_type;
use crate::value::convert;

/// The provider configurations and the root module with all below.
pub(super) fn configuration(graph: &Graph) -> Json {
    let providers = ProviderConfigs::new(graph);
    let root = module(graph, graph.root(), &providers);
    Record::new()
        .filled("provider_config", providers.json())
        .with("root_module", root)
        .json()
}

fn module(graph: &Graph, id: ModuleId, providers: &ProviderConfigs) -> Json {
    let GraphModule { config, .. } = graph.module(id);
    let outputs = config
        .outputs
        .iter()
        .map(|(name, declared)| (name.to_string(), output(declared)));
    let mut resources: Vec<((bool, String), Json)> = config
        .resources
        .values()
        .filter(|declared| !declared.generated)
        .map(|declared| {
            let provider = providers.serving(config, declared);
            let place = (!declared.name.is_managed(), declared.name.to_string());
            (place, resource(declared, provider))
        })
        .collect();
    resources.sort_by(|(left, _), (right, _)| left.cmp(right));
    let calls = (0u32..).zip(config.calls.values());
    let calls = calls.map(|(i, declared)| {
        (
            declared.name.to_string(),
            call(declared, module(graph, graph.called(id, i), providers)),
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

fn resource(declared: &Resource, provider: String) -> Json {
    let name = &declared.name;
    let ty = find_type(name).ok();
    Record::new()
        .with("address", name.to_string())
        .with("mode", name.mode.word())
        .with("type", &*name.ty)
        .with("name", &*name.name)
        .with("provider_config_key", provider)
        .filled("provisioners", provisioners(&declared.provisioners))
        .filled("expressions", body(&declared.body, ty.map(|ty| &ty.spec)))
        .with("schema_version", ty.map_or(0, |ty| ty.version))
        .maybe("count_expression", count(&declared.expand))
        .maybe("for_each_expression", for_each(&declared.expand))
        .filled("depends_on", depends_on(&declared.depends_on))
        .json()
}

fn provisioners(all: &[Provisioner]) -> Vec<Json> {
    let one = |provisioner: &Provisioner| {
        Record::new()
            .with("type", LOCAL_EXEC)
            .filled("expressions", body(&provisioner.body, None))
            .json()
    };
    all.iter().map(one).collect()
}

fn count(expand: &Expand) -> Option<Json> {
    match expand {
        Expand::Count(expr) => filled(expr),
        Expand::Single | Expand::Enabled(_) | Expand::ForEach(_) => None,
    }
}

fn for_each(expand: &Expand) -> Option<Json> {
    match expand {
        Expand::ForEach(expr) => filled(expr),
        Expand::Single | Expand::Enabled(_) | Expand::Count(_) => None,
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
        .maybe(
            "version_constraint",
            declared.version.as_ref().map(|version| &*version.text),
        )
        .filled("depends_on", depends_on(&declared.depends_on))
        .json()
}

fn output(declared: &Output) -> Json {
    Record::new()
        .maybe("sensitive", declared.sensitive.then_some(true))
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
        .json()
}
