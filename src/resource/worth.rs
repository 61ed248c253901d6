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
    // What the cloud tells and nobody may write: the state of a key that waits for something, say.
    if argument.checks.validate(value).is_err() {
        return false;
    }
    let planned = argument
        .plan
        .as_ref()
        .and_then(|plan| Names::new(ty, provider).value_as(plan, &argument.ty).ok());
    !same::is_empty(value) && !planned.is_some_and(|planned| raw_equal(&planned, value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::for_tests::value;
    use crate::schema::Catalog;

    #[track_caller]
    fn check(name: &str, argument: &str, json: &serde_json::Value, expected: bool) {
        let ty = Catalog::get().resource_type(name).unwrap().unwrap();
        let provider = value(&json!({"region": "here"}));
        assert_eq!(
            is_worth_writing(ty, argument, &value(json), &provider),
            expected,
            "{argument}"
        );
    }

    #[test]
    fn only_what_says_something_is_written() {
        check("aws_kms_key", "description", &json!("d"), true);
        check("aws_kms_key", "description", &json!(""), false);
        check("aws_kms_key", "is_enabled", &json!(true), false);
        check("aws_kms_key", "is_enabled", &json!(false), true);
        check("aws_kms_key", "region", &json!("here"), false);
        check("aws_kms_key", "region", &json!("there"), true);
        check("aws_kms_key", "arn", &json!("a"), false);
        check("alicloud_kms_key", "is_enabled", &json!(true), false);
    }
}
