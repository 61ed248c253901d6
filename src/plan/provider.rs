//! Provider configurations: which one serves an instance, and opening it.

use crate::addr::{InstanceAddr, ModulePath, ProviderConfig, ResourceAddr};
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::{Evaluator, Expanded, ModuleInstanceId};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::schema::Catalog;
use crate::value::Value;

use super::instance::Declared;
use super::make::{Planner, about};

impl Planner<'_> {
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
            .and_then(|arguments| self.checked_provider(config, arguments))
            .and_then(|arguments| self.observer.configure(config, arguments));
        match &opened {
            Ok(value) => drop(self.providers.insert(config.clone(), value.clone())),
            Err(_) => drop(self.failed_providers.insert(config.clone())),
        }
        opened
    }

    /// The arguments of a provider, if its schema accepts them. What is only advice is noted.
    fn checked_provider(&mut self, config: &ProviderConfig, arguments: Value) -> Result<Value> {
        let Some(schema) = Catalog::get().provider(&config.provider.ty) else {
            return Ok(arguments);
        };
        let schema = schema?;
        let mut found = crate::resource::validate_arguments(&schema.arguments, &schema.blocks, &arguments);
        let graph = self.graph.clone();
        if let Some(Node {
            module,
            object: Object::Provider(index),
        }) = block_of(&graph, config).map(|id| graph.node(id))
            && let Some((_, block)) = graph.module(module).config.providers.get_index(index as usize)
        {
            found = block.body.locate(block.span, found);
        }
        if found.has_errors() {
            return Err(found);
        }
        self.problems.extend(found);
        Ok(arguments)
    }

    /// The provider configuration that serves an instance: by configuration, else as recorded.
    pub(super) fn provider_of(&self, addr: &InstanceAddr) -> ProviderConfig {
        let by_config = self
            .node_of(&addr.resource_addr())
            .and_then(|node| self.graph.served_by(node));
        let recorded = || {
            self.prior
                .get(addr)
                .and_then(|object| object.provider_key.clone())
        };
        match by_config {
            Some(served) => ProviderConfig {
                key: served
                    .instance
                    .as_ref()
                    .and_then(|_| self.provider_keys.get(addr).cloned().or_else(recorded)),
                ..keyed(&served.config, &addr.module)
            },
            None => {
                if let Some(resource) = self.prior.resource(&addr.resource_addr()) {
                    ProviderConfig {
                        key: recorded(),
                        ..resource.provider.clone()
                    }
                } else {
                    let local = crate::config::Module::implied_provider(&addr.resource.ty);
                    let root = &self.graph.module(self.graph.root()).config;
                    ProviderConfig {
                        module: ModulePath::root(),
                        provider: root.provider_name(local),
                        alias: None,
                        key: None,
                    }
                }
            }
        }
    }
}

impl Planner<'_> {
    /// Notes for each instance which of its provider's configurations serves it. Where that fails it is reported, and
    /// the instance is left out.
    pub(super) fn choose_providers(
        &mut self,
        declared: &Declared<'_>,
        instance: ModuleInstanceId,
        addr: &ResourceAddr,
        expanded: &Expanded,
    ) -> bool {
        let graph = self.graph.clone();
        let chosen = graph
            .served_by(declared.id)
            .and_then(|served| served.instance.as_ref());
        let before = self.problems.len();
        for repetition in expanded.repetitions() {
            let Some(chosen) = chosen else { break };
            let one = addr.instance(repetition.key.clone());
            match self.evaluator.provider_key(chosen, instance, &repetition) {
                Ok(key) => drop(self.provider_keys.insert(one, key)),
                Err(errors) => self.problems.extend(about(errors, &one)),
            }
        }
        self.problems.len() == before
    }

    /// The same for recorded instances where nothing is planned, and only for those with whose objects nothing is
    /// noted.
    pub(super) fn choose_unrecorded(
        &mut self,
        declared: &Declared<'_>,
        instance: ModuleInstanceId,
        addr: &ResourceAddr,
    ) {
        let graph = self.graph.clone();
        let served = graph.served_by(declared.id);
        let Some(chosen) = served.and_then(|served| served.instance.as_ref()) else {
            return;
        };
        let Ok(expanded) = self.evaluator.expand(instance, &declared.block.expand) else {
            return;
        };
        for repetition in expanded.repetitions() {
            let one = addr.instance(repetition.key.clone());
            let is_open = self
                .prior
                .get(&one)
                .is_some_and(|object| object.provider_key.is_none());
            if is_open && let Ok(key) = self.evaluator.provider_key(chosen, instance, &repetition) {
                self.provider_keys.insert(one, key);
            }
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
    let Some(id) = block_of(&graph, config) else {
        // Only the root has a configuration without writing one.
        return if config.alias.is_none() && config.module.is_root() {
            Ok(crate::resource::empty_object(&schema.spec))
        } else {
            Err(not_present(config).into())
        };
    };
    let problems = evaluator.evaluate_provider(id, &schema.spec);
    if problems.has_errors() {
        return Err(problems);
    }
    let Object::Provider(index) = graph.node(id).object else {
        unreachable!("a provider's block is a provider node")
    };
    let instance = evaluator.instance_at(&config.module);
    let value = instance.and_then(|instance| evaluator.provider(instance, index, config.key.as_ref()));
    value.cloned().ok_or_else(|| not_present(config).into())
}

/// The block that a provider configuration is written in.
pub(super) fn block_of(graph: &Graph, config: &ProviderConfig) -> Option<NodeId> {
    let module = graph.module_by_names(&config.module.names())?;
    let written = &graph.module(module).config;
    let index = written
        .providers
        .keys()
        .position(|key| key.alias == config.alias && written.provider_name(&key.local) == config.provider)?;
    let object = Object::Provider(u32::try_from(index).expect("fewer than 2^32 providers"));
    Some(graph.id_of(Node { module, object }))
}

fn not_present(config: &ProviderConfig) -> Diagnostic {
    Diagnostic::error(
        "Provider configuration not present",
        format!(
            "The provider configuration {config} is needed, but the configuration does not declare it. Another one may lead to another account, so none is taken in its place. Declare it again until the objects that it serves are destroyed, or let a \"removed\" block forget them."
        ),
    )
}

fn unknown_provider(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Unknown provider",
        format!(
            "keyform does not know the provider {name}: it manages keys, with the providers {}.",
            Catalog::get().providers().join(", ")
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
