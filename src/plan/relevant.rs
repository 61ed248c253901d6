//! Which attributes of resources the configuration refers to, as far as it matters to a plan.
//!
//! What changed outside is worth a word only where it may have led to a planned change: where something that
//! changes refers to it, directly or by way of locals, variables, outputs and module calls.

use std::collections::BTreeSet;

use crate::addr::{ResourceAddr, Subject, Text};
use crate::config::Expand;
use crate::eval::Evaluator;
use crate::graph::{Graph, ModuleId, Node, NodeId, Object};
use crate::lang::syntax::{Body, Expr, ExprKind, Key, Traversal};
use crate::resource::Action;

use super::Plan;

/// Every attribute that something which changes refers to: the resource and the way into it. An empty way stands
/// for the whole object.
pub fn relevant(evaluator: &Evaluator, plan: &Plan) -> Vec<(ResourceAddr, Vec<Text>)> {
    let graph = evaluator.graph();
    let mut found = BTreeSet::new();
    for id in reached(graph, &starts(graph, plan)) {
        for expr in expressions(graph, id) {
            collect(evaluator, graph.node(id).module, expr, &mut found);
        }
    }
    found.into_iter().collect()
}

/// The resources and outputs that change.
fn starts(graph: &Graph, plan: &Plan) -> BTreeSet<NodeId> {
    let changed = plan
        .changes
        .iter()
        .filter(|planned| planned.change.action != Action::NoOp);
    let mut starts: BTreeSet<NodeId> = changed
        .filter_map(|planned| planned.source.as_ref().map(|source| source.node))
        .collect();
    let root = &graph.module(graph.root()).config;
    for (i, name) in (0u32..).zip(root.outputs.keys()) {
        if plan.outputs.get(name).is_some_and(super::OutputChange::is_change) {
            starts.insert(graph.id_of(Node {
                module: graph.root(),
                object: Object::Output(i),
            }));
        }
    }
    starts
}

/// The given nodes and all that they refer to, as far as the next resources.
fn reached(graph: &Graph, starts: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    let mut reached = starts.clone();
    let mut open: Vec<NodeId> = starts.iter().copied().collect();
    while let Some(id) = open.pop() {
        for &next in graph.dependencies(id) {
            let passes = !matches!(graph.node(next).object, Object::Resource(_) | Object::End);
            if passes && reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

/// The expressions of a node.
fn expressions(graph: &Graph, id: NodeId) -> Vec<&Expr> {
    let Node { module, object } = graph.node(id);
    let config = &graph.module(module).config;
    let mut all = Vec::new();
    match object {
        Object::Variable(_) | Object::Check(_) | Object::End => {}
        Object::Local(i) => all.extend(config.locals.get_index(i as usize).map(|(_, local)| &local.expr)),
        Object::Output(i) => all.extend(
            config
                .outputs
                .get_index(i as usize)
                .map(|(_, output)| &output.value),
        ),
        Object::Provider(i) => {
            if let Some((_, provider)) = config.providers.get_index(i as usize) {
                all.extend(&provider.for_each);
                of_body(&provider.body, &mut all);
            }
        }
        Object::Call(i) => {
            if let Some((_, call)) = config.calls.get_index(i as usize) {
                all.extend(of_expand(&call.expand));
                of_body(&call.inputs, &mut all);
            }
        }
        Object::Resource(i) => {
            if let Some((_, resource)) = config.resources.get_index(i as usize) {
                all.extend(of_expand(&resource.expand));
                of_body(&resource.body, &mut all);
            }
        }
    }
    all
}

fn of_expand(expand: &Expand) -> Option<&Expr> {
    match expand {
        Expand::Single => None,
        Expand::Count(expr) | Expand::ForEach(expr) | Expand::Enabled(expr) => Some(expr),
    }
}

fn of_body<'a>(body: &'a Body, all: &mut Vec<&'a Expr>) {
    all.extend(body.attributes.iter().map(|attribute| &attribute.expr));
    for block in &body.blocks {
        of_body(&block.body, all);
    }
}

/// The resources an expression refers to, in every instance of the module that it stands in.
fn collect(
    evaluator: &Evaluator,
    module: ModuleId,
    expr: &Expr,
    found: &mut BTreeSet<(ResourceAddr, Vec<Text>)>,
) {
    expr.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
        let Ok(reference) = &traversal.reference else {
            return;
        };
        let Subject::Resource(name) = &reference.subject else {
            return;
        };
        let way = way(traversal, reference.steps);
        for instance in evaluator.instances(module) {
            let module = evaluator.path(instance).clone();
            found.insert((
                ResourceAddr {
                    module,
                    resource: name.clone(),
                },
                way.clone(),
            ));
        }
    });
}

/// The attribute names after the resource's name and the key of the instance, as far as they are plain.
fn way(traversal: &Traversal, used: usize) -> Vec<Text> {
    let rest = traversal.steps.get(used..).unwrap_or_default();
    let rest = match rest.first() {
        Some(Key::Index(_) | Key::Legacy(..)) => &rest[1..],
        _ => rest,
    };
    let names = rest.iter().map_while(|step| match step {
        Key::Attribute(name, _) => Some(name.clone()),
        Key::Index(expr) => match &expr.kind {
            ExprKind::Literal(key) => key.as_text().cloned(),
            _ => None,
        },
        Key::Legacy(..) => None,
    });
    names.collect()
}
