//! Deleting an object.

use crate::diag::Result;
use crate::value::Value;

use super::super::may_delete;
use super::super::scope::Names;
use super::call::Patience;
use super::failure::Failure;
use super::wait::{self, Pending};
use super::{Site, change, timeout};

/// See [`super::delete`].
pub(super) async fn delete(site: Site<'_>, prior: &Value) -> Result<()> {
    may_delete(site.ty, prior, site.provider).or(())?;
    let Some(delete) = &site.ty.delete else {
        return Ok(());
    };
    let names = Names::new(site.ty, site.provider)
        .with_prior(Some(prior))
        .with_self(prior);
    let id = prior.get("id").map(|id| id.unmark_deep().0);
    let names = id
        .into_iter()
        .fold(names, |names, id| names.with(crate::schema::names::ID, id));
    let patience = Patience {
        settle_until: None,
        retry_for: timeout(site, prior, "delete"),
    };
    let told = |failure: Failure| failure.told("deleting the object");
    let names = match change::calls(site, &delete.calls, &names, patience).await {
        Ok(names) => names,
        Err(Failure::Gone(_)) => return Ok(()),
        Err(failure) => return Err(told(failure)),
    };
    change::effects(site, &delete.effects, &names)?;
    let mut pending = Vec::new();
    for wait in &delete.waits {
        pending.extend(Pending::new(site, wait, &names)?);
    }
    wait::for_all(site, pending, patience).await.map_err(told)
}
