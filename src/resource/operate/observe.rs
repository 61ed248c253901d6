//! What the read calls of a type find, and the object that they show.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::addr::Mode;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::lang::syntax::Expr;
use crate::schema::{CallSpec, ForceNew, Read, Refuse, ResourceType, names, roots};
use crate::value::{Text, Type, Value};

use super::super::scope::Names;
use super::super::{aliases, marks, same};
use super::Site;
use super::call::{Fresh, Patience, perform};
use super::failure::{Attempt, Failure};

/// What the read calls found.
pub(super) enum Seen<'a> {
    /// The results by the names of the calls, with all that was seen before.
    There(Box<Names<'a>>),
    /// The object counts as deleted by what the calls show, if they show anything.
    Gone(Option<Box<Names<'a>>>),
}

/// Carries out read calls, those with one of these names or all. They run at the same time, unless one names the
/// result of another. Whether the object counts as deleted is seen where all calls that tell it are among them.
pub(super) async fn calls<'a>(
    site: Site<'a>,
    base: &Names<'a>,
    wanted: Option<&BTreeSet<Text>>,
    patience: Patience,
    fresh: Fresh,
) -> Attempt<Seen<'a>> {
    let seen = without_calls(site, base);
    match &site.ty.read {
        Some(read) => calls_of(site, read, seen, wanted, patience, fresh).await,
        None => Ok(Seen::There(Box::new(seen))),
    }
}

/// The same for the calls of one block.
pub(super) async fn calls_of<'a>(
    site: Site<'a>,
    read: &'a Read,
    mut seen: Names<'a>,
    wanted: Option<&BTreeSet<Text>>,
    patience: Patience,
    fresh: Fresh,
) -> Attempt<Seen<'a>> {
    for (name, expr) in &read.once {
        let value = seen.value(expr).map_err(Failure::Other)?;
        seen.set(name, value);
    }
    let is_wanted = |call: &&CallSpec| {
        wanted.is_none_or(|wanted| call.as_name.as_ref().is_some_and(|name| wanted.contains(name)))
    };
    let mut waiting: Vec<&CallSpec> = read.calls.iter().filter(is_wanted).collect();
    let mut open: BTreeSet<Text> = waiting.iter().filter_map(|call| call.as_name.clone()).collect();
    let mut running = FuturesUnordered::new();
    loop {
        let (ready, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|call| call.mentions().iter().all(|name| !open.contains(*name)));
        waiting = rest;
        for call in ready {
            let names = seen.clone();
            running.push(async move { (call, perform(site, call, &names, patience, fresh).await) });
        }
        match running.next().await {
            None => break,
            Some((_, Err(Failure::Gone(_)))) => return Ok(Seen::Gone(None)),
            Some((_, Err(failure))) => return Err(failure),
            Some((call, Ok(reply))) => {
                if let Some(name) = &call.as_name {
                    seen.set(name, reply.taken);
                    open.remove(name);
                }
            }
        }
    }
    debug_assert!(waiting.is_empty(), "a checked schema has no circle of reads");
    let tells = wanted.is_none_or(|wanted| telling(read).is_subset(wanted));
    let gone = read.gone.as_ref().filter(|_| tells);
    let gone = gone.map_or(Ok(None), |gone| seen.truth(gone))? == Some(true);
    let seen = Box::new(seen);
    Ok(if gone {
        Seen::Gone(Some(seen))
    } else {
        Seen::There(seen)
    })
}

/// The names with all read calls null.
pub(super) fn without_calls<'a>(site: Site<'a>, base: &Names<'a>) -> Names<'a> {
    let calls = site
        .ty
        .read
        .iter()
        .flat_map(|read| &read.calls)
        .filter_map(|call| call.as_name.as_ref());
    calls.fold(base.clone(), |names, name| {
        names.with(name, Value::null(Type::Dynamic))
    })
}

/// The names with the results of the read calls among others.
pub(super) fn with_calls_of<'a>(site: Site<'_>, base: &Names<'a>, other: &Names<'_>) -> Names<'a> {
    let calls = site
        .ty
        .read
        .iter()
        .flat_map(|read| &read.calls)
        .filter_map(|call| call.as_name.as_ref());
    calls.fold(base.clone(), |names, name| {
        names.with(
            name,
            other
                .get(name)
                .cloned()
                .unwrap_or_else(|| Value::null(Type::Dynamic)),
        )
    })
}

/// The read calls by which an object counts as deleted: those that `gone` names, or all, for each may find nothing.
fn telling(read: &Read) -> BTreeSet<Text> {
    match &read.gone {
        Some(gone) => with_needed(read, roots(gone)),
        None => read
            .calls
            .iter()
            .filter_map(|call| call.as_name.clone())
            .collect(),
    }
}

/// The read calls that a condition needs, with those that they need in turn.
pub(super) fn needed(read: &Read, condition: &Expr) -> BTreeSet<Text> {
    let words = roots(condition);
    let mut needed = if words.contains(names::GONE) {
        telling(read)
    } else {
        BTreeSet::new()
    };
    needed.extend(with_needed(read, words));
    needed
}

fn with_needed(read: &Read, words: BTreeSet<&str>) -> BTreeSet<Text> {
    let mut open: Vec<&str> = words.into_iter().collect();
    let mut needed = BTreeSet::new();
    while let Some(word) = open.pop() {
        let named = |call: &&CallSpec| call.as_name.as_deref() == Some(word);
        if let Some(call) = read.calls.iter().find(named)
            && needed.insert(word.into())
        {
            open.extend(call.mentions());
        }
    }
    needed
}

/// Stops at an object that this type must not manage.
pub(super) fn refuse(site: Site<'_>, seen: &Names<'_>) -> Result<()> {
    let none = [];
    let refuse = site.ty.read.as_ref().map_or(&none[..], |read| &read.refuse);
    refused(refuse, seen)
}

/// Fails with the message of the first of these that is true.
pub(super) fn refused(refuse: &[Refuse], seen: &Names<'_>) -> Result<()> {
    for refuse in refuse {
        if seen.truth(&refuse.when)? == Some(true) {
            let message = seen.message(&refuse.message)?;
            return Err(Diagnostic::error("Object cannot be managed", message).into());
        }
    }
    Ok(())
}

/// The object that the read calls show. What is not read stays as in `base`, and so does what counts as equal. In
/// data sources, what the answers mark as sensitive stays so, at any depth.
pub(super) fn object(site: Site<'_>, seen: &Names<'_>, base: &Value, id: &Value) -> Result<Value> {
    let ty = site.ty;
    let plain = base.unmark_deep().0;
    let mut problems = Diagnostics::new();
    let mut secret = BTreeMap::new();
    let mut parts: BTreeMap<Text, Value> = plain.as_entries().cloned().unwrap_or_default();
    for value in parts.values_mut().filter(|value| !value.is_wholly_known()) {
        *value = Value::null(value.ty());
    }
    let arguments = ty
        .arguments
        .values()
        .map(|one| (&one.name, &one.read, one.ty.clone()));
    let attributes = ty
        .attributes
        .values()
        .map(|one| (&one.name, &one.read, one.ty.clone()));
    let blocks = ty
        .blocks
        .values()
        .filter_map(|one| Some((&one.name, &one.read, ty.spec.blocks.get(&one.name)?.ty())));
    for (name, read, value_type) in arguments.chain(attributes).chain(blocks) {
        let Some(read) = read else { continue };
        let Some(found) = problems.take(seen.told_as(read, &value_type, name)) else {
            continue;
        };
        let marked = found;
        let found = marked.unmark_deep().0;
        if ty.mode == Mode::Data {
            secret.insert(name.clone(), marked);
        }
        if found.is_null() && replaces(ty, name) && parts.get(name).is_some_and(|kept| !kept.is_null()) {
            continue;
        }
        if let Some(kept) = parts.get(name)
            && same::equal(ty, name, kept, &found)
            // Null stands for empty only where users leave something out.
            && (!kept.is_null() || (ty.mode == Mode::Managed && ty.arguments.contains_key(name)))
        {
            continue;
        }
        parts.insert(name.clone(), stored(ty, name, &found));
    }
    if ty.spec.attributes.contains_key("id") {
        parts.insert("id".into(), id.unmark_deep().0);
    }
    for argument in ty.arguments.values().filter(|argument| argument.write_only) {
        parts.insert(argument.name.clone(), Value::null(argument.ty.clone()));
    }
    problems.extend(aliases::back(ty, &mut parts, seen).err().unwrap_or_default());
    let object = marks::as_in(&Value::object(parts), base, &ty.spec);
    problems.or(marks::with_those_of(&Value::object(secret), &object))
}

/// Whether every change of an argument replaces the object. Such a one cannot have lost its value, so an answer
/// that leaves it out says nothing about it.
fn replaces(ty: &ResourceType, name: &str) -> bool {
    ty.arguments
        .get(name)
        .is_some_and(|argument| matches!(argument.force_new, ForceNew::Always))
}

fn stored(ty: &ResourceType, name: &str, value: &Value) -> Value {
    let form = ty.arguments.get(name).and_then(|argument| argument.stored);
    let form = form.or_else(|| ty.attributes.get(name).and_then(|attribute| attribute.stored));
    form.map_or_else(|| value.clone(), |form| form.of(value))
}
