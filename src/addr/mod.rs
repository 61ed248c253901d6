//! Names of things: resources, their instances, modules, providers; and names as written in expressions.
//!
//! A *resource* is a block; an *instance* is one of what it declares.

pub mod arn;
mod fate;
mod parse;
mod provider;
mod reference;

use std::fmt::{self, Write as _};
use std::sync::Arc;

pub use fate::OnDestroy;
pub use parse::{ParseError, parse_instance, parse_key, parse_target};
pub use provider::{ProviderConfig, ProviderName};
pub use reference::{Reference, Subject};

/// A shared name.
pub type Text = Arc<str>;

/// What `count` or `for_each` calls an instance. Ordered as Terraform orders: no key, numbers, strings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    None,
    Number(u64),
    Text(Text),
}

/// Prints `[0]`, `["k"]` or nothing.
impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Text(text) => write!(f, "[{}]", quote(text)),
        }
    }
}

/// Text in HCL quotes: `"`, `\`, line breaks, `${` and `%{` escaped.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => {
                quoted.push(c);
                quoted.push(c);
            }
            c if c.is_control() => {
                write!(quoted, "\\u{:04x}", u32::from(c)).expect("writing to a string never fails");
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// One module call on the way down, with the instance taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    pub name: Text,
    pub key: InstanceKey,
}

/// An instance of a module: the calls from the root down. The root is the empty path.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Arc<[ModuleStep]>);

impl ModulePath {
    pub fn root() -> Self {
        Self::default()
    }

    /// The path of a module block: call names without instance keys.
    pub fn of_names(names: &[Text]) -> Self {
        let step = |name: &Text| ModuleStep {
            name: name.clone(),
            key: InstanceKey::None,
        };
        Self(names.iter().map(step).collect())
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn child(&self, name: Text, key: InstanceKey) -> Self {
        Self(self.0.iter().cloned().chain([ModuleStep { name, key }]).collect())
    }

    pub fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, rest)| Self(rest.into()))
    }

    /// The path without instance keys: which block of configuration it came from.
    pub fn names(&self) -> Vec<Text> {
        self.0.iter().map(|step| step.name.clone()).collect()
    }

    /// Whether no step has an instance key.
    pub fn is_keyless(&self) -> bool {
        self.0.iter().all(|step| step.key == InstanceKey::None)
    }

    /// The path with another one before it.
    #[must_use]
    pub fn below(&self, outer: &Self) -> Self {
        Self(outer.0.iter().chain(self.0.iter()).cloned().collect())
    }

    /// Whether `self` is what a pattern stands for: a step without key stands for every instance of its call.
    pub fn is_one_of(&self, pattern: &Self) -> bool {
        self.0.len() == pattern.0.len() && within(self, pattern)
    }

    /// Whether `self` is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

/// Prints `module.a["x"].module.b`; the root prints nothing.
impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            write!(
                f,
                "{}module.{}{}",
                if i == 0 { "" } else { "." },
                step.name,
                step.key
            )?;
        }
        Ok(())
    }
}

/// How objects of a resource come to be. Ordered as in state files: data before managed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    Data,
    Managed,
    /// It lives in one run only, and is recorded nowhere.
    Ephemeral,
}

impl Mode {
    /// The word of Terraform's JSON and state files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Managed => "managed",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// A resource within its module: `aws_kms_key.this`, `data.aws_region.current`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceName {
    pub mode: Mode,
    pub ty: Text,
    pub name: Text,
}

impl ResourceName {
    pub fn managed(ty: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self {
            mode: Mode::Managed,
            ty: ty.into(),
            name: name.into(),
        }
    }

    pub fn data(ty: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self {
            mode: Mode::Data,
            ty: ty.into(),
            name: name.into(),
        }
    }

    pub fn ephemeral(ty: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self {
            mode: Mode::Ephemeral,
            ty: ty.into(),
            name: name.into(),
        }
    }

    pub fn is_managed(&self) -> bool {
        self.mode == Mode::Managed
    }

    pub fn is_ephemeral(&self) -> bool {
        self.mode == Mode::Ephemeral
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.mode {
            Mode::Managed => "",
            Mode::Data => "data.",
            Mode::Ephemeral => "ephemeral.",
        };
        write!(f, "{prefix}{}.{}", self.ty, self.name)
    }
}

/// One instance of a resource, anywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceAddr {
    pub module: ModulePath,
    pub resource: ResourceName,
    pub key: InstanceKey,
}

impl InstanceAddr {
    pub fn new(module: ModulePath, resource: ResourceName, key: InstanceKey) -> Self {
        Self {
            module,
            resource,
            key,
        }
    }

    /// The resource without the instance key.
    pub fn resource_addr(&self) -> ResourceAddr {
        ResourceAddr {
            module: self.module.clone(),
            resource: self.resource.clone(),
        }
    }
}

impl fmt::Display for InstanceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}{}", self.resource, self.key)
    }
}

/// A resource in one instance of its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceAddr {
    pub module: ModulePath,
    pub resource: ResourceName,
}

impl ResourceAddr {
    /// The block that declares the resource: no instance keys, as `dependencies` in state files name it.
    pub fn block_name(&self) -> String {
        let steps = self.module.0.iter();
        let modules: String = steps.flat_map(|step| ["module.", &step.name, "."]).collect();
        format!("{modules}{}", self.resource)
    }

    pub fn instance(&self, key: InstanceKey) -> InstanceAddr {
        InstanceAddr::new(self.module.clone(), self.resource.clone(), key)
    }
}

impl fmt::Display for ResourceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}", self.resource)
    }
}

/// What an address given on the command line, or in `moved`, `removed` and `import`, picks out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A module instance, or every instance of a module call where the last key is missing.
    Module(ModulePath),
    /// A resource with all its instances.
    Resource(ResourceAddr),
    Instance(InstanceAddr),
}

impl Target {
    /// What an address that is written inside a module means at the root: that, in every instance of the module.
    #[must_use]
    pub fn below(&self, outer: &ModulePath) -> Self {
        match self {
            Self::Module(path) => Self::Module(path.below(outer)),
            Self::Resource(resource) => Self::Resource(ResourceAddr {
                module: resource.module.below(outer),
                resource: resource.resource.clone(),
            }),
            Self::Instance(instance) => Self::Instance(InstanceAddr::new(
                instance.module.below(outer),
                instance.resource.clone(),
                instance.key.clone(),
            )),
        }
    }

    /// Whether it is the address of this instance, and of no other.
    pub fn is_exactly(&self, instance: &InstanceAddr) -> bool {
        match self {
            Self::Module(_) => false,
            Self::Resource(resource) => {
                let is_alone = instance.key == InstanceKey::None;
                is_alone && instance.module == resource.module && instance.resource == resource.resource
            }
            Self::Instance(wanted) => wanted == instance,
        }
    }

    /// Whether the instance lies within what is picked out. A module step or resource without key takes in
    /// every instance.
    pub fn contains(&self, instance: &InstanceAddr) -> bool {
        match self {
            Self::Module(path) => within(&instance.module, path),
            Self::Resource(resource) => {
                instance.module.is_one_of(&resource.module) && resource.resource == instance.resource
            }
            Self::Instance(wanted) => {
                instance.module.is_one_of(&wanted.module)
                    && wanted.resource == instance.resource
                    && wanted.key == instance.key
            }
        }
    }
}

fn within(path: &ModulePath, target: &ModulePath) -> bool {
    path.0.len() >= target.0.len()
        && path
            .0
            .iter()
            .zip(target.0.iter())
            .all(|(have, want)| step_matches(have, want))
}

fn step_matches(have: &ModuleStep, want: &ModuleStep) -> bool {
    have.name == want.name && (want.key == InstanceKey::None || want.key == have.key)
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(path) => path.fmt(f),
            Self::Resource(resource) => resource.fmt(f),
            Self::Instance(instance) => instance.fmt(f),
        }
    }
}
