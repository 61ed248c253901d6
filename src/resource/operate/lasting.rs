//! What an argument is worth without its object: before it is made, and after it is gone.

use crate::diag::Result;
use crate::schema::{ResourceType, names};
use crate::value::Value;

use super::super::scope::Names;
use super::Site;
use super::call::{Fresh, Patience};
use super::observe::{self, Seen};

/// See [`super::lasting`].
#[derive(Clone, Debug)]
pub struct Lasting {
    /// Whose it is.
    pub of: Value,
    pub now: Value,
    /// Null where it stays as it is.
    pub left: Value,
}

/// Whose argument it is, as far as that is known.
pub(super) fn lasting_of(
    ty: &ResourceType,
    name: &str,
    (object, provider): (&Value, &Value),
) -> Result<Option<Value>> {
    let Some(lasting) = ty.lastings.get(name) else {
        return Ok(None);
    };
    let plain = object.unmark_deep().0;
    let of = Names::new(ty, provider).with_self(&plain).value(&lasting.of)?;
    Ok(Some(of).filter(|of| of.is_wholly_known() && !of.is_null()))
}

pub(super) async fn lasting(site: Site<'_>, name: &str, object: &Value) -> Result<Option<Lasting>> {
    let ty = site.ty;
    let Some(of) = lasting_of(ty, name, (object, site.provider))? else {
        return Ok(None);
    };
    let read = ty.arguments.get(name).and_then(|argument| argument.read.as_ref());
    let (Some(read), Some(lasting)) = (read, ty.lastings.get(name)) else {
        return Ok(None);
    };
    let plain = object.unmark_deep().0;
    let names = Names::new(ty, site.provider)
        .with_prior(Some(&plain))
        .with_self(&plain)
        .with(names::ID, of.clone());
    let seen = observe::calls(site, &names, None, Patience::default(), Fresh::UnlessShared).await;
    match seen.map_err(|failure| failure.told("looking at what is there"))? {
        Seen::Gone(_) => Ok(None),
        Seen::There(seen) => Ok(Some(Lasting {
            of,
            now: seen.value(read)?,
            left: seen.value(&lasting.left)?,
        })),
    }
}
