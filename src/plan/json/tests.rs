//! Plan and state JSON, held against what Terraform printed.

use serde_json::{Value as Json, json};

use super::value::{known, sensitive, unknown_object};
use crate::value::{Marks, Text, Type, Value};

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "cases read better")]
fn check(value: &Value, parts: [Json; 3]) {
    assert_eq!([known(value), unknown_object(value), sensitive(value)], parts);
}

#[test]
fn known_parts_stand_and_unknown_and_sensitive_ones_are_marked() {
    let secret = || Value::from("x").with_marks(Marks::SENSITIVE);
    check(&Value::null(Type::String), [Json::Null, json!({}), json!(false)]);
    check(
        &Value::object_of([
            ("a", Value::from(1)),
            ("b", secret()),
            ("c", Value::unknown(Type::String)),
        ]),
        [json!({"a": 1, "b": "x"}), json!({"c": true}), json!({"b": true})],
    );
    check(
        &Value::tuple(vec![Value::dynamic(), secret()]),
        [json!([null, "x"]), json!([true, false]), json!([false, true])],
    );
    check(
        &Value::object_of([
            ("empty", Value::tuple(vec![])),
            ("object", Value::object_of([("a", Value::from("x"))])),
            (
                "unknown",
                Value::unknown(Type::object([(Text::from("a"), Type::String)].into())),
            ),
        ]),
        [
            json!({"empty": [], "object": {"a": "x"}}),
            json!({"empty": [], "object": {}, "unknown": true}),
            json!({"empty": [], "object": {}, "unknown": {}}),
        ],
    );
    check(
        &Value::object_of([("a", Value::tuple(vec![Value::from(1)]))]),
        [json!({"a": [1]}), json!({}), json!({"a": [false]})],
    );
}
