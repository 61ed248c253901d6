//! Bodies against a small spec.

use super::{check, decode};
use crate::diag::{Diagnostics, Sources};
use crate::lang::expr::tests::names;
use crate::lang::spec::{AttributeSpec, BlockSpec, NestedSpec, Nesting};
use crate::lang::syntax::{Body, parse_body, parse_json_body};
use crate::value::{Constraint, Defaults, Type};

fn attribute(ty: Type, required: bool) -> AttributeSpec {
    AttributeSpec {
        ty: Constraint {
            ty,
            defaults: Defaults::default(),
        },
        required,
        optional: !required,
        computed: false,
        sensitive: false,
        write_only: false,
        deprecated: None,
        about: "".into(),
    }
}

fn nested(nesting: Nesting, max: Option<usize>) -> NestedSpec {
    let mut spec = BlockSpec::default();
    spec.attributes
        .insert("port".into(), attribute(Type::Number, true));
    NestedSpec {
        nesting,
        min: 0,
        max,
        spec,
        about: "".into(),
    }
}

fn spec() -> BlockSpec {
    let mut spec = BlockSpec::default();
    spec.attributes
        .insert("name".into(), attribute(Type::String, true));
    spec.attributes
        .insert("tags".into(), attribute(Type::map(Type::String), false));
    let computed = AttributeSpec {
        optional: false,
        computed: true,
        ..attribute(Type::String, false)
    };
    spec.attributes.insert("id".into(), computed);
    spec.blocks.insert("rule".into(), nested(Nesting::List, Some(3)));
    spec.blocks.insert("only".into(), nested(Nesting::Single, None));
    spec.blocks.insert("named".into(), nested(Nesting::Map, None));
    spec
}

fn body(text: &str) -> Body {
    let mut sources = Sources::new();
    let file = sources.add("main.tf", text);
    parse_body(file, text).expect("the text is right")
}

fn faults(errors: &Diagnostics) -> Vec<String> {
    errors
        .iter()
        .map(|error| format!("{}: {}", error.summary, error.detail))
        .collect()
}

#[track_caller]
fn check_value(text: &str, part: &str, expected: &str) {
    let value = decode(&body(text), &spec(), &names()).expect("the body is right");
    assert_eq!(
        value.get(part).map(ToString::to_string).as_deref(),
        Some(expected),
        "{text}"
    );
}

#[track_caller]
fn check_faults(text: &str, expected: &[&str]) {
    match decode(&body(text), &spec(), &names()) {
        Ok(value) => panic!("{text} gave {value}"),
        Err(errors) => assert_eq!(faults(&errors), expected, "{text}"),
    }
}

#[test]
fn arguments_are_converted_and_absent_ones_null() {
    check_value("name = 5", "name", "\"5\"");
    check_value("name = 5", "tags", "tomap(null) /* of string */");
    check_value("name = 5", "rule", "tolist([])");
    check_value("name = 5\ntags = {a = 1}", "tags", "tomap({\n  \"a\" = \"1\"\n})");
}

#[test]
fn blocks_become_values_by_their_nesting() {
    check_value(
        "name = 1\nrule {\n port = 1\n}\nrule {\n port = \"2\"\n}",
        "rule",
        "tolist([\n  {\n    \"port\" = 1\n  },\n  {\n    \"port\" = 2\n  },\n])",
    );
    check_value("name = 1\nonly {\n port = 1\n}", "only", "{\n  \"port\" = 1\n}");
    check_value(
        "name = 1\nnamed \"a\" {\n port = 1\n}",
        "named",
        "tomap({\n  \"a\" = {\n    \"port\" = 1\n  }\n})",
    );
}

#[test]
fn dynamic_blocks_repeat() {
    let list = "tolist([\n  {\n    \"port\" = 1\n  },\n  {\n    \"port\" = 2\n  },\n])";
    check_value(
        "name = 1\ndynamic \"rule\" {\n for_each = [1, 2]\n content {\n port = rule.value\n }\n}",
        "rule",
        list,
    );
    check_value(
        "name = 1\ndynamic \"rule\" {\n for_each = {a = 1, b = 2}\n iterator = each_one\n content {\n port = each_one.key == \"a\" ? 1 : 2\n }\n}",
        "rule",
        list,
    );
    check_value(
        "name = 1\ndynamic \"rule\" {\n for_each = var.unknown_list\n content {\n port = 1\n }\n}",
        "rule",
        "(known after apply)",
    );
    check_value(
        "name = 1\ndynamic \"named\" {\n for_each = [\"x\"]\n labels = [named.value]\n content {\n port = 1\n }\n}",
        "named",
        "tomap({\n  \"x\" = {\n    \"port\" = 1\n  }\n})",
    );
}

#[test]
fn every_fault_is_told_at_once() {
    check_faults(
        "nam = 1\ntags = 5\nid = \"x\"\nrul {}\nonly {\n}",
        &[
            "Unsupported argument: An argument named \"nam\" is not expected here. Did you mean \"name\"?",
            "Value for unconfigurable attribute: Can't configure a value for \"id\": its value will be decided automatically based on the result of applying this configuration.",
            "Missing required argument: The argument \"name\" is required, but no definition was found.",
            "Unsupported block type: Blocks of type \"rul\" are not expected here. Did you mean \"rule\"?",
            "Incorrect attribute value type: Inappropriate value for attribute \"tags\": map of string required.",
            "Missing required argument: The argument \"port\" is required, but no definition was found.",
        ],
    );
}

#[test]
fn dynamic_faults_are_told() {
    check_faults(
        "name = 1\ndynamic \"rule\" {\n for_each = null\n content {\n port = 1\n }\n}",
        &["Invalid dynamic for_each value: Cannot use a null value in for_each."],
    );
    check_faults(
        "name = 1\ndynamic \"rule\" {\n for_each = [1, 2, 3, 4]\n content {\n port = 1\n }\n}",
        &["Too many rule blocks: No more than 3 \"rule\" blocks are allowed"],
    );
    check_faults(
        "name = 1\ndynamic \"rule\" {\n content {\n port = 1\n }\n}",
        &["Missing required argument: The argument \"for_each\" is required, but no definition was found."],
    );
}

#[test]
fn names_are_checked_without_values() {
    let errors = check(
        &body("name = nothing.at.all\nonly {\n prt = 1\n}\nonly {\n port = 1\n}"),
        &spec(),
    );
    assert_eq!(
        faults(&errors),
        [
            "Duplicate only block: Only one only block is allowed.",
            "Unsupported argument: An argument named \"prt\" is not expected here. Did you mean \"port\"?",
            "Missing required argument: The argument \"port\" is required, but no definition was found.",
        ]
    );
}

/// The body in JSON stands for the same value as the one in the native form.
#[track_caller]
fn check_json(text: &str, native: &str) {
    let mut sources = Sources::new();
    let file = sources.add("main.tf.json", text);
    let mut json = parse_json_body(file, text).expect("the text is right");
    let problems = super::decide(&mut json, Some(&spec()));
    assert_eq!(faults(&problems), Vec::<String>::new(), "{text}");
    assert!(json.is_decided(), "{text}");
    let value = |body: &Body| decode(body, &spec(), &names()).map(|value| value.to_string());
    match (value(&json), value(&body(native))) {
        (Ok(json), Ok(native)) => assert_eq!(json, native, "{text}"),
        (json, native) => {
            let wrong = |result: Result<String, Diagnostics>| {
                result.map_or_else(|errors| faults(&errors), |value| vec![value])
            };
            assert_eq!(wrong(json), wrong(native), "{text}");
        }
    }
}

#[test]
fn the_spec_decides_what_a_property_in_json_is() {
    check_json(
        r#"{"name": "${1 + 1}", "tags": {"a": "b"}, "rule": {"port": 1}, "only": [{"port": 2}]}"#,
        "name = 2\ntags = {a = \"b\"}\nrule {\n port = 1\n}\nonly {\n port = 2\n}",
    );
    check_json(
        r#"{"name": 1, "rule": [{"port": 1}, {"port": "2", "//": "${"}], "named": {"a": {"port": 1}, "b": {"port": 2}}}"#,
        "name = 1\nrule {\n port = 1\n}\nrule {\n port = 2\n}\nnamed \"a\" {\n port = 1\n}\nnamed \"b\" {\n port = 2\n}",
    );
    check_json(
        r#"{"name": 1, "dynamic": {"rule": {"for_each": [1, 2], "iterator": "x", "content": {"port": "${x.value}"}}}}"#,
        "name = 1\ndynamic \"rule\" {\n for_each = [1, 2]\n iterator = x\n content {\n port = x.value\n }\n}",
    );
    check_json(
        r#"{"name": 1, "dynamic": {"named": [{"for_each": ["a"], "labels": ["${named.value}"], "content": [{"port": 1}]}]}}"#,
        "name = 1\ndynamic \"named\" {\n for_each = [\"a\"]\n labels = [named.value]\n content {\n port = 1\n }\n}",
    );
    check_json(
        r#"{"nam": 1, "only": [{"port": 1}, {"port": 2}], "id": "x"}"#,
        "nam = 1\nid = \"x\"\nonly {\n port = 1\n}\nonly {\n port = 2\n}",
    );
}

#[test]
fn what_no_spec_knows_is_an_argument() {
    let mut body = parse_json_body(crate::diag::FileId(0), r#"{"rule": {"port": 1}}"#).expect("is valid");
    let problems = super::decide(&mut body, None);
    assert!(problems.is_empty() && body.attribute("rule").is_some());
}
