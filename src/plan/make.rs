//! Configuration, state and what is seen in the clouds to a plan.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexSet;
use jiff::Timestamp;

use crate::addr::{InstanceAddr, ProviderConfig, ResourceAddr, Target};
use crate::config::{Removed, Variable};
use crate::diag::{Diagnostics, Result};
use crate::eval::{Checks, Evaluator, Expanded, Inputs, ModuleInstanceId, ResourceValues, Run};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::resource::Change;
use crate::schema::{Catalog, ResourceType};
use crate::state::journal::Intent;
use crate::state::{Guard, State};
use crate::value::{Text, Type, Value};

use super::allowed::Allowed;
use super::import::Imports;
use super::observe::Observer;
use super::prior::{self, Moves};
use super::stray::Strays;
use super::target::Targets;
use super::unknown::unknown_type;
use super::{Mode, Plan, Planned, display_order, orphan, outputs};

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
    /// Never together with targets.
    pub excludes: Vec<Target>,
    pub replace: Vec<InstanceAddr>,
    /// Which objects may be destroyed although data is lost with them.
    pub destroy_keys: Vec<Allowed>,
    /// Which may be, although they are in use.
    pub destroy_keys_in_use: Vec<Allowed>,
    /// Objects that an earlier run may have made without recording them.
    pub open: BTreeMap<InstanceAddr, Intent>,
    /// Write configuration for imported resources that have none.
    pub generate: bool,
}

impl Options {
    /// Whether only a part of what is declared is planned.
    pub fn is_partial(&self) -> bool {
        !self.targets.is_empty() || !self.excludes.is_empty()
    }
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
    /// What was looked for that earlier runs may have made.
    pub strays: Strays,
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

pub(super) fn managed_dependencies(graph: &Graph, node: NodeId) -> Vec<Text> {
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
    problems.extend(graph.advice().clone());
    let (mut state, mut options) = (input.state, input.options);
    let moves = prior::rewrite(&graph, &mut state, &mut options.open, &mut problems);
    let targets = Targets::new(&graph, &options, &state);
    let early = early_nodes(&graph);
    for &id in graph.order().iter().filter(|id| early[id.0 as usize]) {
        if let Err(stopped) = observer.may_go_on() {
            problems.extend(stopped);
            break;
        }
        problems.extend(evaluator.evaluate_node(id));
    }
    let removed = orphan::removed(&graph);
    let mut planner = Planner {
        create_first: create_first(&graph),
        pending: vec![false; graph.len()],
        handled: IndexSet::new(),
        changes: Vec::new(),
        at: BTreeMap::new(),
        ends: super::within::Ends::new(),
        drift: Vec::new(),
        refreshed: BTreeSet::new(),
        is_stopped: false,
        read: BTreeSet::new(),
        providers: BTreeMap::new(),
        failed_providers: BTreeSet::new(),
        provider_keys: BTreeMap::new(),
        types: BTreeMap::new(),
        imports: Imports::default(),
        leaving: BTreeMap::new(),
        accounts: None,
        strays: Strays {
            moved: moves.of_open.clone(),
            ..Strays::default()
        },
        prior: state.clone(),
        previous: state,
        options,
        timestamp: input.timestamp,
        graph,
        evaluator,
        observer,
        problems,
        moves,
        targets,
        early,
        removed,
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
    /// `removed` blocks, with addresses as seen from the root.
    pub(super) removed: Vec<Removed>,
    pub(super) imports: Imports,
    pub(super) strays: Strays,
    /// As far as somebody has asked.
    pub(super) accounts: Option<super::account::Accounts>,
    /// Objects that wait for their end, as they were recorded.
    pub(super) leaving: BTreeMap<InstanceAddr, super::leaving::Leaving>,
    pub(super) early: Vec<bool>,
    pub(super) create_first: Vec<bool>,
    /// Nodes of which an instance is to change.
    pub(super) pending: Vec<bool>,
    /// Resources that the configuration declares, in the module instances there are.
    pub(super) handled: IndexSet<ResourceAddr>,
    pub(super) changes: Vec<Planned>,
    /// Where in `changes` an instance's current object is.
    pub(super) at: BTreeMap<InstanceAddr, usize>,
    /// Where in `changes` what goes is, by type and id.
    pub(super) ends: super::within::Ends,
    pub(super) drift: Vec<Planned>,
    /// Objects that were asked for, and those that were answered.
    pub(super) refreshed: BTreeSet<InstanceAddr>,
    pub(super) read: BTreeSet<InstanceAddr>,
    pub(super) providers: BTreeMap<ProviderConfig, Value>,
    pub(super) failed_providers: BTreeSet<ProviderConfig>,
    /// Which of the configurations that a provider's block makes with `for_each` serves an instance, by configuration.
    pub(super) provider_keys: BTreeMap<InstanceAddr, Text>,
    types: BTreeMap<(crate::addr::Mode, Text), (&'static ResourceType, Type)>,
    /// The user has asked to stop.
    is_stopped: bool,
}

impl Planner<'_> {
    fn run(&mut self) {
        if self.problems.has_errors() {
            return;
        }
        if self.options.mode == Mode::Normal {
            self.collect_imports(None);
            self.check_removed();
        }
        self.refresh_all();
        // A look at everything goes on where a plan could not.
        if self.problems.has_errors() && self.options.mode != Mode::RefreshOnly {
            return;
        }
        let graph = self.graph.clone();
        for &id in graph.order() {
            if !self.may_go_on() {
                return;
            }
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
        self.strays();
        self.orphans();
        self.let_leaving_go();
        if self.options.mode == Mode::Normal {
            self.check_moved();
            self.problems.extend(super::rivals(&self.evaluator));
        }
        self.report_unused_imports();
        self.check_contained();
        self.check_twins();
        self.check_protection();
        self.check_names();
        self.warn_of_alike_keys();
    }

    /// Whether there is still somebody who waits for the plan. It is said once that there is not.
    pub(super) fn may_go_on(&mut self) -> bool {
        if !self.is_stopped
            && let Err(stopped) = self.observer.may_go_on()
        {
            self.is_stopped = true;
            self.problems.extend(stopped);
        }
        !self.is_stopped
    }

    fn finish(mut self) -> Made {
        self.tell_of_leaving();
        // No object is there twice, so there is nothing whose order would have to be kept.
        self.changes
            .sort_unstable_by(|left, right| display_order(left).cmp(&display_order(right)));
        self.drift
            .sort_unstable_by(|left, right| display_order(left).cmp(&display_order(right)));
        let outputs = outputs::changes(&self.evaluator, &self.previous, self.options.mode, &self.targets);
        let variables = self.variables();
        let checks = match self.options.mode {
            Mode::Destroy => Checks::declared(&self.graph),
            Mode::Normal | Mode::RefreshOnly => self.evaluator.checks().clone(),
        };
        let mut plan = Plan {
            mode: self.options.mode,
            changes: self.changes,
            drift: self.drift,
            outputs,
            checks,
            variables,
            is_partial: self.options.is_partial(),
            timestamp: self.timestamp,
            relevant: Vec::new(),
            errored: self.problems.has_errors(),
            recent_days: super::RECENT_DAYS,
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
            strays: self.strays,
            targets: self.targets,
        }
    }

    fn variables(&self) -> BTreeMap<Text, Value> {
        let root = &self.graph.module(self.graph.root()).config;
        let given = |variable: &Variable| self.evaluator.inputs().contains_key(&variable.name);
        let kept = root
            .variables
            .values()
            .filter(|variable| !(variable.ephemeral && given(variable)));
        kept.filter_map(|variable| Some((variable.name.clone(), self.evaluator.as_given(variable)?)))
            .collect()
    }

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

    /// The node that declares a resource.
    pub(super) fn node_of(&self, resource: &ResourceAddr) -> Option<NodeId> {
        self.graph
            .resource_node(&resource.module.names(), &resource.resource)
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
            restores: false,
            pending: None,
            guard: Guard::default(),
            loss: None,
            usage: None,
            notes: Vec::new(),
            users: Vec::new(),
            source: None,
        }
    }
}

/// The schema of a resource's type.
pub fn find_type(resource: &crate::addr::ResourceName) -> Result<&'static ResourceType> {
    let catalog = Catalog::get();
    if let Some(found) = catalog.find(resource.mode, &resource.ty) {
        return found;
    }
    let names = catalog.names(resource.mode);
    let guess = crate::diag::nearest(&resource.ty, names.iter().map(|name| &**name))
        .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
    Err(unknown_type(resource, &guess).into())
}

/// The errors, each naming the instance.
pub(super) fn about(errors: Diagnostics, addr: &InstanceAddr) -> Diagnostics {
    errors.into_iter().map(|error| error.about(addr)).collect()
}

#[cfg(test)]
mod tests {
    use crate::plan::for_tests::planned_until;
    use crate::state::State;

    #[test]
    fn who_asks_to_stop_is_heard_while_there_is_only_work_to_do() {
        let text = "locals {\n  a = 1\n  b = 2\n}\nresource \"terraform_data\" \"d\" {\n  count = 50\n  input = local.a\n}\nresource \"terraform_data\" \"e\" {}\n";
        let whole = planned_until(text, State::new(), usize::MAX);
        assert_eq!((whole.plan.changes.len(), whole.problems.len()), (51, 0));
        for (steps, most) in [(0, 0), (1, 0), (20, 19), (50, 50)] {
            let made = planned_until(text, State::new(), steps);
            let told: Vec<&str> = made.problems.iter().map(|one| one.summary.as_str()).collect();
            assert_eq!(told, ["Interrupted"], "after {steps}");
            assert!(made.plan.changes.len() <= most, "{}", made.plan.changes.len());
            assert!(made.plan.errored);
        }
    }
}
