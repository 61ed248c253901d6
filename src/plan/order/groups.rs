//! Changes by the resource that they are of.

use std::collections::BTreeMap;

use super::{StepId, node_of};
use crate::addr::InstanceAddr;
use crate::eval::{CheckKind, CheckStatus, Checks};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::plan::{Plan, Planned};
use crate::resource::Action;
use crate::state::State;

/// The changes of one resource: a node of the configuration, or something only the state knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) changes: Vec<usize>,
    /// Objects that are left alone, with conditions that could not be judged while planning.
    pub(super) checks: Vec<usize>,
    /// All deletions of the group are done when this step is.
    pub(super) deleted: Option<StepId>,
}

/// All changes by the resource that they are of, instance keys of modules left out.
pub(super) struct Groups {
    /// By node.
    pub(super) nodes: Vec<Group>,
    /// What no block declares, by address without keys.
    pub(super) orphans: BTreeMap<String, Group>,
    /// The recorded dependencies of every object that goes, by position of the change.
    pub(super) recorded: BTreeMap<usize, Vec<String>>,
}

impl Groups {
    pub(super) fn new(graph: &Graph, changes: &[Planned], prior: &State) -> Self {
        let mut groups = Self {
            nodes: vec![Group::default(); graph.len()],
            orphans: BTreeMap::new(),
            recorded: BTreeMap::new(),
        };
        for (i, planned) in changes.iter().enumerate() {
            if planned.change.action == Action::NoOp {
                continue;
            }
            let resource = planned.addr.resource_addr();
            match node_of(graph, &resource) {
                Some(id) => groups.nodes[id.0 as usize].changes.push(i),
                None => groups
                    .orphans
                    .entry(resource.block_name())
                    .or_default()
                    .changes
                    .push(i),
            }
            if planned.change.action.destroys() || planned.retires() {
                groups
                    .recorded
                    .insert(i, recorded(prior, &planned.addr, planned.deposed.as_deref()));
            }
        }
        groups
    }

    pub(super) fn enter_checks(&mut self, graph: &Graph, plan: &Plan) {
        for (i, planned) in plan.changes.iter().enumerate() {
            if let Some(source) = planned
                .source
                .as_ref()
                .filter(|_| planned.change.action == Action::NoOp)
                && is_unjudged(graph, source.node, planned, &plan.checks)
            {
                self.nodes[source.node.0 as usize].checks.push(i);
            }
        }
    }
}

/// Whether it is not known yet if an object meets the conditions of its block.
fn is_unjudged(graph: &Graph, block: NodeId, planned: &Planned, checks: &Checks) -> bool {
    let Node { module, object } = graph.node(block);
    let Object::Resource(i) = object else { return false };
    let lifecycle = &graph.module(module).config.resources[i as usize].lifecycle;
    if !lifecycle.has_conditions() {
        return false;
    }
    let (config, object) = (graph.describe(block), planned.addr.to_string());
    checks.status(CheckKind::Resource, &config, &object) == Some(CheckStatus::Unknown)
}

fn recorded(prior: &State, addr: &InstanceAddr, deposed: Option<&str>) -> Vec<String> {
    let object = match deposed {
        Some(key) => prior.get_deposed(addr, key),
        None => prior.get(addr),
    };
    object.map_or_else(Vec::new, |object| {
        object.dependencies.iter().map(ToString::to_string).collect()
    })
}
