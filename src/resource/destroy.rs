//! What the destruction of an object means, and what forbids it.

use crate::diag::Diagnostics;
use crate::lang::syntax::Expr;
use crate::schema::{Destroy, ResourceType};
use crate::value::{Type, Value};

use super::rules;
use super::scope::Names;

/// What destroying the object means, if it matters: whether it is lost at once, and the days until it is lost.
pub fn loss(ty: &ResourceType, prior: &Value) -> Option<(bool, Option<i64>)> {
    match ty.destroy {
        // Until the cloud has told that nothing is in it.
        Destroy::Reversible => ty.holds_others().then_some((true, None)),
        Destroy::Irreversible => Some((true, None)),
        Destroy::Windowed => {
            let days = window(ty, prior).and_then(|days| days.as_i64());
            Some(if days == Some(0) {
                (true, None)
            } else {
                (false, days)
            })
        }
    }
}

/// How many days the object could be called back if it were destroyed; none where its type knows no such days.
pub fn window(ty: &ResourceType, object: &Value) -> Option<Value> {
    let names = Names::new(ty, &Value::null(Type::Dynamic))
        .with_prior(Some(object))
        .with_self(object);
    names.value_as(ty.window.as_ref()?, &Type::Number).ok()
}

/// Whether the material of the object changes by itself; none where it cannot.
pub fn rotates(ty: &ResourceType, object: &Value) -> Option<bool> {
    told(ty, ty.rotates.as_ref()?, object)
}

/// Whether the object can be used before, and cannot any more afterwards.
pub fn disables(ty: &ResourceType, before: &Value, after: &Value) -> bool {
    let usable = |object| told(ty, ty.usable.as_ref()?, object);
    usable(before) == Some(true) && usable(after) == Some(false)
}

/// When the object can no longer be used, by what is written of it: RFC 3339, null where it always can; none where its type
/// knows no such time.
pub fn expires(ty: &ResourceType, object: &Value) -> Option<Value> {
    let names = Names::new(ty, &Value::null(Type::Dynamic)).with_self(object);
    names.value_as(ty.expires.as_ref()?, &Type::String).ok()
}

/// What an expression tells of an object, in which what is not known yet counts as not written.
fn told(ty: &ResourceType, expr: &Expr, object: &Value) -> Option<bool> {
    let known = object.as_entries()?.iter().map(|(name, value)| {
        let value = if value.is_known() {
            value.clone()
        } else {
            Value::null(value.ty())
        };
        (name.clone(), value)
    });
    let written = Value::object_of(known);
    let names = Names::new(ty, &Value::null(Type::Dynamic)).with_self(&written);
    names.value_as(expr, &Type::Bool).ok()?.as_bool()
}

/// What the rules of the type's `delete` block say of the recorded object: errors forbid to delete it.
pub fn may_delete(ty: &ResourceType, prior: &Value, provider: &Value) -> Diagnostics {
    let Some(delete) = &ty.delete else {
        return Diagnostics::new();
    };
    let names = Names::new(ty, provider).with_prior(Some(prior)).with_self(prior);
    rules::check(&delete.rules, &names).unwrap_or_else(|errors| errors)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::for_tests::object;
    use crate::schema::Catalog;

    #[track_caller]
    fn check(name: &str, prior: &serde_json::Value, lost: Option<(bool, Option<i64>)>, allowed: bool) {
        let ty = Catalog::get().resource_type(name).unwrap().unwrap();
        let prior = object(ty, prior);
        assert_eq!(loss(ty, &prior), lost);
        assert_eq!(
            !may_delete(ty, &prior, &Value::null(Type::Dynamic)).has_errors(),
            allowed
        );
    }

    #[test]
    fn a_key_waits_as_many_days_as_it_says() {
        check("aws_kms_key", &json!({"id": "k"}), Some((false, Some(30))), true);
        check(
            "aws_kms_key",
            &json!({"id": "k", "deletion_window_in_days": 7}),
            Some((false, Some(7))),
            true,
        );
    }

    #[test]
    fn a_secret_without_recovery_is_lost_at_once() {
        let prior = json!({"id": "s", "force_delete_without_recovery": true});
        check("alicloud_kms_secret", &prior, Some((true, None)), true);
    }

    #[test]
    fn a_protected_key_is_not_deleted() {
        check(
            "alicloud_kms_key",
            &json!({"id": "k", "deletion_protection": "Enabled"}),
            Some((false, Some(30))),
            false,
        );
    }

    #[test]
    fn what_can_be_made_again_is_not_lost() {
        check("aws_kms_alias", &json!({"id": "alias/a"}), None, true);
    }
}
