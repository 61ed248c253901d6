//! Circles, reported as the ring with the place of each member.

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::diag::{Diagnostic, Diagnostics, Span};

use super::{Graph, NodeId, Object};

/// One diagnostic per group of nodes that wait for each other.
pub(super) fn report(graph: &Graph) -> Diagnostics {
    let mut whole: DiGraph<NodeId, ()> = DiGraph::with_capacity(graph.len(), 0);
    let indices: Vec<NodeIndex> = graph.node_ids().map(|id| whole.add_node(id)).collect();
    for id in graph.node_ids() {
        for dependency in graph.dependencies(id) {
            whole.add_edge(indices[id.0 as usize], indices[dependency.0 as usize], ());
        }
    }
    let mut groups: Vec<Vec<NodeId>> = tarjan_scc(&whole)
        .into_iter()
        .map(|group| group.into_iter().map(|index| whole[index]).collect::<Vec<_>>())
        .filter(|group| group.len() > 1 || graph.dependencies(group[0]).contains(&group[0]))
        .collect();
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort();
    groups
        .iter()
        .map(|group| describe(graph, &ring(graph, group)))
        .collect()
}

/// A shortest way from the first member back to itself.
fn ring(graph: &Graph, group: &[NodeId]) -> Vec<NodeId> {
    let start = group[0];
    let mut came_from: Vec<Option<NodeId>> = vec![None; graph.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for &next in graph.dependencies(at) {
            if next == start {
                let mut ring = vec![at];
                while let Some(before) = came_from[ring[ring.len() - 1].0 as usize] {
                    ring.push(before);
                }
                ring.reverse();
                return ring;
            }
            if group.binary_search(&next).is_ok() && came_from[next.0 as usize].is_none() {
                came_from[next.0 as usize] = Some(at);
                queue.push_back(next);
            }
        }
    }
    group.to_vec()
}

/// How many members of a ring are shown.
const SHOWN: usize = 50;

fn describe(graph: &Graph, ring: &[NodeId]) -> Diagnostic {
    let names: Vec<String> = ring.iter().map(|&id| graph.describe(id)).collect();
    let mut around = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    if names.len() > SHOWN {
        around.push(format!("{} more", names.len() - SHOWN));
    }
    around.extend(names.first().cloned());
    let around = around.join(" -> ");
    let mut found = Diagnostic::error(
        "Cycle",
        format!(
            "These objects wait for each other, so none can come first: {around}. Break the ring by taking one of the references out."
        ),
    );
    for (i, (&id, name)) in ring.iter().zip(&names).enumerate().take(SHOWN) {
        let Some(span) = place(graph, id) else { continue };
        let next = &names[(i + 1) % names.len()];
        if found.span.is_none() {
            found = found.at(span);
        }
        found = found.label(span, format!("{name} refers to {next}"));
    }
    found
}

/// Where an object is declared.
fn place(graph: &Graph, id: NodeId) -> Option<Span> {
    let node = graph.node(id);
    let module = &graph.module(node.module).config;
    match node.object {
        Object::End => graph.module(node.module).call.and_then(|call| place(graph, call)),
        Object::Variable(i) => module
            .variables
            .get_index(i as usize)
            .map(|(_, found)| found.span),
        Object::Local(i) => module.locals.get_index(i as usize).map(|(_, found)| found.span),
        Object::Output(i) => module.outputs.get_index(i as usize).map(|(_, found)| found.span),
        Object::Resource(i) => module
            .resources
            .get_index(i as usize)
            .map(|(_, found)| found.span),
        Object::Call(i) => module.calls.get_index(i as usize).map(|(_, found)| found.span),
        Object::Provider(i) => module
            .providers
            .get_index(i as usize)
            .map(|(_, found)| found.span),
        Object::Check(i) => module.checks.get_index(i as usize).map(|(_, found)| found.span),
    }
}
