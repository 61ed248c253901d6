//! `-target` and `-exclude`: which part of the configuration and of the state a plan is about.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{InstanceAddr, ModulePath, ResourceAddr, ResourceName, Target, Text};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::state::State;

use super::Mode;
use super::exclude::Excluded;
use super::make::{Options, managed_dependencies};
use super::order::node_of;

/// What is picked out, with everything that it depends on.
#[derive(Clone, Debug, Default)]
pub(super) struct Targets {
    wanted: Vec<Target>,
    /// Nodes that are picked out or depended on; none means all.
    nodes: Option<Vec<bool>>,
    /// Resources that something picked out depends on, by module and name: all their instances are in.
    needed: BTreeSet<(Vec<Text>, ResourceName)>,
    /// Objects that cannot stay when what is picked out goes.
    users: BTreeSet<InstanceAddr>,
    excluded: Option<Excluded>,
}

impl Targets {
    pub(super) fn new(graph: &Graph, options: &Options, state: &State) -> Self {
        if !options.excludes.is_empty() {
            let excluded = Excluded::new(graph, &options.excludes, options.mode, state);
            return Self {
                excluded: Some(excluded),
                ..Self::default()
            };
        }
        let wanted = &options.targets;
        if wanted.is_empty() {
            return Self::default();
        }
        let mut found = Self::with_needs(graph, wanted);
        if options.mode == Mode::Destroy {
            found.needed.clear();
            found.users = users(graph, wanted, state);
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
            ..Self::default()
        }
    }

    pub(super) fn is_everything(&self) -> bool {
        self.nodes.is_none() && self.excluded.is_none()
    }

    pub(super) fn includes_node(&self, id: NodeId) -> bool {
        match &self.excluded {
            Some(excluded) => !excluded.has_node(id),
            None => self.nodes.as_ref().is_none_or(|nodes| nodes[id.0 as usize]),
        }
    }

    /// Whether the plan may let the object of an instance go.
    pub(super) fn may_go(&self, addr: &InstanceAddr) -> bool {
        let held = self
            .excluded
            .as_ref()
            .is_some_and(|excluded| excluded.holds(addr));
        !held && self.includes(addr)
    }

    /// Whether an instance is picked out, or needed by what is.
    pub(super) fn includes(&self, addr: &InstanceAddr) -> bool {
        if let Some(excluded) = &self.excluded {
            return !excluded.contains(addr);
        }
        self.nodes.is_none()
            || self.wanted.iter().any(|target| target.contains(addr))
            || self.users.contains(addr)
            || self
                .needed
                .contains(&(addr.module.names(), addr.resource.clone()))
    }
}

/// The objects that cannot stay when what is picked out goes: all that use it, and all that use those.
fn users(graph: &Graph, wanted: &[Target], state: &State) -> BTreeSet<InstanceAddr> {
    let mut uses = Uses::new(graph, state);
    let picked = |addr: &InstanceAddr| wanted.iter().any(|target| target.contains(addr));
    let mut open: Vec<ResourceAddr> = state
        .objects()
        .filter(|(addr, ..)| picked(addr))
        .map(|(addr, ..)| addr.resource_addr())
        .collect();
    let mut found = BTreeSet::new();
    while let Some(gone) = open.pop() {
        for user in uses.take(&gone) {
            open.push(user.resource_addr());
            found.insert(user);
        }
    }
    found
}

/// Which objects use which blocks: by what was recorded with them, and by what their own block refers to.
#[derive(Default)]
struct Uses {
    /// Users in the same module as the block, by their instance of it: instances of a module do not use each other.
    inside: BTreeMap<(String, ModulePath), Vec<InstanceAddr>>,
    beside: BTreeMap<String, Vec<InstanceAddr>>,
}

impl Uses {
    fn new(graph: &Graph, state: &State) -> Self {
        let mut uses = Self::default();
        let mut by_block: BTreeMap<NodeId, Vec<Text>> = BTreeMap::new();
        for (addr, resource) in &state.resources {
            let referred = node_of(graph, addr).map_or(&[][..], |id| {
                by_block
                    .entry(id)
                    .or_insert_with(|| managed_dependencies(graph, id))
            });
            for (key, instances) in &resource.instances {
                let recorded = instances
                    .objects()
                    .flat_map(|(_, object)| object.dependencies.iter());
                let names: BTreeSet<&Text> = recorded.chain(referred).collect();
                for name in names {
                    uses.enter(name, addr.instance(key.clone()));
                }
            }
        }
        uses
    }

    fn enter(&mut self, block: &str, user: InstanceAddr) {
        if is_of_module(block, &user.module) {
            let place = (block.to_owned(), user.module.clone());
            self.inside.entry(place).or_default().push(user);
        } else {
            self.beside.entry(block.to_owned()).or_default().push(user);
        }
    }

    /// The users of a resource that were not taken before.
    fn take(&mut self, gone: &ResourceAddr) -> Vec<InstanceAddr> {
        let name = gone.block_name();
        let mut found = self.beside.remove(&name).unwrap_or_default();
        found.extend(
            self.inside
                .remove(&(name, gone.module.clone()))
                .unwrap_or_default(),
        );
        found
    }
}

/// Whether a block, as `dependencies` name it, stands in the module that a path leads to.
pub(super) fn is_of_module(block: &str, path: &ModulePath) -> bool {
    let inner = path.0.iter().try_fold(block, |rest, step| {
        rest.strip_prefix("module.")?
            .strip_prefix(&*step.name)?
            .strip_prefix('.')
    });
    inner.is_some_and(|inner| !inner.starts_with("module."))
}

/// Whether a target picks out instances of a node.
pub(super) fn names_node(graph: &Graph, target: &Target, id: NodeId) -> bool {
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
