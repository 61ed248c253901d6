//! What generated configuration names.

use crate::schema::ResourceType;
use crate::value::{Value, raw_equal};

use super::same;
use super::scope::Names;

/// Whether generated configuration should name an argument: not when it is null, empty or what it would be anyway.
pub fn is_worth_writing(ty: &ResourceType, argument: &str, value: &Value, provider: &Value) -> bool {
    let Some(argument) = ty.arguments.get(argument) else {
        return ty.blocks.contains_key(argument) && !same::is_empty(value);
    };
    if value.is_null() || argument.alias.is_some() {
        return false;
    }
    if let Some(default) = &argument.default {
        return !raw_equal(default, value);
    }
    if argument.required {
        return true;
    }
    let planned = argument
        .plan
        .as_ref()
        .and_then(|plan| Names::new(ty, provider).value_as(plan, &argument.ty).ok());
    !same::is_empty(value) && !planned.is_some_and(|planned| raw_equal(&planned, value))
}
