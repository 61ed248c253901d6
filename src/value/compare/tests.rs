//! Equality and order of values.

use std::cmp::Ordering;

use serde_json::{Value as Json, json};

use super::super::json::{from_plain_json, to_plain_json};
use super::super::{Marks, Refinement, Type, Value};
use super::{canonical_order, equal, raw_equal};

fn list(element: Type, items: &Json) -> Value {
    Value::list(
        element,
        items
            .as_array()
            .expect("items")
            .iter()
            .map(from_plain_json)
            .collect(),
    )
}

fn set(element: Type, items: &Json) -> Value {
    Value::set(
        element,
        items
            .as_array()
            .expect("items")
            .iter()
            .map(from_plain_json)
            .collect(),
    )
}

fn one(value: Value) -> Value {
    Value::tuple(vec![value])
}

fn unknown_with(ty: Type, refinement: Refinement) -> Value {
    Value::unknown_refined(ty, refinement)
}

/// What `==` says, both ways round; none for unknown.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "keeps the tables short")]
fn check(left: Value, right: Value, expected: Option<bool>) {
    for (a, b) in [(&left, &right), (&right, &left)] {
        let result = equal(a, b);
        assert_eq!(result.as_bool(), expected, "{a} == {b}");
        assert_eq!(result.is_known(), expected.is_some(), "{a} == {b}");
    }
}

#[test]
fn equality_never_converts() {
    check(1.into(), from_plain_json(&json!(1.0)), Some(true));
    check("1".into(), 1.into(), Some(false));
    check(true.into(), "true".into(), Some(false));
    let tuple = from_plain_json(&json!([1]));
    check(tuple.clone(), from_plain_json(&json!([1])), Some(true));
    check(tuple.clone(), from_plain_json(&json!(["1"])), Some(false));
    check(tuple, list(Type::Number, &json!([1])), Some(false));
    check(
        list(Type::String, &json!([])),
        list(Type::Number, &json!([])),
        Some(false),
    );
    check(
        Value::object([].into()),
        Value::map(Type::Dynamic, [].into()),
        Some(false),
    );
    check(
        set(Type::Number, &json!([1, 2])),
        set(Type::Number, &json!([2, 1])),
        Some(true),
    );
    check(
        set(Type::Number, &json!([1])),
        set(Type::Number, &json!([1, null])),
        Some(false),
    );
}

#[test]
fn nulls_are_equal_whatever_their_type_but_not_inside() {
    check(Value::null(Type::Dynamic), Value::null(Type::String), Some(true));
    check(Value::null(Type::Number), Value::null(Type::String), Some(true));
    check(Value::null(Type::String), "".into(), Some(false));
    check(
        one(Value::null(Type::Dynamic)),
        one(Value::null(Type::String)),
        Some(false),
    );
}

#[test]
fn unknowns_are_only_unequal_where_nothing_could_change_it() {
    let unknown = || Value::unknown(Type::String);
    check(unknown(), "a".into(), None);
    check(unknown(), unknown(), None);
    check(unknown(), 1.into(), Some(false));
    check(Value::dynamic(), 1.into(), None);
    check(unknown(), Value::null(Type::String), None);
    let not_null = Refinement {
        not_null: true,
        ..Refinement::default()
    };
    check(
        unknown_with(Type::String, not_null),
        Value::null(Type::String),
        Some(false),
    );
    let prefix = || Refinement {
        prefix: Some("ab".into()),
        ..Refinement::default()
    };
    check(unknown_with(Type::String, prefix()), "xy".into(), Some(false));
    check(unknown_with(Type::String, prefix()), "abc".into(), None);
    let length = Refinement {
        length: (Some(2), None),
        ..Refinement::default()
    };
    let many = || unknown_with(Type::list(Type::Number), length.clone());
    check(many(), list(Type::Number, &json!([1])), Some(false));
    check(many(), list(Type::Number, &json!([1, 2])), None);
    let pair = |first: i64| Value::tuple(vec![first.into(), unknown()]);
    check(pair(1), pair(2), Some(false));
    check(pair(1), pair(1), None);
    check(one(Value::dynamic()), one(1.into()), None);
}

#[test]
fn the_result_carries_the_marks_of_both_sides() {
    let secret = Value::int(1).with_marks(Marks::SENSITIVE);
    assert!(equal(&secret, &1.into()).is_sensitive());
    assert!(equal(&one(1.into()), &one(secret.clone())).is_sensitive());
    assert!(!equal(&1.into(), &1.into()).is_sensitive());
    assert!(raw_equal(&secret, &1.into()));
    assert_ne!(secret, Value::int(1));
}

#[track_caller]
fn check_set(items: &Json, expected: &Json) {
    let items = items
        .as_array()
        .expect("items")
        .iter()
        .map(from_plain_json)
        .collect();
    assert_eq!(&to_plain_json(&Value::set(Type::Dynamic, items)), expected);
}

#[test]
fn sets_drop_duplicates_and_order_as_terraform_does() {
    check_set(&json!(["b", "a", "b", null]), &json!(["a", "b", null]));
    check_set(&json!([3, 20, 1, 3]), &json!([1, 3, 20]));
    check_set(&json!([true, false, true]), &json!([false, true]));
    check_set(&json!(["é", "z", "a", "B"]), &json!(["B", "a", "z", "é"]));
    check_set(
        &json!([{"a": 2}, {"a": 10}, {"a": 1}]),
        &json!([{"a": 10}, {"a": 1}, {"a": 2}]),
    );
    check_set(&json!([["b", 1], ["a", 2]]), &json!([["a", 2], ["b", 1]]));
    check_set(&json!([[2], [10], [1]]), &json!([[10], [1], [2]]));
    check_set(&json!([{"a": "x"}, {"a": "x"}]), &json!([{"a": "x"}]));
}

#[test]
fn sets_lift_marks_and_keep_unknowns() {
    let marked = Value::set(
        Type::Number,
        vec![Value::int(1).with_marks(Marks::SENSITIVE), 1.into()],
    );
    assert!(marked.is_sensitive());
    assert_eq!(marked.as_items().map(<[Value]>::len), Some(1));
    assert!(marked.children().all(|item| item.marks().is_empty()));
    let unknown = Value::unknown(Type::Number);
    let open = Value::set(Type::Number, vec![unknown.clone(), 1.into(), unknown]);
    assert_eq!(open.as_items().map(<[Value]>::len), Some(3));
}

#[test]
fn the_canonical_order_is_total() {
    let values = [
        from_plain_json(&json!({"a": 1, "b": [1, "x"]})),
        from_plain_json(&json!({"a": 1, "c": [1, "x"]})),
        from_plain_json(&json!([1])),
        list(Type::Number, &json!([1])),
        set(Type::Number, &json!([1])),
        1.into(),
        "1".into(),
        true.into(),
        Value::unknown(Type::String),
        Value::dynamic(),
        Value::null(Type::String),
        Value::null(Type::Number),
    ];
    for left in &values {
        for right in &values {
            let order = canonical_order(left, right);
            assert_eq!(order, canonical_order(right, left).reverse(), "{left} {right}");
            assert_eq!(order == Ordering::Equal, raw_equal(left, right), "{left} {right}");
        }
    }
}
