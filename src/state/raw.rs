//! JSON kept as text: a piece of the file that was read, or text of its own.

use std::fmt::{self, Write as _};
use std::sync::Arc;

/// A valid JSON text that is decoded only on demand. Pieces of one file share that file's memory.
///
/// `Debug` does not show it: it may hold secrets.
#[derive(Clone)]
pub struct Raw {
    text: Arc<String>,
    start: usize,
    end: usize,
}

/// How [`lay_out`] sets a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Everything on one line, without spaces.
    Compact,
    /// Two spaces a level, the first line standing at this level.
    Indented(usize),
}

impl Raw {
    /// Takes a text that is known to be one JSON value.
    pub(super) fn new(text: impl Into<String>) -> Self {
        let text = Arc::new(text.into());
        Self {
            start: 0,
            end: text.len(),
            text,
        }
    }

    /// The part of a file's text that a reader borrowed from it.
    pub(super) fn part(file: &Arc<String>, part: &str) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(file.as_ptr() as usize);
        let end = start.wrapping_add(part.len());
        if file.get(start..end) != Some(part) {
            return Self::new(part);
        }
        Self {
            text: file.clone(),
            start,
            end,
        }
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.text[self.start..self.end]
    }

    /// Appends the text, set as asked. A text that stands that way already is copied as it is.
    pub(super) fn write(&self, layout: Layout, out: &mut String) {
        let text = self.as_str();
        if let Layout::Indented(level) = layout
            && stands_at(text, level)
        {
            out.push_str(text);
        } else {
            lay_out(text, layout, out);
        }
    }
}

impl PartialEq for Raw {
    /// The same text, layout aside.
    fn eq(&self, other: &Self) -> bool {
        let compact = |raw: &Self| {
            let mut text = String::new();
            lay_out(raw.as_str(), Layout::Compact, &mut text);
            text
        };
        self.as_str() == other.as_str() || compact(self) == compact(other)
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.end - self.start)
    }
}

/// Whether an object already stands at that level, judged by its first and last line.
fn stands_at(text: &str, level: usize) -> bool {
    let indented = |line: &str, level: usize, mark: char| {
        line.len() == level * 2 + 1 && line.ends_with(mark) && line[..level * 2].bytes().all(|b| b == b' ')
    };
    let (Some(first), Some(last)) = (text.strip_prefix("{\n"), text.rfind('\n')) else {
        return text == "{}";
    };
    let opening = first.find('"').map(|at| &first[..=at]);
    opening.is_some_and(|line| indented(line, level + 1, '"')) && indented(&text[last + 1..], level, '}')
}

/// Appends a JSON text as Go sets it: HTML signs and line separators escaped, empty containers on one line.
pub(super) fn lay_out(text: &str, layout: Layout, out: &mut String) {
    let bytes = text.as_bytes();
    let mut level = match layout {
        Layout::Compact => 0,
        Layout::Indented(level) => level,
    };
    let newline = |level: usize, out: &mut String| {
        if layout != Layout::Compact {
            out.push('\n');
            (0..level).for_each(|_| out.push_str("  "));
        }
    };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'"' => at = copy_string(text, at - 1, out),
            b'{' | b'[' => {
                out.push(byte as char);
                at = skip_space(bytes, at);
                if let Some(&close @ (b'}' | b']')) = bytes.get(at) {
                    out.push(close as char);
                    at += 1;
                } else {
                    level += 1;
                    newline(level, out);
                }
            }
            b'}' | b']' => {
                level = level.saturating_sub(1);
                newline(level, out);
                out.push(byte as char);
            }
            b',' => {
                out.push(',');
                newline(level, out);
            }
            b':' => out.push_str(if layout == Layout::Compact { ":" } else { ": " }),
            other => out.push(other as char),
        }
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// Copies a JSON string that starts at `start`; returns where it ends.
fn copy_string(text: &str, start: usize, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'"' => break,
            _ => {}
        }
    }
    let at = at.min(bytes.len());
    push_html_escaped(&text[start..at], out);
    at
}

/// Escapes what Go escapes beyond JSON's own rules.
fn push_html_escaped(text: &str, out: &mut String) {
    let special = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    if !text.bytes().any(|b| matches!(b, b'<' | b'>' | b'&' | 0xe2)) {
        out.push_str(text);
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        out.push_str(&rest[..at]);
        let found = rest[at..].chars().next().unwrap_or('<');
        out.push_str(match found {
            '<' => "\\u003c",
            '>' => "\\u003e",
            '&' => "\\u0026",
            '\u{2028}' => "\\u2028",
            _ => "\\u2029",
        });
        rest = &rest[at + found.len_utf8()..];
    }
    out.push_str(rest);
}

/// Appends a text as a JSON string with Go's escapes.
pub(super) fn push_string(text: &str, out: &mut String) {
    out.push('"');
    if text
        .bytes()
        .all(|b| b >= 0x20 && !matches!(b, b'"' | b'\\' | b'<' | b'>' | b'&' | 0xe2))
    {
        out.push_str(text);
        out.push('"');
        return;
    }
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        push_html_escaped(&text[plain..at], out);
        if escape.is_empty() {
            write!(out, "\\u{byte:04x}").expect("a String takes all");
        } else {
            out.push_str(escape);
        }
        plain = at + 1;
    }
    push_html_escaped(&text[plain..], out);
    out.push('"');
}

/// Whether containers are nested deeper than the limit in a JSON text.
pub(super) fn is_deeper(text: &str, limit: usize) -> bool {
    // Most texts hold too few containers for that, which is quickly counted.
    let opening = |byte: &u8| matches!(byte, b'{' | b'[');
    text.as_bytes().iter().filter(|byte| opening(byte)).count() > limit && depth(text) > limit
}

/// How deep containers are nested in a JSON text.
fn depth(text: &str) -> usize {
    let (mut level, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                level += 1;
                deepest = deepest.max(level);
            }
            b'}' | b']' if !in_string => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, compact: &str, indented: &str) {
        let set = |layout| {
            let mut out = String::new();
            Raw::new(text).write(layout, &mut out);
            out
        };
        assert_eq!(set(Layout::Compact), compact);
        assert_eq!(set(Layout::Indented(1)), indented);
    }

    #[test]
    fn containers_open_a_level_unless_empty() {
        check(
            r#" {"a":[1, {"b" : {  }} ],"c":[]}"#,
            r#"{"a":[1,{"b":{}}],"c":[]}"#,
            "{\n    \"a\": [\n      1,\n      {\n        \"b\": {}\n      }\n    ],\n    \"c\": []\n  }",
        );
    }

    #[test]
    fn html_signs_are_escaped_and_escapes_stay() {
        check(
            "\"<a>&\\u003c\\\"{\u{2028}é\"",
            "\"\\u003ca\\u003e\\u0026\\u003c\\\"{\\u2028é\"",
            "\"\\u003ca\\u003e\\u0026\\u003c\\\"{\\u2028é\"",
        );
    }

    #[test]
    fn strings_get_go_escapes() {
        let mut out = String::new();
        push_string("a\"\\\n\u{1}\u{8}<é\u{2029}", &mut out);
        assert_eq!(out, "\"a\\\"\\\\\\n\\u0001\\b\\u003cé\\u2029\"");
    }

    #[test]
    fn depth_counts_containers_outside_strings() {
        assert_eq!(depth(r#"{"a[[[":[{"b":1}],"c":"\"["}"#), 3);
    }
}
