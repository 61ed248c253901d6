//! A create to which no clear answer came: the object is found again, or the user is told what to look for.

use std::collections::BTreeMap;

use crate::cloud::Effect;
use crate::diag::Diagnostic;
use crate::schema::Create;
use crate::value::{Text, Value};

use super::super::scope::Names;
use super::super::{empty_object, same};
use super::Site;
use super::call::Patience;
use super::create::{id_of, left_behind, settled};
use super::failure::{Attempt, Failure};
use super::observe::{self, Seen};

/// Whether the object that a failed create may have made is there, under an id that is known without an answer, and
/// in all that is read like the one that was asked for. Then it counts as made.
pub(super) async fn is_found<'a>(
    site: Site<'a>,
    create: &Create,
    open: &Value,
    names: &Names<'a>,
    patience: Patience,
) -> Attempt<bool> {
    let Some(id) = id_of(create, names) else {
        return Ok(false);
    };
    let (expected, problems) = left_behind(site, create, open, names, &id);
    if problems.has_errors() {
        return Ok(false);
    }
    let names = names.clone().with_self(&expected.unmark_deep().0);
    let Seen::There(seen) = settled(site, &names, patience).await? else {
        return Ok(false);
    };
    let found = observe::object(site, &seen, &empty_object(&site.ty.spec), &id);
    Ok(found.is_ok_and(|found| is_like(site, &expected, &found)))
}

/// Whether everything that was asked for is as asked for.
fn is_like(site: Site<'_>, expected: &Value, found: &Value) -> bool {
    let ty = site.ty;
    let arguments = ty.arguments.values().filter(|one| one.read.is_some());
    let blocks = ty.blocks.values().filter(|one| one.read.is_some());
    let names = arguments.map(|one| &one.name).chain(blocks.map(|one| &one.name));
    names
        .filter(|name| expected.get(name).is_some_and(|value| !value.is_null()))
        .all(|name| !same::differs(ty, name, expected, found))
}

/// Whether nobody can tell if an object was made. Of a type without read there is nothing in the cloud to find.
pub(super) fn is_unclear(site: Site<'_>, failure: &Failure) -> bool {
    failure.is_unclear() && site.ty.read.is_some()
}

/// What to look for: what was drawn for the object, what had to be written, and what users know it by.
pub(super) fn told(site: Site<'_>, wish: &Value, once: &BTreeMap<Text, Value>) -> Diagnostic {
    let arguments = site.ty.arguments.values();
    let written = arguments
        .filter(|one| one.required || ["description", "region"].contains(&&*one.name))
        .filter_map(|one| Some((&one.name, wish.get(&one.name)?)))
        .filter(|(name, _)| !once.contains_key(*name));
    let telling = |(name, value): (&Text, &Value)| {
        let text = value
            .as_str()
            .filter(|text| !text.is_empty() && value.marks_deep().is_empty())?;
        Some(format!("{name} = {}", crate::value::go_quote(text)))
    };
    let traits: Vec<String> = once.iter().chain(written).filter_map(telling).collect();
    let described = if traits.is_empty() {
        String::new()
    } else {
        format!(" with {}", traits.join(", "))
    };
    let marked = match site.marker.filter(|_| site.ty.find.is_some()) {
        Some(marker) => {
            let mark = super::super::mark(site.ty, marker);
            format!(" It carries the {mark}, by which the next run finds it.")
        }
        None => String::new(),
    };
    let mut calls = site.ty.create.iter().flat_map(|create| &create.calls);
    let once_only = if calls.any(|call| call.effect == Effect::Creates) {
        " It was not sent again, because that could make a second one."
    } else {
        ""
    };
    Diagnostic::error(
        "Object may exist without being recorded",
        format!(
            "No clear answer came to the request that makes the object, so it may exist although it is not recorded.{once_only}{marked} Look for a new {}{described}: if it is there, import it or delete it; then apply again.",
            site.ty.short_name()
        ),
    )
}
