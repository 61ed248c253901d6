//! What the destruction of an object means, and what forbids it.

use crate::diag::Result;
use crate::schema::{Destroy, ResourceType};
use crate::value::{Type, Value};

use super::rules;
use super::scope::Names;

/// What destroying the object means, if it matters: whether it is lost at once, and the days until it is lost.
pub fn loss(ty: &ResourceType, prior: &Value) -> Option<(bool, Option<i64>)> {
    match ty.destroy {
        Destroy::Reversible => None,
        Destroy::Irreversible => Some((true, None)),
        Destroy::Windowed => {
            let names = Names::new(ty, &Value::null(Type::Dynamic))
                .with_prior(Some(prior))
                .with_self(prior);
            let days = ty
                .window
                .as_ref()
                .and_then(|expr| names.value_as(expr, &Type::Number).ok()?.as_i64());
            Some(if days == Some(0) {
                (true, None)
            } else {
                (false, days)
            })
        }
    }
}

/// Checks the rules of the type's `delete` block against the recorded object.
pub fn may_delete(ty: &ResourceType, prior: &Value, provider: &Value) -> Result<()> {
    let Some(delete) = &ty.delete else { return Ok(()) };
    let names = Names::new(ty, provider).with_prior(Some(prior)).with_self(prior);
    rules::check(&delete.rules, &names)?.or(())
}
