//! Who waits for whom: the objects of a configuration and the references between them.
//!
//! Nodes are blocks, never instances, so the graph is static and small. An edge per reference; nothing here asks
//! for closure or reduction.

mod build;
mod cycle;
mod deprecated;
mod dot;
mod undeclared;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{InstanceAddr, ProviderConfig, ResourceName, Text, parse_instance};
use crate::config::{Configuration, Module, Resource};
use crate::diag::{Diagnostic, Diagnostics};
use crate::lang::syntax::Expr;

pub use build::{build, check_names};
pub use dot::to_dot;

/// A block or an entry of `locals`, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A module of the configuration, by position; the root is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// A configuration object: which module, and which entry of the module's list of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    pub module: ModuleId,
    pub object: Object,
}

/// Kinds of objects; the number is the position in the module's own list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    Variable(u32),
    Local(u32),
    Output(u32),
    Resource(u32),
    Call(u32),
    Provider(u32),
    Check(u32),
    /// All that stands in the module and below it, for who depends on the module as a whole.
    End,
}

/// A module with its place among the others.
#[derive(Clone, Debug)]
pub struct GraphModule {
    pub config: Arc<Module>,
    pub parent: Option<ModuleId>,
    /// The caller's node that leads here.
    pub call: Option<NodeId>,
    /// The first node of each kind, in the order variables, locals, outputs, resources, calls, providers, checks, end.
    first: [u32; 8],
    /// The modules that this one's calls lead to.
    children: Vec<ModuleId>,
}

/// The objects of a configuration, what each waits for, and an order in which nothing comes before what it needs.
#[derive(Clone, Debug)]
pub struct Graph {
    modules: Vec<GraphModule>,
    nodes: Vec<Node>,
    dependencies: Vec<Vec<NodeId>>,
    dependants: Vec<Vec<NodeId>>,
    order: Vec<NodeId>,
    /// What each node names in `depends_on`.
    depends_on: Vec<Vec<NodeId>>,
    /// The root's `import` blocks, by position, for the resource node that each is about.
    imports: BTreeMap<NodeId, Vec<usize>>,
    /// The provider configuration that serves each resource node.
    providers: Vec<Option<ServedBy>>,
    /// Warnings about what expressions mention.
    advice: Diagnostics,
}

/// Which provider configuration serves a resource.
#[derive(Clone, Debug)]
pub struct ServedBy {
    /// The configuration's address, instance keys of modules left out.
    pub config: ProviderConfig,
    /// Its block; none when the configuration is empty by default.
    pub node: Option<NodeId>,
    /// Which of those that the block makes with `for_each`.
    pub instance: Option<ProviderInstance>,
}

/// How one of the configurations is chosen that a provider block makes with `for_each`.
#[derive(Clone, Debug)]
pub struct ProviderInstance {
    /// The key.
    pub key: Expr,
    /// The module in which the key is written.
    pub module: ModuleId,
    /// It is written in the call that leads on from there, not in the resource.
    pub of_call: Option<u32>,
}

impl Graph {
    pub fn root(&self) -> ModuleId {
        ModuleId(0)
    }

    pub fn modules(&self) -> impl Iterator<Item = (ModuleId, &GraphModule)> {
        (0u32..).map(ModuleId).zip(&self.modules)
    }

    pub fn module(&self, id: ModuleId) -> &GraphModule {
        &self.modules[id.0 as usize]
    }

    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What is better not mentioned: attributes that are deprecated.
    pub fn advice(&self) -> &Diagnostics {
        &self.advice
    }

    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).expect("fewer than 2^32 nodes")).map(NodeId)
    }

    /// What a node refers to directly, ascending.
    pub fn dependencies(&self, id: NodeId) -> &[NodeId] {
        &self.dependencies[id.0 as usize]
    }

    /// What a node names in `depends_on`: it is among what it refers to.
    pub fn depends_on(&self, id: NodeId) -> &[NodeId] {
        &self.depends_on[id.0 as usize]
    }

    /// The `import` blocks that are about a resource node, by their position in the root module.
    pub fn imports(&self, id: NodeId) -> &[usize] {
        self.imports.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The node of a resource, in the module that call names lead to.
    pub fn resource_node(&self, module: &[Text], resource: &ResourceName) -> Option<NodeId> {
        let module = self.module_by_names(module)?;
        let index = self.module(module).config.resources.get_index_of(resource)?;
        let object = Object::Resource(u32::try_from(index).ok()?);
        Some(self.id_of(Node { module, object }))
    }

    /// What refers to a node directly, ascending.
    pub fn dependants(&self, id: NodeId) -> &[NodeId] {
        &self.dependants[id.0 as usize]
    }

    /// All nodes, each after everything that it depends on.
    pub fn order(&self) -> &[NodeId] {
        &self.order
    }

    /// Whether a node is a data source inside a check, or such a check: it looks at what all others have become.
    pub fn comes_last(&self, id: NodeId) -> bool {
        let Node { module, object } = self.node(id);
        let config = &self.module(module).config;
        match object {
            Object::Resource(i) => config.resources[i as usize].check.is_some(),
            Object::Check(i) => config.checks[i as usize].data.is_some(),
            _ => false,
        }
    }

    pub fn served_by(&self, id: NodeId) -> Option<&ServedBy> {
        self.providers[id.0 as usize].as_ref()
    }

    /// The module that a call leads to.
    pub fn called(&self, module: ModuleId, call: u32) -> ModuleId {
        self.module(module).children[call as usize]
    }

    /// The module below the root that the call names lead to.
    pub fn module_by_names(&self, names: &[Text]) -> Option<ModuleId> {
        names.iter().try_fold(self.root(), |id, name| {
            let call = self.module(id).config.calls.get_index_of(name)?;
            self.module(id).children.get(call).copied()
        })
    }

    /// Points what is about an instance and knows no place at its block.
    pub fn locate(&self, problems: Diagnostics) -> Diagnostics {
        let located = problems.into_iter().flat_map(|problem| {
            let block = problem
                .address
                .as_ref()
                .filter(|_| problem.span.is_none())
                .and_then(|address| self.block_of(&parse_instance(address).ok()?));
            match block {
                Some(block) => block.body.locate(block.span, problem.into()),
                None => problem.into(),
            }
        });
        located.collect()
    }

    /// Whether a message is about the data of a check.
    pub fn is_about_check(&self, problem: &Diagnostic) -> bool {
        let addr = problem
            .address
            .as_ref()
            .and_then(|address| parse_instance(address).ok());
        addr.and_then(|addr| self.block_of(&addr))
            .is_some_and(|block| block.check.is_some())
    }

    /// The block that an instance belongs to, if there is one.
    pub fn block_of(&self, addr: &InstanceAddr) -> Option<&Resource> {
        let module = self.module_by_names(&addr.module.names())?;
        self.module(module).config.resources.get(&addr.resource)
    }

    /// The node of an object.
    pub fn id_of(&self, node: Node) -> NodeId {
        let (kind, index) = node.object.parts();
        NodeId(self.module(node.module).first[kind] + index)
    }

    /// A node as its user calls it: `module.a.aws_kms_key.this`, `local.name`.
    pub fn describe(&self, id: NodeId) -> String {
        let node = self.node(id);
        let module = &self.module(node.module).config;
        let mut name: String = module
            .path
            .iter()
            .flat_map(|name| ["module.", name, "."])
            .collect();
        name.push_str(&node.object.describe(module));
        name
    }
}

impl Object {
    fn parts(self) -> (usize, u32) {
        match self {
            Self::Variable(i) => (0, i),
            Self::Local(i) => (1, i),
            Self::Output(i) => (2, i),
            Self::Resource(i) => (3, i),
            Self::Call(i) => (4, i),
            Self::Provider(i) => (5, i),
            Self::Check(i) => (6, i),
            Self::End => (7, 0),
        }
    }

    /// The object's name within its module.
    pub fn describe(self, module: &Module) -> String {
        fn name<K: ToString, V>(map: &indexmap::IndexMap<K, V>, i: u32) -> String {
            map.get_index(i as usize)
                .map_or_else(String::new, |(key, _)| key.to_string())
        }
        match self {
            Self::Variable(i) => format!("var.{}", name(&module.variables, i)),
            Self::Local(i) => format!("local.{}", name(&module.locals, i)),
            Self::Output(i) => format!("output.{}", name(&module.outputs, i)),
            Self::Resource(i) => name(&module.resources, i),
            Self::Call(i) => format!("module.{}", name(&module.calls, i)),
            Self::Provider(i) => format!("provider.{}", name(&module.providers, i)),
            Self::Check(i) => format!("check.{}", name(&module.checks, i)),
            Self::End => "*".to_owned(),
        }
    }
}

/// All modules of a configuration in one list, callers before what they call.
fn flatten(configuration: &Configuration) -> Vec<GraphModule> {
    let mut modules = vec![GraphModule {
        config: configuration.root.clone(),
        parent: None,
        call: None,
        first: [0; 8],
        children: Vec::new(),
    }];
    let (mut at, mut next_node) = (0, 0u32);
    while at < modules.len() {
        let config = modules[at].config.clone();
        let counts = [
            config.variables.len(),
            config.locals.len(),
            config.outputs.len(),
            config.resources.len(),
            config.calls.len(),
            config.providers.len(),
            config.checks.len(),
            1,
        ];
        for (first, count) in modules[at].first.iter_mut().zip(counts) {
            *first = next_node;
            next_node += u32::try_from(count).expect("fewer than 2^32 nodes");
        }
        let parent = ModuleId(u32::try_from(at).expect("fewer than 2^32 modules"));
        let first_call = modules[at].first[4];
        for (i, call) in (0u32..).zip(config.calls.values()) {
            let child = ModuleId(u32::try_from(modules.len()).expect("fewer than 2^32 modules"));
            modules[at].children.push(child);
            modules.push(GraphModule {
                config: call.module.clone(),
                parent: Some(parent),
                call: Some(NodeId(first_call + i)),
                first: [0; 8],
                children: Vec::new(),
            });
        }
        at += 1;
    }
    modules
}
