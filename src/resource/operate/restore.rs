//! Calls an object back that was scheduled for deletion.

use crate::diag::Result;
use crate::schema::{ResourceType, names};
use crate::value::convert::convert;
use crate::value::{Type, Value};

use super::super::scope::Names;
use super::call::Patience;
use super::failure::Attempt;
use super::wait::{self, Pending};
use super::{Site, change};

/// What an object is once it was called back; none for types whose objects cannot be.
pub(super) fn restored(ty: &ResourceType, prior: &Value, provider: &Value) -> Result<Option<Value>> {
    let (Some(restore), Some(entries)) = (&ty.restore, prior.as_entries()) else {
        return Ok(None);
    };
    let plain = prior.unmark_deep().0;
    let names = Names::new(ty, provider)
        .with_prior(Some(&plain))
        .with_self(&plain);
    let mut parts = entries.clone();
    for (name, expr) in &restore.leaves {
        let value = names.value(expr)?;
        let wanted = ty.arguments.get(name).map(|argument| &argument.ty);
        let value = wanted
            .and_then(|wanted| convert(&value, wanted).ok())
            .unwrap_or(value);
        parts.insert(name.clone(), value);
    }
    Ok(Some(Value::object(parts)))
}

/// Carries it out, and waits until the object is back.
pub(super) async fn carry_out(site: Site<'_>, prior: &Value, patience: Patience) -> Attempt<()> {
    let Some(restore) = &site.ty.restore else {
        return Ok(());
    };
    let plain = prior.unmark_deep().0;
    let id = plain
        .get("id")
        .cloned()
        .unwrap_or_else(|| Value::null(Type::String));
    let names = Names::new(site.ty, site.provider)
        .with_prior(Some(&plain))
        .with_self(&plain)
        .with(names::ID, id);
    let names = change::calls(site, &restore.calls, &names, patience).await?;
    let mut pending = Vec::new();
    for wait in &restore.waits {
        pending.extend(Pending::new(site, wait, &names)?);
    }
    wait::for_all(site, pending, patience).await
}
