//! What we believe exists: the recorded objects by address, and the outputs.
//!
//! Attributes stay JSON text until somebody asks for their value. How a state is laid out in a file is in
//! [`v4`], where files live and who may write them in [`store`].

mod bridge;
mod check;
mod dependencies;
pub mod envelope;
mod identity;
pub mod intent;
pub mod journal;
mod manner;
pub mod marker;
mod object;
pub mod protocol;
mod raw;
pub mod replay;
pub mod salvage;
pub mod secrets;
pub mod store;
pub mod v4;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, ProviderConfig, ResourceAddr};
use crate::diag::Diagnostic;
use crate::value::{Marks, Text, Type, Value};

pub use check::{CheckObject, CheckResult};
pub use dependencies::Dependencies;
pub use identity::Identity;
pub use manner::{Manner, Vault};
pub use object::{Guard, Object, Status};
pub use raw::Raw;
pub use secrets::{Secrets, Withheld};

/// The Terraform version whose formats are written.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// The keys of an object in the file that this version does not know, kept as they are.
pub type Rest = Vec<(Text, Raw)>;

/// Everything recorded.
#[derive(Clone, Debug)]
pub struct State {
    /// Who wrote the file that this state was read from.
    pub terraform_version: Text,
    /// Rises with every write that changes something.
    pub serial: u64,
    /// Made with the first snapshot and kept for ever; empty before that.
    pub lineage: Text,
    pub outputs: BTreeMap<Text, OutputValue>,
    /// Shared between copies of a state until one of them changes.
    pub resources: BTreeMap<ResourceAddr, Arc<ResourceState>>,
    pub check_results: Option<Vec<CheckResult>>,
    pub rest: Rest,
    /// How secrets are dealt with where it is written; not part of its content.
    pub secrets: Secrets,
}

/// An output of the root module. A sensitive one carries the mark on its value.
#[derive(Clone, Debug)]
pub struct OutputValue {
    pub value: Value,
    pub ty: Type,
    pub sensitive: bool,
    pub rest: Rest,
}

/// What is recorded of one resource.
#[derive(Clone, Debug)]
pub struct ResourceState {
    pub provider: ProviderConfig,
    pub instances: BTreeMap<InstanceKey, Instances>,
    pub rest: Rest,
}

/// The objects of one instance: the current one, and those waiting to be destroyed under random keys.
#[derive(Clone, Debug, Default)]
pub struct Instances {
    pub current: Option<Arc<Object>>,
    pub deposed: BTreeMap<Text, Arc<Object>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            terraform_version: TERRAFORM_VERSION.into(),
            serial: 0,
            lineage: "".into(),
            outputs: BTreeMap::new(),
            resources: BTreeMap::new(),
            check_results: None,
            rest: Rest::new(),
            secrets: Secrets::default(),
        }
    }
}

impl OutputValue {
    /// An output as evaluated: sensitive when declared so or when its value is.
    pub fn new(value: &Value, sensitive: bool) -> Self {
        let (plain, marks) = value.unmark_deep();
        let sensitive = sensitive || marks.contains(Marks::SENSITIVE);
        Self {
            ty: plain.ty(),
            value: if sensitive {
                plain.with_marks(Marks::SENSITIVE)
            } else {
                plain
            },
            sensitive,
            rest: Rest::new(),
        }
    }
}

impl ResourceState {
    /// A resource without instances.
    pub fn new(provider: ProviderConfig) -> Self {
        Self {
            provider,
            instances: BTreeMap::new(),
            rest: Rest::new(),
        }
    }
}

impl Instances {
    pub fn is_empty(&self) -> bool {
        self.current.is_none() && self.deposed.is_empty()
    }

    /// The current object first, then the deposed ones by key.
    pub fn objects(&self) -> impl Iterator<Item = (Option<&Text>, &Object)> {
        let deposed = self.deposed.iter().map(|(key, object)| (Some(key), &**object));
        self.current.iter().map(|object| (None, &**object)).chain(deposed)
    }
}

impl State {
    /// A state with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the text of a state file; `name` says in messages which file it is.
    pub fn parse(text: impl Into<String>, name: &str) -> Result<Self, Diagnostic> {
        v4::read(&Arc::new(text.into()), name)
    }

    /// The text of a state file.
    pub fn to_text(&self) -> String {
        v4::write(self)
    }

    /// Whether no object and no output is recorded.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }

    /// The current object of an instance.
    pub fn get(&self, address: &InstanceAddr) -> Option<&Object> {
        self.instances(address)?.current.as_deref()
    }

    /// The current object of an instance, to be shared.
    pub fn current_of(&self, address: &InstanceAddr) -> Option<&Arc<Object>> {
        self.instances(address)?.current.as_ref()
    }

    /// The current object of an instance, to change.
    pub fn get_mut(&mut self, address: &InstanceAddr) -> Option<&mut Object> {
        let resource = Arc::make_mut(self.resources.get_mut(&address.resource_addr())?);
        let current = resource.instances.get_mut(&address.key)?.current.as_mut();
        current.map(Arc::make_mut)
    }

    /// A deposed object of an instance.
    pub fn get_deposed(&self, address: &InstanceAddr, key: &str) -> Option<&Object> {
        self.instances(address)?.deposed.get(key).map(|object| &**object)
    }

    /// The current and deposed objects of an instance.
    pub fn instances(&self, address: &InstanceAddr) -> Option<&Instances> {
        self.resource(&address.resource_addr())?
            .instances
            .get(&address.key)
    }

    pub fn resource(&self, address: &ResourceAddr) -> Option<&Arc<ResourceState>> {
        self.resources.get(address)
    }

    /// Records the current object of an instance.
    pub fn insert(
        &mut self,
        address: &InstanceAddr,
        provider: &ProviderConfig,
        object: impl Into<Arc<Object>>,
    ) {
        let object = served_by(object.into(), provider);
        self.entry(address, provider).current = Some(object);
    }

    /// Records a deposed object of an instance.
    pub fn insert_deposed(
        &mut self,
        address: &InstanceAddr,
        key: Text,
        provider: &ProviderConfig,
        object: impl Into<Arc<Object>>,
    ) {
        let object = served_by(object.into(), provider);
        self.entry(address, provider).deposed.insert(key, object);
    }

    fn entry(&mut self, address: &InstanceAddr, provider: &ProviderConfig) -> &mut Instances {
        let resource = self
            .resources
            .entry(address.resource_addr())
            .or_insert_with(|| ResourceState::new(shared(provider)).into());
        let resource = Arc::make_mut(resource);
        if (
            &resource.provider.module,
            &resource.provider.provider,
            &resource.provider.alias,
        ) != (&provider.module, &provider.provider, &provider.alias)
        {
            resource.provider = shared(provider);
        }
        resource.instances.entry(address.key.clone()).or_default()
    }

    /// Forgets the current object of an instance.
    pub fn remove(&mut self, address: &InstanceAddr) -> Option<Arc<Object>> {
        self.take(address, |instances| instances.current.take())
    }

    /// Forgets a deposed object.
    pub fn remove_deposed(&mut self, address: &InstanceAddr, key: &str) -> Option<Arc<Object>> {
        self.take(address, |instances| instances.deposed.remove(key))
    }

    /// Forgets the current object of an instance, or the deposed one of this key.
    pub fn forget(&mut self, address: &InstanceAddr, deposed: Option<&Text>) {
        match deposed {
            None => drop(self.remove(address)),
            Some(key) => drop(self.remove_deposed(address, key)),
        }
    }

    /// Forgets an instance with its deposed objects.
    pub fn remove_instance(&mut self, address: &InstanceAddr) -> Option<Instances> {
        self.take(address, |instances| Some(std::mem::take(instances)))
    }

    /// Takes something out of an instance, and drops what is left empty.
    fn take<T>(
        &mut self,
        address: &InstanceAddr,
        from: impl FnOnce(&mut Instances) -> Option<T>,
    ) -> Option<T> {
        let resource_addr = address.resource_addr();
        let resource = Arc::make_mut(self.resources.get_mut(&resource_addr)?);
        let instances = resource.instances.get_mut(&address.key)?;
        let taken = from(instances);
        if instances.is_empty() {
            resource.instances.remove(&address.key);
        }
        if resource.instances.is_empty() {
            self.resources.remove(&resource_addr);
        }
        taken
    }

    /// Makes the current object of an instance a deposed one under a key of eight hexadecimal digits.
    pub fn depose(&mut self, address: &InstanceAddr, key: Text) -> bool {
        let resource = self.resources.get_mut(&address.resource_addr());
        let instances = resource.and_then(|resource| Arc::make_mut(resource).instances.get_mut(&address.key));
        let Some(instances) = instances else { return false };
        let Some(object) = instances.current.take() else {
            return false;
        };
        instances.deposed.insert(key, object);
        true
    }

    /// Makes a deposed object the current one again, where none is.
    pub fn restore(&mut self, address: &InstanceAddr, key: &str) -> bool {
        let resource = self.resources.get_mut(&address.resource_addr());
        let instances = resource.and_then(|resource| Arc::make_mut(resource).instances.get_mut(&address.key));
        let Some(instances) = instances.filter(|instances| instances.current.is_none()) else {
            return false;
        };
        instances.current = instances.deposed.remove(key);
        instances.current.is_some()
    }

    /// Gives an instance, with its deposed objects, another address. Nothing happens when it does not exist or
    /// the other address is taken.
    pub fn rename(&mut self, from: &InstanceAddr, to: &InstanceAddr) -> bool {
        if self.instances(to).is_some() {
            return false;
        }
        let Some(provider) = self
            .resource(&from.resource_addr())
            .map(|resource| resource.provider.clone())
        else {
            return false;
        };
        let Some(instances) = self.remove_instance(from) else {
            return false;
        };
        *self.entry(to, &provider) = instances;
        true
    }

    /// Keeps a place for an instance of which nothing is recorded, as if something were: it moves like the others. Whoever
    /// keeps it takes it away with [`Self::remove_instance`].
    pub fn keep_place(&mut self, address: &InstanceAddr, provider: &ProviderConfig) {
        let resource = self.resource(&address.resource_addr());
        let provider = resource.map_or(provider, |resource| &resource.provider).clone();
        self.entry(address, &provider);
    }

    /// Gives instances other addresses, all at once: one may go where another one was. What does not exist stays so.
    pub fn rename_all(&mut self, moves: &[(InstanceAddr, InstanceAddr)]) {
        let mut taken = Vec::with_capacity(moves.len());
        for (from, to) in moves {
            let provider = self
                .resource(&from.resource_addr())
                .map(|resource| resource.provider.clone());
            if let (Some(provider), Some(instances)) = (provider, self.remove_instance(from)) {
                taken.push((to, provider, instances));
            }
        }
        for (to, provider, instances) in taken {
            *self.entry(to, &provider) = instances;
        }
    }

    /// What depends on objects that have another address now finds them there. A block of which some have stayed is
    /// still depended on, too.
    pub fn rename_dependencies<'a>(
        &mut self,
        moves: impl IntoIterator<Item = (&'a InstanceAddr, &'a InstanceAddr)>,
    ) {
        let mut names: BTreeMap<Text, BTreeSet<Text>> = BTreeMap::new();
        for (from, to) in moves {
            let (old, new) = (from.resource_addr().block_name(), to.resource_addr().block_name());
            if old != new {
                names.entry(old.into()).or_default().insert(new.into());
            }
        }
        if names.is_empty() {
            return;
        }
        for name in self.resources.keys().map(ResourceAddr::block_name) {
            if let Some(new) = names.get_mut(&*name) {
                new.insert(name.into());
            }
        }
        let resources = self.resources.values_mut();
        for instances in resources.flat_map(|resource| Arc::make_mut(resource).instances.values_mut()) {
            let objects = instances.current.iter_mut().chain(instances.deposed.values_mut());
            for object in objects {
                if object.dependencies.iter().any(|name| names.contains_key(name)) {
                    let object = Arc::make_mut(object);
                    object.dependencies = renamed(&object.dependencies, &names).into();
                }
            }
        }
    }

    /// All objects, with the key of the deposed ones: by module, data before managed, type, name and key.
    pub fn objects(&self) -> impl Iterator<Item = (InstanceAddr, Option<&Text>, &Object)> {
        self.resources.iter().flat_map(|(address, resource)| {
            resource.instances.iter().flat_map(move |(key, instances)| {
                let address = address.instance(key.clone());
                instances
                    .objects()
                    .map(move |(deposed, object)| (address.clone(), deposed, object))
            })
        })
    }

    /// All current objects.
    pub fn current(&self) -> impl Iterator<Item = (InstanceAddr, &Object)> {
        self.objects()
            .filter_map(|(address, deposed, object)| deposed.is_none().then_some((address, object)))
    }

    /// Whether both hold the same, whatever their serial, lineage and writer: what a reader of the two files
    /// could tell apart. The order of sensitive paths and of check results does not count.
    pub fn same_content(&self, other: &Self) -> bool {
        let around = |state: &Self| {
            v4::write_body(&Self {
                outputs: state.outputs.clone(),
                check_results: state.check_results.clone(),
                rest: state.rest.clone(),
                ..Self::new()
            })
        };
        self.resources.len() == other.resources.len()
            && self
                .resources
                .iter()
                .zip(&other.resources)
                .all(|(one, two)| one.0 == two.0 && one.1.same(two.1, one.0, &self.secrets))
            && around(self) == around(other)
    }
}

/// An object that notes which of a provider's configurations serves it.
fn served_by(mut object: Arc<Object>, provider: &ProviderConfig) -> Arc<Object> {
    if object.provider_key != provider.key {
        Arc::make_mut(&mut object).provider_key.clone_from(&provider.key);
    }
    object
}

/// What serves all instances of a resource, as far as it is the same for them.
fn shared(provider: &ProviderConfig) -> ProviderConfig {
    ProviderConfig {
        key: None,
        ..provider.clone()
    }
}

fn renamed(dependencies: &[Text], names: &BTreeMap<Text, BTreeSet<Text>>) -> Vec<Text> {
    let mut found = BTreeSet::new();
    for name in dependencies {
        match names.get(name) {
            Some(new) => found.extend(new.iter().cloned()),
            None => drop(found.insert(name.clone())),
        }
    }
    found.into_iter().collect()
}

impl ResourceState {
    fn same(&self, other: &Self, address: &ResourceAddr, secrets: &Secrets) -> bool {
        self.provider == other.provider
            && self.rest == other.rest
            && self.instances.len() == other.instances.len()
            && self.instances.iter().zip(&other.instances).all(|(one, two)| {
                one.0 == two.0 && one.1.same(two.1, &address.instance(one.0.clone()), secrets)
            })
    }
}

impl Instances {
    fn same(&self, other: &Self, address: &InstanceAddr, secrets: &Secrets) -> bool {
        let text = |object: &Object| v4::write_object(object, address, secrets);
        let same = |one: &Object, two: &Object| std::ptr::eq(one, two) || text(one) == text(two);
        self.objects().count() == other.objects().count()
            && self
                .objects()
                .zip(other.objects())
                .all(|(one, two)| one.0 == two.0 && same(one.1, two.1))
    }
}

#[cfg(test)]
mod tests;
