//! Disables an object that is left where it is.

use crate::diag::Result;
use crate::schema::names;
use crate::value::Value;

use super::super::scope::Names;
use super::call::Patience;
use super::failure::Failure;
use super::wait::{self, Pending};
use super::{Site, change, timeout};

/// See [`super::retire`].
pub(super) async fn retire(site: Site<'_>, prior: &Value) -> Result<()> {
    let Some(retire) = &site.ty.retire else {
        return Ok(());
    };
    let names = Names::new(site.ty, site.provider)
        .with_prior(Some(prior))
        .with_self(prior);
    let id = prior.get("id").map(|id| id.unmark_deep().0);
    let names = id.into_iter().fold(names, |seen, id| seen.with(names::ID, id));
    let patience = Patience {
        settle_until: None,
        retry_for: timeout(site, prior, "update"),
    };
    let told = |failure: Failure| failure.told("disabling the object");
    let names = match change::calls(site, &retire.calls, &names, patience).await {
        Ok(names) => names,
        // There is nothing left to disable.
        Err(Failure::Gone(_)) => return Ok(()),
        Err(failure) => return Err(told(failure)),
    };
    let mut pending = Vec::new();
    for wait in &retire.waits {
        pending.extend(Pending::new(site, wait, &names)?);
    }
    wait::for_all(site, pending, patience).await.map_err(told)
}
