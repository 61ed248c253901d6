//! YAML.

mod read;

use super::{Args, Func, FuncError, Kind, any, text};
use crate::value::{Data, Value, json};

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "yamlencode",
        params: &[any("value").null()],
        variadic: None,
        returns: Kind::String,
        about: "Encodes a value as YAML.",
        examples: &[(
            "yamlencode({ a = [1, true], b = \"text\" })",
            "<<EOT\n\"a\":\n- 1\n- true\n\"b\": \"text\"\n\nEOT",
        )],
        call: yamlencode,
    },
    Func {
        name: "yamldecode",
        params: &[text("src")],
        variadic: None,
        returns: Kind::Any,
        about: "Decodes YAML.",
        examples: &[(
            "jsonencode(yamldecode(\"a: [1, true]\\nb: text\\n\"))",
            "\"{\\\"a\\\":[1,true],\\\"b\\\":\\\"text\\\"}\"",
        )],
        call: |args| read::decode(args),
    },
];

fn yamlencode(args: &Args<'_>) -> Result<Value, FuncError> {
    let value = args.value(0)?;
    let mut made = String::new();
    write(value, 0, &mut made);
    made.push('\n');
    let plain = matches!(value.data(), Data::Null(_) | Data::Bool(_) | Data::Number(_));
    if plain {
        made.push_str("...\n");
    }
    args.spend_text(made.len())?;
    Ok(Value::from(made))
}

/// Whether a value takes lines of its own.
fn is_block(value: &Value) -> bool {
    value.children().next().is_some()
}

/// Writes a value whose first line has been indented already.
fn write(value: &Value, indent: usize, made: &mut String) {
    if let Some(items) = value.as_items().filter(|items| !items.is_empty()) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                new_line(indent, made);
            }
            made.push_str("- ");
            write(item, indent + 2, made);
        }
        return;
    }
    if let Some(entries) = value.as_entries().filter(|entries| !entries.is_empty()) {
        for (at, (key, item)) in entries.iter().enumerate() {
            if at > 0 {
                new_line(indent, made);
            }
            made.push_str(&quoted(key));
            made.push(':');
            if is_block(item) {
                // The items of a sequence stand under the key itself.
                let deeper = if item.as_items().is_some() {
                    indent
                } else {
                    indent + 2
                };
                new_line(deeper, made);
                write(item, deeper, made);
            } else {
                made.push(' ');
                write(item, indent + 2, made);
            }
        }
        return;
    }
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => made.push_str("null"),
        Data::Bool(value) => made.push_str(&value.to_string()),
        Data::Number(number) => made.push_str(&number.to_string()),
        Data::String(text) => write_text(text, indent, made),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => made.push_str("[]"),
        Data::Map(_) | Data::Object(_) => made.push_str("{}"),
    }
}

fn new_line(indent: usize, made: &mut String) {
    made.push('\n');
    made.extend(std::iter::repeat_n(' ', indent));
}

fn quoted(text: &str) -> String {
    json::to_go_text(&serde_json::Value::String(text.to_owned()))
        .replace("\\u003c", "<")
        .replace("\\u003e", ">")
        .replace("\\u0026", "&")
}

/// Text of several lines as a block, other text in quotes.
fn write_text(text: &str, indent: usize, made: &mut String) {
    let printable = |letter: char| letter == '\n' || !letter.is_control();
    let fits = text.contains('\n')
        && text.chars().all(printable)
        && !text.starts_with([' ', '\n'])
        && !text.contains(" \n");
    if !fits {
        made.push_str(&quoted(text));
        return;
    }
    let (body, header) = match text.strip_suffix('\n') {
        Some(body) if body.ends_with('\n') => (body, "|+"),
        Some(body) => (body, "|"),
        None => (text, "|-"),
    };
    made.push_str(header);
    let depth = indent.max(2);
    for line in body.split('\n') {
        made.push('\n');
        if !line.is_empty() {
            made.extend(std::iter::repeat_n(' ', depth));
            made.push_str(line);
        }
    }
}
