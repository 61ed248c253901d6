//! What a block may hold: arguments with their types, and nested blocks.

use std::collections::BTreeMap;

use crate::addr::Mode;
use crate::value::{Constraint, Text, Type};

/// What the blocks of a configuration may hold, as far as it depends on types.
pub trait Specs {
    fn resource(&self, mode: Mode, ty: &str) -> Option<&BlockSpec>;

    /// By the name of the provider's type: `aws`.
    fn provider(&self, name: &str) -> Option<&BlockSpec>;
}

/// What a block may hold.
#[derive(Clone, Debug, Default)]
pub struct BlockSpec {
    pub attributes: BTreeMap<Text, AttributeSpec>,
    pub blocks: BTreeMap<Text, NestedSpec>,
}

/// One argument or attribute. Neither required nor optional means that users cannot write it.
#[derive(Clone, Debug)]
pub struct AttributeSpec {
    pub ty: Constraint,
    pub required: bool,
    pub optional: bool,
    pub computed: bool,
    pub sensitive: bool,
    pub write_only: bool,
    /// What to use instead.
    pub deprecated: Option<Text>,
    pub about: Text,
}

/// A kind of nested block.
#[derive(Clone, Debug)]
pub struct NestedSpec {
    pub nesting: Nesting,
    pub min: usize,
    /// None means any number.
    pub max: Option<usize>,
    pub spec: BlockSpec,
    pub about: Text,
}

/// How nested blocks become a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// An object, or null when absent.
    Single,
    List,
    Set,
    /// By label.
    Map,
}

impl BlockSpec {
    /// The type of the object that decoding gives.
    pub fn ty(&self) -> Type {
        let attributes = self
            .attributes
            .iter()
            .map(|(name, attribute)| (name.clone(), attribute.ty.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, block)| (name.clone(), block.ty()));
        Type::object(attributes.chain(blocks).collect())
    }

    /// Whether anything in it is sensitive, at any depth.
    pub fn has_sensitive(&self) -> bool {
        self.attributes.values().any(|attribute| attribute.sensitive)
            || self.blocks.values().any(|block| block.spec.has_sensitive())
    }
}

impl NestedSpec {
    /// The type of the attribute that stands for all blocks of this kind.
    pub fn ty(&self) -> Type {
        match self.nesting {
            Nesting::Single => self.spec.ty(),
            Nesting::List => Type::list(self.spec.ty()),
            Nesting::Set => Type::set(self.spec.ty()),
            Nesting::Map => Type::map(self.spec.ty()),
        }
    }
}
