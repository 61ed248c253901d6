//! What can be said of a configuration before anything outside is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Module, Resource, local_exec};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::eval::{Evaluator, Inputs, ResourceValues, Run, persistable, unknown_object};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::lang::decode::decode;
use crate::plan::{ephemeral, find_type, rivals, without_meaning};
use crate::resource::{self, validate_arguments};
use crate::schema::{Catalog, ResourceType};
use crate::value::{Text, Value};

/// Evaluates the whole configuration with everything unknown that comes from outside.
pub fn configuration(graph: &Arc<Graph>, run: Run) -> Diagnostics {
    let mut evaluator = Evaluator::new(
        graph.clone(),
        Inputs::new(),
        Run {
            validating: true,
            ..run
        },
    );
    let mut problems = graph.advice().clone();
    for &id in graph.order() {
        match graph.node(id).object {
            Object::Resource(index) => resource(&mut evaluator, id, index as usize, &mut problems),
            Object::Provider(_) => problems.extend(provider(&mut evaluator, id)),
            _ => problems.extend(evaluator.evaluate_node(id)),
        }
    }
    problems.extend(rivals(&evaluator));
    problems
}

fn provider(evaluator: &mut Evaluator, id: NodeId) -> Diagnostics {
    let graph = evaluator.graph().clone();
    let Node {
        module,
        object: Object::Provider(index),
    } = graph.node(id)
    else {
        return Diagnostics::new();
    };
    let config = &graph.module(module).config;
    let (key, block) = config
        .providers
        .get_index(index as usize)
        .expect("a node stands for a block");
    let name = config.provider_name(&key.local);
    match Catalog::get().provider(&name.ty) {
        Some(Ok(schema)) => {
            let mut problems = evaluator.evaluate_provider(id, &schema.spec);
            for instance in evaluator.instances(module) {
                for (_, value) in evaluator.providers(instance, index) {
                    let wrong = validate_arguments(&schema.arguments, &schema.blocks, value);
                    problems.extend(block.body.locate(block.span, wrong));
                }
            }
            problems
        }
        Some(Err(problems)) => problems,
        None => unknown_provider(&key.local, &name.to_string(), block.span).into(),
    }
}

fn unknown_provider(local: &str, name: &str, span: Span) -> Diagnostic {
    let names = Catalog::get().providers();
    let known = names.iter().map(|name| &**name);
    let error = Diagnostic::error(
        "Unknown provider",
        format!(
            "keyform has no provider {name}: it manages keys, with the providers {}.",
            list(&names)
        ),
    )
    .at(span);
    match crate::diag::nearest(local, known) {
        Some(near) => error.hint(format!("Did you mean \"{near}\"?")),
        None => error,
    }
}

fn list(names: &[Text]) -> String {
    names.iter().map(|name| &**name).collect::<Vec<_>>().join(", ")
}

fn resource(evaluator: &mut Evaluator, id: NodeId, index: usize, problems: &mut Diagnostics) {
    let graph = evaluator.graph().clone();
    let config = graph.module(graph.node(id).module).config.clone();
    let block = &config.resources[index];
    let found = find_type(&block.name);
    let address = address(&config, block);
    let ty = problems.take(found.map_err(|errors| {
        errors
            .into_iter()
            .map(|error| error.maybe_at(Some(block.span)))
            .collect()
    }));
    let meant = ty.and_then(|ty| without_meaning(ty, &block.lifecycle));
    problems.extend(meant.into_iter().collect());
    for instance in evaluator.instances(graph.node(id).module) {
        let expanded = match evaluator.expand_resource(instance, block) {
            Ok(expanded) => expanded,
            Err(errors) => {
                problems.extend(errors.into_iter().map(|error| error.about(&address)).collect());
                crate::eval::Expanded::Unknown
            }
        };
        let mut values = BTreeMap::new();
        let mut found = Diagnostics::new();
        for repetition in expanded.repetitions() {
            if let Some(ty) = ty {
                let scope = evaluator.scope(instance).with_repetition(&repetition);
                let wrong = decode(&block.body, &ty.spec, &scope)
                    .and_then(|config| {
                        if block.name.is_ephemeral() {
                            return Ok(config);
                        }
                        persistable(config, &ty.spec)
                    })
                    .map_or_else(|errors| errors, |config| wrong(ty, &config));
                let wrong = block.body.locate(block.span, wrong);
                found.extend(wrong.into_iter().map(|error| error.about(&address)).collect());
            }
            let value = ty.map_or_else(Value::dynamic, |ty| unknown_object(&ty.spec));
            let value = if block.name.is_ephemeral() {
                ephemeral(&value)
            } else {
                value
            };
            let scope = evaluator.scope(instance).with_repetition(&repetition);
            let scope = scope.with_self(&block.name, &value);
            for provisioner in &block.provisioners {
                let wrong = decode(&provisioner.body, &local_exec(), &scope).err();
                found.extend(wrong.unwrap_or_default());
            }
            values.insert(repetition.key, value);
        }
        problems.extend_new(found);
        evaluator.set_resource(instance, &block.name, ResourceValues::new(expanded, values));
    }
}

fn address(config: &Module, block: &Resource) -> String {
    let modules = config.path.iter().map(|name| format!("module.{name}."));
    modules
        .chain([block.name.to_string()])
        .collect::<Vec<_>>()
        .concat()
}

fn wrong(ty: &'static ResourceType, config: &Value) -> Diagnostics {
    let mut problems = resource::deprecated(ty, config);
    problems.extend(resource::validate(ty, config));
    problems
}
