//! Writing YAML, character for character as Terraform does: its way to break lines is that of libyaml.

use std::fmt::Write as _;

use crate::value::{Data, Value};

/// Where the lines of quoted text are broken, at the next space.
const WIDTH: usize = 80;

/// The longest key, in bytes, that needs no `?` before it.
const KEY: usize = 128;

/// One document that holds the value.
pub(super) fn document(value: &Value) -> String {
    let mut made = String::new();
    write(value, 0, &mut made);
    new_line(0, &mut made);
    if matches!(value.data(), Data::Null(_) | Data::Bool(_) | Data::Number(_)) {
        made.push_str("...\n");
    }
    made
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
            write_entry(key, item, indent, made);
        }
        return;
    }
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => made.push_str("null"),
        Data::Bool(value) => made.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => made.push_str(&number.to_string()),
        Data::String(text) => write_text(text, indent.max(2), made),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => made.push_str("[]"),
        Data::Map(_) | Data::Object(_) => made.push_str("{}"),
    }
}

fn write_entry(key: &str, item: &Value, indent: usize, made: &mut String) {
    if key.len() > KEY || key.contains(is_break) {
        made.push_str("? ");
        write_text(key, indent + 2, made);
        new_line(indent, made);
        made.push_str(": ");
        write(item, indent + 2, made);
        return;
    }
    write_quoted(key, None, made);
    made.push(':');
    let is_block = item.children().next().is_some();
    if !is_block {
        made.push(' ');
        write(item, indent + 2, made);
        return;
    }
    // The items of a sequence stand under the key itself.
    let is_sequence = item.as_items().is_some();
    let deeper = if is_sequence { indent } else { indent + 2 };
    new_line(deeper, made);
    write(item, deeper, made);
}

/// Begins a line, unless one has just begun.
fn new_line(indent: usize, made: &mut String) {
    if !made.ends_with('\n') {
        made.push('\n');
    }
    made.extend(std::iter::repeat_n(' ', indent));
}

/// Text of several lines as a block where that can be, other text in quotes.
fn write_text(text: &str, indent: usize, made: &mut String) {
    let printable = |letter: char| letter == '\n' || is_printable(letter);
    let space_break = text
        .chars()
        .zip(text.chars().skip(1))
        .any(|(letter, next)| letter == ' ' && is_break(next));
    if text.contains('\n') && text.chars().all(printable) && !space_break && !text.ends_with(' ') {
        write_block(text, indent, made);
    } else {
        write_quoted(text, Some(indent), made);
    }
}

fn write_block(text: &str, indent: usize, made: &mut String) {
    made.push('|');
    if text.starts_with(|first| first == ' ' || is_break(first)) {
        made.push('2');
    }
    let mut from_end = text.chars().rev();
    match (
        from_end.next().is_some_and(is_break),
        from_end.next().is_none_or(is_break),
    ) {
        (false, _) => made.push('-'),
        (true, true) => made.push('+'),
        (true, false) => {}
    }
    made.push('\n');
    let mut at_start = true;
    for letter in text.chars() {
        if !is_break(letter) && at_start {
            made.extend(std::iter::repeat_n(' ', indent));
        }
        at_start = is_break(letter);
        made.push(letter);
    }
}

/// Text in double quotes. Long lines are broken at a space where an indent is given.
fn write_quoted(text: &str, indent: Option<usize>, made: &mut String) {
    let line = made.rsplit('\n').next().unwrap_or_default();
    let mut column = line.chars().count() + 1;
    // What the first character is decides about all of them.
    let escape_all = text.starts_with('\u{feff}');
    let mut after_space = false;
    made.push('"');
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, letter)| *letter);
        if escape_all || !is_printable(letter) || is_break(letter) || matches!(letter, '"' | '\\') {
            let escaped = escape(letter);
            column += escaped.len();
            made.push_str(&escaped);
            after_space = false;
            continue;
        }
        let breaks = letter == ' ' && !after_space && column > WIDTH && at > 0;
        after_space = letter == ' ';
        match (indent, next) {
            (Some(indent), Some(next)) if breaks => {
                new_line(indent, made);
                column = indent;
                if next == ' ' {
                    made.push('\\');
                    column += 1;
                }
            }
            _ => {
                made.push(letter);
                column += 1;
            }
        }
    }
    made.push('"');
}

fn escape(letter: char) -> String {
    let short = match letter {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            let code = u32::from(letter);
            let mut long = String::new();
            let written = match code {
                0..=0xff => write!(long, "\\x{code:02X}"),
                0x100..=0xffff => write!(long, "\\u{code:04X}"),
                _ => write!(long, "\\U{code:08X}"),
            };
            written.expect("writing to a string never fails");
            return long;
        }
    };
    format!("\\{short}")
}

fn is_break(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What may stand as it is. Characters beyond the first plane may not.
fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}
