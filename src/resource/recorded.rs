//! A recorded object as a value of its type.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::diag::{Diagnostic, Result};
use crate::lang::spec::{BlockSpec, NestedSpec, Nesting};
use crate::schema::ResourceType;
use crate::state::Object;
use crate::value::json::{JsonError, from_json, read_plain_json, to_json};
use crate::value::{Text, Type, Value};

use super::marks;
use super::scope::Names;

/// An object with the sensitive parts that are recorded.
pub fn to_record(ty: &ResourceType, object: Value) -> Value {
    match super::native::find(ty) {
        Some(native) => native.kept(object),
        None => object,
    }
}

/// A planned object as a journal may hold it: what is secret, never stored or not known yet is null.
pub fn without_secrets(ty: &ResourceType, planned: &Value) -> Value {
    // Secrets in nested blocks are known by the schema only.
    let marked = marks::by_schema(planned, &ty.spec);
    let Some(entries) = marked.as_entries() else {
        return planned.clone();
    };
    let is_plain = |name: &Text, value: &Value| {
        let argument = ty.arguments.get(name);
        let secret = argument.is_some_and(|one| one.sensitive || one.write_only);
        !secret && value.is_wholly_known() && value.marks_deep().is_empty()
    };
    let kept = entries.iter().map(|(name, value)| {
        let value = if is_plain(name, value) {
            value.clone()
        } else {
            Value::null(value.ty())
        };
        (name.clone(), value)
    });
    Value::object(kept.collect())
}

/// A recorded object as a value of its type: older schema versions upgraded, sensitive parts marked.
pub fn recorded(ty: &ResourceType, object_type: &Type, object: &Object) -> Result<Value> {
    if object.schema_version > ty.version {
        let detail = format!(
            "The object was recorded with version {} of the resource type {}, by a newer program or provider. This program knows version {} and would lose what is new. Use a newer keyform, or what recorded it.",
            object.schema_version, ty.name, ty.version
        );
        return Err(Diagnostic::error("Resource instance managed by newer provider version", detail).into());
    }
    let value = match directly(ty, object_type, object) {
        Some(value) => value,
        None => adapted(ty, object_type, object)?,
    };
    let marked = marks::recorded(value, object);
    let marked = match super::native::find(ty) {
        Some(native) => native.seen(marked),
        None => marked,
    };
    Ok(marks::by_schema(&marked, &ty.spec))
}

/// The attributes where they stand in the state as the type has them.
fn directly(ty: &ResourceType, object_type: &Type, object: &Object) -> Option<Value> {
    if ty
        .upgrades
        .iter()
        .any(|upgrade| upgrade.from >= object.schema_version)
    {
        return None;
    }
    let value = object.decoded(object_type)?;
    let whole = ty.spec.blocks.iter().all(|(name, nested)| {
        nested.nesting == Nesting::Single || value.get(name).is_some_and(|one| !one.is_null())
    });
    whole.then_some(value)
}

/// The attributes made to fit.
fn adapted(ty: &ResourceType, object_type: &Type, object: &Object) -> Result<Value> {
    let mut json = object.attributes_json()?;
    for upgrade in ty
        .upgrades
        .iter()
        .filter(|upgrade| upgrade.from >= object.schema_version)
    {
        json = upgraded(ty, object.schema_version, json, &upgrade.values)?;
    }
    let json = fitted(&ty.spec, json);
    from_json(&json, object_type).map_err(|error| unfit(ty, object.schema_version, &error).into())
}

fn unfit(ty: &ResourceType, version: u64, why: &JsonError) -> Diagnostic {
    let detail = format!(
        "The attributes in the state do not fit the resource type {} (schema version {}, recorded with version {version}): {why}.",
        ty.name, ty.version
    );
    Diagnostic::error("Recorded object does not fit its type", detail)
}

/// The attributes in the next version of the schema.
fn upgraded(
    ty: &ResourceType,
    version: u64,
    json: Json,
    values: &indexmap::IndexMap<Text, crate::lang::syntax::Expr>,
) -> Result<Json> {
    let prior = read_plain_json(&json).map_err(|why| unfit(ty, version, &why))?;
    let names = Names::new(ty, &Value::null(Type::Dynamic)).with_prior(Some(&prior));
    let Json::Object(mut attributes) = json else {
        return Ok(json);
    };
    for (name, expr) in values {
        let value_type = ty
            .spec
            .attributes
            .get(name)
            .map_or(Type::Dynamic, |spec| spec.ty.ty.clone());
        let value = names.value_as(expr, &value_type)?;
        attributes.insert(name.to_string(), to_json(&value, &value_type));
    }
    Ok(Json::Object(attributes))
}

/// Leaves out what the spec does not know and adds what it has: providers differ in what they record.
fn fitted(spec: &BlockSpec, json: Json) -> Json {
    let Json::Object(mut old) = json else { return json };
    if spec.blocks.is_empty()
        && old.len() == spec.attributes.len()
        && spec.attributes.keys().all(|name| old.contains_key(&**name))
    {
        return Json::Object(old);
    }
    let mut new = Map::new();
    for name in spec.attributes.keys() {
        new.insert(name.to_string(), old.remove(&**name).unwrap_or(Json::Null));
    }
    for (name, nested) in &spec.blocks {
        let blocks = old.remove(&**name).unwrap_or(Json::Null);
        new.insert(name.to_string(), fitted_blocks(nested, blocks));
    }
    Json::Object(new)
}

fn fitted_blocks(nested: &NestedSpec, json: Json) -> Json {
    match (nested.nesting, json) {
        (Nesting::Single, Json::Null) => Json::Null,
        // Recorded as a list of one where blocks have no other form.
        (Nesting::Single, Json::Array(mut items)) => {
            if items.is_empty() {
                Json::Null
            } else {
                fitted(&nested.spec, items.swap_remove(0))
            }
        }
        (Nesting::Single, json) => fitted(&nested.spec, json),
        (Nesting::List | Nesting::Set, Json::Null) => Json::Array(Vec::new()),
        (Nesting::Map, Json::Null) => Json::Object(Map::new()),
        (Nesting::List | Nesting::Set, Json::Array(items)) => {
            items.into_iter().map(|item| fitted(&nested.spec, item)).collect()
        }
        (Nesting::Map, Json::Object(items)) => items
            .into_iter()
            .map(|(key, item)| (key, fitted(&nested.spec, item)))
            .collect(),
        (_, json) => json,
    }
}

/// An object with every attribute null and no nested blocks.
pub fn empty_object(spec: &BlockSpec) -> Value {
    let attributes = spec
        .attributes
        .iter()
        .map(|(name, one)| (name.clone(), Value::null(one.ty.ty.clone())));
    let blocks = spec.blocks.iter().map(|(name, nested)| {
        let none = match nested.nesting {
            Nesting::Single => Value::null(nested.spec.ty()),
            Nesting::List => Value::list(nested.spec.ty(), Vec::new()),
            Nesting::Set => Value::set(nested.spec.ty(), Vec::new()),
            Nesting::Map => Value::map(nested.spec.ty(), BTreeMap::new()),
        };
        (name.clone(), none)
    });
    Value::object_of(attributes.chain(blocks))
}

/// An object of the type of which nothing is known: what an instance is worth that could not be planned.
pub fn unknown_object(ty: &ResourceType) -> Value {
    Value::unknown(ty.spec.ty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Catalog;
    use crate::schema::load::for_tests::thing;

    fn stored(text: &str, version: u64) -> Object {
        let value = crate::value::json::from_plain_json(&serde_json::from_str(text).unwrap());
        Object::new(&value, &value.ty(), version, [].into()).unwrap()
    }

    #[track_caller]
    fn check(ty: &ResourceType, version: u64, text: &str, expected: &[(&str, &str)]) {
        let value = recorded(ty, &ty.spec.ty(), &stored(text, version)).unwrap();
        for (name, expected) in expected {
            assert_eq!(
                value.get(name).map(ToString::to_string).as_deref(),
                Some(*expected),
                "{name}"
            );
        }
    }

    #[test]
    fn what_the_type_does_not_know_is_dropped_and_what_is_missing_is_null() {
        let ty = Catalog::get().resource_type("aws_kms_key").unwrap().unwrap();
        check(
            ty,
            0,
            r#"{"id": "k", "key_id": "k", "is_enabled": true, "of_another_provider": [1], "timeouts": null}"#,
            &[
                ("id", "\"k\""),
                ("is_enabled", "true"),
                ("region", "tostring(null)"),
            ],
        );
    }

    #[test]
    fn what_the_schema_calls_sensitive_is_marked() {
        let (ty, _) = thing(
            "",
            "about = \"\"\nargument \"a\" {\n type = string\n sensitive = true\n}",
        );
        check(ty, 0, r#"{"id": "i", "a": "s"}"#, &[("a", "(sensitive value)")]);
    }

    #[test]
    fn what_is_about_to_be_made_is_noted_without_secrets_wherever_they_stand() {
        let ty = Catalog::get()
            .resource_type("aws_kms_custom_key_store")
            .unwrap()
            .unwrap();
        let store = serde_json::json!({
            "custom_key_store_name": "n", "key_store_password": "hunter22",
            "xks_proxy_authentication_credential": [{"access_key_id": "hunter22", "raw_secret_access_key": "hunter22"}],
        });
        let planned = crate::resource::for_tests::object(ty, &store);
        let kept = without_secrets(ty, &planned);
        let text = Object::new(&kept, &ty.spec.ty(), 0, [].into()).unwrap();
        let address = crate::addr::parse_instance("aws_kms_custom_key_store.a").unwrap();
        let text = crate::state::v4::write_object(&text, &address, &crate::state::Secrets::default());
        assert!(text.contains("\"n\"") && !text.contains("hunter22"), "{text}");
        recorded(
            ty,
            &ty.spec.ty(),
            &Object::new(&kept, &ty.spec.ty(), 0, [].into()).unwrap(),
        )
        .unwrap();
    }

    #[test]
    fn an_older_version_is_upgraded() {
        let body = r#"
            about   = ""
            version = 2
            argument "b" { type = string }
            upgrade "0" { b = prior.a }
            upgrade "1" { b = "${prior.b}!" }"#;
        let (ty, _) = thing("", body);
        check(ty, 0, r#"{"id": "i", "a": "x"}"#, &[("b", "\"x!\"")]);
        check(ty, 1, r#"{"id": "i", "b": "x"}"#, &[("b", "\"x!\"")]);
        check(ty, 2, r#"{"id": "i", "b": "x"}"#, &[("b", "\"x\"")]);
    }

    #[test]
    fn a_newer_version_is_refused() {
        let (ty, _) = thing("", "about = \"\"\nargument \"a\" { type = string }");
        let found = recorded(ty, &ty.spec.ty(), &stored(r#"{"id": "i", "a": "x"}"#, 1));
        let told = found.expect_err("nobody knows what it means");
        assert_eq!(
            told.iter().next().unwrap().summary,
            "Resource instance managed by newer provider version"
        );
    }

    #[test]
    fn every_type_has_an_empty_object() {
        let catalog = Catalog::get();
        for name in catalog.names(crate::addr::Mode::Managed) {
            let ty = catalog.resource_type(&name).unwrap().unwrap();
            assert_eq!(empty_object(&ty.spec).ty(), ty.spec.ty(), "{name}");
        }
    }
}
