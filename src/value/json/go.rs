//! JSON text as Go's encoder writes it: state files and plans must not differ by a byte.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

/// Compact text with Go's escapes (`<`, `>`, `&`, U+2028, U+2029 as `\u003c` ...), keys sorted.
pub fn to_go_text(json: &Json) -> String {
    let mut text = String::new();
    write_compact(json, &mut text);
    text
}

/// The same with an indent of two spaces and one final newline, keys in the order given.
pub fn to_go_text_pretty(json: &Json) -> String {
    let mut text = String::new();
    write_pretty(json, 0, &mut text);
    text.push('\n');
    text
}

fn write_compact(json: &Json, text: &mut String) {
    match json {
        Json::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_compact(item, text);
            }
            text.push(']');
        }
        Json::Object(entries) => {
            text.push('{');
            for (index, (name, item)) in sorted(entries).into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(name, text);
                text.push(':');
                write_compact(item, text);
            }
            text.push('}');
        }
        plain => write_plain(plain, text),
    }
}

fn sorted(entries: &Map<String, Json>) -> Vec<(&String, &Json)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|(name, _)| *name);
    entries
}

fn write_pretty(json: &Json, depth: usize, text: &mut String) {
    match json {
        Json::Array(items) if !items.is_empty() => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                start_line(index > 0, depth + 1, text);
                write_pretty(item, depth + 1, text);
            }
            start_line(false, depth, text);
            text.push(']');
        }
        Json::Object(entries) if !entries.is_empty() => {
            text.push('{');
            for (index, (name, item)) in entries.iter().enumerate() {
                start_line(index > 0, depth + 1, text);
                write_string(name, text);
                text.push_str(": ");
                write_pretty(item, depth + 1, text);
            }
            start_line(false, depth, text);
            text.push('}');
        }
        Json::Array(_) => text.push_str("[]"),
        Json::Object(_) => text.push_str("{}"),
        plain => write_plain(plain, text),
    }
}

fn start_line(comma: bool, depth: usize, text: &mut String) {
    text.push_str(if comma { ",\n" } else { "\n" });
    text.extend(std::iter::repeat_n("  ", depth));
}

fn write_plain(json: &Json, text: &mut String) {
    match json {
        Json::String(string) => write_string(string, text),
        other => write!(text, "{other}").expect("writing to a string never fails"),
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut plain_from = 0;
    for (at, c) in string.char_indices() {
        let short = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => "",
            _ => continue,
        };
        text.push_str(&string[plain_from..at]);
        plain_from = at + c.len_utf8();
        if short.is_empty() {
            write!(text, "\\u{:04x}", u32::from(c)).expect("writing to a string never fails");
        } else {
            text.push_str(short);
        }
    }
    text.push_str(&string[plain_from..]);
    text.push('"');
}
