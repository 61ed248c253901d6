//! Plans the instances of one resource or data source.

use std::collections::BTreeMap;

use crate::addr::{self, InstanceAddr, InstanceKey, ResourceAddr};
use crate::config::{IgnoreChanges, Resource};
use crate::diag::{Diagnostic, Diagnostics, Result, Severity};
use crate::eval::checks::{Breach, check};
use crate::eval::{CheckKind, Expanded, ModuleInstanceId};
use crate::graph::{Node, NodeId, Object};
use crate::lang::decode::decode;
use crate::lang::syntax::Key;
use crate::resource::{self, Action, Change, Wish, withheld};
use crate::schema::ResourceType;
use crate::state::{self, Status};
use crate::value::{Type, Value};

use super::make::{Planner, about};
use super::observe::Wanted;
use super::provider::keyed;
use super::scoped::Seen;
use super::{Mode, Planned, Reason, Source};

/// A block and the type of its objects.
pub(super) struct Declared<'a> {
    pub(super) id: NodeId,
    pub(super) block: &'a Resource,
    pub(super) ty: &'static ResourceType,
    pub(super) object_type: Type,
}

impl Planner<'_> {
    /// Plans every instance of a resource, in every instance of its module.
    pub(super) fn resource_node(&mut self, id: NodeId) {
        let Node {
            module,
            object: Object::Resource(i),
        } = self.graph.node(id)
        else {
            return;
        };
        let config = self.graph.module(module).config.clone();
        let block = &config.resources[i as usize];
        if self.options.mode == Mode::Normal {
            self.collect_imports(Some(id));
        }
        if block.generated {
            return self.generated_node(id, block);
        }
        let found = self.type_of(&block.name);
        let instances = self.evaluator.instances(module);
        let Some((ty, object_type)) = found.map_err(|errors| self.at_block(errors, block)).ok() else {
            for instance in instances {
                self.handled.insert(self.address(instance, block));
            }
            return;
        };
        let declared = Declared {
            id,
            block,
            ty,
            object_type,
        };
        self.check_ignored(&declared);
        self.problems
            .extend(super::without_meaning(ty, &block.lifecycle).into_iter().collect());
        for instance in instances {
            let addr = self.address(instance, block);
            self.handled.insert(addr.clone());
            if self.options.mode == Mode::Normal || block.name.is_ephemeral() {
                self.module_instance(&declared, instance, &addr);
            } else {
                self.as_recorded(&declared, instance, &addr);
            }
        }
    }

    /// What is ignored must exist.
    fn check_ignored(&mut self, declared: &Declared<'_>) {
        let IgnoreChanges::Paths(paths) = &declared.block.lifecycle.ignore_changes else {
            return;
        };
        let spec = &declared.ty.spec;
        for (path, span) in paths {
            if let Some(Key::Attribute(name, _)) = path.first()
                && !spec.attributes.contains_key(name)
                && !spec.blocks.contains_key(name)
            {
                let detail = format!(
                    "This object has no argument, nested block, or exported attribute named \"{name}\"."
                );
                self.problems
                    .push(Diagnostic::error("Unsupported attribute", detail).at(*span));
            }
        }
    }

    fn at_block(&mut self, errors: Diagnostics, block: &Resource) {
        self.problems.extend(
            errors
                .into_iter()
                .map(|error| error.maybe_at(Some(block.span)))
                .collect(),
        );
    }

    fn address(&self, instance: ModuleInstanceId, block: &Resource) -> ResourceAddr {
        ResourceAddr {
            module: self.evaluator.path(instance).clone(),
            resource: block.name.clone(),
        }
    }

    /// Where nothing is planned by configuration, a resource is worth what the state says.
    fn as_recorded(&mut self, declared: &Declared<'_>, instance: ModuleInstanceId, addr: &ResourceAddr) {
        // What only waits to be destroyed is not the object of its instance, and is not read again.
        let recorded: Vec<InstanceAddr> = self.prior.resource(addr).map_or_else(Vec::new, |resource| {
            let current = resource.instances.iter().filter(|(_, one)| one.current.is_some());
            current.map(|(key, _)| addr.instance(key.clone())).collect()
        });
        if declared.block.name.is_managed() {
            self.choose_unrecorded(declared, instance, addr);
            self.refresh(&recorded);
        }
        let mut values = BTreeMap::new();
        for addr in &recorded {
            if let Some(value) = self.known(addr, declared) {
                values.insert(addr.key.clone(), value);
            }
        }
        let expanded = match values.keys().next() {
            None if matches!(declared.block.expand, crate::config::Expand::Single) => Expanded::Unknown,
            None if matches!(declared.block.expand, crate::config::Expand::Enabled(_)) => Expanded::Disabled,
            None => Expanded::Count(0),
            Some(InstanceKey::None) => Expanded::Single,
            Some(InstanceKey::Number(_)) => Expanded::Count(values.len() as u64),
            Some(InstanceKey::Text(_)) => Expanded::ForEach(
                values
                    .iter()
                    .filter_map(|(key, value)| match key {
                        InstanceKey::Text(key) => Some((key.clone(), value.clone())),
                        InstanceKey::None | InstanceKey::Number(_) => None,
                    })
                    .collect(),
            ),
        };
        self.enter_values(instance, addr, expanded, values);
    }

    fn module_instance(&mut self, declared: &Declared<'_>, instance: ModuleInstanceId, addr: &ResourceAddr) {
        let expanded = match self.evaluator.expand_resource(instance, declared.block) {
            Ok(expanded) => expanded,
            Err(errors) => {
                self.problems
                    .extend(errors.into_iter().map(|error| error.about(addr)).collect());
                return self.enter_values(instance, addr, Expanded::Unknown, BTreeMap::new());
            }
        };
        self.surplus(declared, addr, &expanded);
        if !self.choose_providers(declared, instance, addr, &expanded) {
            return self.enter_values(instance, addr, Expanded::Unknown, BTreeMap::new());
        }
        if declared.block.name.is_managed() {
            let recorded = self.prior.resource(addr).map(|resource| &resource.instances);
            let present: Vec<InstanceAddr> = recorded.map_or_else(Vec::new, |recorded| {
                let known = |key: &InstanceKey| recorded.get(key).is_some_and(|one| one.current.is_some());
                let keys = expanded
                    .repetitions()
                    .into_iter()
                    .map(|repetition| repetition.key);
                let present = keys.filter(known).map(|key| addr.instance(key));
                present.filter(|addr| self.targets.includes(addr)).collect()
            });
            self.refresh(&present);
        }
        // Instances of a resource may not refer to each other, so their values are entered together.
        let mut values = BTreeMap::new();
        for repetition in expanded.repetitions() {
            let one = addr.instance(repetition.key.clone());
            let value = if !self.may_go_on() {
                resource::unknown_object(declared.ty)
            } else if self.targets.includes(&one) {
                let source = Source {
                    node: declared.id,
                    module: instance,
                    repetition,
                };
                match self.instance(declared, &one, source) {
                    Ok(value) => value,
                    Err(errors) => {
                        self.problems.extend(about(errors, &one));
                        resource::unknown_object(declared.ty)
                    }
                }
            } else {
                self.known(&one, declared).unwrap_or_else(Value::dynamic)
            };
            values.insert(one.key, value);
        }
        self.enter_values(instance, addr, expanded, values);
        self.postconditions(declared, instance, addr);
    }

    /// The recorded object of an instance, none if there is none.
    pub(super) fn recorded(
        &mut self,
        addr: &InstanceAddr,
        ty: &'static ResourceType,
        object_type: &Type,
    ) -> Option<Value> {
        let object = self.prior.get(addr)?;
        let value = resource::recorded(ty, object_type, object);
        self.problems.take(value.map_err(|errors| about(errors, addr)))
    }

    /// The recorded object of an instance for who refers to it.
    fn known(&mut self, addr: &InstanceAddr, declared: &Declared<'_>) -> Option<Value> {
        let value = self.recorded(addr, declared.ty, &declared.object_type)?;
        Some(withheld::unknown(&value, self.prior.get(addr)?))
    }

    /// The value of a recorded object of a declared type.
    pub(super) fn value_of(
        &mut self,
        object: &state::Object,
        addr: &InstanceAddr,
        declared: &Declared<'_>,
    ) -> Option<Value> {
        let value = resource::recorded(declared.ty, &declared.object_type, object);
        self.problems.take(value.map_err(|errors| about(errors, addr)))
    }

    /// Plans one instance and gives its planned value.
    fn instance(&mut self, declared: &Declared<'_>, addr: &InstanceAddr, source: Source) -> Result<Value> {
        self.preconditions(declared, addr, &source)?;
        let scope = self
            .evaluator
            .scope(source.module)
            .with_repetition(&source.repetition);
        let config = decode(&declared.block.body, &declared.ty.spec, &scope)?;
        let config = crate::eval::storable(config, declared.block.span)?;
        let mode = declared.block.name.mode;
        let config = match mode {
            addr::Mode::Ephemeral => config,
            addr::Mode::Data | addr::Mode::Managed => crate::eval::persistable(config, &declared.ty.spec)?,
        };
        let provider = self.served_by(declared.id, addr);
        let facts = self.provider(&provider)?;
        match mode {
            addr::Mode::Managed => self.managed(declared, addr, source, &config, &facts),
            addr::Mode::Data => self.data(declared, addr, source, &config),
            addr::Mode::Ephemeral => self.ephemeral(declared, addr, source, &config),
        }
    }

    pub(super) fn served_by(&self, id: NodeId, addr: &InstanceAddr) -> addr::ProviderConfig {
        let served = self
            .graph
            .served_by(id)
            .expect("a resource node is served by a provider");
        addr::ProviderConfig {
            key: self.provider_keys.get(addr).cloned(),
            ..keyed(&served.config, &addr.module)
        }
    }

    fn managed(
        &mut self,
        declared: &Declared<'_>,
        addr: &InstanceAddr,
        source: Source,
        config: &Value,
        facts: &Value,
    ) -> Result<Value> {
        let (ty, block) = (declared.ty, declared.block);
        let provider = self.served_by(declared.id, addr);
        let import = self.import(declared, addr, &provider, (config, facts))?;
        let restores = import.is_none() && self.call_back(declared, addr, (config, facts))?;
        let object = self.prior.current_of(addr).cloned();
        if let Some(object) = object
            .as_ref()
            .filter(|object| object.provider_key != provider.key)
        {
            self.prior.insert(addr, &provider, object.clone());
        }
        let guard = self.note_guard(declared, addr);
        let recorded = object
            .as_ref()
            .and_then(|object| self.value_of(object, addr, declared));
        let recorded = recorded
            .zip(object.as_ref())
            .map(|(value, object)| self.with_secrets(declared, addr, (&value, config), object));
        let tainted = object
            .as_ref()
            .is_some_and(|object| object.status == Status::Tainted);
        let prior = import.as_ref().map(|(_, value)| value.clone()).or(recorded);
        self.problems
            .extend(about(resource::deprecated(ty, config), addr));
        let wished = match &prior {
            Some(prior) => resource::ignore_changes(config, prior, &block.lifecycle.ignore_changes),
            None => config.clone(),
        };
        let (prior, wished) = match (prior, &object) {
            (Some(prior), Some(object)) => {
                let (prior, wished) = withheld::fill_ignored(&prior, &wished, config, object);
                (Some(prior), wished)
            }
            (prior, _) => (prior, wished),
        };
        let forced = match &prior {
            Some(prior) => self.forced(declared, (addr, tainted), &source, (prior, &provider))?,
            None => None,
        };
        let proposal = resource::propose(&Wish {
            ty,
            config: &wished,
            prior: prior.as_ref(),
            provider: facts,
            forced: forced.is_some(),
        })?;
        self.problems.extend(about(proposal.warnings, addr));
        let mut change = proposal.change;
        if tainted {
            // Whatever has changed, it is not that which makes it go.
            change.replace_paths.clear();
        }
        let by_difference = change
            .action
            .is_replace()
            .then_some(Reason::ReplaceBecauseCannotUpdate);
        let reason = forced.or(by_difference);
        if reason.is_some() {
            self.replace(declared, addr, &mut change, (config, facts))?;
        }
        if restores && change.action == Action::NoOp {
            change.action = Action::Update;
        }
        if change.action == Action::NoOp {
            self.note_whole(addr);
        } else {
            self.pending[declared.id.0 as usize] = true;
        }
        let after = change.after.clone();
        let planned = Planned {
            moved_from: self.moves.origin(addr).cloned(),
            reason,
            import: import.map(|(id, _)| id),
            restores,
            guard,
            loss: self.loss(ty, (&change, guard)).map(Box::new),
            source: Some(source),
            ..Planned::bare(addr.clone(), provider, ty, change)
        };
        self.add(planned);
        Ok(after)
    }

    /// Nothing is missing any more of an object that was made in part.
    fn note_whole(&mut self, addr: &InstanceAddr) {
        if self.prior.get(addr).is_some_and(|object| object.incomplete)
            && let Some(object) = self.prior.get_mut(addr)
        {
            object.incomplete = false;
        }
    }

    /// Enters a change of a current object.
    pub(super) fn add(&mut self, planned: Planned) {
        self.at.insert(planned.addr.clone(), self.changes.len());
        self.push(planned);
    }

    /// Enters a change of any object.
    pub(super) fn push(&mut self, planned: Planned) {
        self.changes.push(planned);
        self.note_end(self.changes.len() - 1);
    }

    /// Why an object is replaced whether its own difference needs it or not.
    fn forced(
        &self,
        declared: &Declared<'_>,
        (addr, tainted): (&InstanceAddr, bool),
        source: &Source,
        (prior, provider): (&Value, &addr::ProviderConfig),
    ) -> Result<Option<Reason>> {
        Ok(if self.triggered(declared, source)? {
            Some(Reason::ReplaceByTriggers)
        } else if tainted {
            Some(Reason::ReplaceBecauseTainted)
        } else if self.options.replace.contains(addr) {
            Some(Reason::ReplaceByRequest)
        } else {
            self.goes_with(declared, provider, prior)
        })
    }

    fn data(
        &mut self,
        declared: &Declared<'_>,
        addr: &InstanceAddr,
        source: Source,
        config: &Value,
    ) -> Result<Value> {
        let provider = self.served_by(declared.id, addr);
        let unknown = !config.is_wholly_known();
        if unknown || self.waits(declared.id) {
            let after = resource::unread(declared.ty, config);
            let reason = if unknown {
                Reason::ReadBecauseConfigUnknown
            } else {
                Reason::ReadBecauseDependencyPending
            };
            let before = Value::null(Type::Dynamic);
            let change = Change {
                action: Action::Read,
                before,
                after: after.clone(),
                replace_paths: Vec::new(),
            };
            self.pending[declared.id.0 as usize] = true;
            // What an earlier run has read says nothing about what is read later.
            self.prior.remove(addr);
            self.add(Planned {
                reason: Some(reason),
                source: Some(source),
                ..Planned::bare(addr.clone(), provider, declared.ty, change)
            });
            return Ok(after);
        }
        let wanted = Wanted {
            addr: addr.clone(),
            ty: declared.ty,
            provider: provider.clone(),
            prior: self.kept(declared, addr, config),
            account: None,
        };
        let answer = self.observer.read_data(&wanted, config);
        if let Some(check) = &declared.block.check {
            let seen = Seen {
                check,
                config,
                answer,
            };
            return self.scoped_data(declared, wanted, source, seen);
        }
        let value = answer?;
        let object = resource::record(declared.ty, &value, &declared.object_type)?;
        self.prior.insert(addr, &provider, object);
        Ok(value)
    }

    /// What is recorded of a data source whose answer may stay; null of all others.
    fn kept(&mut self, declared: &Declared<'_>, addr: &InstanceAddr, config: &Value) -> Value {
        let read = declared.ty.read.as_ref().filter(|read| read.keep_when.is_some());
        let recorded = read.and_then(|_| self.recorded(addr, declared.ty, &declared.object_type));
        match (recorded, self.prior.get(addr)) {
            (Some(recorded), Some(object)) => {
                withheld::fill_written(&recorded, config, object, &self.prior.secrets).value
            }
            _ => Value::null(Type::Dynamic),
        }
    }

    /// Whether a data source or an ephemeral resource must not be read before something is carried out: a resource that it refers to, or
    /// anything that it, or a call of the modules around it, depends on.
    pub(super) fn waits(&self, id: NodeId) -> bool {
        let pending = |id: &NodeId| self.pending[id.0 as usize];
        let direct = self.graph.dependencies(id).iter();
        let mut around = Some(id);
        direct
            .filter(|dependency| matches!(self.graph.node(**dependency).object, Object::Resource(_)))
            .any(pending)
            || std::iter::from_fn(|| {
                let at = around?;
                around = self.graph.module(self.graph.node(at).module).call;
                Some(at)
            })
            .any(|at| self.graph.depends_on(at).iter().any(pending))
    }

    fn preconditions(&mut self, declared: &Declared<'_>, addr: &InstanceAddr, source: &Source) -> Result<()> {
        let conditions = &declared.block.lifecycle.preconditions;
        if conditions.is_empty() {
            return Ok(());
        }
        let scope = self
            .evaluator
            .scope(source.module)
            .with_repetition(&source.repetition);
        let breach = Breach {
            summary: "Resource precondition failed",
            severity: Severity::Error,
        };
        let (result, found) = check(conditions, &scope, breach);
        let config = self.graph.describe(declared.id);
        self.evaluator
            .checks_mut()
            .forget(CheckKind::Resource, &config, &addr.to_string());
        self.evaluator
            .checks_mut()
            .record(CheckKind::Resource, config, addr.to_string(), result);
        found.or(())
    }

    fn postconditions(&mut self, declared: &Declared<'_>, instance: ModuleInstanceId, addr: &ResourceAddr) {
        let conditions = &declared.block.lifecycle.postconditions;
        if conditions.is_empty() {
            return;
        }
        let Some(values) = self.evaluator.resource(instance, &addr.resource) else {
            return;
        };
        let mut results = Vec::new();
        for repetition in values.expanded.repetitions() {
            let Some(value) = values.get(&repetition.key) else {
                continue;
            };
            let scope = self
                .evaluator
                .scope(instance)
                .with_repetition(&repetition)
                .with_self(&addr.resource, value);
            let breach = Breach {
                summary: "Resource postcondition failed",
                severity: Severity::Error,
            };
            results.push((
                addr.instance(repetition.key.clone()),
                check(conditions, &scope, breach),
            ));
        }
        let config = self.graph.describe(declared.id);
        for (addr, (result, found)) in results {
            self.problems.extend(about(found, &addr));
            self.evaluator
                .checks_mut()
                .record(CheckKind::Resource, config.clone(), addr.to_string(), result);
        }
    }
}
