//! The type that several types have in common.

use serde_json::{Value as Json, json};

use super::super::Value;
use super::super::json::{type_from_json, type_to_json};
use super::{unify, unify_values};

/// Types and their unified type, all in the encoding of state files; null for none.
#[track_caller]
fn check(types: &Json, expected: &Json) {
    let types: Vec<_> = types
        .as_array()
        .expect("a list of types")
        .iter()
        .map(|ty| type_from_json(ty).expect("a type"))
        .collect();
    let unified = unify(&types).map_or(Json::Null, |ty| type_to_json(&ty));
    assert_eq!(&unified, expected, "{types:?}");
    let reversed: Vec<_> = types.into_iter().rev().collect();
    let unified = unify(&reversed).map_or(Json::Null, |ty| type_to_json(&ty));
    assert_eq!(&unified, expected, "reversed {reversed:?}");
}

#[test]
fn text_holds_every_primitive_but_bools_are_no_numbers() {
    check(&json!(["string", "string"]), &json!("string"));
    check(&json!(["number", "string"]), &json!("string"));
    check(&json!(["bool", "string", "number"]), &json!("string"));
    check(&json!(["bool", "number"]), &Json::Null);
    check(&json!(["dynamic", "number"]), &json!("number"));
    check(&json!([]), &Json::Null);
}

#[test]
fn tuples_unify_by_element_or_as_lists() {
    let tuple = |items: Json| json!(["tuple", items]);
    check(
        &json!([
            tuple(json!(["number", "string"])),
            tuple(json!(["string", "bool"]))
        ]),
        &tuple(json!(["string", "string"])),
    );
    check(
        &json!([tuple(json!(["number"])), tuple(json!(["string", "string"]))]),
        &json!(["list", "string"]),
    );
    check(
        &json!([tuple(json!([])), tuple(json!(["string"]))]),
        &json!(["list", "string"]),
    );
    check(
        &json!([
            tuple(json!(["number", tuple(json!(["number"]))])),
            tuple(json!(["number", "string"]))
        ]),
        &Json::Null,
    );
    check(
        &json!([tuple(json!(["number", "string"])), ["list", "number"]]),
        &json!(["list", "string"]),
    );
    check(
        &json!([tuple(json!(["number"])), ["set", "string"]]),
        &json!(["set", "string"]),
    );
    check(
        &json!([tuple(json!(["dynamic"])), tuple(json!(["number"]))]),
        &tuple(json!(["number"])),
    );
}

#[test]
fn objects_unify_by_attribute_or_as_maps() {
    let object = |attributes: Json| json!(["object", attributes]);
    check(
        &json!([object(json!({"a": "number"})), object(json!({"a": "string"}))]),
        &object(json!({"a": "string"})),
    );
    check(
        &json!([object(json!({"a": "number"})), object(json!({"b": "string"}))]),
        &json!(["map", "string"]),
    );
    check(
        &json!([object(json!({})), object(json!({"a": "number"}))]),
        &json!(["map", "number"]),
    );
    check(
        &json!([
            object(json!({"a": "number"})),
            object(json!({"b": ["list", "number"]}))
        ]),
        &Json::Null,
    );
    check(
        &json!([object(json!({"a": "number"})), ["map", "string"]]),
        &json!(["map", "string"]),
    );
    check(
        &json!([
            object(json!({"a": "dynamic"})),
            object(json!({"a": object(json!({"b": "number"}))}))
        ]),
        &object(json!({"a": "dynamic"})),
    );
    check(&json!([object(json!({})), ["tuple", []]]), &Json::Null);
    check(&json!([object(json!({})), "number"]), &Json::Null);
}

#[test]
fn collections_unify_by_their_elements() {
    check(
        &json!([["list", "number"], ["list", "string"]]),
        &json!(["list", "string"]),
    );
    check(
        &json!([["set", "number"], ["set", "string"]]),
        &json!(["set", "string"]),
    );
    check(
        &json!([["list", "string"], ["set", "string"]]),
        &json!(["list", "string"]),
    );
    check(&json!([["map", "number"], ["map", "bool"]]), &Json::Null);
    check(&json!([["list", "number"], ["map", "number"]]), &Json::Null);
    check(&json!([["list", "number"], "dynamic"]), &json!("dynamic"));
    // Preference looks at the kind before the element: the text may then turn out to be no number.
    check(
        &json!([["set", "string"], ["list", "number"]]),
        &json!(["list", "number"]),
    );
    check(
        &json!([["set", "number"], ["tuple", ["number"]], ["list", "string"]]),
        &json!(["list", "string"]),
    );
    check(
        &json!([
            ["set", ["tuple", ["number"]]],
            ["set", ["tuple", ["string", "string"]]]
        ]),
        &json!(["set", ["list", "string"]]),
    );
    check(
        &json!([["list", ["object", {"a": "number"}]], ["tuple", [["object", {"b": "number"}]]]]),
        &json!(["list", ["map", "number"]]),
    );
}

#[test]
fn values_are_converted_and_nulls_without_type_follow() {
    let values = [Value::int(1), Value::null(super::Type::Dynamic), Value::from("a")];
    let (ty, converted) = unify_values(&values).expect("they share a type");
    assert_eq!(ty, super::Type::String);
    assert_eq!(
        converted,
        ["1".into(), Value::null(super::Type::String), "a".into()]
    );
    assert!(unify_values(&[Value::int(1), Value::from(true)]).is_none());
    let object = Value::object_of([("a", Value::int(1))]);
    let (ty, converted) =
        unify_values(&[Value::null(super::Type::Dynamic), object.clone()]).expect("they share a type");
    assert_eq!(converted, [Value::null(ty), object]);
}
