//! `-exclude`: which part of the configuration and of the state a plan leaves alone.
//!
//! What is left out takes along whatever depends on it. Where objects go, it takes along what it depends on: nothing may
//! go that something which stays was made with.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{InstanceAddr, InstanceKey, ModulePath, ResourceAddr, ResourceName, Target, Text};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::state::{Instances, State};

use super::Mode;
use super::make::managed_dependencies;
use super::order::node_of;
use super::target::{is_of_module, names_node};

/// What is left out.
#[derive(Clone, Debug)]
pub(super) struct Excluded {
    wanted: Vec<Target>,
    /// Nodes that are not looked at: wholly left out, or dependent on something that is left out.
    nodes: Vec<bool>,
    /// The resources among them, by module and name: all their instances are out.
    blocks: BTreeSet<(Vec<Text>, ResourceName)>,
    /// Resources whose objects cannot go, because something that is left out was made with them.
    held: BTreeSet<ResourceAddr>,
}

impl Excluded {
    pub(super) fn new(graph: &Graph, wanted: &[Target], mode: Mode, state: &State) -> Self {
        let mut found = Self {
            wanted: wanted.to_vec(),
            nodes: vec![false; graph.len()],
            blocks: BTreeSet::new(),
            held: BTreeSet::new(),
        };
        if mode != Mode::Destroy {
            found.nodes = nodes(graph, wanted);
            found.blocks = blocks(graph, &found.nodes);
        }
        found.held = found.needs(graph, state);
        found
    }

    pub(super) fn has_node(&self, id: NodeId) -> bool {
        self.nodes[id.0 as usize]
    }

    /// Whether nothing is to be done about an instance.
    pub(super) fn contains(&self, addr: &InstanceAddr) -> bool {
        self.wanted.iter().any(|target| target.contains(addr))
            || self
                .blocks
                .contains(&(addr.module.names(), addr.resource.clone()))
    }

    /// Whether the object of an instance must not go.
    pub(super) fn holds(&self, addr: &InstanceAddr) -> bool {
        self.held.contains(&addr.resource_addr())
    }

    /// The recorded resources that what is left out depends on, by the records and by the configuration.
    fn needs(&self, graph: &Graph, state: &State) -> BTreeSet<ResourceAddr> {
        let mut places = Places::new(state);
        let left_out = state.objects().filter(|(addr, ..)| self.contains(addr));
        let mut open: Vec<ResourceAddr> = left_out.map(|(addr, ..)| addr.resource_addr()).collect();
        open.dedup();
        let mut held = BTreeSet::new();
        while let Some(user) = open.pop() {
            for block in needed_by(graph, state, &user) {
                for found in places.of(&block, &user.module) {
                    if held.insert(found.clone()) {
                        open.push(found);
                    }
                }
            }
        }
        held
    }
}

/// Where the resources of each block are recorded.
struct Places {
    by_block: BTreeMap<String, BTreeMap<ModulePath, ResourceAddr>>,
    /// Blocks of other modules that were asked for: a second answer would be the same.
    asked: BTreeSet<Text>,
}

impl Places {
    fn new(state: &State) -> Self {
        let mut by_block: BTreeMap<String, BTreeMap<ModulePath, ResourceAddr>> = BTreeMap::new();
        for addr in state.resources.keys() {
            by_block
                .entry(addr.block_name())
                .or_default()
                .insert(addr.module.clone(), addr.clone());
        }
        Self {
            by_block,
            asked: BTreeSet::new(),
        }
    }

    /// The resources of a block as a module sees them: instances of a module do not use each other.
    fn of(&mut self, block: &Text, module: &ModulePath) -> Vec<ResourceAddr> {
        let Some(places) = self.by_block.get(&**block) else {
            return Vec::new();
        };
        if is_of_module(block, module) {
            places.get(module).cloned().into_iter().collect()
        } else if self.asked.insert(block.clone()) {
            places.values().cloned().collect()
        } else {
            Vec::new()
        }
    }
}

/// The blocks that a recorded resource depends on.
fn needed_by(graph: &Graph, state: &State, user: &ResourceAddr) -> BTreeSet<Text> {
    let mut names: BTreeSet<Text> = node_of(graph, user)
        .map_or_else(Vec::new, |id| managed_dependencies(graph, id))
        .into_iter()
        .collect();
    if let Some(resource) = state.resource(user) {
        let objects = resource.instances.values().flat_map(Instances::objects);
        names.extend(objects.flat_map(|(_, object)| object.dependencies.iter().cloned()));
    }
    names
}

/// The nodes that are left out wholly, and all that depend on those that are left out wholly or in part.
fn nodes(graph: &Graph, wanted: &[Target]) -> Vec<bool> {
    let mut out = vec![false; graph.len()];
    let mut in_part = vec![false; graph.len()];
    for &id in graph.order() {
        let named: Vec<&Target> = wanted
            .iter()
            .filter(|target| names_node(graph, target, id))
            .collect();
        let mut dependencies = graph.dependencies(id).iter();
        let at = id.0 as usize;
        out[at] = named.iter().any(|target| is_whole(target))
            || dependencies.any(|dependency| out[dependency.0 as usize] || in_part[dependency.0 as usize]);
        in_part[at] = !named.is_empty();
    }
    out
}

/// Whether an address takes in every instance of the blocks that it names.
fn is_whole(target: &Target) -> bool {
    let module = match target {
        Target::Module(path) => path,
        Target::Resource(resource) => &resource.module,
        Target::Instance(_) => return false,
    };
    module.0.iter().all(|step| step.key == InstanceKey::None)
}

/// The resources among nodes.
fn blocks(graph: &Graph, nodes: &[bool]) -> BTreeSet<(Vec<Text>, ResourceName)> {
    let resources = graph.node_ids().filter(|id| nodes[id.0 as usize]);
    let names = resources.filter_map(|id| {
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
    });
    names.collect()
}
