//! Arguments, attributes and nested blocks of a type.

use indexmap::IndexMap;

use super::native::{Equivalence, Form};
use super::pattern::Pattern;
use crate::diag::Span;
use crate::lang::spec::Nesting;
use crate::lang::syntax::Expr;
use crate::value::{Text, Type, Value};

/// Something that users may write.
#[derive(Clone, Debug)]
pub struct Argument {
    pub name: Text,
    pub about: Text,
    pub ty: Type,
    pub required: bool,
    pub default: Option<Value>,
    /// When it is not written the cloud chooses, and the recorded value stays.
    pub computed: bool,
    pub force_new: ForceNew,
    pub sensitive: bool,
    /// Never stored.
    pub write_only: bool,
    pub checks: Checks,
    /// Its value after a read. None means kept: it is never read back.
    pub read: Option<Expr>,
    /// Its planned value when it is not written.
    pub plan: Option<Expr>,
    /// When two values count as equal, for diffs and groups.
    pub same: Option<Equivalence>,
    /// The form in which its value is kept in state.
    pub stored: Option<Form>,
    /// When true, the written value counts as the recorded one.
    pub ignore_when: Option<Expr>,
    /// The type of the container that it names, by id: when that ends, the object ends with it.
    pub within: Option<Text>,
    /// What to use instead.
    pub deprecated: Option<Text>,
    pub alias: Option<Alias>,
    pub span: Span,
}

/// What a written value must satisfy at plan time. For collections each element must.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// Empty means any.
    pub one_of: Vec<Text>,
    /// Least and greatest number, inclusive.
    pub range: Option<(i64, i64)>,
    /// Least and greatest length, inclusive: characters of a string, or elements of a collection itself.
    pub length: Option<(i64, i64)>,
    pub pattern: Option<Pattern>,
    pub format: Option<Format>,
    /// Arguments that must be written too.
    pub needs: Vec<Text>,
    /// Arguments that must not be written with it.
    pub conflicts: Vec<Text>,
    /// Of these (itself among them) exactly one must be written.
    pub exactly_one: Vec<Text>,
    /// A block that leaves it out has no effect, of which the user is told.
    pub expected: bool,
}

/// Whether a change of an argument replaces the object.
#[derive(Clone, Debug, Default)]
pub enum ForceNew {
    #[default]
    Never,
    Always,
    /// When the expression is true; it sees `self`, `prior` and `provider`. Unknown counts as true.
    When(Expr),
}

/// An older name of another argument.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The argument it stands for.
    pub of: Text,
    /// The value of that argument; sees this argument under its own name. None means the same value.
    pub into: Option<Expr>,
    /// The value of this argument; sees that argument under its own name. None means the same value.
    pub back: Option<Expr>,
}

/// Forms of text that are checked at plan time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    /// A JSON object.
    JsonObject,
    Rfc3339,
    Base64,
    /// Whole seconds with `s`, or a number with `m`, `h` or `d`: `604800s`, `7d`.
    Duration,
    /// A regular expression as the functions of the language take it.
    Regex,
}

/// Something that is only read.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: Text,
    pub about: Text,
    pub ty: Type,
    pub sensitive: bool,
    /// Its value after a read; it sees the calls. None means: from `plan`, or kept from create.
    pub read: Option<Expr>,
    /// Its planned value; None means unknown until the object is created or, after that, as recorded.
    pub plan: Option<Expr>,
    pub stored: Option<Form>,
    pub same: Option<Equivalence>,
    pub deprecated: Option<Text>,
    pub span: Span,
}

/// A kind of nested block.
#[derive(Clone, Debug)]
pub struct NestedBlock {
    pub name: Text,
    pub about: Text,
    pub nesting: Nesting,
    pub min: usize,
    pub max: Option<usize>,
    pub force_new: ForceNew,
    pub arguments: IndexMap<Text, Argument>,
    pub blocks: IndexMap<Text, Self>,
    /// The value of all blocks of this kind after a read. None means kept.
    pub read: Option<Expr>,
    pub span: Span,
}

impl Argument {
    /// Whether it keeps what was written, because nothing reads it back.
    pub fn is_kept(&self) -> bool {
        self.read.is_none() && self.alias.is_none()
    }

    /// Whether users may leave it out.
    pub fn is_optional(&self) -> bool {
        !self.required
    }
}
