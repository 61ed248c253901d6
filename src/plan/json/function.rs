//! Signatures of functions as JSON, as `metadata functions -json` and `providers schema -json` print them.

use serde_json::{Map, Value as Json, json};

use crate::lang::func::{Func, Param};
use crate::value::json::type_to_json;

/// Functions whose signature leaves the result open in Terraform, though it is always of one type.
const OPEN: [&str; 6] = ["contains", "format", "formatlist", "index", "parseint", "sum"];

/// The signature of a function of the language.
pub fn signature(function: &Func) -> Json {
    filled(Map::new(), function)
}

/// The signature of a function of a provider, which has a summary too.
pub(super) fn of_provider(function: &Func) -> Json {
    let mut signature = Map::new();
    signature.insert("description".into(), function.about.into());
    signature.insert("summary".into(), function.about.into());
    filled(signature, function)
}

fn filled(mut signature: Map<String, Json>, function: &Func) -> Json {
    let returns = if OPEN.contains(&function.name) {
        json!("dynamic")
    } else {
        type_to_json(&function.returns.ty())
    };
    signature.insert("description".into(), function.about.into());
    signature.insert("return_type".into(), returns);
    if !function.params.is_empty() {
        let parameters: Vec<Json> = function.params.iter().map(parameter).collect();
        signature.insert("parameters".into(), parameters.into());
    }
    if let Some(variadic) = &function.variadic {
        signature.insert("variadic_parameter".into(), parameter(variadic));
    }
    signature.into()
}

fn parameter(param: &Param) -> Json {
    let mut parameter = Map::new();
    parameter.insert("name".into(), param.name.into());
    if param.null {
        parameter.insert("is_nullable".into(), true.into());
    }
    parameter.insert("type".into(), type_to_json(&param.ty.ty()));
    parameter.into()
}
