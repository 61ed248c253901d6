//! Texts in JSON, and what becomes of them.

use crate::diag::{FileId, Span};
use crate::lang::syntax::testing::{in_body, summaries};
use crate::lang::syntax::{Block, Body, Expr, ExprKind, Property, Reading, parse_json_body};

fn body(text: &str) -> Body {
    parse_json_body(FileId(0), text).expect("is valid")
}

fn only(text: &str) -> Property {
    body(text).undecided.pop().expect("has a property")
}

/// All properties as arguments.
#[track_caller]
fn check(reading: Reading, text: &str, expected: &str) {
    let shown = match parse_json_body(FileId(0), text) {
        Err(errors) => summaries(&errors),
        Ok(mut body) => {
            let mut problems = crate::diag::Diagnostics::new();
            body.decide_arguments(reading, &mut problems);
            if problems.is_empty() {
                in_body(&body)
            } else {
                summaries(&problems)
            }
        }
    };
    assert_eq!(shown, expected, "{text}");
}

/// The only property as blocks, whose bodies are arguments.
#[track_caller]
fn check_blocks(labels: &[&str], text: &str, expected: &str) {
    let (mut blocks, mut problems) = only(text).into_blocks(labels);
    for block in &mut blocks {
        block.body.decide_arguments(Reading::Plain, &mut problems);
    }
    let blocks = Body {
        blocks,
        ..Body::empty(Span::new(FileId(0), 0, 0))
    };
    let shown = [in_body(&blocks), summaries(&problems)];
    let shown: Vec<&str> = shown
        .iter()
        .map(|part| &**part)
        .filter(|part| !part.is_empty())
        .collect();
    assert_eq!(shown.join("\n"), expected, "{text}");
}

#[test]
fn strings_are_read_as_the_place_wants() {
    let text = r#"{"a": "${b.c}", "d": ["e.f", "x ${y}"], "g": {"${h}": true, "i": null}, "j": -1.5e1}"#;
    check(
        Reading::Templates,
        text,
        r#"a=${b.c} d=["e.f" `"x "${y}`] g={${h}=true "i"=null} j=-15"#,
    );
    check(
        Reading::Plain,
        text,
        r#"a="${b.c}" d=["e.f" "x ${y}"] g={"${h}"=true "i"=null} j=-15"#,
    );
    check(
        Reading::Names,
        r#"{"a": ["b.c[\"d\"]", "list(string)", "not one", 1], "e": {"f": "g.h"}}"#,
        r#"a=[b.c["d"] list(string) "not one" 1] e={f=g.h}"#,
    );
    check(
        Reading::Templates,
        r#"{"a": "$${b} %%{c} $d"}"#,
        r#"a="${b} %{c} $d""#,
    );
}

#[test]
fn comments_are_left_out_of_bodies_only() {
    check(
        Reading::Templates,
        r#"{"//": "${", "a": {"//": "b"}}"#,
        r#"a={"//"="b"}"#,
    );
}

#[test]
fn labels_are_levels_of_objects_or_of_arrays_of_them() {
    check_blocks(&[], r#"{"a": {"b": 1}}"#, "a {b=1}");
    check_blocks(&[], r#"{"a": [{"b": 1}, {"b": 2}]}"#, "a {b=1} a {b=2}");
    check_blocks(&[], r#"{"a": [[{"b": 1}, {"c": 2}]]}"#, "a {b=1 c=2}");
    check_blocks(&[], r#"{"a": []}"#, "");
    check_blocks(&["x"], r#"{"a": {"b": null, "c": []}}"#, "");
    check_blocks(&["x"], r#"{"a": null}"#, "! Missing block label");
    check_blocks(
        &["x", "y"],
        r#"{"a": {"b": {"c": {"d": 1}, "e": [{}, {}]}}}"#,
        r#"a "b" "c" {d=1} a "b" "e" {} a "b" "e" {}"#,
    );
    check_blocks(
        &["x", "y"],
        r#"{"a": [{"b": [{"c": {}}, {"d": {}}]}, {"b": {"e": {}}}]}"#,
        r#"a "b" "c" {} a "b" "d" {} a "b" "e" {}"#,
    );
    check_blocks(&["x"], r#"{"a": {}}"#, "! Missing block label");
    check_blocks(&["x"], r#"{"a": 1}"#, "! Incorrect JSON value type");
    check_blocks(
        &["x"],
        r#"{"a": {"b": 1, "c": {}}}"#,
        "a \"c\" {}\n! Incorrect JSON value type",
    );
    check_blocks(&[], r#"{"a": ["b"]}"#, "! Incorrect JSON value type");
}

#[test]
fn a_name_is_used_once() {
    check(Reading::Templates, r#"{"a": 1, "a": 2}"#, "! Duplicate argument");
    check(
        Reading::Templates,
        r#"{"a": {"b": 1, "b": 2}}"#,
        "! Duplicate object attribute",
    );
    check(Reading::Plain, r#"[{"a": 1}, {"b": 2}]"#, "a=1 b=2");
}

#[test]
fn names_and_strings_are_in_normal_form() {
    check(
        Reading::Templates,
        "{\"e\u{301}\": \"e\u{301}\", \"\\u00e9a\": \"${var.e\u{301}}\"}",
        "é=\"é\" éa=${var.é}",
    );
    check(
        Reading::Templates,
        r#"{"a": "\ud83d\ude00\n\"\\\/\t"}"#,
        "a=\"😀\\n\\\"\\\\/\\t\"",
    );
}

#[test]
fn what_is_no_json_is_refused() {
    let check = |text: &str, expected: &str| check(Reading::Plain, text, expected);
    check("", "! Missing value");
    check("3", "! Root value must be object");
    check("[3]", "! Root value must be object");
    check("null", "! Root value must be object");
    check("\u{feff}{}", "! Byte-order mark in JSON");
    check("{} {}", "! Extraneous data after value");
    check("{a: 1}", "! Invalid object property name");
    check("{\"a\" = 1}", "! Missing property value colon");
    check("{\"a\" 1}", "! Missing property value colon");
    check("{\"a\": 1,}", "! Trailing comma in object");
    check("{\"a\": [1,]}", "! Trailing comma in array");
    check("{\"a\": 1 \"b\": 2}", "! Missing item separator");
    check("{\"a\": 1", "! Unclosed object");
    check("{\"a\": \"b", "! Unclosed string");
    check("{\"a\": \"b\n\"}", "! Invalid JSON string");
    check("{\"a\": 'b'}", "! Invalid start of value");
    check("{\"a\": é}", "! Invalid start of value");
    check("# a\n{}", "! Invalid start of value");
    check("{\"a\": True}", "! Invalid JSON keyword");
    for number in [
        "+1",
        "01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "--1",
        "1-1",
        "1e999999999",
        "-",
    ] {
        check(&format!("{{\"a\": {number}}}"), "! Invalid JSON number");
    }
    for escape in ["\\x", "\\u12", "\\ud800", "\\ud800\\u0041", "\\udc00", "\\u00é0"] {
        check(&format!("{{\"a\": \"{escape}\"}}"), "! Invalid escape sequence");
    }
}

#[test]
fn whitespace_of_every_line_end_is_skipped() {
    check(
        Reading::Plain,
        "\r\n{\r\n\t\"a\" : 1 ,\r\n\"b\": [ ]\r\n}\r\n",
        "a=1 b=[]",
    );
}

/// The texts under the spans of names in an argument, its own first.
#[track_caller]
fn check_spans(text: &str, expected: &[&str]) {
    let under = |span: Span| &text[span.start as usize..span.end as usize];
    let attribute = only(text).into_attribute(Reading::Templates).expect("is valid");
    let mut found = vec![
        under(attribute.span),
        under(attribute.name_span),
        under(attribute.expr.span),
    ];
    attribute
        .expr
        .visit_traversals(&mut Vec::new(), &mut |_, span| found.push(under(span)));
    assert_eq!(found, expected, "{text}");
}

#[test]
fn spans_are_bytes_of_the_original_text() {
    check_spans(
        r#"{ "a": "x ${b.c}" }"#,
        &[r#""a": "x ${b.c}""#, r#""a""#, r#""x ${b.c}""#, "b.c"],
    );
    check_spans(
        r#"{"a":"\"\u00e9${b == \"\ud83d\ude00\" ? c.d : e}\n${f}"}"#,
        &[
            r#""a":"\"\u00e9${b == \"\ud83d\ude00\" ? c.d : e}\n${f}""#,
            r#""a""#,
            r#""\"\u00e9${b == \"\ud83d\ude00\" ? c.d : e}\n${f}""#,
            "b",
            "c.d",
            "e",
            "f",
        ],
    );
}

#[test]
fn blocks_know_their_parts() {
    let text = r#"{"a": {"b": {"c": 1}}}"#;
    let under = |span: Span| &text[span.start as usize..span.end as usize];
    let (blocks, _) = only(text).into_blocks(&["x"]);
    let [
        Block {
            kind_span,
            header,
            span,
            labels,
            body,
            ..
        },
    ] = blocks.as_slice()
    else {
        panic!("one block is expected");
    };
    assert_eq!(under(*kind_span), r#""a""#);
    assert_eq!(under(*header), r#""b""#);
    assert_eq!(under(*span), r#""b": {"c": 1}"#);
    assert_eq!(under(labels[0].span), r#""b""#);
    assert_eq!(under(body.span), r#"{"c": 1}"#);
}

#[test]
fn errors_in_templates_point_into_the_string() {
    let text = r#"{"a": "\n\"${b c}"}"#;
    let errors = only(text)
        .into_attribute(Reading::Templates)
        .expect_err("is wrong");
    let span = errors
        .iter()
        .next()
        .and_then(|error| error.span)
        .expect("has a place");
    assert_eq!(&text[span.start as usize..span.end as usize], "c");
}

#[test]
fn hostile_texts_cost_little() {
    let many = 200_000;
    let before = std::time::Instant::now();
    for text in [
        "[".repeat(many),
        "{\"a\":".repeat(many),
        format!("{{\"a\": \"{}", "\\n".repeat(many)),
        format!("{{\"a\": {}}}", "9".repeat(many * 10) + "x"),
    ] {
        parse_json_body(FileId(0), &text).expect_err("is refused");
    }
    let deep = |levels: usize| format!("{{\"a\": {}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(body(&deep(240)).undecided.len(), 1);
    parse_json_body(FileId(0), &deep(250)).expect_err("is too deep");
    let inside = format!(
        "{}\"${{{}1{}}}\"{}",
        "[".repeat(200),
        "(".repeat(100),
        ")".repeat(100),
        "]".repeat(200)
    );
    let nested = only(&format!("{{\"a\": {inside}}}"));
    nested
        .into_attribute(Reading::Templates)
        .expect_err("is too deep");
    let templates = format!("{{\"a\": \"{}\"}}", "\\n${b}".repeat(many / 10));
    let read: Expr = only(&templates)
        .into_attribute(Reading::Templates)
        .expect("is valid")
        .expr;
    assert!(matches!(read.kind, ExprKind::Template(parts) if parts.len() == many / 5));
    // Loose enough for a busy machine; anything quadratic takes minutes.
    assert!(before.elapsed().as_secs() < 30);
}

#[test]
fn no_damage_leads_out_of_the_text() {
    let text = r#"{"é\u00e9": ["😀\n${a.b == \"é\" ? \"\ud83d\ude00\" : c[\"日\"]}", {"${x}": -1.5e3}], "b": {"c": null}}"#;
    let whole: Vec<char> = text.chars().collect();
    for at in 0..whole.len() {
        let cut: String = whole[..at].iter().collect();
        let without: String = whole
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != at)
            .map(|(_, c)| c)
            .collect();
        for damaged in [cut, without] {
            let mut problems = crate::diag::Diagnostics::new();
            if let Some(body) = problems.take(parse_json_body(FileId(0), &damaged)) {
                for reading in [Reading::Templates, Reading::Names, Reading::Plain] {
                    body.clone().decide_arguments(reading, &mut problems);
                }
            }
            for span in problems.iter().filter_map(|problem| problem.span) {
                let under = damaged.get(span.start as usize..span.end as usize);
                assert!(under.is_some(), "{damaged}: {span:?}");
            }
        }
    }
}
