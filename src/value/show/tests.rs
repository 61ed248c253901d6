//! Values and types as the user sees them.

use super::super::{Marks, Refinement, Type, Value};
use super::{describe, go_quote, type_expression};

fn object(pairs: &[(&str, Value)]) -> Value {
    Value::object_of(pairs.iter().map(|(name, value)| (*name, value.clone())))
}

fn strings(items: &[&str]) -> Vec<Value> {
    items.iter().map(|item| Value::from(*item)).collect()
}

fn sensitive(value: impl Into<Value>) -> Value {
    value.into().with_marks(Marks::SENSITIVE)
}

fn map(element: Type, pairs: &[(&str, Value)]) -> Value {
    Value::map(
        element,
        pairs
            .iter()
            .map(|(name, value)| ((*name).into(), value.clone()))
            .collect(),
    )
}

#[test]
fn values_print_as_the_console_has_them() {
    let text = |items: &[&str]| Value::list(Type::String, strings(items));
    for (value, printed) in [
        (Value::from("a"), "\"a\""),
        (Value::int(5), "5"),
        (Value::from(true), "true"),
        (Value::tuple(vec![]), "[]"),
        (object(&[]), "{}"),
        (text(&[]), "tolist([])"),
        (text(&["a"]), "tolist([\n  \"a\",\n])"),
        (
            Value::set(Type::String, strings(&["b", "a", "b"])),
            "toset([\n  \"a\",\n  \"b\",\n])",
        ),
        (
            map(Type::Number, &[("a b", 1.into())]),
            "tomap({\n  \"a b\" = 1\n})",
        ),
        (
            object(&[("a", Value::tuple(vec![object(&[])]))]),
            "{\n  \"a\" = [\n    {},\n  ]\n}",
        ),
        (Value::null(Type::Dynamic), "null"),
        (Value::null(Type::String), "tostring(null)"),
        (
            Value::null(Type::list(Type::String)),
            "tolist(null) /* of string */",
        ),
        (
            Value::null(Type::map(Type::Dynamic)),
            "tomap(null) /* of dynamic */",
        ),
        (Value::null(Type::object([].into())), "null /* object */"),
        (Value::null(Type::tuple(vec![])), "null /* tuple */"),
        (Value::unknown(Type::String), "(known after apply)"),
        (sensitive(1), "(sensitive value)"),
        (Value::int(1).with_marks(Marks::EPHEMERAL), "(ephemeral value)"),
        (
            object(&[("a", sensitive("x"))]),
            "{\n  \"a\" = (sensitive value)\n}",
        ),
        (Value::from("a\nb"), "<<EOT\na\nb\nEOT"),
        (Value::from("a\nEOT\n"), "<<EOT_\na\nEOT\n\nEOT_"),
        (
            Value::tuple(strings(&["x\n  y"])),
            "[\n  <<-EOT\n  x\n    y\n  EOT,\n]",
        ),
        (
            object(&[("a\nb", 1.into())]),
            "{\n  <<-EOT\n  a\n  b\n  EOT = 1\n}",
        ),
    ] {
        assert_eq!(value.to_string(), printed);
        assert_eq!(format!("{value:?}"), printed);
    }
}

#[test]
fn quotes_escape_what_cannot_be_printed() {
    for (text, quoted) in [
        ("é\u{1}😀\t\"\\${", r#""é\x01😀\t\"\\${""#),
        ("\u{7f}\u{200b}\u{a0}", r#""\x7f\u200b\u00a0""#),
        ("\r\n\u{7}\u{8}\u{b}\u{c}", r#""\r\n\a\b\v\f""#),
        ("\u{301}a\u{301}", "\"\u{301}a\u{301}\""),
        ("\u{e0001}", r#""\U000e0001""#),
    ] {
        assert_eq!(go_quote(text), quoted);
    }
}

#[test]
fn types_print_as_messages_name_them() {
    for (ty, name) in [
        (Type::list(Type::String), "list of string"),
        (Type::map(Type::set(Type::Number)), "map of set of number"),
        (Type::object([("a".into(), Type::Bool)].into()), "object"),
        (Type::tuple(vec![Type::Bool]), "tuple"),
        (Type::list(Type::Dynamic), "list of dynamic"),
    ] {
        assert_eq!(ty.to_string(), name);
    }
}

#[test]
fn type_expressions_break_lines_inside_objects_and_tuples() {
    let object = Type::object(
        [
            ("g h".into(), Type::object([].into())),
            ("b".into(), Type::Number),
        ]
        .into(),
    );
    for (ty, text) in [
        (Type::Number, "number"),
        (Type::tuple(vec![]), "tuple([])"),
        (Type::list(Type::list(Type::Dynamic)), "list(list(dynamic))"),
        (
            object.clone(),
            "object({\n    b: number,\n    g h: object({}),\n})",
        ),
        (Type::tuple(vec![Type::Bool]), "tuple([\n    bool,\n])"),
        (
            Type::map(object),
            "map(\n    object({\n        b: number,\n        g h: object({}),\n    }),\n)",
        ),
    ] {
        assert_eq!(type_expression(&ty), text);
    }
}

#[test]
fn descriptions_tell_the_kind_but_no_elements() {
    let numbers = |text: &str| Value::number(super::super::Number::parse(text).expect("a number"));
    let list = |items: &[&str]| Value::list(Type::String, strings(items));
    let refined = Refinement {
        not_null: true,
        ..Refinement::default()
    };
    for (value, statement) in [
        (Value::from("text\n"), "is \"text\\n\""),
        (Value::int(5), "is 5"),
        (Value::from(true), "is true"),
        (Value::null(Type::String), "is null"),
        (object(&[]), "is object with no attributes"),
        (object(&[("b", sensitive(1))]), "is object with 1 attribute \"b\""),
        (
            object(&[("b", 1.into()), ("c", 2.into())]),
            "is object with 2 attributes",
        ),
        (Value::tuple(vec![]), "is empty tuple"),
        (Value::tuple(vec![1.into()]), "is tuple with 1 element"),
        (list(&[]), "is empty list of string"),
        (list(&["a", "b"]), "is list of string with 2 elements"),
        (
            map(Type::Number, &[("x", 1.into())]),
            "is map of number with 1 element",
        ),
        (sensitive("x"), "has a sensitive value"),
        (
            Value::unknown_refined(Type::String, refined),
            "is a string, known only after apply",
        ),
        (Value::dynamic(), "will be known only after apply"),
        (numbers("12345678901"), "is 1.23456789e+10"),
        (numbers("1234567890"), "is 1234567890"),
        (numbers("0.33333333333333"), "is 0.3333333333"),
        (numbers("1e-5"), "is 1e-05"),
        (numbers("-1e10"), "is -1e+10"),
        (numbers("9999999999.99"), "is 1e+10"),
        (numbers("0.00012345678912345"), "is 0.0001234567891"),
        (numbers("123456789.123456"), "is 123456789.1"),
        (numbers("1e100"), "is 1e+100"),
        (numbers("100"), "is 100"),
        (numbers("0"), "is 0"),
    ] {
        assert_eq!(describe(&value), statement);
    }
}
