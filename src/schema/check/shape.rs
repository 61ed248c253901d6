//! The parts of a type fit together.

use std::collections::{BTreeMap, BTreeSet};

use super::super::argument::{Argument, Checks, ForceNew, NestedBlock};
use super::super::operation::Usage;
use super::super::provider::ProviderSchema;
use super::super::resource::ResourceType;
use crate::addr::Mode;
use crate::diag::{Diagnostic, Diagnostics, Span, nearest};
use crate::lang::syntax::{Expr, Key};

/// Everything about a type that does not fit.
pub(super) fn check(ty: &ResourceType, provider: &ProviderSchema) -> Diagnostics {
    let mut shape = Shape {
        ty,
        problems: Diagnostics::new(),
    };
    shape.arguments();
    shape.names();
    shape.services(provider);
    shape.read_order();
    shape.imports();
    shape.rivals();
    if ty.mode == Mode::Managed && !ty.native {
        shape.operations();
        shape.values();
    }
    shape.problems
}

struct Shape<'a> {
    ty: &'a ResourceType,
    problems: Diagnostics,
}

impl Shape<'_> {
    fn error(&mut self, summary: &str, detail: impl Into<String>, at: Span) {
        self.problems.push(Diagnostic::error(summary, detail).at(at));
    }

    /// What others keep too is an argument, and so is what says whose it is.
    fn rivals(&mut self) {
        let ty = self.ty;
        for (name, rival) in &ty.rivals {
            let names = [name, &rival.by];
            for name in names.into_iter().filter(|name| !ty.arguments.contains_key(*name)) {
                let detail = format!("The type has no argument {name:?}.");
                self.error("Unknown argument", detail, rival.span);
            }
        }
    }

    /// Each argument by itself.
    fn arguments(&mut self) {
        let ty = self.ty;
        for argument in ty.arguments.values() {
            self.argument(argument);
        }
        ty.blocks.values().for_each(|block| self.block(block));
    }

    fn block(&mut self, block: &NestedBlock) {
        for argument in block.arguments.values() {
            self.argument(argument);
            let Checks {
                needs,
                conflicts,
                exactly_one,
                ..
            } = &argument.checks;
            let names = needs.iter().chain(conflicts).chain(exactly_one);
            for name in names.filter(|name| !block.arguments.contains_key(*name)) {
                let detail = format!("The block {} has no argument {name:?}.", block.name);
                self.error("Unknown argument", detail, argument.span);
            }
        }
        block.blocks.values().for_each(|inner| self.block(inner));
    }

    fn argument(&mut self, argument: &Argument) {
        let (name, at) = (&argument.name, argument.span);
        if argument.required && (argument.computed || argument.default.is_some()) {
            self.error(
                "Contradicting argument",
                format!("{name} is required, so nothing else can supply it."),
                at,
            );
        }
        if let Some(pattern) = &argument.checks.pattern
            && pattern.regex().is_none()
        {
            self.error(
                "Invalid pattern",
                format!("The pattern of {name} is no regular expression."),
                at,
            );
        }
        if let Some(default) = &argument.default
            && let Err(why) = argument.checks.validate(default)
        {
            self.error(
                "Invalid default",
                format!("The default of {name} breaks its own rules: it {why}."),
                at,
            );
        }
        if let Some(alias) = &argument.alias {
            let fits = self
                .ty
                .arguments
                .get(&alias.of)
                .is_some_and(|target| target.alias.is_none());
            if !fits {
                let detail = format!(
                    "{name} stands for {:?}, which is no argument of its own.",
                    alias.of
                );
                self.error("Invalid alias", detail, at);
            }
            if alias.into.is_some() != alias.back.is_some() {
                self.error(
                    "Invalid alias",
                    format!("{name} has into or back but not both."),
                    at,
                );
            }
        }
    }

    /// Names of arguments in lists exist.
    fn names(&mut self) {
        let ty = self.ty;
        for argument in ty.arguments.values() {
            let Checks {
                needs,
                conflicts,
                exactly_one,
                ..
            } = &argument.checks;
            for name in needs.iter().chain(conflicts).chain(exactly_one) {
                self.exists(name, argument.span);
            }
        }
        for group in &ty.updates {
            for name in &group.on {
                self.exists(name, group.span);
            }
            if group.on.is_empty() {
                self.error(
                    "Group without arguments",
                    format!("The group {:?} names no argument in on.", group.name),
                    group.span,
                );
            }
        }
        for (name, lockout) in &ty.lockouts {
            self.exists(name, lockout.span);
            lockout
                .bypass
                .iter()
                .for_each(|name| self.exists(name, lockout.span));
        }
        for (name, lasting) in &ty.lastings {
            self.exists(name, lasting.span);
        }
        if let Some(name) = &ty.stands_for {
            self.exists(name, ty.span);
        }
        if let Some(usage) = &ty.usage {
            for name in usage
                .shows
                .keys()
                .filter(|name| !Usage::NAMES.contains(&&***name))
            {
                let detail = format!("A usage cannot tell {name:?}.");
                self.error("Unknown name", detail, usage.span);
            }
        }
        if let Some(create) = &ty.create {
            for name in create.leaves.keys().chain(create.keeps.keys()) {
                self.exists(name, create.span);
            }
        }
        for name in ty
            .attributes
            .keys()
            .filter(|name| ty.arguments.contains_key(*name))
        {
            self.error(
                "Duplicate declaration",
                format!("{name} is an argument and an attribute."),
                ty.span,
            );
        }
    }

    fn exists(&mut self, name: &str, at: Span) {
        let ty = self.ty;
        if ty.arguments.contains_key(name) || ty.attributes.contains_key(name) || ty.blocks.contains_key(name)
        {
            return;
        }
        let problem = Diagnostic::error(
            "Unknown argument",
            format!("{} has no argument {name:?}.", ty.name),
        )
        .at(at);
        let known = ty
            .arguments
            .keys()
            .chain(ty.attributes.keys())
            .map(|name| &**name);
        self.problems.push(match nearest(name, known) {
            Some(near) => problem.hint(format!("Did you mean {near:?}?")),
            None => problem,
        });
    }

    fn services(&mut self, provider: &ProviderSchema) {
        let unknown: Vec<_> = self
            .ty
            .calls()
            .map(|call| {
                (
                    call.service.clone().unwrap_or_else(|| self.ty.service.clone()),
                    call.span,
                )
            })
            .filter(|(service, _)| !provider.services.contains_key(service))
            .collect();
        for (service, at) in unknown {
            let detail = format!("The provider {:?} has no service {service:?}.", provider.name);
            self.error("Unknown service", detail, at);
        }
    }

    /// Calls of `read` have names of their own and form no circle.
    fn read_order(&mut self) {
        let Some(read) = &self.ty.read else { return };
        if !read.once.is_empty() && self.ty.mode == Mode::Managed {
            let detail =
                "What is recorded is read again and again: values that are made once belong into create.";
            self.error("Misplaced values", detail, read.span);
        }
        if self.ty.mode == Mode::Managed && !read.effects.is_empty() {
            let detail =
                "Only the read of a data source has effects: objects are read when nobody asked for it.";
            self.error("Effect of a read", detail, read.span);
        }
        let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for call in &read.calls {
            let Some(name) = call.as_name.as_deref() else {
                self.error(
                    "Unnamed read",
                    format!(
                        "The answer of {} has no name, so nothing can see it.",
                        call.action
                    ),
                    call.span,
                );
                continue;
            };
            if call.expects.is_none() {
                self.error(
                    "Unproven answer",
                    format!("An empty answer to {} would be read as an object without values. Say in \"expects\" what an answer always holds.", call.action),
                    call.span,
                );
            }
            if needs.insert(name, call.mentions()).is_some() {
                self.error(
                    "Duplicate declaration",
                    format!("Two calls are named {name:?}."),
                    call.span,
                );
            }
        }
        let mut done: BTreeSet<&str> = BTreeSet::new();
        loop {
            let ready = |words: &BTreeSet<&str>| {
                words
                    .iter()
                    .all(|word| !needs.contains_key(word) || done.contains(word))
            };
            let next: Vec<&str> = needs
                .iter()
                .filter(|(name, words)| !done.contains(*name) && ready(words))
                .map(|(name, _)| *name)
                .collect();
            if next.is_empty() {
                break;
            }
            done.extend(next);
        }
        let stuck: Vec<&str> = needs
            .keys()
            .copied()
            .filter(|name| !done.contains(name))
            .collect();
        if !stuck.is_empty() {
            self.error(
                "Circle of reads",
                format!("These calls wait for each other: {}.", stuck.join(", ")),
                read.span,
            );
        }
    }

    fn imports(&mut self) {
        for name in self.ty.import.gives.keys().filter(|name| &***name != "id") {
            self.exists(name, self.ty.span);
        }
        for pattern in &self.ty.import.patterns {
            match pattern.regex() {
                None => self.error(
                    "Invalid pattern",
                    "An import's match is no regular expression.",
                    self.ty.span,
                ),
                Some(regex) => {
                    let groups: Vec<&str> = regex.capture_names().flatten().collect();
                    if !groups.contains(&"id") {
                        self.error(
                            "Invalid pattern",
                            "An import's match has a group named id.",
                            self.ty.span,
                        );
                    }
                    for name in groups.into_iter().filter(|name| *name != "id") {
                        self.exists(name, self.ty.span);
                    }
                }
            }
        }
    }

    /// What must happen when an argument changes does happen, and only once.
    fn operations(&mut self) {
        let ty = self.ty;
        if ty.create.is_none() || ty.read.is_none() && ty.attributes.values().any(|one| one.read.is_some()) {
            self.error(
                "Incomplete type",
                format!("{} needs a create and a read.", ty.name),
                ty.span,
            );
        }
        let on: BTreeSet<&str> = ty
            .updates
            .iter()
            .flat_map(|group| &group.on)
            .map(|name| &**name)
            .collect();
        let feeds = |name: &str| {
            let planned = ty.attributes.values().map(|one| (&*one.name, &one.plan));
            let others = ty.arguments.values().map(|one| (&*one.name, &one.plan));
            planned
                .chain(others)
                .any(|(fed, plan)| on.contains(fed) && plan.as_ref().is_some_and(|plan| mentions(plan, name)))
        };
        for argument in ty.arguments.values().filter(|argument| argument.alias.is_none()) {
            let (name, at) = (&*argument.name, argument.span);
            let in_group = on.contains(name);
            match &argument.force_new {
                ForceNew::Always if in_group => {
                    self.error(
                        "Contradicting argument",
                        format!("{name} replaces the object, so no group can change it."),
                        at,
                    );
                }
                ForceNew::Never if !in_group && !argument.is_kept() && !feeds(name) => {
                    self.error("Argument without effect", format!("Nothing happens when {name} changes: it is in no group, and does not replace the object."), at);
                }
                ForceNew::Always | ForceNew::Never | ForceNew::When(_) => {}
            }
        }
        for argument in ty
            .arguments
            .values()
            .filter(|argument| argument.alias.is_some() && on.contains(&*argument.name))
        {
            self.error(
                "Contradicting argument",
                format!("{} is an alias, so no group can name it.", argument.name),
                argument.span,
            );
        }
    }

    /// Everything that is computed comes from somewhere.
    fn values(&mut self) {
        let ty = self.ty;
        let from_create = |name: &str| {
            ty.create
                .as_ref()
                .is_some_and(|create| create.keeps.contains_key(name) || create.leaves.contains_key(name))
        };
        for argument in ty.arguments.values() {
            let given = argument.read.is_some() || argument.plan.is_some() || argument.alias.is_some();
            if argument.computed && !given && !from_create(&argument.name) {
                self.error(
                    "Value from nowhere",
                    format!("{} is computed, but nothing computes it.", argument.name),
                    argument.span,
                );
            }
        }
        for attribute in ty.attributes.values() {
            if attribute.read.is_none() && attribute.plan.is_none() && !from_create(&attribute.name) {
                self.error(
                    "Value from nowhere",
                    format!("Nothing computes {}.", attribute.name),
                    attribute.span,
                );
            }
        }
    }
}

/// Whether an expression mentions `self.name`.
fn mentions(expr: &Expr, name: &str) -> bool {
    let mut found = false;
    expr.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
        let member = matches!(traversal.steps.first(), Some(Key::Attribute(member, _)) if &**member == name);
        found |= &*traversal.root == "self" && member;
    });
    found
}
