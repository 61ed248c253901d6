//! Dynamic values and their types: what every expression, argument and attribute is worth.
//!
//! A value is cheap to clone. It may be null, unknown until apply, or carry marks; null and unknown values know
//! their type. Accessors look through marks: whoever takes a value apart carries its marks over to the result.
//! `Debug` and `Display` never show what is sensitive; plain text comes out only through [`Value::reveal`].

mod bounds;
mod compare;
pub mod convert;
pub mod document;
pub mod json;
mod mark;
mod number;
pub mod path;
mod show;
mod ty;
pub mod unify;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::secret;

pub use bounds::Bounds;
pub use compare::{canonical_order, equal, raw_equal};
pub use mark::Marks;
pub use number::Number;
pub use path::{Path, PathText, Step};
pub use show::{describe, go_quote, placeholder, type_expression};
pub use ty::{Constraint, Defaults, ObjectType, Type};

/// A name or a string: shared, immutable, NFC.
pub type Text = Arc<str>;

/// A dynamic value.
#[derive(Clone)]
pub struct Value {
    data: Data,
    marks: Marks,
}

/// What a value holds, marks aside.
#[derive(Clone)]
pub enum Data {
    Null(Type),
    Unknown(Arc<Unknown>),
    Bool(bool),
    Number(Number),
    String(Text),
    List(Arc<Sequence>),
    /// Elements are distinct and in canonical order; their marks stand on the set itself.
    Set(Arc<Sequence>),
    Map(Arc<Mapping>),
    Tuple(Arc<Vec<Value>>),
    Object(Arc<BTreeMap<Text, Value>>),
}

/// A value known only after apply: its type, and what is known about it already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub ty: Type,
    pub refinement: Refinement,
}

/// What is known of an unknown value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refinement {
    pub not_null: bool,
    /// The string starts so.
    pub prefix: Option<Text>,
    pub number: Bounds,
    /// Bounds of a collection's length, inclusive.
    pub length: (Option<usize>, Option<usize>),
}

/// The elements of a list or a set.
#[derive(Clone)]
pub struct Sequence {
    pub element: Type,
    pub items: Vec<Value>,
}

/// The elements of a map, sorted by key.
#[derive(Clone)]
pub struct Mapping {
    pub element: Type,
    pub items: BTreeMap<Text, Value>,
}

impl Value {
    // ---- making ----------------------------------------------------------------------------------------

    pub fn from_data(data: Data) -> Self {
        Self {
            data,
            marks: Marks::NONE,
        }
    }

    pub fn null(ty: Type) -> Self {
        Self::from_data(Data::Null(ty))
    }

    pub fn unknown(ty: Type) -> Self {
        Self::from_data(Data::Unknown(Arc::new(Unknown {
            ty,
            refinement: Refinement::default(),
        })))
    }

    pub fn unknown_refined(ty: Type, refinement: Refinement) -> Self {
        Self::from_data(Data::Unknown(Arc::new(Unknown { ty, refinement })))
    }

    /// The same value; if it is unknown, it is known at least that it will not be null.
    #[must_use]
    pub fn never_null(self) -> Self {
        match self.data {
            Data::Unknown(unknown) if !unknown.refinement.not_null => {
                let mut unknown = Unknown::clone(&unknown);
                unknown.refinement.not_null = true;
                Self {
                    data: Data::Unknown(Arc::new(unknown)),
                    marks: self.marks,
                }
            }
            data => Self {
                data,
                marks: self.marks,
            },
        }
    }

    /// Unknown, and of unknown type.
    pub fn dynamic() -> Self {
        Self::unknown(Type::Dynamic)
    }

    pub fn bool(value: bool) -> Self {
        Self::from_data(Data::Bool(value))
    }

    pub fn number(value: Number) -> Self {
        Self::from_data(Data::Number(value))
    }

    pub fn int(value: i64) -> Self {
        Self::number(Number::from(value))
    }

    /// A string, brought to Unicode normal form C.
    pub fn string(text: &str) -> Self {
        use unicode_normalization::UnicodeNormalization as _;
        if text.is_ascii() || unicode_normalization::is_nfc(text) {
            return Self::text(text.into());
        }
        Self::text(text.nfc().collect::<String>().into())
    }

    /// A string that is known to be in normal form C.
    pub fn text(text: Text) -> Self {
        Self::from_data(Data::String(text))
    }

    /// A list; every item must be of the element type (or null, or unknown).
    pub fn list(element: Type, items: Vec<Self>) -> Self {
        Self::from_data(Data::List(Arc::new(Sequence { element, items })))
    }

    /// A set: sorts, drops duplicates, lifts the items' marks to the whole. A set that holds an unknown item
    /// keeps its items; its length is unknown.
    pub fn set(element: Type, items: Vec<Self>) -> Self {
        compare::make_set(element, items)
    }

    pub fn map(element: Type, items: BTreeMap<Text, Self>) -> Self {
        Self::from_data(Data::Map(Arc::new(Mapping { element, items })))
    }

    pub fn tuple(items: Vec<Self>) -> Self {
        Self::from_data(Data::Tuple(Arc::new(items)))
    }

    pub fn object(attributes: BTreeMap<Text, Self>) -> Self {
        Self::from_data(Data::Object(Arc::new(attributes)))
    }

    /// An object from pairs.
    pub fn object_of<K: Into<Text>>(pairs: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::object(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    // ---- looking ---------------------------------------------------------------------------------------

    pub fn data(&self) -> &Data {
        &self.data
    }

    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(ty) => ty.clone(),
            Data::Unknown(unknown) => unknown.ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(sequence) => Type::list(sequence.element.clone()),
            Data::Set(sequence) => Type::set(sequence.element.clone()),
            Data::Map(mapping) => Type::map(mapping.element.clone()),
            Data::Tuple(items) => Type::tuple(items.iter().map(Self::ty).collect()),
            Data::Object(attributes) => Type::object(
                attributes
                    .iter()
                    .map(|(name, value)| (name.clone(), value.ty()))
                    .collect(),
            ),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    pub fn is_known(&self) -> bool {
        !matches!(self.data, Data::Unknown(_))
    }

    /// Known, with all that is inside.
    pub fn is_wholly_known(&self) -> bool {
        self.is_known() && self.children().all(Self::is_wholly_known)
    }

    /// The direct elements or attribute values; none for primitives, null and unknown.
    pub fn children(&self) -> Children<'_> {
        match &self.data {
            Data::List(sequence) | Data::Set(sequence) => Children::Items(sequence.items.iter()),
            Data::Tuple(items) => Children::Items(items.iter()),
            Data::Map(mapping) => Children::Values(mapping.items.values()),
            Data::Object(attributes) => Children::Values(attributes.values()),
            _ => Children::Items([].iter()),
        }
    }

    /// The most parts that a value may have that is kept. One that holds another many times over is small in memory, and
    /// endless for whoever goes through it.
    pub const MOST_PARTS: usize = 5_000_000;

    /// How many levels of values inside each other a state can hold.
    pub const DEEPEST: usize = 45;

    /// Whether more levels of values stand inside each other. Each value takes one of `parts`; nothing is looked for
    /// once none are left.
    pub fn is_deeper_than(&self, levels: usize, parts: &mut usize) -> bool {
        let inside = levels.checked_sub(1);
        *parts = parts.saturating_sub(1);
        for child in self.children() {
            if *parts == 0 {
                return false;
            }
            match inside {
                Some(inside) if !child.is_deeper_than(inside, parts) => {}
                _ => return true,
            }
        }
        false
    }

    /// Whether each number in it can be read again where it is written: see [`Number::is_writable`].
    pub fn is_writable(&self) -> bool {
        match &self.data {
            Data::Number(number) => number.is_writable(),
            _ => self.children().all(Self::is_writable),
        }
    }

    /// Whether a number in it is infinite, as that of a division by zero is.
    pub fn has_infinity(&self) -> bool {
        match &self.data {
            Data::Number(number) => number.is_infinite(),
            _ => self.children().any(Self::has_infinity),
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Data::Bool(value) = self.data {
            Some(value)
        } else {
            None
        }
    }

    pub fn as_number(&self) -> Option<&Number> {
        if let Data::Number(value) = &self.data {
            Some(value)
        } else {
            None
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(|text| &**text)
    }

    pub fn as_text(&self) -> Option<&Text> {
        if let Data::String(text) = &self.data {
            Some(text)
        } else {
            None
        }
    }

    /// The items of a known list, set or tuple.
    pub fn as_items(&self) -> Option<&[Self]> {
        match &self.data {
            Data::List(sequence) | Data::Set(sequence) => Some(&sequence.items),
            Data::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a known map or object, sorted by key.
    pub fn as_entries(&self) -> Option<&BTreeMap<Text, Self>> {
        match &self.data {
            Data::Map(mapping) => Some(&mapping.items),
            Data::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// An attribute of a known object, or an element of a known map.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_entries().and_then(|entries| entries.get(name))
    }

    // ---- marks -----------------------------------------------------------------------------------------

    /// The marks on this value itself, not on its parts.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The marks on this value and on everything inside it.
    pub fn marks_deep(&self) -> Marks {
        self.children()
            .fold(self.marks, |marks, child| marks | child.marks_deep())
    }

    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        self.marks = self.marks | marks;
        self
    }

    /// Sets the marks of this value itself, whatever they were.
    #[must_use]
    pub fn replace_marks(mut self, marks: Marks) -> Self {
        self.marks = marks;
        self
    }

    /// The value without its own marks, and those marks.
    pub fn unmark(self) -> (Self, Marks) {
        let marks = self.marks;
        (
            Self {
                data: self.data,
                marks: Marks::NONE,
            },
            marks,
        )
    }

    /// The value without any mark, at any depth, and all marks that were found.
    pub fn unmark_deep(&self) -> (Self, Marks) {
        mark::unmark_deep(self)
    }

    /// The plain value. Only what must show secrets may call this: clouds, state files, `output`.
    #[must_use]
    pub fn reveal(&self) -> Self {
        self.unmark_deep().0
    }

    /// The same value as a secret: sensitive, and from now on what it holds is not printed by anybody.
    #[must_use]
    pub fn into_secret(self) -> Self {
        self.meet();
        self.with_marks(Marks::SENSITIVE)
    }

    /// Whatever this value holds is a secret, however its bytes come to be printed.
    pub fn meet(&self) {
        mark::each_text(self, &mut Self::MOST_PARTS.clone(), &mut |text| {
            secret::meet(text);
        });
    }

    /// Whatever is sensitive in this value is a secret.
    pub fn meet_marked(&self) {
        if self.is_sensitive() {
            self.meet();
            if let Some((inside, _)) = document::open(self) {
                inside.meet_marked();
            }
        } else {
            self.children().for_each(Self::meet_marked);
        }
    }

    /// Whatever this value holds may be printed.
    pub fn release(&self) {
        mark::each_text(self, &mut Self::MOST_PARTS.clone(), &mut |text| {
            secret::release(text);
        });
    }

    pub fn is_sensitive(&self) -> bool {
        self.marks.contains(Marks::SENSITIVE)
    }
}

/// See [`Value::children`].
#[derive(Clone)]
pub enum Children<'a> {
    Items(std::slice::Iter<'a, Value>),
    Values(std::collections::btree_map::Values<'a, Text, Value>),
}

impl<'a> Iterator for Children<'a> {
    type Item = &'a Value;

    fn next(&mut self) -> Option<&'a Value> {
        match self {
            Self::Items(items) => items.next(),
            Self::Values(values) => values.next(),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::int(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(&text)
    }
}
