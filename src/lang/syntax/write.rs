//! Known values as HCL expressions, for generated configuration.

use std::fmt::Write as _;

use crate::value::{Data, Value};

use super::scan::{continues_name, starts_name};

/// The expression that gives the value. It starts where it is put; further lines are indented as at the margin.
/// Marks are looked through: the caller decides what may be shown. Unknown values become `null`.
pub fn value_to_source(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// A string as a quoted template without interpolation.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' => {
                out.push(c);
                if chars.peek() == Some(&'{') {
                    out.push(c);
                }
            }
            _ if is_printable(c) => out.push(c),
            _ if u32::from(c) < 0x1_0000 => put(&mut out, format_args!("\\u{:04x}", u32::from(c))),
            _ => put(&mut out, format_args!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Whether the text can be a bare name: of an argument, a block or an object's key.
pub fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string never fails");
}

/// What may stand in source as it is: no control, format, or separator characters other than the space.
fn is_printable(c: char) -> bool {
    !(c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{e000}'..='\u{f8ff}'
        ))
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(value) => put(out, format_args!("{value}")),
        Data::Number(number) => put(out, format_args!("{number}")),
        Data::String(text) => out.push_str(&quote(text)),
        Data::List(items) | Data::Set(items) => write_items(&items.items, depth, out),
        Data::Tuple(items) => write_items(items, depth, out),
        Data::Map(entries) => write_entries(&entries.items, depth, out),
        Data::Object(entries) => write_entries(entries, depth, out),
    }
}

/// Items that hold others stand on lines of their own.
fn write_items(items: &[Value], depth: usize, out: &mut String) {
    let is_flat = items.iter().all(|item| item.children().next().is_none());
    if is_flat {
        out.push('[');
        for (at, item) in items.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { ", " });
            write(item, depth, out);
        }
        out.push(']');
        return;
    }
    out.push_str("[\n");
    for item in items {
        indent(depth + 1, out);
        write(item, depth + 1, out);
        out.push_str(",\n");
    }
    indent(depth, out);
    out.push(']');
}

fn write_entries(
    entries: &std::collections::BTreeMap<crate::value::Text, Value>,
    depth: usize,
    out: &mut String,
) {
    if entries.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push_str("{\n");
    for (at, (name, value)) in entries.iter().enumerate() {
        indent(depth + 1, out);
        // `for` would begin an expression where the first key stands.
        if is_name(name) && !(at == 0 && &**name == "for") && !is_keyword(name) {
            out.push_str(name);
        } else {
            out.push_str(&quote(name));
        }
        out.push_str(" = ");
        write(value, depth + 1, out);
        out.push('\n');
    }
    indent(depth, out);
    out.push('}');
}

/// Words that mean a value where a key stands.
fn is_keyword(name: &str) -> bool {
    matches!(name, "null" | "true" | "false")
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[track_caller]
    fn check(value: &Value, expect: &str) {
        let source = value_to_source(value);
        assert_eq!(source, expect);
        super::super::parse_expression(crate::diag::FileId(0), &source).expect("reads back");
    }

    #[test]
    fn strings_are_escaped_so_that_they_read_back() {
        check(&"a".into(), r#""a""#);
        check(&"a\n\"b\"\\\t${c}%{d}$$".into(), r#""a\n\"b\"\\\t$${c}%%{d}$$""#);
        check(&"\u{1}\u{200b}\u{e9}".into(), "\"\\u0001\\u200b\u{e9}\"");
        check(&r#"{"a":"${b}"}"#.into(), r#""{\"a\":\"$${b}\"}""#);
    }

    #[test]
    fn flat_lists_stand_on_one_line() {
        check(
            &Value::tuple(vec![Value::int(1), "b".into(), Value::null(Type::String)]),
            r#"[1, "b", null]"#,
        );
        check(&Value::tuple(vec![]), "[]");
        check(
            &Value::tuple(vec![Value::object_of([("a", Value::bool(true))])]),
            "[\n  {\n    a = true\n  },\n]",
        );
    }

    #[test]
    fn keys_are_quoted_where_they_must() {
        check(
            &Value::object_of([
                ("a b", Value::int(1)),
                ("c", Value::object_of::<&str>([])),
                ("true", Value::int(2)),
            ]),
            "{\n  \"a b\" = 1\n  c = {}\n  \"true\" = 2\n}",
        );
        check(&Value::object_of([("for", Value::int(1))]), "{\n  \"for\" = 1\n}");
    }
}
