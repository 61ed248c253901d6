//! The provider configurations of plan JSON, under the keys that Terraform gives them.
//!
//! Every module has an entry for each provider that it needs. One that it has from a module around is only another
//! name: resources are said to be served by what it stands for, and it is left out in the end.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::expression::body;
use super::value::Record;
use crate::addr::{ModulePath, ProviderName};
use crate::config::{Module, ProviderBlock, ProviderKey, Resource};
use crate::graph::Graph;
use crate::schema::Catalog;

/// What a key stands for.
struct Entry {
    provider: ProviderName,
    /// The key in a module around that it is another name for.
    of: Option<String>,
    json: Json,
}

/// All provider configurations, by key: `aws`, `aws.west`, `module.m:aws`.
pub(super) struct ProviderConfigs(BTreeMap<String, Entry>);

impl ProviderConfigs {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut all = Self(BTreeMap::new());
        for (_, module) in graph.modules() {
            let config = &module.config;
            let around = module.parent.map(|parent| &*graph.module(parent).config);
            for block in config.providers.values() {
                let provider = config.provider_name(&block.key.local);
                let json = entry(config, &provider, &block.key, Some(block));
                all.enter(config, &block.key, provider, None, json);
            }
            for (key, provider) in needed(config) {
                all.inherit(config, around, &key, provider);
            }
            for call in config.calls.values() {
                for (inner, outer) in &call.providers {
                    let provider = call.module.provider_name(&inner.local);
                    let of = all.known(&key_in(config, outer), &provider);
                    let json = entry(&call.module, &provider, inner, None);
                    all.enter(&call.module, inner, provider, of, json);
                }
            }
        }
        all
    }

    /// The key of the configuration that serves a resource.
    pub(super) fn serving(&self, config: &Module, resource: &Resource) -> String {
        let key = match &resource.provider {
            Some((key, _)) => key_in(config, key),
            None => key_in(config, &default_of(Module::implied_provider(&resource.name.ty))),
        };
        let of = self.0.get(&key).and_then(|entry| entry.of.clone());
        of.unwrap_or(key)
    }

    pub(super) fn json(self) -> Map<String, Json> {
        let own = self.0.into_iter().filter(|(_, entry)| entry.of.is_none());
        own.map(|(key, entry)| (key, entry.json)).collect()
    }

    fn enter(
        &mut self,
        config: &Module,
        key: &ProviderKey,
        provider: ProviderName,
        of: Option<String>,
        json: Json,
    ) {
        self.0.insert(key_in(config, key), Entry { provider, of, json });
    }

    /// A configuration without a block is that of the module around, if that has one.
    fn inherit(
        &mut self,
        config: &Module,
        around: Option<&Module>,
        key: &ProviderKey,
        provider: ProviderName,
    ) {
        if self.0.contains_key(&key_in(config, key)) {
            return;
        }
        let of = around.and_then(|around| self.known(&key_in(around, key), &provider));
        let json = entry(config, &provider, key, None);
        self.enter(config, key, provider, of, json);
    }

    /// The configuration that a key stands for, if it is one of the provider.
    fn known(&self, key: &str, provider: &ProviderName) -> Option<String> {
        let entry = self.0.get(key).filter(|entry| entry.provider == *provider)?;
        Some(entry.of.clone().unwrap_or_else(|| key.to_owned()))
    }
}

fn default_of(local: &str) -> ProviderKey {
    ProviderKey {
        local: local.into(),
        alias: None,
    }
}

/// The configurations that a module needs by its `required_providers` and its resources; the latter under the name
/// of the provider itself.
fn needed(config: &Module) -> Vec<(ProviderKey, ProviderName)> {
    let required = config.required_providers.iter().flat_map(|(local, required)| {
        let keys = required.aliases.iter().cloned().chain([default_of(local)]);
        keys.map(|key| (key, required.source.clone()))
    });
    let serving = config
        .resources
        .values()
        .map(|resource| match &resource.provider {
            Some((key, _)) => config.provider_name(&key.local),
            None => config.provider_name(Module::implied_provider(&resource.name.ty)),
        });
    let sources = config
        .required_providers
        .values()
        .map(|required| required.source.clone());
    let implied = sources
        .chain(serving)
        .map(|provider| (default_of(&provider.ty), provider));
    required.chain(implied).collect()
}

fn key_in(config: &Module, key: &ProviderKey) -> String {
    let path = ModulePath::of_names(&config.path);
    if path.is_root() {
        key.to_string()
    } else {
        format!("{path}:{key}")
    }
}

fn entry(config: &Module, provider: &ProviderName, key: &ProviderKey, block: Option<&ProviderBlock>) -> Json {
    let required = config.required_providers.get(&key.local);
    let version = required.and_then(|required| required.version.as_deref());
    let version = version.or_else(|| block.and_then(|block| block.version.as_deref()));
    let schema = Catalog::get().provider(&provider.ty).and_then(Result::ok);
    let expressions = block
        .map(|block| body(&block.body, schema.map(|schema| &schema.spec)))
        .unwrap_or_default();
    let path = ModulePath::of_names(&config.path);
    Record::new()
        .with("name", &*key.local)
        .with("full_name", provider.to_string())
        .maybe("alias", key.alias.as_deref())
        .maybe("version_constraint", version)
        .maybe("module_address", (!path.is_root()).then(|| path.to_string()))
        .filled("expressions", expressions)
        .json()
}
