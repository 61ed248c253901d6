//! Every name in every expression of a type resolves.

use std::collections::{BTreeMap, BTreeSet};

use super::super::argument::{Argument, Attribute, ForceNew, NestedBlock};
use super::super::names::{self, Function};
use super::super::native::{self, Equivalence};
use super::super::operation::{CallSpec, Create, Delete, Group, LocalEffect, Pages, Read, Wait, roots};
use super::super::provider::ProviderSchema;
use super::super::resource::{ResourceType, Rule};
use super::super::walk;
use crate::addr::Mode;
use crate::diag::{Diagnostic, Diagnostics, Span, nearest};
use crate::lang::func;
use crate::lang::syntax::{Call, Expr, ExprKind, Key, Traversal};

/// Every unresolved name of a type.
pub(super) fn check(ty: &ResourceType, provider: &ProviderSchema) -> Diagnostics {
    let mut checker = Checker {
        members: members(ty, provider),
        ty,
        problems: Diagnostics::new(),
    };
    checker.whole();
    checker.problems
}

/// The words that an expression may start with.
type Words<'a> = Vec<&'a str>;

struct Checker<'a> {
    ty: &'a ResourceType,
    /// The members of words whose members are known.
    members: BTreeMap<&'static str, BTreeSet<&'a str>>,
    problems: Diagnostics,
}

fn members<'a>(
    ty: &'a ResourceType,
    provider: &'a ProviderSchema,
) -> BTreeMap<&'static str, BTreeSet<&'a str>> {
    let attributes = ty.spec.attributes.keys().chain(ty.spec.blocks.keys());
    let own: BTreeSet<&str> = attributes.map(|name| &**name).chain(["id"]).collect();
    let given = provider
        .arguments
        .keys()
        .chain(provider.blocks.keys())
        .chain(&provider.facts);
    BTreeMap::from([
        (names::SELF, own.clone()),
        (names::PRIOR, own),
        (names::PROVIDER, given.map(|name| &**name).collect()),
        (names::ERROR, names::ERROR_MEMBERS.iter().copied().collect()),
        (names::EACH, BTreeSet::from([names::EACH_MEMBER])),
    ])
}

const OBJECT: &[&str] = &[names::SELF, names::PRIOR, names::PROVIDER, names::ID];

impl<'a> Checker<'a> {
    fn whole(&mut self) {
        let ty = self.ty;
        self.exprs(ty.region.as_ref(), &[names::SELF, names::PRIOR, names::PROVIDER]);
        self.exprs(ty.window.as_ref(), &[names::PRIOR, names::PROVIDER]);
        self.exprs(ty.rotates.as_ref(), &[names::SELF]);
        self.exprs(ty.usable.as_ref(), &[names::SELF]);
        self.exprs(ty.expires.as_ref(), &[names::SELF]);
        for argument in ty.arguments.values() {
            self.argument(argument);
        }
        for attribute in ty.attributes.values() {
            self.attribute(attribute);
        }
        ty.blocks.values().for_each(|block| self.block(block));
        self.rules(&ty.rules, &[OBJECT, &[names::REPLACING]].concat());
        self.reads();
        if let Some(create) = &ty.create {
            self.create(create);
        }
        ty.updates.iter().for_each(|group| self.group(group));
        if let Some(delete) = &ty.delete {
            self.delete(delete);
        }
        if let Some(restore) = &ty.restore {
            let words = self.calls(&restore.calls, OBJECT);
            restore.leaves.values().for_each(|expr| self.expr(expr, OBJECT));
            self.waits(&restore.waits, &words);
        }
        if let Some(retire) = &ty.retire {
            let words = self.calls(&retire.calls, OBJECT);
            self.waits(&retire.waits, &words);
        }
        if let Some(usage) = &ty.usage {
            let words = self.calls(&usage.calls, OBJECT);
            usage.shows.values().for_each(|expr| self.expr(expr, &words));
        }
        for lasting in ty.lastings.values() {
            self.expr(&lasting.of, &[names::SELF, names::PROVIDER]);
            self.expr(&lasting.left, &self.read_words());
        }
        if let Some(find) = &ty.find {
            self.find(find, &[names::MARKER]);
        }
        if let Some(among) = &ty.among {
            self.find(&among.read, &[]);
        }
        if let Some(survey) = &ty.survey {
            self.find(survey, &[]);
        }
        if let Some(pending) = &ty.pending {
            self.find(pending, &[]);
        }
        for expr in ty.import.gives.values() {
            self.expr(expr, &self.read_words());
        }
        for upgrade in &ty.upgrades {
            // The old object has members that this version may not know.
            self.members.remove(names::PRIOR);
            upgrade
                .values
                .values()
                .for_each(|expr| self.expr(expr, &[names::PRIOR]));
        }
    }

    /// What is known once everything has been read.
    fn read_words(&self) -> Words<'a> {
        let calls = self.ty.read.iter().flat_map(|read| &read.calls);
        let mut words: Words<'a> = calls.filter_map(|call| call.as_name.as_deref()).collect();
        words.extend(
            self.ty
                .read
                .iter()
                .flat_map(|read| read.once.keys())
                .map(|name| &**name),
        );
        words.extend([names::SELF, names::PROVIDER]);
        words.extend(match self.ty.mode {
            Mode::Managed => &[names::PRIOR, names::ID][..],
            Mode::Data | Mode::Ephemeral => &[],
        });
        words
    }

    fn argument(&mut self, argument: &'a Argument) {
        self.exprs(argument.read.as_ref(), &self.read_words());
        self.exprs(argument.plan.as_ref(), OBJECT);
        self.exprs(argument.ignore_when.as_ref(), OBJECT);
        if let ForceNew::When(expr) = &argument.force_new {
            self.expr(expr, OBJECT);
        }
        if let Some(alias) = &argument.alias {
            self.exprs(alias.into.as_ref(), &[&argument.name]);
            self.exprs(alias.back.as_ref(), &[&alias.of]);
        }
    }

    fn block(&mut self, block: &'a NestedBlock) {
        self.exprs(block.read.as_ref(), &self.read_words());
        let arguments = block.arguments.values().map(|one| &one.force_new);
        for force_new in arguments.chain([&block.force_new]) {
            if let ForceNew::When(expr) = force_new {
                self.expr(expr, OBJECT);
            }
        }
        block.blocks.values().for_each(|inner| self.block(inner));
    }

    fn attribute(&mut self, attribute: &'a Attribute) {
        self.exprs(attribute.read.as_ref(), &self.read_words());
        self.exprs(attribute.plan.as_ref(), OBJECT);
    }

    fn rules(&mut self, rules: &'a [Rule], words: &[&'a str]) {
        for rule in rules {
            self.exprs(rule.when.as_ref(), words);
            self.expr(&rule.holds, words);
            self.expr(&rule.message, words);
        }
    }

    fn reads(&mut self) {
        let Some(read) = &self.ty.read else { return };
        let words = self.read_words();
        let start = [names::SELF, names::PROVIDER];
        read.once.values().for_each(|expr| self.expr(expr, &start));
        for call in &read.calls {
            self.call(call, &words);
        }
        self.exprs(read.gone.as_ref(), &words);
        self.exprs(read.lost_at.as_ref(), &words);
        self.exprs(read.id.as_ref(), &words);
        self.effects(&read.effects, &words);
        self.exprs(
            read.keep_when.as_ref(),
            &[names::SELF, names::PRIOR, names::PROVIDER],
        );
        for refuse in &read.refuse {
            self.expr(&refuse.when, &words);
            self.expr(&refuse.message, &words);
        }
    }

    fn find(&mut self, find: &'a Read, more: &[&'a str]) {
        let calls = find.calls.iter().filter_map(|call| call.as_name.as_deref());
        let words: Words<'a> = calls
            .chain([names::SELF, names::PROVIDER])
            .chain(more.iter().copied())
            .collect();
        for call in &find.calls {
            self.call(call, &words);
        }
        self.exprs(find.id.as_ref(), &words);
    }

    fn create(&mut self, create: &'a Create) {
        let marker = self.ty.find.as_ref().map(|_| names::MARKER);
        let start: Words<'a> = [names::SELF, names::PROVIDER].into_iter().chain(marker).collect();
        create.once.values().for_each(|expr| self.expr(expr, &start));
        let start: Words<'a> = start
            .into_iter()
            .chain(create.once.keys().map(|name| &**name))
            .collect();
        let words = self.calls(&create.calls, &start);
        self.effects(&create.effects, &words);
        self.expr(&create.id, &words);
        for expr in create.leaves.values().chain(create.keeps.values()) {
            self.expr(expr, &words);
        }
        self.waits(&create.waits, &words);
    }

    fn group(&mut self, group: &'a Group) {
        self.exprs(group.when.as_ref(), OBJECT);
        let words = self.calls(&group.calls, OBJECT);
        self.effects(&group.effects, &words);
        self.waits(&group.waits, &words);
    }

    fn delete(&mut self, delete: &'a Delete) {
        self.rules(&delete.rules, OBJECT);
        let words = self.calls(&delete.calls, OBJECT);
        self.effects(&delete.effects, &words);
        self.waits(&delete.waits, &words);
    }

    /// Calls that run one after the other: each sees the names of those before it. Gives what is seen after all.
    fn calls(&mut self, calls: &'a [CallSpec], start: &[&'a str]) -> Words<'a> {
        let mut words = start.to_vec();
        for call in calls {
            self.call(call, &words);
            words.extend(call.as_name.as_deref());
            words.push(names::REPLY);
        }
        words
    }

    fn call(&mut self, call: &'a CallSpec, outer: &[&'a str]) {
        for expr in [&call.when, &call.for_each] {
            self.exprs(expr.as_ref(), outer);
        }
        let each = call.for_each.as_ref().map(|_| names::EACH);
        let words: &[&str] = &outer.iter().copied().chain(each).collect::<Vec<_>>();
        let with = |extra: &'static str| [words, &[extra]].concat();
        for expr in [&call.params, &call.region] {
            self.exprs(expr.as_ref(), words);
        }
        self.exprs(call.take.as_ref(), &with(names::REPLY));
        if let Some(find) = &call.find {
            self.expr(&find.list, &with(names::REPLY));
            self.expr(&find.value, words);
        }
        self.exprs(call.expects.as_ref(), &with(names::REPLY));
        for expr in [&call.ok_when, &call.gone_when, &call.retry_when, &call.null_when] {
            self.exprs(expr.as_ref(), &with(names::ERROR));
        }
        match &call.pages {
            None => {}
            Some(Pages::Token { next, .. }) => self.expr(next, &with(names::REPLY)),
            Some(Pages::Numbered { total, size, .. }) => {
                self.expr(total, &with(names::REPLY));
                self.expr(size, &with(names::REPLY));
            }
        }
        for refuse in &call.refuse {
            self.expr(&refuse.when, &with(names::REPLY));
            self.expr(&refuse.message, &with(names::REPLY));
        }
        if let Some(fallback) = &call.fallback {
            self.expr(&fallback.when, &with(names::ERROR));
            self.expr(&fallback.endpoint, words);
        }
    }

    fn effects(&mut self, effects: &'a [LocalEffect], words: &[&'a str]) {
        effects
            .iter()
            .flat_map(LocalEffect::expressions)
            .for_each(|expr| self.expr(expr, words));
    }

    fn waits(&mut self, waits: &'a [Wait], words: &[&'a str]) {
        let reads = self.read_words();
        let until: Words<'a> = [&reads, words, OBJECT, &[names::GONE]].concat();
        for wait in waits {
            self.exprs(wait.when.as_ref(), &[words, OBJECT].concat());
            self.expr(&wait.until, &until);
            let roots = roots(&wait.until);
            let own: BTreeSet<&str> = OBJECT.iter().copied().collect();
            if !roots
                .iter()
                .any(|root| *root == names::GONE || (reads.contains(root) && !own.contains(root)))
            {
                let detail =
                    "A wait names at least one call of read, or gone: there is nothing to ask otherwise.";
                self.problems
                    .push(Diagnostic::error("Nothing to wait for", detail).at(wait.until.span));
            }
        }
    }

    fn exprs(&mut self, expr: Option<&'a Expr>, words: &[&str]) {
        if let Some(expr) = expr {
            self.expr(expr, words);
        }
    }

    fn expr(&mut self, expr: &'a Expr, words: &[&str]) {
        let mut found = Vec::new();
        expr.visit_traversals(&mut Vec::new(), &mut |traversal, span| {
            found.push((traversal, span));
        });
        for (traversal, span) in found {
            self.traversal(traversal, span, words);
        }
        self.functions(expr);
    }

    fn traversal(&mut self, traversal: &Traversal, span: Span, words: &[&str]) {
        let root = &*traversal.root;
        if !words.contains(&root) {
            self.unknown("name", root, words.iter().copied(), traversal.root_span);
            return;
        }
        let Some(known) = self.members.get(root) else {
            return;
        };
        match traversal.steps.first() {
            Some(Key::Attribute(name, at)) if !known.contains(&**name) => {
                let known = known.clone();
                self.unknown(&format!("member of {root}"), name, known, *at);
            }
            Some(Key::Index(_) | Key::Legacy(..)) => {
                let detail = format!("{root} is an object; its members are named after a dot.");
                self.problems
                    .push(Diagnostic::error("Unsupported step", detail).at(span));
            }
            _ => {}
        }
    }

    fn functions(&mut self, expr: &Expr) {
        if let ExprKind::Call(call) = &expr.kind {
            self.function(call);
        }
        for child in walk::children(expr) {
            self.functions(child);
        }
    }

    fn function(&mut self, call: &Call) {
        if let Some(native) = call.name.strip_prefix("native::") {
            if !native::FUNCTIONS.contains(&native) {
                self.unknown(
                    "native function",
                    native,
                    native::FUNCTIONS.iter().copied(),
                    call.name_span,
                );
            }
            return;
        }
        match Function::find(&call.name) {
            Some(Function::Changed) => self.changed(call),
            Some(Function::Same) => self.same(call),
            Some(Function::Removed | Function::Upserted | Function::Or | Function::ContainsText) => {
                self.count(call, 2);
            }
            None if func::names().any(|name| name == &*call.name) => {}
            None => {
                let known = Function::ALL.iter().map(|(name, _)| *name).chain(func::names());
                self.unknown("function", &call.name, known, call.name_span);
            }
        }
    }

    fn changed(&mut self, call: &Call) {
        if call.arguments.is_empty() {
            self.count(call, 1);
        }
        for argument in &call.arguments {
            match text(argument) {
                Some(name)
                    if self.ty.spec.attributes.contains_key(name)
                        || self.ty.spec.blocks.contains_key(name) => {}
                Some(name) => {
                    let known: Vec<&str> = self.ty.spec.attributes.keys().map(|name| &**name).collect();
                    self.unknown("argument", name, known, argument.span);
                }
                None => {
                    let detail = "changed() takes names of arguments as quoted words.";
                    self.problems
                        .push(Diagnostic::error("Incorrect argument", detail).at(argument.span));
                }
            }
        }
    }

    fn same(&mut self, call: &Call) {
        self.count(call, 3);
        let Some(first) = call.arguments.first() else {
            return;
        };
        let name = text(first).unwrap_or("");
        if Equivalence::find(name).is_none() {
            let known = Equivalence::ALL.iter().map(|(name, _)| *name);
            self.unknown("equivalence", name, known, first.span);
        }
    }

    fn count(&mut self, call: &Call, wanted: usize) {
        if call.arguments.len() != wanted {
            let detail = format!("{}() takes {wanted} arguments here.", call.name);
            self.problems
                .push(Diagnostic::error("Wrong number of arguments", detail).at(call.name_span));
        }
    }

    fn unknown<'n>(&mut self, what: &str, name: &str, known: impl IntoIterator<Item = &'n str>, at: Span) {
        let detail = format!("There is no {what} {name:?} here, in {}.", self.ty.name);
        let problem = Diagnostic::error(
            format!("Unknown {}", what.split(' ').next().unwrap_or(what)),
            detail,
        )
        .at(at);
        self.problems.push(match nearest(name, known) {
            Some(near) => problem.hint(format!("Did you mean {near:?}?")),
            None => problem,
        });
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(value) => value.as_str(),
        _ => None,
    }
}
