//! Values and types as text for messages: secrets stay hidden.

mod console;
mod describe;
#[cfg(test)]
mod tests;

use std::fmt::{self, Write as _};

use super::{Marks, Type, Value};

pub use describe::describe;

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The way `terraform console` prints, sensitive parts as `(sensitive value)`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        console::write(f, self, 0)
    }
}

/// The way messages name types: `list of string`, `object`, `dynamic`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic => f.write_str("dynamic"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(element) => write!(f, "list of {element}"),
            Self::Set(element) => write!(f, "set of {element}"),
            Self::Map(element) => write!(f, "map of {element}"),
            Self::Tuple(_) => f.write_str("tuple"),
            Self::Object(_) => f.write_str("object"),
        }
    }
}

/// What stands in place of a value that must not be shown.
pub fn placeholder(marks: Marks) -> Option<&'static str> {
    if marks.contains(Marks::SENSITIVE) {
        Some("(sensitive value)")
    } else if marks.contains(Marks::EPHEMERAL) {
        Some("(ephemeral value)")
    } else {
        None
    }
}

/// A type as the console's `type` prints it: `object({\n    a: string,\n})`.
pub fn type_expression(ty: &Type) -> String {
    let mut text = String::new();
    write_type(&mut text, ty, 0);
    text
}

fn write_type(text: &mut String, ty: &Type, depth: usize) {
    let mut collection = |kind: &str, element: &Type| {
        text.push_str(kind);
        text.push('(');
        if matches!(element, Type::Tuple(_) | Type::Object(_)) {
            start_line(text, depth + 1);
            write_type(text, element, depth + 1);
            text.push(',');
            start_line(text, depth);
        } else {
            write_type(text, element, depth);
        }
        text.push(')');
    };
    match ty {
        Type::List(element) => collection("list", element),
        Type::Set(element) => collection("set", element),
        Type::Map(element) => collection("map", element),
        Type::Tuple(items) => {
            text.push_str("tuple([");
            for item in items.iter() {
                start_line(text, depth + 1);
                write_type(text, item, depth + 1);
                text.push(',');
            }
            if !items.is_empty() {
                start_line(text, depth);
            }
            text.push_str("])");
        }
        Type::Object(object) => {
            text.push_str("object({");
            for (name, ty) in &object.attributes {
                start_line(text, depth + 1);
                text.push_str(name);
                text.push_str(": ");
                write_type(text, ty, depth + 1);
                text.push(',');
            }
            if !object.attributes.is_empty() {
                start_line(text, depth);
            }
            text.push_str("})");
        }
        Type::Dynamic | Type::Bool | Type::Number | Type::String => text.push_str(&ty.to_string()),
    }
}

fn start_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("    ", depth));
}

/// Text in Go's quotes: what cannot be printed is escaped.
pub fn go_quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            c if is_printable(c) => quoted.push(c),
            c => {
                let code = u32::from(c);
                let written = match code {
                    0..0x80 => write!(quoted, "\\x{code:02x}"),
                    0x80..0x1_0000 => write!(quoted, "\\u{code:04x}"),
                    _ => write!(quoted, "\\U{code:08x}"),
                };
                written.expect("writing to a string never fails");
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Letters, marks, numbers, punctuation, symbols and the plain space.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Within a text, `escape_debug` escapes exactly what is not printable; at its start it escapes marks too.
    let mut buffer = [0; 5];
    buffer[0] = b'a';
    let length = c.encode_utf8(&mut buffer[1..]).len();
    std::str::from_utf8(&buffer[..=length]).is_ok_and(|text| text.escape_debug().nth(1) == Some(c))
}
