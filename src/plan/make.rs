//! Configuration, state and what is seen in the clouds to a plan.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::addr::{InstanceAddr, ModulePath, ProviderConfig, ResourceAddr, Target};
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::{Evaluator, Expanded, Inputs, ModuleInstanceId, ResourceValues, Run};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::resource::Change;
use crate::resource::operate::Existence;
use crate::schema::{Catalog, ResourceType};
use crate::state::State;
use crate::value::{Text, Type, Value};

use super::import::Imports;
use super::observe::{Observer, Wanted};
use super::prior::{self, Moves};
use super::target::Targets;
use super::{Mode, Plan, Planned, display_order, outputs};

/// What a plan is made from.
pub struct Input {
    pub graph: Arc<Graph>,
    pub state: State,
    pub inputs: Inputs,
    pub run: Run,
    pub options: Options,
    pub timestamp: Timestamp,
}

/// What the caller wants of a plan.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub mode: Mode,
    /// Take the recorded objects as they are.
    pub skip_refresh: bool,
    pub targets: Vec<Target>,
    pub replace: Vec<InstanceAddr>,
    /// Write configuration for imported resources that have none.
    pub generate: bool,
}

/// A plan, and what carrying it out needs besides.
pub struct Made {
    pub plan: Plan,
    pub evaluator: Evaluator,
    /// The state as it was, after moves.
    pub previous: State,
    /// The state as it is, as far as it was read again.
    pub prior: State,
    /// Opened provider configurations, as schema expressions see them.
    pub providers: BTreeMap<ProviderConfig, Value>,
    pub problems: Diagnostics,
    create_first: Vec<bool>,
    dependencies: RefCell<BTreeMap<NodeId, Vec<Text>>>,
    read: BTreeSet<InstanceAddr>,
    targets: Targets,
}

impl Made {
    /// Whether the object was read again.
    pub fn was_read(&self, addr: &InstanceAddr) -> bool {
        self.read.contains(addr)
    }

    /// Whether the plan is about the object.
    pub fn is_wanted(&self, addr: &InstanceAddr) -> bool {
        self.targets.includes(addr)
    }

    /// Whether replacements of a resource create the new object first.
    pub fn creates_first(&self, node: NodeId) -> bool {
        self.create_first[node.0 as usize]
    }

    /// The managed resources that a resource refers to, directly or through what is no managed resource, as state
    /// files name them: without instance keys, sorted.
    pub fn dependencies(&self, node: NodeId) -> Vec<Text> {
        if let Some(found) = self.dependencies.borrow().get(&node) {
            return found.clone();
        }
        let found = managed_dependencies(self.evaluator.graph(), node);
        self.dependencies.borrow_mut().insert(node, found.clone());
        found
    }
}

fn managed_dependencies(graph: &Graph, node: NodeId) -> Vec<Text> {
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut open: Vec<NodeId> = graph.dependencies(node).to_vec();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let Node { module, object } = graph.node(id);
        match object {
            Object::Resource(i)
                if graph.module(module).config.resources[i as usize]
                    .name
                    .is_managed() =>
            {
                names.insert(Text::from(graph.describe(id)));
            }
            // A provider's own needs are no dependencies of what it serves.
            Object::Provider(_) => {}
            _ => open.extend(graph.dependencies(id)),
        }
    }
    names.into_iter().collect()
}

/// Makes a plan. It is whole unless `problems` holds errors: then it shows how far planning got.
pub fn make(input: Input, observer: &mut dyn Observer) -> Made {
    let graph = input.graph.clone();
    let mut evaluator = Evaluator::new(graph.clone(), input.inputs, input.run);
    let mut problems =
        crate::eval::inputs::undeclared(evaluator.inputs(), &graph.module(graph.root()).config);
    let mut state = input.state;
    let moves = prior::rewrite(&graph, &mut state, &mut problems);
    let targets = Targets::new(&graph, &input.options.targets, input.options.mode, &state);
    let early = early_nodes(&graph);
    for &id in graph.order().iter().filter(|id| early[id.0 as usize]) {
        problems.extend(evaluator.evaluate_node(id));
    }
    let mut planner = Planner {
        create_first: create_first(&graph),
        pending: vec![false; graph.len()],
        handled: BTreeSet::new(),
        changes: Vec::new(),
        at: BTreeMap::new(),
        drift: Vec::new(),
        refreshed: BTreeSet::new(),
        read: BTreeSet::new(),
        providers: BTreeMap::new(),
        failed_providers: BTreeSet::new(),
        types: BTreeMap::new(),
        imports: Imports::default(),
        prior: state.clone(),
        previous: state,
        options: input.options,
        timestamp: input.timestamp,
        graph,
        evaluator,
        observer,
        problems,
        moves,
        targets,
        early,
    };
    planner.run();
    planner.finish()
}

/// Nodes that wait for no resource: they can be evaluated before anything is read.
fn early_nodes(graph: &Graph) -> Vec<bool> {
    let mut early = vec![false; graph.len()];
    for &id in graph.order() {
        let Node { module, object } = graph.node(id);
        // Nothing waits for the outputs of the root module, and what is wrong with one hides no other mistake.
        let itself = match object {
            Object::Resource(_) | Object::Check(_) => false,
            Object::Output(_) => module != graph.root(),
            _ => true,
        };
        early[id.0 as usize] = itself
            && graph
                .dependencies(id)
                .iter()
                .all(|dependency| early[dependency.0 as usize]);
    }
    early
}

/// Which nodes create before they destroy: those that say so, and all that they depend on.
fn create_first(graph: &Graph) -> Vec<bool> {
    let mut first = vec![false; graph.len()];
    for &id in graph.order().iter().rev() {
        let Node { module, object } = graph.node(id);
        if let Object::Resource(i) = object {
            let resource = &graph.module(module).config.resources[i as usize];
            first[id.0 as usize] |= resource.lifecycle.create_before_destroy == Some(true);
        }
        if first[id.0 as usize] {
            for &dependency in graph.dependencies(id) {
                first[dependency.0 as usize] = true;
            }
        }
    }
    first
}

/// A plan in the making.
pub(super) struct Planner<'o> {
    pub(super) graph: Arc<Graph>,
    pub(super) evaluator: Evaluator,
    pub(super) observer: &'o mut dyn Observer,
    pub(super) options: Options,
    pub(super) timestamp: Timestamp,
    pub(super) problems: Diagnostics,
    pub(super) previous: State,
    pub(super) prior: State,
    pub(super) moves: Moves,
    pub(super) targets: Targets,
    pub(super) imports: Imports,
    early: Vec<bool>,
    pub(super) create_first: Vec<bool>,
    /// Nodes of which an instance is to change.
    pub(super) pending: Vec<bool>,
    /// Resources that the configuration declares, in the module instances there are.
    pub(super) handled: BTreeSet<ResourceAddr>,
    pub(super) changes: Vec<Planned>,
    /// Where in `changes` an instance's current object is.
    pub(super) at: BTreeMap<InstanceAddr, usize>,
    pub(super) drift: Vec<Planned>,
    /// Objects that were asked for, and those that were answered.
    refreshed: BTreeSet<InstanceAddr>,
    read: BTreeSet<InstanceAddr>,
    pub(super) providers: BTreeMap<ProviderConfig, Value>,
    failed_providers: BTreeSet<ProviderConfig>,
    types: BTreeMap<(crate::addr::Mode, Text), (&'static ResourceType, Type)>,
}

impl Planner<'_> {
    fn run(&mut self) {
        if self.problems.has_errors() {
            return;
        }
        if self.options.mode == Mode::Normal {
            self.collect_imports();
            self.check_removed();
        }
        self.refresh_all();
        // A look at everything goes on where a plan could not.
        if self.problems.has_errors() && self.options.mode != Mode::RefreshOnly {
            return;
        }
        let graph = self.graph.clone();
        for &id in graph.order() {
            if !self.targets.includes_node(id) {
                continue;
            }
            match graph.node(id).object {
                Object::Resource(_) => self.resource_node(id),
                Object::Provider(_) => {}
                _ if self.early[id.0 as usize] => {}
                // What cannot be evaluated does not matter when everything goes.
                _ if self.options.mode == Mode::Destroy => drop(self.evaluator.evaluate_node(id)),
                _ => {
                    let found = self.evaluator.evaluate_node(id);
                    self.problems.extend(found);
                }
            }
            self.pending[id.0 as usize] |= !matches!(graph.node(id).object, Object::Resource(_))
                && graph
                    .dependencies(id)
                    .iter()
                    .any(|dependency| self.pending[dependency.0 as usize]);
        }
        self.orphans();
        self.report_unused_imports();
        self.check_protection();
    }

    fn finish(mut self) -> Made {
        self.changes
            .sort_by(|left, right| display_order(left).cmp(&display_order(right)));
        self.drift
            .sort_by(|left, right| display_order(left).cmp(&display_order(right)));
        let outputs = outputs::changes(&self.evaluator, &self.previous, self.options.mode, &self.targets);
        let variables = self.variables();
        let mut plan = Plan {
            mode: self.options.mode,
            changes: self.changes,
            drift: self.drift,
            outputs,
            checks: self.evaluator.checks().clone(),
            variables,
            targets: self.options.targets,
            timestamp: self.timestamp,
            relevant: Vec::new(),
            errored: self.problems.has_errors(),
        };
        if !plan.drift.is_empty() {
            plan.relevant = super::relevant::relevant(&self.evaluator, &plan);
        }
        Made {
            plan,
            evaluator: self.evaluator,
            previous: self.previous,
            prior: self.prior,
            providers: self.providers,
            problems: self.problems,
            create_first: self.create_first,
            dependencies: RefCell::default(),
            read: self.read,
            targets: self.targets,
        }
    }

    fn variables(&self) -> BTreeMap<Text, Value> {
        let root = &self.graph.module(self.graph.root()).config;
        let kept = root.variables.values().filter(|variable| !variable.ephemeral);
        kept.filter_map(|variable| {
            Some((
                variable.name.clone(),
                self.evaluator.root_variable(&variable.name)?.clone(),
            ))
        })
        .collect()
    }

    // ---- types and providers ---------------------------------------------------------------------------

    /// The type of a resource and the type of its objects.
    pub(super) fn type_of(
        &mut self,
        resource: &crate::addr::ResourceName,
    ) -> Result<(&'static ResourceType, Type)> {
        let key = (resource.mode, resource.ty.clone());
        if let Some(found) = self.types.get(&key) {
            return Ok(found.clone());
        }
        let ty = find_type(resource)?;
        let found = (ty, ty.spec.ty());
        self.types.insert(key, found.clone());
        Ok(found)
    }

    /// A provider configuration as schema expressions see it, opened when it is first asked for.
    pub(super) fn provider(&mut self, config: &ProviderConfig) -> Result<Value> {
        if let Some(found) = self.providers.get(config) {
            return Ok(found.clone());
        }
        if self.failed_providers.contains(config) {
            // Reported already.
            return Err(Diagnostics::new());
        }
        let opened = open_provider(&mut self.evaluator, config)
            .and_then(|arguments| self.observer.configure(config, arguments));
        match &opened {
            Ok(value) => drop(self.providers.insert(config.clone(), value.clone())),
            Err(_) => drop(self.failed_providers.insert(config.clone())),
        }
        opened
    }

    // ---- reading what exists ---------------------------------------------------------------------------

    /// Reads every recorded object whose provider can be opened already, all at once.
    fn refresh_all(&mut self) {
        if self.options.skip_refresh {
            return;
        }
        let addrs: Vec<InstanceAddr> = self
            .prior
            .current()
            .map(|(addr, _)| addr)
            .filter(|addr| addr.resource.is_managed() && self.targets.includes(addr))
            .collect();
        let ready: Vec<InstanceAddr> = addrs
            .into_iter()
            .filter(|addr| self.provider_is_early(addr))
            .collect();
        self.refresh(&ready);
    }

    fn provider_is_early(&self, addr: &InstanceAddr) -> bool {
        match self.node_of(&addr.resource_addr()) {
            Some(node) => match self.graph.served_by(node).and_then(|served| served.node) {
                Some(provider) => self.early[provider.0 as usize],
                None => true,
            },
            None => true,
        }
    }

    /// Reads the given objects again, those not read before, and enters what was seen.
    pub(super) fn refresh(&mut self, addrs: &[InstanceAddr]) {
        let mut wanted = Vec::new();
        for addr in addrs {
            if self.options.skip_refresh || !self.refreshed.insert(addr.clone()) {
                continue;
            }
            match self.wanted(addr) {
                Ok(found) => wanted.push(found),
                Err(errors) => self.problems.extend(about(errors, addr)),
            }
        }
        if wanted.is_empty() {
            return;
        }
        let answers = self.observer.refresh(&wanted);
        for (wanted, answer) in wanted.into_iter().zip(answers) {
            match answer {
                Ok(seen) => {
                    self.read.insert(wanted.addr.clone());
                    self.enter_seen(wanted, seen);
                }
                Err(errors) => self.problems.extend(about(errors, &wanted.addr)),
            }
        }
    }

    fn wanted(&mut self, addr: &InstanceAddr) -> Result<Wanted> {
        let (ty, object_type) = self.type_of(&addr.resource)?;
        let provider = self.provider_of(addr);
        self.provider(&provider)?;
        let object = self
            .prior
            .get(addr)
            .expect("only recorded objects are read again");
        let prior = crate::resource::recorded(ty, &object_type, object)?;
        Ok(Wanted {
            addr: addr.clone(),
            ty,
            provider,
            prior,
        })
    }

    fn enter_seen(&mut self, wanted: Wanted, seen: Existence) {
        let Wanted {
            addr,
            ty,
            provider,
            prior,
        } = wanted;
        let (change, loss) = match seen {
            Existence::Gone => {
                self.prior.remove(&addr);
                (Change::delete(prior), None)
            }
            Existence::Leaving { lost_at } => {
                self.prior.remove(&addr);
                let loss = self.leaving(&addr, lost_at.as_deref());
                (Change::delete(prior), Some(loss))
            }
            Existence::There(seen) if crate::value::raw_equal(&seen, &prior) => return,
            Existence::There(seen) => {
                if let Err(error) = self.record_seen(&addr, ty, &provider, &seen) {
                    return self.problems.push(error.about(&addr));
                }
                let action = crate::resource::Action::Update;
                (
                    Change {
                        action,
                        before: prior,
                        after: seen,
                        replace_paths: Vec::new(),
                    },
                    None,
                )
            }
        };
        self.drift.push(Planned {
            loss,
            ..Planned::bare(addr, provider, ty, change)
        });
    }

    fn record_seen(
        &mut self,
        addr: &InstanceAddr,
        ty: &'static ResourceType,
        provider: &ProviderConfig,
        seen: &Value,
    ) -> std::result::Result<(), Diagnostic> {
        let mut object = crate::state::Object::new(seen, &ty.spec.ty(), ty.version)?;
        if let Some(old) = self.prior.get(addr) {
            inherit(&mut object, old);
        }
        self.prior.insert(addr, provider, object);
        Ok(())
    }

    /// An object that waits for its end: whoever plans around it must know.
    fn leaving(&mut self, addr: &InstanceAddr, lost_at: Option<&str>) -> super::Loss {
        let at: Option<Timestamp> = lost_at.and_then(|text| text.parse().ok());
        let days = at.map(|at| (at.as_second() - self.timestamp.as_second()).div_euclid(86_400));
        if self.options.mode == Mode::Normal {
            let when = lost_at.map_or(String::new(), |date| format!(" on {date}"));
            self.problems.push(
                Diagnostic::warning(
                    "Object is pending deletion",
                    format!("Somebody has scheduled this object for deletion: it is lost for ever{when}, with everything that only it can decrypt. This plan treats it as gone. To keep it, cancel its deletion in the cloud before you apply, and plan again."),
                )
                .about(addr),
            );
        }
        super::Loss {
            at,
            days,
            irreversible: false,
        }
    }

    /// The provider configuration that serves an instance: by configuration, else as recorded.
    pub(super) fn provider_of(&self, addr: &InstanceAddr) -> ProviderConfig {
        let by_config = self
            .node_of(&addr.resource_addr())
            .and_then(|node| self.graph.served_by(node));
        match by_config {
            Some(served) => keyed(&served.config, &addr.module),
            None => match self.prior.resource(&addr.resource_addr()) {
                Some(resource) => resource.provider.clone(),
                None => {
                    let local = crate::config::Module::implied_provider(&addr.resource.ty);
                    let root = &self.graph.module(self.graph.root()).config;
                    ProviderConfig {
                        module: ModulePath::root(),
                        provider: root.provider_name(local),
                        alias: None,
                    }
                }
            },
        }
    }

    /// The node that declares a resource.
    pub(super) fn node_of(&self, resource: &ResourceAddr) -> Option<NodeId> {
        let module = self.graph.module_by_names(&resource.module.names())?;
        let index = self
            .graph
            .module(module)
            .config
            .resources
            .get_index_of(&resource.resource)?;
        let object = Object::Resource(u32::try_from(index).expect("fewer than 2^32 resources"));
        Some(self.graph.id_of(Node { module, object }))
    }

    /// Enters what the instances of a resource are worth for all who refer to them.
    pub(super) fn enter_values(
        &mut self,
        module: ModuleInstanceId,
        resource: &ResourceAddr,
        expanded: Expanded,
        values: BTreeMap<crate::addr::InstanceKey, Value>,
    ) {
        self.evaluator
            .set_resource(module, &resource.resource, ResourceValues::new(expanded, values));
    }
}

/// What a new record of an object keeps of the old one beside its attributes.
pub fn inherit(object: &mut crate::state::Object, old: &crate::state::Object) {
    object.status = old.status;
    object.private.clone_from(&old.private);
    object.dependencies.clone_from(&old.dependencies);
    object.create_before_destroy = old.create_before_destroy;
    object.identity_schema_version = old.identity_schema_version;
    object.identity.clone_from(&old.identity);
    object.rest.clone_from(&old.rest);
}

impl Planned {
    /// A change and nothing else known about it.
    pub(super) fn bare(
        addr: InstanceAddr,
        provider: ProviderConfig,
        ty: &'static ResourceType,
        change: Change,
    ) -> Self {
        Self {
            addr,
            moved_from: None,
            deposed: None,
            provider,
            ty,
            change,
            reason: None,
            import: None,
            generated: None,
            loss: None,
            source: None,
        }
    }
}

/// Evaluates the block of a provider configuration; the empty block by default.
pub fn open_provider(evaluator: &mut Evaluator, config: &ProviderConfig) -> Result<Value> {
    let name = &config.provider.ty;
    let schema = match Catalog::get().provider(name) {
        Some(schema) => schema?,
        None => return Err(unknown_provider(&config.provider.to_string()).into()),
    };
    let graph = evaluator.graph().clone();
    let module = graph
        .module_by_names(&config.module.names())
        .unwrap_or(graph.root());
    let block = graph.module(module).config.providers.iter().position(|(key, _)| {
        key.alias == config.alias && graph.module(module).config.provider_name(&key.local) == config.provider
    });
    let Some(index) = block else {
        if config.alias.is_some() {
            return Err(Diagnostic::error(
                "Provider configuration not present",
                format!("The provider configuration {config} is needed, but the configuration does not declare it. Declare it again until the objects that it serves are destroyed."),
            )
            .into());
        }
        return Ok(crate::resource::empty_object(&schema.spec));
    };
    let object = Object::Provider(u32::try_from(index).expect("fewer than 2^32 providers"));
    let id = graph.id_of(Node { module, object });
    let problems = evaluator.evaluate_provider(id, &schema.spec);
    if problems.has_errors() {
        return Err(problems);
    }
    let instance = evaluator
        .instance_at(&config.module)
        .or_else(|| evaluator.instances(module).first().copied());
    let value = instance
        .and_then(|instance| evaluator.provider(instance, u32::try_from(index).ok()?))
        .cloned();
    Ok(value.unwrap_or_else(|| crate::resource::empty_object(&schema.spec)))
}

/// The schema of a resource's type.
pub fn find_type(resource: &crate::addr::ResourceName) -> Result<&'static ResourceType> {
    let catalog = Catalog::get();
    let (found, mode) = if resource.is_managed() {
        (catalog.resource_type(&resource.ty), crate::schema::Mode::Managed)
    } else {
        (catalog.data_source(&resource.ty), crate::schema::Mode::Data)
    };
    if let Some(found) = found {
        return found;
    }
    let names = catalog.names(mode);
    let guess = crate::diag::nearest(&resource.ty, names.iter().map(|name| &**name))
        .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
    let (summary, kind) = if resource.is_managed() {
        ("Invalid resource type", "resource type")
    } else {
        ("Invalid data source", "data source")
    };
    Err(Diagnostic::error(
        summary,
        format!("keyform does not know the {kind} \"{}\": it manages keys, with the types of the providers aws, alicloud and terraform.{guess}", resource.ty),
    )
    .into())
}

fn unknown_provider(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Unknown provider",
        format!(
            "keyform does not know the provider {name}: it has hashicorp/aws, aliyun/alicloud and the built-in terraform."
        ),
    )
}

/// A provider configuration address with the instance keys of the module it is used from.
pub(super) fn keyed(config: &ProviderConfig, user: &ModulePath) -> ProviderConfig {
    let depth = config.module.0.len();
    let module = ModulePath(user.0.iter().take(depth).cloned().collect());
    ProviderConfig {
        module,
        ..config.clone()
    }
}

/// The errors, each naming the instance.
pub(super) fn about(errors: Diagnostics, addr: &InstanceAddr) -> Diagnostics {
    errors.into_iter().map(|error| error.about(addr)).collect()
}
