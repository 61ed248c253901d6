//! What is known of the use of an object, for who is about to destroy it. It never fails: what cannot be asked is null.

use crate::schema::names;
use crate::value::{Type, Value};

use super::super::scope::Names;
use super::Site;
use super::call::{Fresh, Patience, perform};

/// See [`super::usage`].
pub(super) async fn usage(site: Site<'_>, prior: &Value) -> Option<Value> {
    let usage = site.ty.usage.as_ref()?;
    let nothing = || Value::null(Type::Dynamic);
    let plain = prior.unmark_deep().0;
    let id = plain.get("id").cloned().unwrap_or_else(nothing);
    let mut names = Names::new(site.ty, site.provider)
        .with_prior(Some(&plain))
        .with_self(&plain)
        .with(names::ID, id)
        .with(names::REPLY, nothing());
    for call in &usage.calls {
        let answer = perform(site, call, &names, Patience::default(), Fresh::UnlessShared).await;
        let taken = answer.map_or_else(|_| nothing(), |reply| reply.taken);
        if let Some(name) = &call.as_name {
            names.set(name, taken);
        }
    }
    let shown = usage.shows.iter().map(|(name, expr)| {
        let value = names.value(expr).unwrap_or_else(|_| nothing());
        (name.clone(), value)
    });
    Some(Value::object(shown.collect()))
}
