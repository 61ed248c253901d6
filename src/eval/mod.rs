//! The evaluator: what any name is worth, in any instance of any module.
//!
//! Nodes of the graph are evaluated in its order, each once; what a node is worth stands in its module
//! instance's table, so that a reference is a look-up. Values of resources are put in by the planner and, as
//! they become known, by the executor.

pub mod checks;
mod expand;
pub mod inputs;
mod module;
mod node;
mod resources;
mod scope;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use crate::addr::{InstanceAddr, ModulePath, ResourceName};
use crate::diag::Result;
use crate::graph::{Graph, ModuleId, Node, NodeId, Object};
use crate::lang::expr::Host;
use crate::value::{Marks, Text, Value};

pub use checks::{CheckKind, CheckResult, CheckStatus, Checks};
pub use expand::{Expanded, Repetition};
pub use inputs::{Given, Input, Inputs};
pub use node::{persistable, storable, unknown_object};
pub use resources::ResourceValues;
pub use scope::InstanceScope;

use module::ModuleInstance;

/// An instance of a module, by position; the root is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstanceId(u32);

/// What holds for a whole run.
#[derive(Clone)]
pub struct Run {
    pub workspace: Text,
    /// `path.root`, as written: `.` by default.
    pub root_dir: PathBuf,
    /// `terraform.applying`
    pub applying: bool,
    pub host: Rc<dyn Host>,
    /// Nothing outside is known: variables without a value are unknown instead of missing.
    pub validating: bool,
}

/// The tables of values.
pub struct Evaluator {
    graph: Arc<Graph>,
    run: Run,
    inputs: Inputs,
    modules: Vec<ModuleInstance>,
    /// The instances of each module, by the module's position.
    of_module: Vec<Vec<ModuleInstanceId>>,
    /// How many instances of called modules and of resources there are.
    count: u64,
    checks: Checks,
    /// Why the data of a check could not be read, by module instance and check.
    unread: BTreeMap<(ModuleInstanceId, Text), String>,
}

impl Evaluator {
    pub fn new(graph: Arc<Graph>, inputs: Inputs, run: Run) -> Self {
        let mut of_module = vec![Vec::new(); graph.modules().count()];
        of_module[0].push(ModuleInstanceId(0));
        let root = ModuleInstance::new(&graph, graph.root(), ModulePath::root(), None);
        Self {
            graph,
            run,
            inputs,
            modules: vec![root],
            of_module,
            count: 0,
            checks: Checks::default(),
            unread: BTreeMap::new(),
        }
    }

    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    pub fn run(&self) -> &Run {
        &self.run
    }

    /// From now on `terraform.applying` is true and times are known.
    pub fn start_applying(&mut self, host: Rc<dyn Host>) {
        self.run.applying = true;
        self.run.host = host;
    }

    /// Notes whether the data of a check could be read; if not, the check fails with these words.
    pub fn set_unread(&mut self, module: ModuleInstanceId, check: &Text, why: Option<String>) {
        let place = (module, check.clone());
        match why {
            Some(why) => drop(self.unread.insert(place, why)),
            None => drop(self.unread.remove(&place)),
        }
    }

    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    pub fn checks_mut(&mut self) -> &mut Checks {
        &mut self.checks
    }

    /// The instances of a module, in the order of their keys.
    pub fn instances(&self, module: ModuleId) -> Vec<ModuleInstanceId> {
        self.of_module[module.0 as usize].clone()
    }

    pub fn path(&self, instance: ModuleInstanceId) -> &ModulePath {
        &self.module(instance).path
    }

    /// The module instance at a path, if it has been expanded.
    pub fn instance_at(&self, path: &ModulePath) -> Option<ModuleInstanceId> {
        path.0.iter().try_fold(ModuleInstanceId(0), |at, step| {
            let module = self.module(at);
            let call = self
                .graph
                .module(module.module)
                .config
                .calls
                .get_index_of(&step.name)?;
            module.calls[call].as_ref()?.children.get(&step.key).copied()
        })
    }

    /// Names as seen inside one instance of a module.
    pub fn scope(&self, module: ModuleInstanceId) -> InstanceScope<'_> {
        InstanceScope::new(self, module)
    }

    /// Enters the values of a resource's instances; `each` holds the keys in order.
    pub fn set_resource(&mut self, module: ModuleInstanceId, name: &ResourceName, values: ResourceValues) {
        if let Some(index) = self.config_of(module).resources.get_index_of(name) {
            self.count += values.expanded.count();
            let before = self.module_mut(module).resources[index].replace(values);
            self.count -= before.map_or(0, |before| before.expanded.count());
        }
    }

    /// Enters the value of one instance of a resource that is expanded already.
    pub fn set_instance(&mut self, addr: &InstanceAddr, value: Value) {
        let Some(module) = self.instance_at(&addr.module) else {
            return;
        };
        let Some(index) = self.config_of(module).resources.get_index_of(&addr.resource) else {
            return;
        };
        if let Some(values) = &mut self.module_mut(module).resources[index] {
            values.set(addr.key.clone(), value);
        }
    }

    /// What a resource's instances are worth, once it is expanded.
    pub fn resource(&self, module: ModuleInstanceId, name: &ResourceName) -> Option<&ResourceValues> {
        let index = self.config_of(module).resources.get_index_of(name)?;
        self.module(module).resources[index].as_ref()
    }

    /// What an instance is worth, once it has a value.
    pub fn instance_value(&self, addr: &InstanceAddr) -> Option<&Value> {
        let module = self.instance_at(&addr.module)?;
        self.resource(module, &addr.resource)?.get(&addr.key)
    }

    /// A provider block's values, once evaluated.
    pub fn provider(&self, module: ModuleInstanceId, index: u32, key: Option<&Text>) -> Option<&Value> {
        self.providers(module, index)
            .find(|(own, _)| *own == key)
            .map(|(_, value)| value)
    }

    /// The same, of every configuration that the block makes.
    pub fn providers(
        &self,
        module: ModuleInstanceId,
        index: u32,
    ) -> impl Iterator<Item = (Option<&Text>, &Value)> {
        let all = self.module(module).providers[index as usize].iter().flatten();
        all.map(|(key, value)| (key.as_ref(), value))
    }

    /// The value of an output of the root module, once evaluated.
    pub fn root_output(&self, name: &str) -> Option<&Value> {
        let index = self.config_of(ModuleInstanceId(0)).outputs.get_index_of(name)?;
        self.module(ModuleInstanceId(0)).outputs[index].as_ref()
    }

    /// The value of a variable of the root module, once evaluated.
    pub fn root_variable(&self, name: &str) -> Option<&Value> {
        let index = self.config_of(ModuleInstanceId(0)).variables.get_index_of(name)?;
        self.module(ModuleInstanceId(0)).variables[index].as_ref()
    }

    /// What was given for a variable of the root module, not yet of its type; else its default, once evaluated.
    pub fn as_given(&self, variable: &crate::config::Variable) -> Option<Value> {
        match self.inputs.get(&variable.name) {
            Some(input) => input.given.value(variable, &*self.run.host).ok(),
            None => self.root_variable(&variable.name).cloned(),
        }
    }

    /// Whether anything that a node (no resource) is worth is still unknown, or another one in each run.
    pub fn is_open(&self, id: NodeId) -> bool {
        let Node { module, object } = self.graph.node(id);
        self.of_module[module.0 as usize].iter().any(|&instance| {
            let table = self.module(instance);
            if let Object::Call(i) = object {
                return !self.unknown_children(instance, i).is_empty();
            }
            if let Object::Provider(i) = object {
                return self.providers(instance, i).any(|(_, value)| is_open(value));
            }
            let value = match object {
                Object::Variable(i) => table.variables[i as usize].as_ref(),
                Object::Local(i) => table.locals[i as usize].as_ref(),
                Object::Output(i) => table.outputs[i as usize].as_ref(),
                Object::Provider(_)
                | Object::Resource(_)
                | Object::Call(_)
                | Object::Check(_)
                | Object::End => None,
            };
            value.is_some_and(is_open)
        })
    }

    /// Expands `count` or `for_each`, seen from one instance of the module around.
    pub fn expand(&self, module: ModuleInstanceId, expand: &crate::config::Expand) -> Result<Expanded> {
        expand::expand(expand, &self.scope(module), self.run.validating)
    }

    /// Expands a resource, which must leave the instances of the whole configuration few enough.
    pub fn expand_resource(
        &self,
        module: ModuleInstanceId,
        block: &crate::config::Resource,
    ) -> Result<Expanded> {
        let expanded = self.expand(module, &block.expand)?;
        let before = self.resource(module, &block.name);
        let others = self.count - before.map_or(0, |before| before.expanded.count());
        expand::within_all(others, &expanded, block.span)?;
        Ok(expanded)
    }

    fn module(&self, id: ModuleInstanceId) -> &ModuleInstance {
        &self.modules[id.0 as usize]
    }

    fn module_mut(&mut self, id: ModuleInstanceId) -> &mut ModuleInstance {
        &mut self.modules[id.0 as usize]
    }

    /// The configuration of the module that an instance is of.
    pub fn config_of(&self, id: ModuleInstanceId) -> &Arc<crate::config::Module> {
        &self.graph.module(self.module(id).module).config
    }

    /// Adds an instance of a called module.
    fn add_module(
        &mut self,
        module: ModuleId,
        parent: ModuleInstanceId,
        name: Text,
        repetition: Repetition,
    ) -> ModuleInstanceId {
        let path = self.path(parent).child(name, repetition.key.clone());
        let id =
            ModuleInstanceId(u32::try_from(self.modules.len()).expect("fewer than 2^32 module instances"));
        let mut instance = ModuleInstance::new(&self.graph, module, path, Some(parent));
        instance.repetition = repetition;
        self.count += 1;
        self.modules.push(instance);
        self.of_module[module.0 as usize].push(id);
        id
    }
}

/// Whether a value, or a part of it, is still unknown or another one in each run.
fn is_open(value: &Value) -> bool {
    !value.is_wholly_known() || value.marks_deep().contains(Marks::EPHEMERAL)
}
