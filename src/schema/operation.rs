//! Operations: which API calls read, create, change and delete an object, and what to wait for.

use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexMap;

use super::names;
use super::resource::Rule;
use crate::cloud;
use crate::diag::Span;
use crate::lang::syntax::Expr;
use crate::value::Text;

/// How an object is read. Calls run at the same time unless one names another's result.
#[derive(Clone, Debug)]
pub struct Read {
    /// Evaluated once before the calls; everything sees them by name. Only what is read once per run has them: data
    /// sources and ephemeral resources.
    pub once: IndexMap<Text, Expr>,
    pub calls: Vec<CallSpec>,
    /// When true, the object counts as deleted. Sees the calls, like everything here.
    pub gone: Option<Expr>,
    /// For an object that counts as gone but waits: the date on which it is lost (RFC 3339 text).
    pub lost_at: Option<Expr>,
    /// The first whose `when` is true stops the run.
    pub refuse: Vec<Refuse>,
    /// Data sources: the id.
    pub id: Option<Expr>,
    /// Data sources: done after the read; they see what was read as `self`.
    pub effects: Vec<LocalEffect>,
    /// Data sources: when true, what is recorded stays and nothing is asked. Sees the recorded object as `prior`.
    pub keep_when: Option<Expr>,
    pub span: Span,
}

/// The list in which a new object is told from those that were there before it, of a type whose objects carry neither a
/// marker nor a name.
#[derive(Clone, Debug)]
pub struct Among {
    /// `id` is the list of the ids of all objects among which a new one would stand.
    pub read: Read,
    /// What only the answer to the creation held, and without which the object is of no use.
    pub lost: Option<Text>,
}

/// An object that this type must not manage, or an answer after which nothing more must be done.
#[derive(Clone, Debug)]
pub struct Refuse {
    pub when: Expr,
    pub message: Expr,
    pub span: Span,
}

/// How an object is made.
#[derive(Clone, Debug)]
pub struct Create {
    /// Evaluated once before the calls; everything in the create sees them by name. (A random name must not be
    /// another one in each call.)
    pub once: IndexMap<Text, Expr>,
    /// One after the other.
    pub calls: Vec<CallSpec>,
    /// After the calls.
    pub effects: Vec<LocalEffect>,
    /// Sees `self` and the replies.
    pub id: Expr,
    /// What the calls leave behind, by argument: overlaid on the wished object this is `prior` for the update
    /// groups, which then run where the wish differs.
    pub leaves: IndexMap<Text, Expr>,
    /// Values of attributes that only the answer to create holds (kept from then on), by attribute.
    pub keeps: IndexMap<Text, Expr>,
    pub waits: Vec<Wait>,
    pub span: Span,
}

/// How an object that waits for its end is called back.
#[derive(Clone, Debug)]
pub struct Restore {
    /// One after the other.
    pub calls: Vec<CallSpec>,
    /// What they leave behind, by argument: overlaid on the recorded object this is what the plan starts from.
    pub leaves: IndexMap<Text, Expr>,
    pub waits: Vec<Wait>,
    pub span: Span,
}

/// How an object is put out of use, so that it can be left where it is. `self` is the recorded object.
#[derive(Clone, Debug)]
pub struct Retire {
    /// One after the other.
    pub calls: Vec<CallSpec>,
    pub waits: Vec<Wait>,
    pub span: Span,
}

/// What is asked about the use of an object before it is destroyed. Where a call fails, its name is null.
#[derive(Clone, Debug)]
pub struct Usage {
    /// One after the other.
    pub calls: Vec<CallSpec>,
    /// What is told, by one of [`Usage::NAMES`].
    pub shows: IndexMap<Text, Expr>,
    /// The type of the secrets that are shown, whose ids are their names.
    pub secret_type: Option<Text>,
    pub span: Span,
}

impl Usage {
    /// What can be told.
    pub const NAMES: [&str; 10] = [
        "last_use",
        "operation",
        "since",
        "created",
        "aliases",
        "grants",
        "replicas",
        "secrets",
        "holds",
        "protected",
    ];
}

/// A group of calls that brings some arguments to their wished values.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: Text,
    /// It runs when any of these differs from `prior`.
    pub on: Vec<Text>,
    pub when: Option<Expr>,
    /// One after the other.
    pub calls: Vec<CallSpec>,
    pub effects: Vec<LocalEffect>,
    pub waits: Vec<Wait>,
    pub span: Span,
}

/// How an object is deleted. `self` is the recorded object.
#[derive(Clone, Debug)]
pub struct Delete {
    /// What forbids the deletion; checked when it is planned.
    pub rules: Vec<Rule>,
    pub calls: Vec<CallSpec>,
    pub effects: Vec<LocalEffect>,
    pub waits: Vec<Wait>,
    pub span: Span,
}

/// One API action.
#[derive(Clone, Debug)]
pub struct CallSpec {
    pub action: Text,
    /// The name under which later expressions see what `take` gives; all see the last answer as `reply`.
    pub as_name: Option<Text>,
    /// An object; null members are left out.
    pub params: Option<Expr>,
    /// What the answer is worth under its name; None means all of it.
    pub take: Option<Expr>,
    /// What every answer holds; one in which it is null is no answer. Sees each page as `reply`.
    pub expects: Option<Expr>,
    /// When not true the call is skipped, and its name is null.
    pub when: Option<Expr>,
    /// In reads: a list, for each element of which the call is made. All but this and `when` see the element as
    /// `each.value`; under the call's name stands the list of what the calls took.
    pub for_each: Option<Expr>,
    /// None means the type's.
    pub service: Option<Text>,
    /// None means the type's.
    pub region: Option<Expr>,
    /// Which errors count as success; the reply is then null. These three see `error.code` and `error.message`.
    pub ok_when: Option<Expr>,
    /// Which errors mean that the object does not exist, beyond the provider's codes.
    pub gone_when: Option<Expr>,
    /// Which errors are asked again, for `retry_for` in all; as long as the operation's timeout when it is none.
    pub retry_when: Option<Expr>,
    pub retry_for: Option<Duration>,
    /// Which errors of a read make this call's name null instead of failing the read.
    pub null_when: Option<Expr>,
    pub pages: Option<Pages>,
    pub fallback: Option<Fallback>,
    /// The first whose `when` is true of the answer, `reply`, makes the call a failure.
    pub refuse: Vec<Refuse>,
    pub effect: cloud::Effect,
    /// A read that several objects ask for: asked once for all that ask the same.
    pub shared: bool,
    /// In place of `take`, what is looked up in a list of the answer.
    pub find: Option<Find>,
    /// A read that can ask for several objects at once, and tells in its answer what is whose.
    pub together: Option<Together>,
    /// The answer holds secrets: its `take` is marked sensitive as a whole.
    pub sensitive: bool,
    pub span: Span,
}

impl CallSpec {
    /// The first words of all names in its expressions, its own name aside.
    pub fn mentions(&self) -> BTreeSet<&str> {
        let pages = self.pages.iter().flat_map(|pages| match pages {
            Pages::Token { next, .. } => vec![next],
            Pages::Numbered { total, size, .. } => vec![total, size],
        });
        let fallback = self
            .fallback
            .iter()
            .flat_map(|other| [&other.when, &other.endpoint]);
        let refuse = self.refuse.iter().flat_map(|one| [&one.when, &one.message]);
        let find = self.find.iter().flat_map(|find| [&find.list, &find.value]);
        let exprs = [
            &self.params,
            &self.expects,
            &self.take,
            &self.when,
            &self.for_each,
            &self.region,
            &self.ok_when,
            &self.gone_when,
            &self.retry_when,
            &self.null_when,
        ];
        let mut found: BTreeSet<&str> = exprs
            .into_iter()
            .flatten()
            .chain(pages)
            .chain(fallback)
            .chain(refuse)
            .chain(find)
            .flat_map(roots)
            .collect();
        if let Some(own) = &self.as_name {
            found.remove(&**own);
        }
        found.remove(names::EACH);
        found
    }
}

/// The one element of a list whose member has a value; null where there is none.
#[derive(Clone, Debug)]
pub struct Find {
    /// Sees the answer as `reply`.
    pub list: Expr,
    pub by: Text,
    pub value: Expr,
}

/// How several objects are asked for at once.
#[derive(Clone, Debug)]
pub struct Together {
    /// The parameter that takes a list of ids.
    pub param: Text,
    /// How many it takes.
    pub most: usize,
}

/// The first words of the names in an expression.
pub fn roots(expr: &Expr) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    expr.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
        found.insert(&*traversal.root);
    });
    found
}

/// How the next page is asked for. `reply` in `take` is all pages in one: lists joined, the rest from the last.
#[derive(Clone, Debug)]
pub enum Pages {
    /// The answer names the next page; null or empty ends. Sees the page as `reply`.
    Token { ask: Text, next: Expr },
    /// Numbered from 1; ends when pages times `size` reach `total`. Both see the page as `reply`.
    Numbered { ask: Text, total: Expr, size: Expr },
}

/// Where to ask once more when an answer says that this was the wrong endpoint.
#[derive(Clone, Debug)]
pub struct Fallback {
    /// Sees `error`.
    pub when: Expr,
    /// The host.
    pub endpoint: Expr,
}

/// Polls the reads that `until` names. Waits are pooled after the last group unless `now`.
#[derive(Clone, Debug)]
pub struct Wait {
    /// When not true there is nothing to wait for.
    pub when: Option<Expr>,
    /// Sees the calls of `read`, and `gone`: whether the object is gone by `read`.
    pub until: Expr,
    /// How many times in a row it must hold.
    pub times: u32,
    pub every: Duration,
    pub limit: Duration,
    /// Holds back the next group.
    pub now: bool,
    pub span: Span,
}

/// Something done on this machine, from a closed list.
#[derive(Clone, Debug)]
pub enum LocalEffect {
    /// Writes a file with mode 0600.
    WriteFile {
        when: Option<Expr>,
        path: Expr,
        content: Expr,
        span: Span,
    },
}

/// How long the calls of each operation are asked again, unless the `timeouts` block says otherwise. None means that
/// the block does not have the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    pub create: Option<Duration>,
    pub read: Option<Duration>,
    pub update: Option<Duration>,
    pub delete: Option<Duration>,
}

impl Timeouts {
    /// The entries that the type has, with their names.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        [
            ("create", self.create),
            ("delete", self.delete),
            ("read", self.read),
            ("update", self.update),
        ]
        .into_iter()
        .filter_map(|(name, limit)| limit.map(|limit| (name, limit)))
    }
}
