//! `-target`: which part of the configuration and of the state a plan is about.

use std::collections::BTreeSet;

use crate::addr::{InstanceAddr, ResourceName, Target, Text};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::state::State;

use super::Mode;
use super::order::node_of;

/// What is picked out, with everything that it depends on.
#[derive(Clone, Debug, Default)]
pub(super) struct Targets {
    wanted: Vec<Target>,
    /// Nodes that are picked out or depended on; none means all.
    nodes: Option<Vec<bool>>,
    /// Resources that something picked out depends on, by module and name: all their instances are in.
    needed: BTreeSet<(Vec<Text>, ResourceName)>,
}

impl Targets {
    pub(super) fn new(graph: &Graph, wanted: &[Target], mode: Mode, state: &State) -> Self {
        if wanted.is_empty() {
            return Self::default();
        }
        let mut found = Self::with_needs(graph, wanted);
        if mode == Mode::Destroy {
            found.needed = users(graph, wanted, state);
        }
        found
    }

    fn with_needs(graph: &Graph, wanted: &[Target]) -> Self {
        let mut direct = vec![false; graph.len()];
        for id in graph.node_ids() {
            direct[id.0 as usize] = wanted.iter().any(|target| names_node(graph, target, id));
        }
        let mut nodes = direct.clone();
        for &id in graph.order().iter().rev() {
            if nodes[id.0 as usize] {
                for dependency in graph.dependencies(id) {
                    nodes[dependency.0 as usize] = true;
                }
            }
        }
        let needed = graph
            .node_ids()
            .filter(|id| nodes[id.0 as usize] && !direct[id.0 as usize])
            .filter_map(|id| {
                let Node {
                    module,
                    object: Object::Resource(i),
                } = graph.node(id)
                else {
                    return None;
                };
                let config = &graph.module(module).config;
                let (name, _) = config.resources.get_index(i as usize)?;
                Some((config.path.clone(), name.clone()))
            })
            .collect();
        // Outputs whose every need is in are in themselves.
        for &id in graph.order() {
            if matches!(graph.node(id).object, Object::Output(_)) && !graph.dependencies(id).is_empty() {
                nodes[id.0 as usize] |= graph
                    .dependencies(id)
                    .iter()
                    .all(|dependency| nodes[dependency.0 as usize]);
            }
        }
        Self {
            wanted: wanted.to_vec(),
            nodes: Some(nodes),
            needed,
        }
    }

    pub(super) fn is_everything(&self) -> bool {
        self.nodes.is_none()
    }

    pub(super) fn includes_node(&self, id: NodeId) -> bool {
        self.nodes.as_ref().is_none_or(|nodes| nodes[id.0 as usize])
    }

    /// Whether an instance is picked out, or needed by what is.
    pub(super) fn includes(&self, addr: &InstanceAddr) -> bool {
        self.nodes.is_none()
            || self.wanted.iter().any(|target| target.contains(addr))
            || self
                .needed
                .contains(&(addr.module.names(), addr.resource.clone()))
    }
}

/// The resources that cannot stay when what is picked out goes: all that refer to it, or are recorded to.
fn users(graph: &Graph, wanted: &[Target], state: &State) -> BTreeSet<(Vec<Text>, ResourceName)> {
    let mut gone: BTreeSet<String> = state
        .current()
        .filter(|(addr, _)| wanted.iter().any(|target| target.contains(addr)))
        .map(|(addr, _)| addr.resource_addr().block_name())
        .collect();
    let mut reached: Vec<bool> = graph
        .node_ids()
        .map(|id| wanted.iter().any(|target| names_node(graph, target, id)))
        .collect();
    let mut users = BTreeSet::new();
    loop {
        for &id in graph.order() {
            let refers = graph.dependencies(id).iter();
            reached[id.0 as usize] |= refers
                .into_iter()
                .any(|dependency| reached[dependency.0 as usize]);
        }
        let before = users.len();
        for (addr, object) in state.current() {
            let name = addr.resource_addr().block_name();
            let declared = node_of(graph, &addr.resource_addr());
            let goes = declared.is_some_and(|id| reached[id.0 as usize])
                || object
                    .dependencies
                    .iter()
                    .any(|dependency| gone.contains(&**dependency));
            if !goes || wanted.iter().any(|target| target.contains(&addr)) {
                continue;
            }
            gone.insert(name);
            if let Some(id) = declared {
                reached[id.0 as usize] = true;
            }
            users.insert((addr.module.names(), addr.resource.clone()));
        }
        if users.len() == before {
            return users;
        }
    }
}

/// Whether a target picks out instances of a node.
fn names_node(graph: &Graph, target: &Target, id: NodeId) -> bool {
    let Node { module, object } = graph.node(id);
    let config = &graph.module(module).config;
    let Object::Resource(i) = object else { return false };
    let Some((name, _)) = config.resources.get_index(i as usize) else {
        return false;
    };
    match target {
        Target::Module(path) => {
            config.path.len() >= path.0.len()
                && config
                    .path
                    .iter()
                    .zip(path.0.iter())
                    .all(|(have, want)| *have == want.name)
        }
        Target::Resource(wanted) => wanted.resource == *name && wanted.module.names() == config.path,
        Target::Instance(wanted) => wanted.resource == *name && wanted.module.names() == config.path,
    }
}
