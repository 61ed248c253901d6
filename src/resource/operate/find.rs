//! Finds an object again whose creation was not answered: by the marker that was sent with it, or by an id that is known
//! without an answer.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Result};
use crate::lang::syntax::Key;
use crate::schema::{ResourceType, names};
use crate::value::{Text, Type, Value};

use super::super::scope::Names;
use super::call::{Fresh, Patience};
use super::create::id_of;
use super::failure::{Attempt, Failure};
use super::observe::{self, Seen};
use super::{Found, Marked, Site, lost};

/// The marker as expressions see it.
pub(super) fn marker(site: Site<'_>) -> Value {
    match site.marker.filter(|_| site.ty.find.is_some()) {
        Some(marker) => Value::from(marker),
        None => Value::null(Type::String),
    }
}

/// The id of the object that carries the site's marker.
pub(super) async fn id<'a>(site: Site<'a>, base: &Names<'a>, patience: Patience) -> Attempt<Option<Value>> {
    let (Some(find), Some(_)) = (&site.ty.find, site.marker) else {
        return Ok(None);
    };
    let names = base.clone().with(names::MARKER, marker(site));
    let Seen::There(seen) = observe::calls_of(site, find, names, None, patience, Fresh::Always).await? else {
        return Ok(None);
    };
    let Some(id) = &find.id else { return Ok(None) };
    let id = seen.value_as(id, &Type::String).map_err(Failure::Other)?;
    let id = id.unmark_deep().0;
    Ok(id.as_str().is_some_and(|id| !id.is_empty()).then_some(id))
}

/// What was asked for in one account is not looked for in another: there it would be missed, and taken for never made.
async fn check_account(site: Site<'_>) -> Result<()> {
    let (Some(then), Some(cloud)) = (site.account, site.cloud) else {
        return Ok(());
    };
    let Some(now) = cloud.account().await.filter(|now| **now != *then) else {
        return Ok(());
    };
    let detail = format!(
        "An earlier run was about to create this object in the account {then}, and these credentials are of the account {now}, where it cannot be looked for. It stays open, and is not made here as long as it is."
    );
    Err(Diagnostic::error("Object may be in another account", detail)
        .hint(format!(
            "Apply with credentials of the account {then} once more: the object is found then."
        ))
        .into())
}

/// See [`super::find`].
pub(super) async fn find(site: Site<'_>, wished: &Value) -> Result<Found> {
    check_account(site).await?;
    let object = wished.unmark_deep().0;
    let names = Names::new(site.ty, site.provider)
        .with_prior(None)
        .with_self(&object)
        .with(names::REPLY, Value::null(Type::Dynamic))
        .with(names::MARKER, marker(site));
    if site.ty.find.is_some() && site.marker.is_some() {
        let found = id(site, &names, Patience::default()).await;
        let found = found.map_err(|failure| failure.told("looking for the object"))?;
        return Ok(found.map_or(Found::Absent { late: true }, |id| there(site, &object, &id)));
    }
    let Some(create) = &site.ty.create else {
        return Ok(Found::Untold);
    };
    // What was drawn by chance is not known any more.
    let drawn = create.once.keys();
    let names = drawn.fold(names, |names, name| names.with(name, Value::null(Type::String)));
    let Some(id) = id_of(create, &names) else {
        return Ok(Found::Untold);
    };
    let found = lost::is_found(site, create, wished, &names, Patience::default()).await;
    let found = found.map_err(|failure| failure.told("looking for the object"))?;
    Ok(if found {
        there(site, &object, &id)
    } else {
        Found::Absent { late: false }
    })
}

fn there(site: Site<'_>, object: &Value, id: &Value) -> Found {
    let id = id.as_str().unwrap_or_default();
    Found::There(import_id(site.ty, site.provider, object, id))
}

/// See [`super::import_id`].
pub(super) fn import_id(ty: &ResourceType, provider: &Value, object: &Value, id: &str) -> Text {
    let region = object.get("region").and_then(Value::as_str);
    let own = provider.get("region").and_then(Value::as_str);
    match region.filter(|region| ty.region.is_some() && own != Some(region)) {
        Some(region) => format!("{id}@{region}").into(),
        None => id.into(),
    }
}

/// See [`super::among`].
pub(super) async fn among(site: Site<'_>, wished: &Value) -> Result<Option<Vec<Text>>> {
    let Some(among) = &site.ty.among else {
        return Ok(None);
    };
    check_account(site).await?;
    let names = named(site, wished);
    let calls = observe::calls_of(site, &among.read, names, None, Patience::default(), Fresh::Always);
    let seen = calls
        .await
        .map_err(|failure| failure.told("listing what is there"))?;
    let (Seen::There(seen), Some(list)) = (seen, &among.read.id) else {
        // What holds them is gone, and they with it.
        return Ok(Some(Vec::new()));
    };
    let list = seen.value(list)?.unmark_deep().0;
    let ids = list.as_items().unwrap_or_default().iter();
    let ids = ids.filter_map(|id| match there(site, wished, id) {
        Found::There(id) => Some(id),
        Found::Absent { .. } | Found::Untold => None,
    });
    Ok(Some(ids.collect()))
}

/// See [`super::can_survey`].
pub(super) fn can_survey(ty: &ResourceType, wished: &Value) -> bool {
    let calls = ty.survey.iter().flat_map(|survey| &survey.calls);
    let mut known = true;
    for params in calls.filter_map(|call| call.params.as_ref()) {
        params.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
            if let (names::SELF, Some(Key::Attribute(name, _))) = (&*traversal.root, traversal.steps.first())
            {
                known &= wished.get(name).is_none_or(Value::is_known);
            }
        });
    }
    known
}

/// See [`super::survey`].
pub(super) async fn survey(site: Site<'_>, wished: &Value) -> Result<Vec<Marked>> {
    let Some(survey) = &site.ty.survey else {
        return Ok(Vec::new());
    };
    let names = named(site, wished);
    let seen = observe::calls_of(site, survey, names, None, Patience::default(), Fresh::Always).await;
    let seen = seen.map_err(|failure| failure.told("listing objects with a tag of this program"))?;
    let (Seen::There(seen), Some(list)) = (seen, &survey.id) else {
        return Ok(Vec::new());
    };
    let list = seen.value(list)?.unmark_deep().0;
    let told = |one: &Value, name: &str| one.get(name)?.as_text().cloned();
    let marked = list.as_items().unwrap_or_default().iter().filter_map(|one| {
        let id = Value::text(told(one, "id")?);
        let Found::There(id) = there(site, wished, &id) else {
            return None;
        };
        Some(Marked {
            id,
            marker: told(one, "marker")?,
        })
    });
    Ok(marked.collect())
}

/// See [`super::pending`].
pub(super) async fn pending(site: Site<'_>) -> Option<BTreeMap<Text, Text>> {
    let pending = site.ty.pending.as_ref()?;
    let nothing = Value::null(Type::Dynamic);
    let names = named(site, &nothing);
    let patience = Patience::default();
    let seen = observe::calls_of(site, pending, names, None, patience, Fresh::UnlessShared).await;
    let (Ok(Seen::There(seen)), Some(list)) = (seen, &pending.id) else {
        return None;
    };
    let list = seen.value(list).ok()?.unmark_deep().0;
    let told = |one: &Value, name: &str| one.get(name)?.as_text().cloned();
    let all = list.as_items()?.iter();
    Some(
        all.filter_map(|one| Some((told(one, "id")?, told(one, "at")?)))
            .collect(),
    )
}

/// See [`super::id_by_name`].
pub(super) fn id_by_name(site: Site<'_>, wished: &Value) -> Option<Text> {
    let create = site.ty.create.as_ref()?;
    let drawn = create.once.keys();
    let names = named(site, wished);
    let names = drawn.fold(names, |names, name| names.with(name, Value::null(Type::String)));
    match there(site, wished, &id_of(create, &names)?) {
        Found::There(id) => Some(id),
        Found::Absent { .. } | Found::Untold => None,
    }
}

/// What expressions see of a wished object that nobody has made yet.
fn named<'a>(site: Site<'a>, wished: &Value) -> Names<'a> {
    Names::new(site.ty, site.provider)
        .with_prior(None)
        .with_self(&wished.unmark_deep().0)
        .with(names::REPLY, Value::null(Type::Dynamic))
}
