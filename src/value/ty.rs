//! The types of values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Text, Value};

/// The type of a value. As a constraint, `Dynamic` stands for "any one type" and objects may have optional
/// attributes; the type of a value has neither optional attributes nor defaults.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Type {
    Dynamic,
    Bool,
    Number,
    String,
    List(Arc<Self>),
    Set(Arc<Self>),
    Map(Arc<Self>),
    Tuple(Arc<[Self]>),
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ObjectType {
    pub attributes: BTreeMap<Text, Type>,
    /// Attributes that may be missing (constraints only).
    pub optional: BTreeSet<Text>,
}

impl Type {
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    pub fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    pub fn tuple(elements: Vec<Self>) -> Self {
        Self::Tuple(elements.into())
    }

    pub fn object(attributes: BTreeMap<Text, Self>) -> Self {
        Self::Object(Arc::new(ObjectType {
            attributes,
            optional: BTreeSet::new(),
        }))
    }

    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// Lists, sets and maps.
    pub fn is_collection(&self) -> bool {
        self.element().is_some()
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Self> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    /// The type without optional attributes, at any depth: what a value of it has.
    #[must_use]
    pub fn without_optional(&self) -> Self {
        match self {
            Self::List(element) => Self::list(element.without_optional()),
            Self::Set(element) => Self::set(element.without_optional()),
            Self::Map(element) => Self::map(element.without_optional()),
            Self::Tuple(elements) => Self::tuple(elements.iter().map(Self::without_optional).collect()),
            Self::Object(object) => Self::object(
                object
                    .attributes
                    .iter()
                    .map(|(name, ty)| (name.clone(), ty.without_optional()))
                    .collect(),
            ),
            Self::Dynamic | Self::Bool | Self::Number | Self::String => self.clone(),
        }
    }

    /// Whether `Dynamic` occurs in it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
            Self::Object(object) => object.attributes.values().any(Self::has_dynamic),
            _ => false,
        }
    }
}

/// A type constraint with the defaults of its optional attributes: what a `type = ...` argument says.
#[derive(Clone, Debug)]
pub struct Constraint {
    pub ty: Type,
    pub defaults: Defaults,
}

/// The defaults inside a constraint, in the shape of the type.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// Defaults of this object's own attributes.
    pub values: BTreeMap<Text, Value>,
    /// Defaults further inside: by attribute name, by tuple index as text, or `"*"` for a collection's elements.
    pub children: BTreeMap<Text, Self>,
}
