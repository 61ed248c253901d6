//! JSON text as Go's encoder writes it: state files and plans must not differ by a byte.

use std::fmt::{self, Write};

use serde_json::{Map, Value as Json};

/// Compact text with Go's escapes (`<`, `>`, `&`, U+2028, U+2029 as `\u003c` ...), keys sorted.
pub fn to_go_text(json: &Json) -> String {
    to_go_text_of(json, 0)
}

/// The same of a text whose length in bytes is known.
pub fn to_go_text_of(json: &Json, length: usize) -> String {
    let mut text = String::with_capacity(length);
    write_compact(json, &mut text);
    text
}

/// How many bytes [`to_go_text`] would make.
pub fn go_length(json: &Json) -> usize {
    let mut length = Length(0);
    write_compact(json, &mut length);
    length.0
}

/// Counts bytes in the place of writing them.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(text.len());
        Ok(())
    }
}

/// Nothing that is written to here fails.
fn put(out: &mut impl Write, text: &str) {
    out.write_str(text).expect("texts and counters take all");
}

/// The same with an indent of two spaces and one final newline, keys in the order given.
pub fn to_go_text_pretty(json: &Json) -> String {
    let mut text = String::new();
    write_pretty(json, 0, &mut text);
    text.push('\n');
    text
}

fn write_compact(json: &Json, out: &mut impl Write) {
    match json {
        Json::Array(items) => {
            put(out, "[");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    put(out, ",");
                }
                write_compact(item, out);
            }
            put(out, "]");
        }
        Json::Object(entries) => {
            put(out, "{");
            for (index, (name, item)) in sorted(entries).into_iter().enumerate() {
                if index > 0 {
                    put(out, ",");
                }
                write_string(name, out);
                put(out, ":");
                write_compact(item, out);
            }
            put(out, "}");
        }
        plain => write_plain(plain, out),
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

fn write_plain(json: &Json, out: &mut impl Write) {
    match json {
        Json::String(string) => write_string(string, out),
        other => write!(out, "{other}").expect("texts and counters take all"),
    }
}

fn write_string(string: &str, out: &mut impl Write) {
    put(out, "\"");
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
        put(out, &string[plain_from..at]);
        plain_from = at + c.len_utf8();
        if short.is_empty() {
            write!(out, "\\u{:04x}", u32::from(c)).expect("texts and counters take all");
        } else {
            put(out, short);
        }
    }
    put(out, &string[plain_from..]);
    put(out, "\"");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_known_before_the_text_is_made() {
        let json = serde_json::json!({"b": [1, 2.5, null, true, "<\u{7}\n\"é\u{2028}"], "a\\": {}, "c": []});
        let text = to_go_text(&json);
        assert_eq!(go_length(&json), text.len());
        assert_eq!(to_go_text_of(&json, text.len()).capacity(), text.len());
    }
}
