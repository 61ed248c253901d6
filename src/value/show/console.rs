//! Values as the console prints them.

use std::fmt::{Formatter, Result};

use super::super::{Data, Type, Value};
use super::{go_quote, placeholder};

/// Prints a value whose first line starts somewhere in a line with the given indent.
pub(super) fn write(f: &mut Formatter<'_>, value: &Value, indent: usize) -> Result {
    if !value.is_known() {
        return f.write_str("(known after apply)");
    }
    if let Some(hidden) = placeholder(value.marks()) {
        return f.write_str(hidden);
    }
    match value.data() {
        Data::Unknown(_) => f.write_str("(known after apply)"),
        Data::Null(ty) => write_null(f, ty),
        Data::Bool(value) => write!(f, "{value}"),
        Data::Number(number) => write!(f, "{number}"),
        Data::String(text) => write_text(f, text, indent),
        Data::List(list) => wrapped(f, "tolist", |f| write_items(f, &list.items, indent)),
        Data::Set(set) => wrapped(f, "toset", |f| write_items(f, &set.items, indent)),
        Data::Map(map) => wrapped(f, "tomap", |f| write_entries(f, map.items.iter(), indent)),
        Data::Tuple(items) => write_items(f, items, indent),
        Data::Object(attributes) => write_entries(f, attributes.iter(), indent),
    }
}

fn wrapped(
    f: &mut Formatter<'_>,
    function: &str,
    inner: impl FnOnce(&mut Formatter<'_>) -> Result,
) -> Result {
    write!(f, "{function}(")?;
    inner(f)?;
    f.write_str(")")
}

fn write_null(f: &mut Formatter<'_>, ty: &Type) -> Result {
    match ty {
        Type::Dynamic => f.write_str("null"),
        Type::Bool | Type::Number | Type::String => write!(f, "to{ty}(null)"),
        Type::List(element) => write!(f, "tolist(null) /* of {element} */"),
        Type::Set(element) => write!(f, "toset(null) /* of {element} */"),
        Type::Map(element) => write!(f, "tomap(null) /* of {element} */"),
        Type::Tuple(_) | Type::Object(_) => write!(f, "null /* {ty} */"),
    }
}

fn new_line(f: &mut Formatter<'_>, indent: usize) -> Result {
    write!(f, "\n{:indent$}", "")
}

fn write_items(f: &mut Formatter<'_>, items: &[Value], indent: usize) -> Result {
    f.write_str("[")?;
    for item in items {
        new_line(f, indent + 2)?;
        write(f, item, indent + 2)?;
        f.write_str(",")?;
    }
    if !items.is_empty() {
        new_line(f, indent)?;
    }
    f.write_str("]")
}

fn write_entries<'a, K: AsRef<str> + 'a>(
    f: &mut Formatter<'_>,
    entries: impl ExactSizeIterator<Item = (&'a K, &'a Value)>,
    indent: usize,
) -> Result {
    let is_empty = entries.len() == 0;
    f.write_str("{")?;
    for (name, value) in entries {
        new_line(f, indent + 2)?;
        write_text(f, name.as_ref(), indent + 2)?;
        f.write_str(" = ")?;
        write(f, value, indent + 2)?;
    }
    if !is_empty {
        new_line(f, indent)?;
    }
    f.write_str("}")
}

/// A quoted line, or a heredoc for several.
fn write_text(f: &mut Formatter<'_>, text: &str, indent: usize) -> Result {
    if !text.contains('\n') {
        return f.write_str(&go_quote(text));
    }
    let mut delimiter = "EOT".to_owned();
    while text.split('\n').any(|line| line.trim() == delimiter) {
        delimiter.push('_');
    }
    let operator = if indent > 0 { "<<-" } else { "<<" };
    write!(f, "{operator}{delimiter}")?;
    for line in text.split('\n').chain([delimiter.as_str()]) {
        new_line(f, indent)?;
        f.write_str(line)?;
    }
    Ok(())
}
