//! Values to JSON and back.

use serde_json::{Value as Json, json};

use super::super::{Marks, Number, Type, Value};
use super::{
    MAX_DEPTH, from_json, from_json_text, from_plain_json, object_from_json_text, read_plain_json,
    to_go_text, to_go_text_pretty, to_json, to_plain_json, type_from_json, type_to_json,
};

/// A value goes to JSON under a type, and comes back.
#[track_caller]
fn round_trip(value: &Value, ty: &Type, json: &Json) {
    assert_eq!(&to_json(value, ty), json);
    assert_eq!(from_json(json, ty).as_ref(), Ok(value));
    assert_eq!(from_json_text(&json.to_string(), ty).as_ref(), Ok(value));
}

#[track_caller]
fn refuse(json: &Json, ty: &Json, message: &str) {
    let ty = type_from_json(ty).expect("a type");
    let why = from_json(json, &ty).expect_err("this does not fit");
    assert_eq!(why.0, message);
    assert_eq!(from_json_text(&json.to_string(), &ty), Err(why));
}

#[test]
fn an_object_is_read_from_text_less_what_its_type_does_not_know() {
    let ty = type_from_json(&json!(["object", {
        "a": "string", "b": ["list", "number"], "c": "dynamic", "d": ["object", {"e": "bool"}], "f": "string",
    }]))
    .expect("a type");
    let text = r#"{"z": [{}], "b": [1, 2e2], "a": "\u00e9\n", "d": {"e": true}, "c": {"value": ["x"], "type": ["tuple", ["string"]]}}"#;
    let value = object_from_json_text(text, &ty).expect("nothing is out of the ordinary");
    let mut known: Json = serde_json::from_str(text).expect("JSON");
    known.as_object_mut().expect("an object").remove("z");
    assert_eq!(Ok(&value), from_json(&known, &ty).as_ref());
    assert_eq!(value.ty(), from_json(&known, &ty).expect("it fits").ty());
    for other in [
        "null",
        "{\"a\": 1}",
        "{\"b\": \"x\"}",
        "{\"a\": \"x\"} {}",
        "{",
        "{\"c\": {\"value\": 1}}",
    ] {
        assert_eq!(object_from_json_text(other, &ty), None, "{other}");
    }
}

#[test]
fn types_read_and_write_as_in_state_files() {
    for json in [
        json!("dynamic"),
        json!("string"),
        json!(["list", "string"]),
        json!(["set", ["map", "number"]]),
        json!(["tuple", ["string", "number", "bool"]]),
        json!(["tuple", []]),
        json!(["object", {"a": "number", "b": ["object", {"c": "string"}]}]),
        json!(["object", {"a": "number"}, ["a"]]),
    ] {
        let ty = type_from_json(&json).expect("a type");
        assert_eq!(type_to_json(&ty), json);
    }
    for wrong in [
        json!("text"),
        json!(1),
        json!([]),
        json!(["list"]),
        json!(["list", "string", "x"]),
        json!(["object", []]),
    ] {
        assert!(type_from_json(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn values_of_every_type_come_back() {
    let strings = || vec!["a".into(), "b".into()];
    let object = Value::object_of([("a", Value::int(1)), ("n", Value::null(Type::String))]);
    for (value, json) in [
        (Value::from("s"), json!("s")),
        (Value::int(-1), json!(-1)),
        (Value::from(true), json!(true)),
        (Value::null(Type::String), json!(null)),
        (Value::list(Type::String, strings()), json!(["a", "b"])),
        (Value::set(Type::String, strings()), json!(["a", "b"])),
        (Value::list(Type::Number, vec![]), json!([])),
        (
            Value::map(Type::Number, [("a".into(), 1.into())].into()),
            json!({"a": 1}),
        ),
        (
            Value::tuple(vec!["a".into(), 1.into(), true.into()]),
            json!(["a", 1, true]),
        ),
        (object, json!({"a": 1, "n": null})),
    ] {
        round_trip(&value, &value.ty(), &json);
        if !value.is_null() {
            let wrapped = json!({"value": json, "type": type_to_json(&value.ty())});
            round_trip(&value, &Type::Dynamic, &wrapped);
        }
    }
}

#[test]
fn dynamic_parts_are_wrapped_where_they_are() {
    let ty = Type::object([("input".into(), Type::Dynamic), ("id".into(), Type::String)].into());
    let value = Value::object_of([("id", Value::from("x")), ("input", Value::tuple(vec![1.into()]))]);
    let json = json!({"id": "x", "input": {"value": [1], "type": ["tuple", ["number"]]}});
    round_trip(&value, &ty, &json);
    let null = Value::object_of([("id", Value::from("x")), ("input", Value::null(Type::Dynamic))]);
    round_trip(&null, &ty, &json!({"id": "x", "input": null}));
}

#[test]
fn numbers_keep_all_their_digits() {
    for digits in [
        "12345678901234567890.5",
        "123456789012345678901234567890",
        "0.1",
        "-0.000000000000000000001",
    ] {
        let number = Value::number(Number::parse(digits).expect("a number"));
        let text = to_go_text(&to_plain_json(&number));
        assert_eq!(text, digits);
        let json: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(from_plain_json(&json), number);
        assert_eq!(from_json(&json, &Type::Number), Ok(number));
    }
}

#[test]
fn text_reads_as_its_json() {
    assert_eq!(
        from_json_text("[1,2]", &Type::list(Type::String)),
        Ok(Value::list(Type::String, vec!["1".into(), "2".into()]))
    );
    assert!(from_json_text("[1,", &Type::list(Type::String)).is_err());
    assert!(from_json_text(&"[".repeat(100_000), &Type::Dynamic).is_err());
}

#[test]
fn unknown_parts_become_null_and_marks_are_looked_through() {
    let value = Value::tuple(vec![
        Value::dynamic(),
        Value::from("s").with_marks(Marks::SENSITIVE),
    ]);
    assert_eq!(to_plain_json(&value), json!([null, "s"]));
}

#[test]
fn missing_attributes_are_null_and_primitives_convert() {
    let ty = Type::object([("a".into(), Type::String), ("b".into(), Type::Number)].into());
    let value = Value::object_of([("a", Value::from("5")), ("b", Value::null(Type::Number))]);
    assert_eq!(from_json(&json!({"a": 5}), &ty), Ok(value));
}

#[test]
fn json_that_does_not_fit_is_refused_with_its_place() {
    refuse(&json!("x"), &json!("number"), "a number is required");
    refuse(
        &json!({}),
        &json!(["list", "string"]),
        "a list of string is required",
    );
    refuse(&json!([]), &json!(["object", {}]), "an object is required");
    refuse(
        &json!({"zz": 1}),
        &json!(["object", {}]),
        "unsupported attribute \"zz\"",
    );
    refuse(
        &json!([1]),
        &json!(["tuple", []]),
        "0 elements are required, not 1",
    );
    refuse(
        &json!({"a": [{"k": "x"}]}),
        &json!(["object", {"a": ["list", ["map", "number"]]}]),
        ".a[0][\"k\"]: a number is required",
    );
    refuse(
        &json!(1),
        &json!("dynamic"),
        "an object with \"value\" and \"type\" is required",
    );
    refuse(
        &json!({"value": 1, "type": "x"}),
        &json!("dynamic"),
        "\"x\" is not a type",
    );
    refuse(
        &json!({"value": 1, "type": "dynamic"}),
        &json!("dynamic"),
        "a value of dynamic type must be null",
    );
}

#[test]
fn numbers_beyond_all_use_are_refused_not_dropped() {
    let json: Json = serde_json::from_str("[1e200000]").expect("JSON");
    assert!(read_plain_json(&json).is_err());
}

#[test]
fn what_nests_too_deep_is_refused() {
    let mut json = json!(1);
    let mut ty = Type::Number;
    for _ in 0..=MAX_DEPTH {
        json = Json::Array(vec![json]);
        ty = Type::list(ty);
    }
    let why = from_json(&json, &ty).expect_err("too deep");
    assert_eq!(
        why.0,
        format!("the value is nested more than {MAX_DEPTH} levels deep")
    );
    assert!(read_plain_json(&json).is_err());
}

#[test]
fn plain_json_reads_as_tuples_and_objects() {
    let value = from_plain_json(&json!({"a": [1, "x", null]}));
    let tuple = Value::tuple(vec![1.into(), "x".into(), Value::null(Type::Dynamic)]);
    assert_eq!(value, Value::object_of([("a", tuple)]));
}

#[test]
fn text_is_escaped_as_go_does() {
    let text = to_go_text(&json!("\u{8}\u{c}\u{7f}\u{2028}\u{2029}<>&\u{1}é\n\r\t\"\\"));
    assert_eq!(
        text,
        "\"\\b\\f\u{7f}\\u2028\\u2029\\u003c\\u003e\\u0026\\u0001é\\n\\r\\t\\\"\\\\\""
    );
    assert_eq!(
        to_go_text(&json!({"b": [1, null], "a": {}})),
        r#"{"a":{},"b":[1,null]}"#
    );
}

#[test]
fn pretty_text_keeps_the_order_and_ends_with_a_line_break() {
    let json = json!({"b": [1, [], {}], "a": {"<": true}});
    let text = "{\n  \"b\": [\n    1,\n    [],\n    {}\n  ],\n  \"a\": {\n    \"\\u003c\": true\n  }\n}\n";
    assert_eq!(to_go_text_pretty(&json), text);
}
