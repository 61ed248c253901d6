//! Reading what exists: objects again, data sources, imports.

use std::time::Duration;

use crate::addr::arn::{account_of, place_of};
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::schema::{Destroy, names};
use crate::value::convert::convert;
use crate::value::{Text, Type, Value};

use super::super::scope::Names;
use super::super::{empty_object, fill, marks, rules};
use super::call::{Fresh, Patience};
use super::create::settled;
use super::observe::{self, Seen};
use super::{Existence, Named, Site, change, timeout};

/// How long it is doubted that a key is gone which only somebody's word says.
const DOUBT: Duration = Duration::from_secs(30);

/// See [`super::read`].
pub(super) async fn read(site: Site<'_>, prior: &Value) -> Result<Existence> {
    let plain = prior.unmark_deep().0;
    let names = Names::new(site.ty, site.provider)
        .with_prior(Some(&plain))
        .with_self(&plain);
    let patience = Patience {
        settle_until: None,
        retry_for: timeout(site, prior, "read"),
    };
    let seen = observe::calls(site, &names, None, patience, Fresh::UnlessShared).await;
    let mut seen = seen.map_err(|failure| failure.told("reading the object"))?;
    if is_missing(site, &seen) {
        check_account(site, &plain).await?;
    }
    if matches!(seen, Seen::Gone(None)) && site.ty.destroy != Destroy::Reversible {
        // To take it for gone would make it anew, and one host that does not know it yet proves nothing.
        let doubt = site
            .schema
            .map_or(Duration::ZERO, |schema| schema.settle.min(DOUBT));
        let patience = Patience {
            settle_until: Some(site.machine.elapsed().saturating_add(doubt)),
            ..patience
        };
        let again = settled(site, &names, patience).await;
        seen = again.map_err(|failure| failure.told("reading the object"))?;
    }
    match seen {
        Seen::Gone(None) => Ok(Existence::Gone),
        Seen::Gone(Some(seen)) => leaving_or_gone(site, &seen),
        Seen::There(seen) => {
            observe::refuse(site, &seen)?;
            let id = plain
                .get("id")
                .cloned()
                .unwrap_or_else(|| Value::null(Type::String));
            let object = observe::object(site, &seen, prior, &id)?;
            check_same_account(&plain, &object)?;
            Ok(Existence::There(object))
        }
    }
}

/// Whether nothing of the object was seen.
fn is_missing(site: Site<'_>, seen: &Seen<'_>) -> bool {
    match seen {
        Seen::There(_) => false,
        Seen::Gone(None) => true,
        Seen::Gone(Some(_)) => !leaves(site),
    }
}

/// What is not found with the credentials of another account than it was recorded in is not gone.
async fn check_account(site: Site<'_>, prior: &Value) -> Result<()> {
    let named = prior.get("arn").and_then(Value::as_str).and_then(account_of);
    let (Some(recorded), Some(cloud)) = (named.or(site.account), site.cloud) else {
        return Ok(());
    };
    // Where nobody can be asked, nothing speaks against its being gone.
    let own = cloud.account().await;
    let Some(own) = own.filter(|own| **own != *recorded) else {
        return Ok(());
    };
    let id = prior.get("id").and_then(Value::as_str).unwrap_or_default();
    let what = if named.is_some() {
        "It"
    } else {
        "What was made with the same provider"
    };
    Err(other_account(&format!("The object {id} was not found. {what}"), recorded, &own).into())
}

/// What is there under the name of an object in another account than it was recorded in is another object.
fn check_same_account(prior: &Value, seen: &Value) -> Result<()> {
    let account = |object: &Value| {
        let arn = object.get("arn")?.unmark_deep().0;
        account_of(arn.as_str()?).map(str::to_owned)
    };
    let (Some(recorded), Some(own)) = (account(prior), account(seen)) else {
        return Ok(());
    };
    if recorded == own {
        return Ok(());
    }
    let id = prior.get("id").and_then(Value::as_str).unwrap_or_default();
    Err(other_account(
        &format!("What was found is another object of the name {id}. The recorded one"),
        &recorded,
        &own,
    )
    .into())
}

/// Refuses to work on what is recorded of another account. `what` begins a sentence that goes on with "is recorded".
pub fn other_account(what: &str, recorded: &str, own: &str) -> Diagnostic {
    let detail = format!(
        "{what} is recorded in the account {recorded}, and these credentials are of the account {own}, so it is neither changed nor taken for gone: to make another one would leave it behind unmanaged."
    );
    Diagnostic::error("Credentials of another account", detail)
        .hint(format!("Use credentials of the account {recorded}."))
        .hint("If the object is to be made anew in the other account, or was destroyed in its own, forget this one first: keyform state rm ADDRESS")
}

/// Whether what counts as gone may still be there for some days.
fn leaves(site: Site<'_>) -> bool {
    site.ty.read.as_ref().is_some_and(|read| read.lost_at.is_some())
}

/// An object that counts as gone could be called back only where the type tells until when.
fn leaving_or_gone(site: Site<'_>, seen: &Names<'_>) -> Result<Existence> {
    let Some(date) = site.ty.read.as_ref().and_then(|read| read.lost_at.as_ref()) else {
        return Ok(Existence::Gone);
    };
    let lost_at: Option<Text> = seen.value_as(date, &Type::String)?.as_text().cloned();
    Ok(Existence::Leaving { lost_at })
}

/// See [`super::read_data`].
pub(super) async fn read_data(site: Site<'_>, prior: &Value, config: &Value) -> Result<Value> {
    let ty = site.ty;
    rules::written(ty, config, None).or(())?;
    if stays(site, prior, config)? {
        return Ok(prior.clone());
    }
    let mut parts = empty_object(&ty.spec).as_entries().cloned().unwrap_or_default();
    parts.extend(config.as_entries().cloned().unwrap_or_default());
    for argument in ty.arguments.values() {
        if let Some(value) = parts.get_mut(&argument.name) {
            *value = fill::argument(argument, value, None);
        }
    }
    let blocks = ty.blocks.values();
    for block in blocks {
        if let Some(value) = parts.get_mut(&block.name) {
            *value = fill::blocks(block, value, None);
        }
    }
    let base = Value::object(parts);
    let plain = base.unmark_deep().0;
    let names = Names::new(ty, site.provider).with_prior(None).with_self(&plain);
    rules::check(
        &ty.rules,
        &names.clone().with(names::REPLACING, Value::bool(false)),
    )?
    .or(())?;
    let patience = Patience {
        settle_until: None,
        retry_for: timeout(site, &base, "read"),
    };
    let seen = observe::calls(site, &names, None, patience, Fresh::UnlessShared).await;
    let seen = match seen.map_err(|failure| failure.told("reading the data source"))? {
        Seen::There(seen) => seen,
        Seen::Gone(_) => {
            let detail = format!("Nothing in the cloud matches the arguments of this {}.", ty.name);
            return Err(Diagnostic::error("Nothing found", detail).into());
        }
    };
    observe::refuse(site, &seen)?;
    let id = match ty.read.as_ref().and_then(|read| read.id.as_ref()) {
        Some(id) => seen.value_as(id, &Type::String)?,
        None => plain
            .get("id")
            .cloned()
            .unwrap_or_else(|| Value::null(Type::String)),
    };
    let object = observe::object(site, &seen, &base, &id)?;
    if let Some(read) = &ty.read {
        change::effects(site, &read.effects, &seen.with_self(&object))?;
    }
    Ok(object)
}

/// Whether what is recorded of a data source is as good as what would be read.
fn stays(site: Site<'_>, prior: &Value, config: &Value) -> Result<bool> {
    let keep_when = site.ty.read.as_ref().and_then(|read| read.keep_when.as_ref());
    let Some(keep_when) = keep_when.filter(|_| !prior.is_null()) else {
        return Ok(false);
    };
    let names = Names::new(site.ty, site.provider)
        .with_prior(Some(&prior.unmark_deep().0))
        .with_self(&config.unmark_deep().0);
    Ok(names.truth(keep_when)? == Some(true))
}

/// See [`super::import`].
pub(super) async fn import(site: Site<'_>, text: &str) -> Result<Value> {
    match look_up(site, text).await? {
        Named::Seen(Existence::There(object)) => Ok(object),
        Named::Seen(Existence::Leaving { lost_at }) => Err(leaving(site, text, lost_at.as_deref())),
        Named::Seen(Existence::Gone) => Err(missing(site, text)),
        Named::Unfit(why) => Err(why),
    }
}

/// See [`super::look_up`].
pub(super) async fn look_up(site: Site<'_>, text: &str) -> Result<Named> {
    let base = match importable(site).and_then(|()| named(site, text)) {
        Ok(base) => base,
        Err(why) => return Ok(Named::Unfit(why)),
    };
    let id = base
        .get("id")
        .cloned()
        .unwrap_or_else(|| Value::null(Type::String));
    let names = Names::new(site.ty, site.provider)
        .with_prior(Some(&base))
        .with_self(&base);
    let there = |object| Named::Seen(Existence::There(object));
    if site.ty.read.is_none() {
        return given(site, &base, &names.with(names::ID, id)).map(there);
    }
    let seen = observe::calls(site, &names, None, Patience::default(), Fresh::UnlessShared).await;
    let seen = seen.map_err(|failure| failure.told("reading the object to import"))?;
    let shown = match &seen {
        Seen::There(seen) => Some(seen),
        Seen::Gone(seen) => seen.as_ref().filter(|_| leaves(site)),
    };
    if let Some(Err(why)) = shown.map(|seen| observe::refuse(site, seen)) {
        return Ok(Named::Unfit(why));
    }
    match seen {
        Seen::There(seen) => {
            let object = observe::object(site, &seen, &base, &id)?;
            if let Err(why) = check_place(site, text, &object).await {
                return Ok(Named::Unfit(why));
            }
            given(site, &object, &seen).map(there)
        }
        Seen::Gone(Some(seen)) => leaving_or_gone(site, &seen).map(Named::Seen),
        Seen::Gone(None) => Ok(Named::Seen(Existence::Gone)),
    }
}

/// An ARN names an object in one place; what has its id in another is not meant.
async fn check_place(site: Site<'_>, text: &str, object: &Value) -> Result<()> {
    let Some((region, account)) = place_of(text) else {
        return Ok(());
    };
    let part = |value: &Value, name: &str| value.get(name).and_then(Value::as_text).cloned();
    let own = part(object, "arn");
    let (own_region, own_account) = if let Some((region, account)) = own.as_deref().and_then(place_of) {
        (Some(region.into()), Some(account.into()))
    } else {
        let region = part(object, "region").or_else(|| part(site.provider, "region"));
        (region, account_here(site).await)
    };
    let differs = |named: &str, own: &Option<Text>| {
        !named.is_empty() && own.as_ref().is_some_and(|own| !own.is_empty() && **own != *named)
    };
    if !differs(region, &own_region) && !differs(account, &own_account) {
        return Ok(());
    }
    let detail = format!(
        "{} names an object in the region {region} of the account {account}. What was found by its id is in the region {} of the account {}: it has the same id, and is another object.",
        crate::value::go_quote(text),
        own_region.unwrap_or_default(),
        own_account.unwrap_or_default()
    );
    Err(Diagnostic::error("Object of another place", detail)
        .hint("Import it with a provider of that region and account.")
        .hint("If the object that was found is meant, give its id in place of the ARN.")
        .into())
}

/// The account in which calls are made, where the cloud tells.
async fn account_here(site: Site<'_>) -> Option<Text> {
    site.cloud?.account().await
}

/// Types that cannot be imported say why.
fn importable(site: Site<'_>) -> Result<()> {
    let ty = site.ty;
    let detail = if ty.read.is_none() && ty.import.gives.is_empty() {
        format!(
            "Nothing of a {} exists in the cloud that could be read, so it cannot be imported. Make a new one instead.",
            ty.name
        )
    } else if let Some(why) = &ty.import.refused {
        format!("A {} cannot be imported. {why}", ty.name)
    } else {
        return Ok(());
    };
    Err(Diagnostic::error("Type without import", detail).into())
}

fn missing(site: Site<'_>, text: &str) -> Diagnostics {
    let detail = format!(
        "There is no object of the type {} with the id {} for these credentials in this region. Check the id, and the region and account of the provider.",
        site.ty.name,
        crate::value::go_quote(text)
    );
    Diagnostic::error("Cannot import non-existent remote object", detail).into()
}

/// The object with what else its type makes of the text that names it.
fn given(site: Site<'_>, object: &Value, seen: &Names<'_>) -> Result<Value> {
    let mut parts = object.as_entries().cloned().unwrap_or_default();
    for (name, expr) in &site.ty.import.gives {
        let spec = site.ty.spec.attributes.get(name);
        let ty = spec.map_or(Type::Dynamic, |spec| spec.ty.ty.clone());
        parts.insert(name.clone(), seen.value_as(expr, &ty)?);
    }
    Ok(marks::by_schema(&Value::object(parts), &site.ty.spec))
}

/// The object that an import's text names, as far as the text tells; kept arguments have their defaults.
fn named(site: Site<'_>, text: &str) -> Result<Value> {
    let ty = site.ty;
    let mut parts = empty_object(&ty.spec).as_entries().cloned().unwrap_or_default();
    for argument in ty
        .arguments
        .values()
        .filter(|argument| argument.is_kept() && !argument.write_only)
    {
        if let Some(default) = &argument.default {
            parts.insert(argument.name.clone(), default.clone());
        }
    }
    let mut id = text.to_owned();
    for pattern in &ty.import.patterns {
        let Some(regex) = pattern.regex() else { continue };
        let Some(captures) = regex.captures(&id) else {
            return Err(misnamed(site, text));
        };
        let mut next = None;
        for group in regex.capture_names().flatten() {
            let Some(found) = captures.name(group).map(|found| found.as_str()) else {
                continue;
            };
            if group == "id" {
                next = Some(found.to_owned());
            } else if let Some(argument) = ty.arguments.get(group)
                && let Ok(value) = convert(&Value::from(found), &argument.ty)
            {
                parts.insert(argument.name.clone(), value);
            }
        }
        id = next.unwrap_or(id);
    }
    if id.is_empty() {
        return Err(misnamed(site, text));
    }
    parts.insert("id".into(), Value::from(id));
    Ok(Value::object(parts))
}

fn misnamed(site: Site<'_>, text: &str) -> Diagnostics {
    let example = site
        .ty
        .import
        .example
        .as_ref()
        .map_or_else(String::new, |example| format!(" It looks like this: {example}"));
    let detail = format!(
        "{} does not name an object of the type {}.{example}",
        crate::value::go_quote(text),
        site.ty.name
    );
    Diagnostic::error("Invalid import id", detail).into()
}

/// An object that counts as deleted already.
fn leaving(site: Site<'_>, text: &str, lost_at: Option<&str>) -> Diagnostics {
    let date = lost_at.map(|date| format!(" It will be lost at {date}."));
    let detail = format!(
        "The object {} of the type {} is being deleted.{} Call its deletion off before it is imported.",
        crate::value::go_quote(text),
        site.ty.name,
        date.unwrap_or_default()
    );
    Diagnostic::error("Cannot import an object that is being deleted", detail).into()
}
