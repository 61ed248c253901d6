//! What converts to what.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::super::json::{from_plain_json, to_json, type_from_json};
use super::super::{Constraint, Defaults, Marks, ObjectType, PathText, Refinement, Text, Type, Value};
use super::{convert, convert_with_defaults};

fn ty(json: &Json) -> Type {
    type_from_json(json).expect("a type")
}

/// Converts plain JSON to a type and shows the result with its type.
#[track_caller]
fn check(from: &Json, to: &Json, value: &Json, result: &Json) {
    let converted = convert(&from_plain_json(from), &ty(to)).expect("this converts");
    let shown = to_json(&converted, &Type::Dynamic);
    assert_eq!(shown, json!({"value": value, "type": result}), "{from} to {to}");
}

#[track_caller]
fn refuse(from: &Json, to: &Json, message: &str) {
    let why = convert(&from_plain_json(from), &ty(to)).expect_err("this does not convert");
    assert_eq!(why.message, message, "{from} to {to}");
}

#[test]
fn primitives_convert_through_text() {
    for (from, to, value) in [
        (json!(1), "string", json!("1")),
        (json!(1.5), "string", json!("1.5")),
        (json!(true), "string", json!("true")),
        (json!("5"), "number", json!(5)),
        (json!("true"), "bool", json!(true)),
        (json!("1"), "bool", json!(true)),
        (json!("0"), "bool", json!(false)),
        (json!("x"), "string", json!("x")),
    ] {
        check(&from, &json!(to), &value, &json!(to));
    }
    refuse(&json!(5), &json!("bool"), "bool required");
    refuse(&json!(true), &json!("number"), "number required");
    refuse(&json!("x"), &json!("number"), "a number is required");
    refuse(&json!("TRUE"), &json!("bool"), "a bool is required");
    refuse(&json!([1]), &json!("string"), "string required");
}

#[test]
fn what_is_to_be_a_set_is_not_made_alike() {
    let (numbers, texts) = (json!({"x": 1}), json!({"x": "a"}));
    let both = json!([numbers, texts]);
    let maps = |kind: &str| json!([kind, ["map", "dynamic"]]);
    refuse(
        &both,
        &maps("set"),
        "element types must all match for conversion to set",
    );
    let alike = json!([{"x": "1"}, {"x": "a"}]);
    check(&both, &maps("list"), &alike, &json!(["list", ["map", "string"]]));
    check(&alike, &maps("set"), &alike, &json!(["set", ["map", "string"]]));
}

#[test]
fn tuples_become_lists_and_sets() {
    let text = json!(["list", "string"]);
    check(&json!([1, "a"]), &text, &json!(["1", "a"]), &text);
    let any = json!(["list", "dynamic"]);
    check(&json!([1, true, "a"]), &any, &json!(["1", "true", "a"]), &text);
    check(
        &json!([null, 1]),
        &any,
        &json!([null, 1]),
        &json!(["list", "number"]),
    );
    check(&json!([]), &any, &json!([]), &any);
    check(&json!([null, null]), &any, &json!([null, null]), &any);
    let set = json!(["set", "string"]);
    check(
        &json!(["b", "a", "b", null]),
        &set,
        &json!(["a", "b", null]),
        &set,
    );
    check(
        &json!([5, true, "a"]),
        &json!(["set", "dynamic"]),
        &json!(["5", "a", "true"]),
        &set,
    );
    check(
        &json!([[1], ["a", "b"]]),
        &any,
        &json!([["1"], ["a", "b"]]),
        &json!(["list", ["list", "string"]]),
    );
    refuse(
        &json!([1, true]),
        &any,
        "all list elements must have the same type",
    );
    refuse(
        &json!([1, [2]]),
        &json!(["set", "dynamic"]),
        "all set elements must have the same type",
    );
    refuse(
        &json!([null, {"a": 1}]),
        &any,
        "all list elements must have the same type",
    );
    refuse(
        &json!([1, [2]]),
        &json!(["list", "number"]),
        "element 1: number required",
    );
    refuse(&json!("x"), &text, "list of string required");
    refuse(&json!({}), &any, "list of any single type required");
    refuse(
        &json!([{"a": "1"}, {"b": true}]),
        &json!(["list", ["map", "number"]]),
        "element 1: element \"b\": number required",
    );
}

#[test]
fn objects_become_maps() {
    let text = json!(["map", "string"]);
    check(
        &json!({"a": 1, "b": "x"}),
        &json!(["map", "dynamic"]),
        &json!({"a": "1", "b": "x"}),
        &text,
    );
    check(&json!({}), &text, &json!({}), &text);
    refuse(
        &json!({"a": 1, "b": [2]}),
        &json!(["map", "dynamic"]),
        "all map elements must have the same type",
    );
    refuse(&json!([1]), &text, "map of string required");
    refuse(&json!({"a": {}}), &text, "element \"a\": string required");
    refuse(
        &json!({"a": ["x"], "b": "y"}),
        &json!(["map", ["list", "string"]]),
        "element \"b\": list of string required",
    );
}

#[test]
fn objects_need_their_attributes_and_drop_others() {
    let object = json!(["object", {"a": "string", "b": "number"}]);
    check(
        &json!({"a": 1, "b": "2", "c": 3}),
        &object,
        &json!({"a": "1", "b": 2}),
        &object,
    );
    let optional = json!(["object", {"a": "string", "b": "number"}, ["b"]]);
    check(
        &json!({"a": "x"}),
        &optional,
        &json!({"a": "x", "b": null}),
        &object,
    );
    refuse(&json!({"a": "x"}), &object, "attribute \"b\" is required");
    refuse(&json!({}), &object, "attributes \"a\" and \"b\" are required");
    let three = json!(["object", {"a": "string", "b": "number", "c": "bool"}]);
    refuse(
        &json!({}),
        &three,
        "attributes \"a\", \"b\", and \"c\" are required",
    );
    let nested = json!(["object", {"a": object}]);
    refuse(
        &json!({"a": {"a": "x", "b": []}}),
        &nested,
        "attribute \"a\": attribute \"b\": number required",
    );
    refuse(&json!([]), &object, "object required");
    refuse(
        &json!(["a"]),
        &json!(["tuple", ["string", "number"]]),
        "tuple required",
    );
    check(
        &json!(["a", "1"]),
        &json!(["tuple", ["string", "number"]]),
        &json!(["a", 1]),
        &json!(["tuple", ["string", "number"]]),
    );
}

#[test]
fn elements_of_unlike_types_make_no_collection() {
    let any = json!({"a": "dynamic"});
    for (from, to) in [
        (json!([{"a": [1]}, {"a": null}]), json!(["list", ["object", any]])),
        (json!([{"a": [1]}, {"a": null}]), json!(["set", ["object", any]])),
        (json!([[], [[1]]]), json!(["list", ["list", "dynamic"]])),
        (
            json!({"x": {"a": [1]}, "y": {"a": null}}),
            json!(["map", ["object", any]]),
        ),
    ] {
        let why = convert(&from_plain_json(&from), &ty(&to)).expect_err("the elements differ");
        assert!(why.message.starts_with("element types must all match"), "{why}");
    }
    let to = json!(["list", ["object", {"a": "number"}]]);
    check(
        &json!([null, {"a": 1}]),
        &json!(["list", ["object", any]]),
        &json!([null, {"a": 1}]),
        &to,
    );
}

#[test]
fn any_type_inside_a_collection_is_one_type() {
    let any = json!(["list", ["object", {"a": "dynamic"}]]);
    check(
        &json!([{"a": 1}, {"a": "x"}]),
        &any,
        &json!([{"a": "1"}, {"a": "x"}]),
        &json!(["list", ["object", {"a": "string"}]]),
    );
    refuse(
        &json!([{"a": 1}, {"a": [1]}]),
        &any,
        "cannot find a common base type for all elements",
    );
    refuse(
        &json!({"a": [1, true]}),
        &json!(["object", {"a": ["list", "dynamic"]}]),
        "attribute \"a\": all list elements must have the same type",
    );
}

#[test]
fn maps_become_objects_when_they_have_the_keys() {
    let map = |json: &Json| convert(&from_plain_json(json), &Type::map(Type::Dynamic)).expect("a map");
    let object = ty(&json!(["object", {"a": "number", "b": "number"}, ["b"]]));
    let converted = convert(&map(&json!({"a": "1", "z": "x"})), &object).expect("this converts");
    assert_eq!(converted, from_plain_json(&json!({"a": 1})).with_null("b"));
    let why = convert(&map(&json!({"b": "1"})), &object).expect_err("a key is missing");
    assert_eq!(why.message, "map has no element for required attribute \"a\"");
}

impl Value {
    fn with_null(&self, name: &str) -> Self {
        let mut attributes = self.as_entries().cloned().unwrap_or_default();
        attributes.insert(name.into(), Self::null(Type::Number));
        Self::object(attributes)
    }
}

#[test]
fn collections_convert_into_each_other() {
    let list = |items: Vec<Value>| Value::list(Type::String, items);
    let set = convert(
        &list(vec!["b".into(), "a".into(), "b".into()]),
        &Type::set(Type::Dynamic),
    );
    assert_eq!(
        set.ok(),
        Some(Value::set(Type::String, vec!["a".into(), "b".into()]))
    );
    let sorted = Value::set(Type::String, vec!["b".into(), "a".into()]);
    assert_eq!(
        convert(&sorted, &Type::list(Type::String)).ok(),
        Some(list(vec!["a".into(), "b".into()]))
    );
    let why = convert(&list(vec![]), &Type::list(Type::list(Type::String))).expect_err("no conversion");
    assert_eq!(
        why.message,
        "incorrect list element type: list of string required"
    );
}

#[test]
fn mismatches_say_where() {
    let to = ty(&json!(["object", {"a": ["list", ["map", "number"]]}]));
    let why = convert(&from_plain_json(&json!({"a": [{}, {"k": "x"}]})), &to).expect_err("no number");
    assert_eq!(PathText(&why.path).to_string(), ".a[1].k");
    assert_eq!(why.to_string(), ".a[1].k: a number is required");
}

#[test]
fn nulls_and_unknowns_take_the_type_without_optional_attributes() {
    let to = ty(&json!(["object", {"a": "string"}, ["a"]]));
    let plain = to.without_optional();
    assert_eq!(
        convert(&Value::null(Type::Dynamic), &to).ok(),
        Some(Value::null(plain.clone()))
    );
    assert_eq!(convert(&Value::dynamic(), &to).ok(), Some(Value::unknown(plain)));
    assert!(convert(&Value::null(Type::Bool), &Type::Number).is_err());
    assert!(convert(&Value::unknown(Type::Bool), &Type::Number).is_err());
    let tuple = Value::unknown(ty(&json!(["tuple", ["number", "string"]])));
    let list = convert(&tuple, &Type::list(Type::Dynamic)).expect("a list");
    assert_eq!(list.ty(), Type::list(Type::String));
    let refined = Refinement {
        not_null: true,
        prefix: Some("a".into()),
        ..Refinement::default()
    };
    let kept = convert(&Value::unknown_refined(Type::String, refined), &Type::Number).expect("a number");
    let not_null = Refinement {
        not_null: true,
        ..Refinement::default()
    };
    assert_eq!(kept, Value::unknown_refined(Type::Number, not_null));
}

#[test]
fn marks_stay_where_they_were_and_sets_lift_them() {
    let secret = || Value::int(1).with_marks(Marks::SENSITIVE);
    let list = convert(&Value::tuple(vec![secret(), 2.into()]), &Type::list(Type::String)).expect("a list");
    assert!(!list.is_sensitive());
    assert_eq!(
        list.children().map(Value::is_sensitive).collect::<Vec<_>>(),
        [true, false]
    );
    let set = convert(&Value::tuple(vec![secret()]), &Type::set(Type::String)).expect("a set");
    assert!(set.is_sensitive());
    let whole = Value::tuple(vec![1.into()]).with_marks(Marks::EPHEMERAL);
    let set = convert(&whole, &Type::set(Type::String)).expect("a set");
    assert_eq!(set.marks(), Marks::EPHEMERAL);
    let object = Value::object_of([("a", secret())]);
    let map = convert(&object, &Type::map(Type::String)).expect("a map");
    assert_eq!(map.get("a"), Some(&Value::from("1").with_marks(Marks::SENSITIVE)));
}

fn defaults(values: &[(&str, Value)], children: &[(&str, Defaults)]) -> Defaults {
    Defaults {
        values: values
            .iter()
            .map(|(name, value)| ((*name).into(), value.clone()))
            .collect(),
        children: children
            .iter()
            .map(|(name, child)| ((*name).into(), child.clone()))
            .collect(),
    }
}

#[track_caller]
fn check_defaults(from: &Json, to: &Json, defaults: Defaults, value: &Json) {
    let constraint = Constraint { ty: ty(to), defaults };
    let filled = convert_with_defaults(&from_plain_json(from), &constraint).expect("this converts");
    assert_eq!(&super::super::json::to_plain_json(&filled), value);
}

#[test]
fn defaults_fill_missing_and_null_attributes_at_every_depth() {
    let inner = json!(["object", {"x": "string", "y": "bool"}, ["x"]]);
    let outer = json!(["object", {"a": "string", "b": "number", "c": ["list", inner]}, ["b", "c"]]);
    let x = || defaults(&[("x", "dx".into())], &[]);
    let all = || {
        defaults(
            &[("b", 5.into()), ("c", Value::tuple(vec![]))],
            &[("c", defaults(&[], &[("*", x())]))],
        )
    };
    check_defaults(
        &json!({"a": 1, "c": [{"x": null, "y": true}, {"y": "false"}], "zz": 1}),
        &outer,
        all(),
        &json!({"a": "1", "b": 5, "c": [{"x": "dx", "y": true}, {"x": "dx", "y": false}]}),
    );
    check_defaults(
        &json!({"a": "1", "b": null}),
        &outer,
        all(),
        &json!({"a": "1", "b": 5, "c": []}),
    );
}

#[test]
fn defaults_reach_into_maps_sets_tuples_and_other_defaults() {
    let object = json!(["object", {"a": "number"}, ["a"]]);
    let three = || defaults(&[("a", 3.into())], &[]);
    let each = || defaults(&[], &[("*", three())]);
    check_defaults(
        &json!({"x": {}, "y": {"a": null}}),
        &json!(["map", object]),
        each(),
        &json!({"x": {"a": 3}, "y": {"a": 3}}),
    );
    check_defaults(
        &json!([{}, {"a": 3}, {"a": 4}]),
        &json!(["set", object]),
        each(),
        &json!([{"a": 3}, {"a": 4}]),
    );
    check_defaults(
        &json!([{}, "x"]),
        &json!(["tuple", [object, "string"]]),
        defaults(&[], &[("0", three())]),
        &json!([{"a": 3}, "x"]),
    );
    let nested = json!(["object", {"o": object}, ["o"]]);
    let empty = Value::object([].into());
    check_defaults(
        &json!({}),
        &nested,
        defaults(&[("o", empty)], &[("o", three())]),
        &json!({"o": {"a": 3}}),
    );
    check_defaults(
        &json!({}),
        &nested,
        defaults(&[], &[("o", three())]),
        &json!({"o": null}),
    );
}

/// A few bytes for each element do not become a million of attributes.
#[test]
fn only_so_many_attributes_are_filled_in() {
    let names: BTreeMap<Text, Type> = (0..1_000)
        .map(|at| (format!("a{at}").into(), Type::String))
        .collect();
    let optional = names.keys().cloned().collect();
    let object = Type::Object(
        ObjectType {
            attributes: names,
            optional,
        }
        .into(),
    );
    let constraint = Constraint {
        ty: Type::list(object),
        defaults: Defaults::default(),
    };
    let rows = |count: usize| Value::tuple(vec![Value::object(BTreeMap::new()); count]);
    assert!(convert_with_defaults(&rows(100), &constraint).is_ok());
    let why = convert_with_defaults(&rows(1_001), &constraint).unwrap_err();
    assert!(why.message.contains("1000000"), "{}", why.message);
}

#[test]
fn names_in_sensitive_values_are_not_told() {
    use crate::value::Marks;
    let named = || Value::object_of([("canary", Value::tuple(Vec::new()))]);
    let told = |value: &Value, to: &Type| convert(value, to).unwrap_err().to_string();
    let numbers = Type::map(Type::Number);
    assert!(told(&named(), &numbers).contains("canary"));
    let hidden = "the reason is hidden, because it may show a sensitive value";
    let secret = named().with_marks(Marks::SENSITIVE);
    assert_eq!(told(&secret, &numbers), hidden);
    let inside = Value::object_of([("open", secret)]);
    assert_eq!(told(&inside, &Type::map(numbers)), hidden);
    let set = |marks| Value::set(Type::String, vec!["canary".into()]).with_marks(marks);
    assert!(told(&set(Marks::NONE), &Type::set(Type::Number)).contains("canary"));
    assert_eq!(told(&set(Marks::SENSITIVE), &Type::set(Type::Number)), hidden);
    // What the type itself names is no secret.
    let wanted = Type::Object(
        ObjectType {
            attributes: [("port".into(), Type::Number)].into(),
            ..ObjectType::default()
        }
        .into(),
    );
    let object = Value::object_of([("port", "x".into())]).with_marks(Marks::SENSITIVE);
    assert_eq!(told(&object, &wanted), ".port: a number is required");
}
