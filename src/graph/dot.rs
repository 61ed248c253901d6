//! The graph in DOT, as `terraform graph` prints it: resources and what they wait for, all else left out, and so is
//! what goes without saying because something between waits for it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Graph, NodeId, Object};

/// The resources of a configuration in DOT.
pub fn to_dot(graph: &Graph) -> String {
    let reached = resource_dependencies(graph);
    let mut places = vec![0; graph.len()];
    for (place, id) in graph.order().iter().enumerate() {
        places[id.0 as usize] = place;
    }
    let mut text =
        String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    for (id, module) in graph.modules() {
        let mut resources: Vec<NodeId> = graph
            .node_ids()
            .filter(|&node| graph.node(node).module == id && is_resource(graph, node))
            .collect();
        if resources.is_empty() {
            continue;
        }
        resources.sort_by_key(|&node| graph.describe(node));
        let root = module.parent.is_none();
        let indent = if root { "  " } else { "    " };
        if !root {
            let name = module.config.describe();
            let _ = writeln!(
                text,
                "  subgraph \"cluster_{name}\" {{\n    label = \"{name}\"\n    fontname = \"sans-serif\""
            );
        }
        for node in resources {
            let name = graph.describe(node);
            let label = graph.node(node).object.describe(&module.config);
            let _ = writeln!(text, "{indent}{name:?} [label={label:?}];");
        }
        if !root {
            text.push_str("  }\n");
        }
    }
    for id in graph.node_ids().filter(|&id| is_resource(graph, id)) {
        for dependency in direct(id, &reached, &places) {
            let _ = writeln!(
                text,
                "  {:?} -> {:?};",
                graph.describe(id),
                graph.describe(dependency)
            );
        }
    }
    text.push_str("}\n");
    text
}

fn is_resource(graph: &Graph, id: NodeId) -> bool {
    matches!(graph.node(id).object, Object::Resource(_))
}

/// For each node the resources that it depends on directly or through anything that is no resource.
fn resource_dependencies(graph: &Graph) -> Vec<BTreeSet<NodeId>> {
    let mut reached: Vec<BTreeSet<NodeId>> = vec![BTreeSet::new(); graph.len()];
    for &id in graph.order() {
        let mut found = BTreeSet::new();
        for &dependency in graph.dependencies(id) {
            if is_resource(graph, dependency) {
                found.insert(dependency);
            } else {
                found.extend(reached[dependency.0 as usize].iter().copied());
            }
        }
        reached[id.0 as usize] = found;
    }
    reached
}

/// What a resource depends on, without what another of them depends on already. `places`: where each node stands in
/// the order, in which nothing comes before what it needs.
fn direct(id: NodeId, reached: &[BTreeSet<NodeId>], places: &[usize]) -> Vec<NodeId> {
    let all = &reached[id.0 as usize];
    let place = |id: NodeId| places[id.0 as usize];
    let Some(first) = all.iter().map(|&id| place(id)).min() else {
        return Vec::new();
    };
    let mut indirect = BTreeSet::new();
    let mut open: Vec<NodeId> = all.iter().copied().collect();
    while let Some(next) = open.pop() {
        for &further in reached[next.0 as usize].iter().filter(|&&id| place(id) >= first) {
            if indirect.insert(further) {
                open.push(further);
            }
        }
    }
    all.difference(&indirect).copied().collect()
}
