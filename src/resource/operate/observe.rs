//! What the read calls of a type find, and the object that they show.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::addr::Mode;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::lang::syntax::Expr;
use crate::schema::{CallSpec, Read, ResourceType, names};
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
    Gone,
}

/// Carries out read calls, those with one of these names or all. They run at the same time, unless one names the
/// result of another.
pub(super) async fn calls<'a>(
    site: Site<'a>,
    base: &Names<'a>,
    wanted: Option<&BTreeSet<Text>>,
    patience: Patience,
    fresh: Fresh,
) -> Attempt<Seen<'a>> {
    let mut seen = without_calls(site, base);
    let Some(read) = &site.ty.read else {
        return Ok(Seen::There(Box::new(seen)));
    };
    let is_wanted = |call: &&CallSpec| {
        wanted.is_none_or(|wanted| call.as_name.as_ref().is_some_and(|name| wanted.contains(name)))
    };
    let mut waiting: Vec<&CallSpec> = read.calls.iter().filter(is_wanted).collect();
    let mut open: BTreeSet<Text> = waiting.iter().filter_map(|call| call.as_name.clone()).collect();
    let mut running = FuturesUnordered::new();
    loop {
        let (ready, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|call| named_by(call).all(|name| !open.contains(&name)));
        waiting = rest;
        for call in ready {
            let names = seen.clone();
            running.push(async move { (call, perform(site, call, &names, patience, fresh).await) });
        }
        match running.next().await {
            None => break,
            Some((_, Err(Failure::Gone(_)))) => return Ok(Seen::Gone),
            Some((_, Err(failure))) => return Err(failure),
            Some((call, Ok(reply))) => {
                if let Some(name) = &call.as_name {
                    seen.set(name, reply.taken);
                    open.remove(name);
                }
            }
        }
    }
    Ok(Seen::There(Box::new(seen)))
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

/// The words that a call's expressions mention, its own name aside.
fn named_by(call: &CallSpec) -> impl Iterator<Item = Text> {
    let exprs = [
        &call.params,
        &call.when,
        &call.take,
        &call.region,
        &call.ok_when,
        &call.null_when,
    ];
    let words = exprs
        .into_iter()
        .flatten()
        .flat_map(words)
        .filter(|word| Some(word) != call.as_name.as_ref());
    words.collect::<Vec<_>>().into_iter()
}

/// The first words of all names in an expression.
fn words(expr: &Expr) -> Vec<Text> {
    expr.references()
        .iter()
        .map(|(reference, _)| names::words(reference).0)
        .collect()
}

/// The read calls that a condition needs, with those that they need in turn; `gone` needs all. None means all.
pub(super) fn needed(read: &Read, condition: &Expr) -> Option<BTreeSet<Text>> {
    let mut open = words(condition);
    let mut needed = BTreeSet::new();
    while let Some(word) = open.pop() {
        if &*word == names::GONE {
            return None;
        }
        let call = read
            .calls
            .iter()
            .find(|call| call.as_name.as_ref() == Some(&word));
        if let Some(call) = call
            && needed.insert(word)
        {
            open.extend(named_by(call));
        }
    }
    Some(needed)
}

/// Whether the object counts as deleted by what was read.
pub(super) fn is_gone(site: Site<'_>, seen: &Names<'_>) -> Result<bool> {
    match site.ty.read.as_ref().and_then(|read| read.gone.as_ref()) {
        Some(gone) => Ok(seen.truth(gone)? == Some(true)),
        None => Ok(false),
    }
}

/// Stops at an object that this type must not manage.
pub(super) fn refuse(site: Site<'_>, seen: &Names<'_>) -> Result<()> {
    for refuse in site.ty.read.iter().flat_map(|read| &read.refuse) {
        if seen.truth(&refuse.when)? == Some(true) {
            let message = seen.message(&refuse.message)?;
            return Err(Diagnostic::error("Object cannot be managed", message).into());
        }
    }
    Ok(())
}

/// The object that the read calls show. What is not read stays as in `base`, and so does what counts as equal.
pub(super) fn object(site: Site<'_>, seen: &Names<'_>, base: &Value, id: &Value) -> Result<Value> {
    let ty = site.ty;
    let plain = base.unmark_deep().0;
    let mut problems = Diagnostics::new();
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
        let Some(found) = problems.take(seen.value_as(read, &value_type)) else {
            continue;
        };
        let found = found.unmark_deep().0;
        if let Some(kept) = parts.get(name)
            && same::equal(ty, name, kept, &found)
            // Null stands for empty only where users leave something out.
            && (!kept.is_null() || (ty.mode == Mode::Managed && ty.arguments.contains_key(name)))
        {
            continue;
        }
        parts.insert(name.clone(), stored(ty, name, &found));
    }
    parts.insert("id".into(), id.unmark_deep().0);
    for argument in ty.arguments.values().filter(|argument| argument.write_only) {
        parts.insert(argument.name.clone(), Value::null(argument.ty.clone()));
    }
    problems.extend(aliases::back(ty, &mut parts, seen).err().unwrap_or_default());
    problems.or(marks::as_in(&Value::object(parts), base, &ty.spec))
}

fn stored(ty: &ResourceType, name: &str, value: &Value) -> Value {
    let form = ty.arguments.get(name).and_then(|argument| argument.stored);
    let form = form.or_else(|| ty.attributes.get(name).and_then(|attribute| attribute.stored));
    form.map_or_else(|| value.clone(), |form| form.of(value))
}
