//! The functions of the language: one file per family.
//!
//! A family is a table of [`Func`]. Before a function is called, its arguments are converted to the types of its
//! parameters and checked for null; unknown arguments and marks are dealt with here wherever a parameter does not
//! say that the function itself does.

mod charset;
mod cidr;
mod collection;
pub(crate) mod crypto;
mod csv;
pub(crate) mod date;
mod encoding;
mod file;
mod float;
mod format;
mod glob;
mod hash;
mod number;
mod pattern;
mod product;
pub mod provider;
mod re2;
mod sensitivity;
mod sequence;
mod sets;
mod special;
mod template;
mod text;
mod types;
mod yaml;

#[cfg(test)]
mod tests;

use crate::lang::expr::{Budget, Exhausted, Host, Scope, mismatch_text};
use crate::value::{Data, Marks, Type, Value, convert};

pub use pattern::check as check_pattern;

/// A function: its table entry.
#[derive(Debug)]
pub struct Func {
    pub name: &'static str,
    pub params: &'static [Param],
    /// Takes all further arguments.
    pub variadic: Option<Param>,
    pub returns: Kind,
    /// One sentence for the documentation.
    pub about: &'static str,
    /// Expressions with what they print; tests hold them true.
    pub examples: Examples,
    pub call: Call,
}

/// Expressions that show a function at work, each with its result as the console prints it.
pub type Examples = &'static [(&'static str, &'static str)];

/// What a function does with its arguments.
pub type Call = fn(&Args<'_>) -> Result<Value, FuncError>;

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    pub name: &'static str,
    pub ty: Kind,
    pub null: bool,
    pub unknown: Unknowns,
    /// The function itself carries the marks of the argument over to its result.
    pub marked: bool,
}

/// What becomes of arguments that are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknowns {
    /// An argument with anything unknown in it makes the result unknown.
    Deep,
    /// An unknown argument makes the result unknown; unknown parts are the function's own affair.
    Shallow,
    /// The function takes unknown arguments.
    Allowed,
}

/// A type in a table entry.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Any,
    Bool,
    Number,
    String,
    List(&'static Self),
    Set(&'static Self),
    Map(&'static Self),
    Object(&'static [(&'static str, Self)]),
}

impl Kind {
    /// The type meant.
    pub fn ty(self) -> Type {
        match self {
            Self::Any => Type::Dynamic,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::List(element) => Type::list(element.ty()),
            Self::Set(element) => Type::set(element.ty()),
            Self::Map(element) => Type::map(element.ty()),
            Self::Object(attributes) => Type::object(
                attributes
                    .iter()
                    .map(|(name, kind)| ((*name).into(), kind.ty()))
                    .collect(),
            ),
        }
    }
}

/// A parameter that must be known and not null, without marks.
const fn param(name: &'static str, ty: Kind) -> Param {
    Param {
        name,
        ty,
        null: false,
        unknown: Unknowns::Deep,
        marked: false,
    }
}

const fn text(name: &'static str) -> Param {
    param(name, Kind::String)
}

const fn number(name: &'static str) -> Param {
    param(name, Kind::Number)
}

const fn any(name: &'static str) -> Param {
    param(name, Kind::Any)
}

impl Param {
    const fn null(self) -> Self {
        Self { null: true, ..self }
    }

    const fn shallow(self) -> Self {
        Self {
            unknown: Unknowns::Shallow,
            ..self
        }
    }

    const fn unknown(self) -> Self {
        Self {
            unknown: Unknowns::Allowed,
            ..self
        }
    }

    const fn marked(self) -> Self {
        Self { marked: true, ..self }
    }
}

const LIST_OF_STRING: Kind = Kind::List(&Kind::String);
const LIST_OF_ANY: Kind = Kind::List(&Kind::Any);
const SET_OF_ANY: Kind = Kind::Set(&Kind::Any);

/// Why a function gave no result. The message is a sentence without full stop.
#[derive(Debug)]
pub struct FuncError {
    /// The argument at fault, from 0.
    pub argument: Option<usize>,
    pub message: String,
    /// The evaluation's budget is used up.
    pub(in crate::lang) exhausted: Option<Exhausted>,
}

impl FuncError {
    fn new(message: impl Into<String>) -> Self {
        Self {
            argument: None,
            message: message.into(),
            exhausted: None,
        }
    }

    fn argument(at: usize, message: impl Into<String>) -> Self {
        Self {
            argument: Some(at),
            ..Self::new(message)
        }
    }
}

impl From<Exhausted> for FuncError {
    fn from(why: Exhausted) -> Self {
        Self {
            exhausted: Some(why),
            ..Self::new(why.0)
        }
    }
}

/// What is around a call.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub scope: &'a dyn Scope,
    pub(in crate::lang) budget: &'a Budget,
}

/// The arguments of one call: converted and checked.
pub struct Args<'a> {
    values: Vec<Value>,
    world: World<'a>,
}

impl Args<'_> {
    fn all(&self) -> &[Value] {
        &self.values
    }

    fn host(&self) -> &dyn Host {
        self.world.scope.host()
    }

    /// An argument that must be there by the table entry.
    fn value(&self, at: usize) -> Result<&Value, FuncError> {
        self.values
            .get(at)
            .ok_or_else(|| FuncError::new("an argument is missing"))
    }

    /// A text, which is paid for as read.
    fn text(&self, at: usize) -> Result<&str, FuncError> {
        let text = self
            .value(at)?
            .as_str()
            .ok_or_else(|| FuncError::argument(at, "a string is required"))?;
        self.world.budget.work(text.len())?;
        Ok(text)
    }

    fn number(&self, at: usize) -> Result<&crate::value::Number, FuncError> {
        self.value(at)?
            .as_number()
            .ok_or_else(|| FuncError::argument(at, "a number is required"))
    }

    /// A whole number.
    fn whole(&self, at: usize) -> Result<i64, FuncError> {
        let number = self.number(at)?;
        if !number.is_integer() {
            return Err(FuncError::argument(at, "a whole number is required"));
        }
        number
            .as_i64()
            .ok_or_else(|| FuncError::argument(at, "the number is too large"))
    }

    /// The items of a list, set or tuple, which are paid for as read.
    fn items(&self, at: usize) -> Result<&[Value], FuncError> {
        let items = self
            .value(at)?
            .as_items()
            .ok_or_else(|| FuncError::argument(at, "a list is required"))?;
        self.world.budget.work(items.len())?;
        Ok(items)
    }

    /// Pays for so many bytes that are read beyond the arguments themselves.
    fn spend_work(&self, bytes: usize) -> Result<(), FuncError> {
        Ok(self.world.budget.work(bytes)?)
    }

    /// Pays for comparing two values.
    fn spend_comparison(&self, left: &Value, right: &Value) -> Result<(), FuncError> {
        Ok(self.world.budget.comparison(left, right)?)
    }

    /// Pays for putting the elements of a value in order.
    fn spend_order(&self, value: &Value) -> Result<(), FuncError> {
        Ok(self.world.budget.order(value)?)
    }

    /// Pays for text about to be made.
    fn spend_text(&self, bytes: usize) -> Result<(), FuncError> {
        Ok(self.world.budget.text(bytes)?)
    }

    /// Pays for maps and objects about to be made, their elements apart.
    fn spend_maps(&self, count: usize) -> Result<(), FuncError> {
        Ok(self.world.budget.maps(count)?)
    }

    /// Pays for elements about to be made.
    fn spend_elements(&self, count: usize) -> Result<(), FuncError> {
        Ok(self.world.budget.elements(count)?)
    }
}

impl Func {
    /// The parameter that takes an argument.
    pub fn parameter(&self, at: usize) -> Option<&Param> {
        self.params.get(at).or(self.variadic.as_ref())
    }

    /// Whether the result can be null: where the table entry leaves its type open, or null is taken.
    fn may_give_null(&self) -> bool {
        matches!(self.returns, Kind::Any) || self.params.iter().any(|param| param.null)
    }

    /// Converts and checks the arguments, whose number is right, and calls.
    pub fn apply(&self, arguments: Vec<Value>, world: World<'_>) -> Result<Value, FuncError> {
        let mut marks = Marks::NONE;
        let mut unknown = false;
        let mut values = Vec::with_capacity(arguments.len());
        for (at, value) in arguments.into_iter().enumerate() {
            let Some(param) = self.parameter(at) else { break };
            if matches!(param.ty, Kind::Set(_)) {
                world.budget.order(&value)?;
            }
            let value = admit(param, value).map_err(|message| FuncError::argument(at, message))?;
            let value = if param.marked {
                value
            } else {
                world.budget.look(&value)?;
                let (value, found) = value.unmark_deep();
                marks = marks | found;
                value
            };
            unknown |= match param.unknown {
                Unknowns::Deep => !value.is_wholly_known(),
                Unknowns::Shallow => !value.is_known(),
                Unknowns::Allowed => false,
            };
            values.push(value);
        }
        if unknown {
            let marks = values.iter().fold(marks, |marks, value| marks | value.marks());
            let open = Value::unknown(self.returns.ty());
            let open = if self.may_give_null() {
                open
            } else {
                open.never_null()
            };
            return Ok(open.with_marks(marks));
        }
        let args = Args { values, world };
        match (self.call)(&args) {
            Ok(value) => Ok(value.with_marks(marks)),
            // The message may quote an argument.
            Err(why) if why.exhausted.is_none() && !marks.is_empty() => Err(FuncError {
                message:
                    "an argument is not suitable; the reason is hidden, because it may show a sensitive value"
                        .into(),
                ..why
            }),
            Err(why) => Err(why),
        }
    }
}

/// One argument as its parameter wants it.
fn admit(param: &Param, value: Value) -> Result<Value, String> {
    if value.is_null() && !param.null {
        return Err("argument must not be null".into());
    }
    match (param.ty, value.data()) {
        (Kind::Any, _)
        | (Kind::String, Data::String(_))
        | (Kind::Number, Data::Number(_))
        | (Kind::Bool, Data::Bool(_)) => Ok(value),
        (ty, _) => convert::convert(&value, &ty.ty()).map_err(|why| mismatch_text(&why)),
    }
}

const FAMILIES: &[&[Func]] = &[
    text::FUNCTIONS,
    format::FUNCTIONS,
    pattern::FUNCTIONS,
    collection::FUNCTIONS,
    sequence::FUNCTIONS,
    sets::FUNCTIONS,
    special::FUNCTIONS,
    product::FUNCTIONS,
    number::FUNCTIONS,
    encoding::FUNCTIONS,
    types::FUNCTIONS,
    sensitivity::FUNCTIONS,
    file::FUNCTIONS,
    template::FUNCTIONS,
    date::FUNCTIONS,
    hash::FUNCTIONS,
    crypto::FUNCTIONS,
    cidr::FUNCTIONS,
    yaml::FUNCTIONS,
];

/// The function of a name.
pub fn lookup(name: &str) -> Option<&'static Func> {
    static BY_NAME: std::sync::LazyLock<std::collections::BTreeMap<&'static str, &'static Func>> =
        std::sync::LazyLock::new(|| all().map(|function| (function.name, function)).collect());
    BY_NAME.get(name).copied()
}

/// Every function of the language, family by family.
pub fn all() -> impl Iterator<Item = &'static Func> {
    FAMILIES.iter().copied().flatten()
}

/// The names of all functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|function| function.name)
}
