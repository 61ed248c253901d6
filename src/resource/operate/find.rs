//! Finds an object again by the marker that was sent with the request that made it.

use crate::diag::Result;
use crate::schema::names;
use crate::value::{Text, Type, Value};

use super::super::empty_object;
use super::super::scope::Names;
use super::Site;
use super::call::{Fresh, Patience};
use super::failure::{Attempt, Failure};
use super::observe::{self, Seen};

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

/// See [`super::find`].
pub(super) async fn import_id(site: Site<'_>, config: &Value) -> Result<Option<Text>> {
    let mut parts = empty_object(&site.ty.spec)
        .as_entries()
        .cloned()
        .unwrap_or_default();
    let known = config.as_entries().into_iter().flatten();
    parts.extend(
        known
            .filter(|(_, value)| value.is_wholly_known())
            .map(|(name, value)| (name.clone(), value.unmark_deep().0)),
    );
    let object = Value::object(parts);
    let names = Names::new(site.ty, site.provider)
        .with_prior(None)
        .with_self(&object);
    let found = id(site, &names, Patience::default())
        .await
        .map_err(|failure| failure.told("looking for the object"))?;
    let region = object.get("region").and_then(Value::as_str);
    let own = site.provider.get("region").and_then(Value::as_str);
    Ok(found.and_then(|id| {
        let id = id.as_str()?;
        // Types that name regions take the region of an import behind the id.
        Some(
            match region.filter(|region| site.ty.region.is_some() && own != Some(region)) {
                Some(region) => format!("{id}@{region}").into(),
                None => id.into(),
            },
        )
    }))
}
