//! A resource type or data source: what users write, how it is read back, what changes it.
//!
//! These are the facts of one schema file as plain data. Expressions are kept as trees; [`super::names`] says
//! which names each of them may see. Pieces spliced in with `include` and the parts that a provider gives to
//! each of its types stand here as if the file itself had held them, and every `with.x` has been replaced by
//! what the includer passed.

use indexmap::IndexMap;

use super::argument::{Argument, Attribute, NestedBlock};
use super::operation::{Among, CallSpec, Create, Delete, Group, Read, Restore, Retire, Timeouts, Usage};
use super::pattern::Pattern;
use crate::addr::Mode;
use crate::diag::Span;
use crate::lang::spec::BlockSpec;
use crate::lang::syntax::Expr;
use crate::value::Text;

/// One resource type or data source.
#[derive(Clone, Debug)]
pub struct ResourceType {
    /// `aws_kms_key`
    pub name: Text,
    pub mode: Mode,
    /// The provider's name: `aws`, `alicloud`, `terraform`.
    pub provider: Text,
    /// The version of what is stored in state.
    pub version: u64,
    /// The service that calls go to unless they name another; empty for types without calls.
    pub service: Text,
    pub about: Text,
    /// Operations come from the program, not from the file.
    pub native: bool,
    /// The region of each call, unless the call names its own. A null value means the provider's region.
    pub region: Option<Expr>,
    /// What destroying an object of this type means.
    pub destroy: Destroy,
    /// How many days a destroyed object waits; sees the prior object as `prior`.
    pub window: Option<Expr>,
    /// Whether the material of an object changes by itself; null where it cannot. Sees the wished object as `self`.
    pub rotates: Option<Expr>,
    /// Whether an object can be used. Sees the wished object as `self`.
    pub usable: Option<Expr>,
    /// When an object can no longer be used; null for one that always can. Sees the wished object as `self`.
    pub expires: Option<Expr>,
    /// The argument that says which key the object's name stands for.
    pub stands_for: Option<Text>,
    pub arguments: IndexMap<Text, Argument>,
    pub attributes: IndexMap<Text, Attribute>,
    pub blocks: IndexMap<Text, NestedBlock>,
    pub rules: Vec<Rule>,
    pub timeouts: Timeouts,
    pub read: Option<Read>,
    pub create: Option<Create>,
    /// In file order, which is the order in which they run.
    pub updates: Vec<Group>,
    /// None means that destroying only forgets.
    pub delete: Option<Delete>,
    /// How an object that was scheduled for deletion is called back.
    pub restore: Option<Restore>,
    /// How an object is disabled in place of being destroyed.
    pub retire: Option<Retire>,
    /// What is asked about its use before it is destroyed.
    pub usage: Option<Usage>,
    /// How an object is found by the marker that its creation sent; `id` is null where none is there.
    pub find: Option<Read>,
    /// How a new object is told from those that were there before it.
    pub among: Option<Among>,
    /// How all objects that carry a marker are listed; `id` is a list of objects with `id` and `marker`.
    pub survey: Option<Read>,
    /// How all objects are listed that wait for their end and keep their names; `id` is a list of objects with `id` and `at`.
    pub pending: Option<Read>,
    pub import: Import,
    /// By the argument that others keep too.
    pub rivals: IndexMap<Text, Rival>,
    /// By the argument that is the policy of a key.
    pub lockouts: IndexMap<Text, Lockout>,
    /// By the argument that is there without the object too.
    pub lastings: IndexMap<Text, Lasting>,
    /// By the version that is upgraded from, ascending.
    pub upgrades: Vec<Upgrade>,
    /// What a block of this type may hold, `timeouts` and the read-only attributes (with `id`) included.
    pub spec: BlockSpec,
    /// The header of the block in the schema file.
    pub span: Span,
}

/// What destroying an object means for what depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Destroy {
    /// It can be made again as it was.
    #[default]
    Reversible,
    /// It can be called back while a number of days runs, and is lost after them.
    Windowed,
    /// It is lost at once.
    Irreversible,
}

/// A check across arguments at plan time.
#[derive(Clone, Debug)]
pub struct Rule {
    pub when: Option<Expr>,
    pub holds: Expr,
    /// A template, evaluated when the rule is broken.
    pub message: Expr,
    /// Only a warning.
    pub warning: bool,
    /// To break it would lose data.
    pub guard: bool,
    pub span: Span,
}

/// Types with an argument of the same name that is the same thing of the same object: who writes both has two that
/// undo each other's work.
#[derive(Clone, Debug)]
pub struct Rival {
    pub types: Vec<Text>,
    /// The argument that says whose it is: the id or the ARN of an object of these types.
    pub by: Text,
    pub span: Span,
}

/// An argument that says who may do what to a key.
#[derive(Clone, Debug)]
pub struct Lockout {
    /// The action without which nobody can change the policy again.
    pub keeps: Text,
    /// Actions that those who have them miss.
    pub uses: Vec<Text>,
    /// The argument by which a user lets others than himself keep it, where there is one.
    pub bypass: Option<Text>,
    pub span: Span,
}

/// An argument that something else has before the object is made, and still has when it is gone.
#[derive(Clone, Debug)]
pub struct Lasting {
    /// The id under which the read calls show it before the object is made.
    pub of: Expr,
    /// What the destruction puts in its place; null where it stays as it is. Sees what was read.
    pub left: Expr,
    pub span: Span,
}

/// How the text of an import becomes an id.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// Applied in order, each to the `id` group of the one before: first the provider's, then the type's own.
    /// Groups of other names give arguments. A text that does not match is refused with `example` in the message.
    pub patterns: Vec<Pattern>,
    /// A valid text, for messages and docs.
    pub example: Option<Text>,
    /// Why objects of the type cannot be imported, where they cannot.
    pub refused: Option<Text>,
    /// What follows from the text besides its groups, by name, the id among them. Sees what the groups gave as `self`
    /// and `id`, and what was read.
    pub gives: IndexMap<Text, Expr>,
}

/// How state written by an older version of the schema becomes that of the next version.
#[derive(Clone, Debug)]
pub struct Upgrade {
    pub from: u64,
    /// New values by argument name; each sees the old object as `prior`. What is not named is kept.
    pub values: IndexMap<Text, Expr>,
}

impl ResourceType {
    /// The type's own word, without the provider: `kms_key`.
    pub fn short_name(&self) -> &str {
        self.name
            .strip_prefix(&*self.provider)
            .and_then(|rest| rest.strip_prefix('_'))
            .unwrap_or(&self.name)
    }

    /// Where its file stands in the folder of its provider, without ending: `data/kms_key`.
    pub fn place(&self) -> String {
        let name = match &*self.provider {
            "terraform" => &*self.name,
            _ => self.short_name(),
        };
        match self.mode {
            Mode::Managed => name.to_owned(),
            mode => format!("{}/{name}", mode.word()),
        }
    }

    /// The arguments that name what holds an object, each with the type of that.
    pub fn containers(&self) -> impl Iterator<Item = (&Text, &Text)> {
        let arguments = self.arguments.iter();
        arguments.filter_map(|(name, argument)| Some((name, argument.within.as_ref()?)))
    }

    /// Whether an object may hold others that end with it, which the cloud lists when it is asked.
    pub fn holds_others(&self) -> bool {
        self.usage
            .as_ref()
            .is_some_and(|usage| usage.shows.contains_key("holds"))
    }

    /// Every call that serves the type.
    pub fn calls(&self) -> impl Iterator<Item = &CallSpec> {
        let reads = self.read.iter().flat_map(|read| &read.calls);
        let creates = self.create.iter().flat_map(|create| &create.calls);
        let updates = self.updates.iter().flat_map(|group| &group.calls);
        let deletes = self.delete.iter().flat_map(|delete| &delete.calls);
        let restores = self.restore.iter().flat_map(|restore| &restore.calls);
        let retires = self.retire.iter().flat_map(|retire| &retire.calls);
        let surveys = self.survey.iter().flat_map(|survey| &survey.calls);
        let pending = self.pending.iter().flat_map(|pending| &pending.calls);
        let among = self.among.iter().flat_map(|among| &among.read.calls);
        let usages = self.usage.iter().flat_map(|usage| &usage.calls);
        reads
            .chain(usages)
            .chain(surveys)
            .chain(pending)
            .chain(among)
            .chain(creates)
            .chain(updates)
            .chain(deletes)
            .chain(restores)
            .chain(retires)
    }
}
