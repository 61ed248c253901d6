//! Comma-separated values.

use std::collections::BTreeMap;

use super::{Args, FuncError};
use crate::value::{Text, Type, Value};

/// Reads the text as a header line and rows.
pub(super) fn csvdecode(args: &Args<'_>) -> Result<Value, FuncError> {
    let text = args.text(0)?;
    args.spend_text(text.len())?;
    let count = |wanted: u8| text.bytes().filter(|&byte| byte == wanted).count();
    args.spend_maps(count(b'\n'))?;
    args.spend_elements(count(b','))?;
    let mut rows = rows(text)?.into_iter();
    let (_, header) = rows.next().ok_or_else(|| FuncError::new("missing header line"))?;
    let names: Vec<Text> = header.iter().map(|name| Text::from(name.as_str())).collect();
    let mut types = BTreeMap::new();
    for name in &names {
        if types.insert(name.clone(), Type::String).is_some() {
            return Err(FuncError::new(format!("duplicate column name \"{name}\"")));
        }
    }
    let mut made = Vec::new();
    for (line, row) in rows {
        if row.len() != names.len() {
            return Err(FuncError::new(format!(
                "CSV parse error on line {line}: wrong number of fields"
            )));
        }
        args.spend_elements(1)?;
        let fields = names
            .iter()
            .cloned()
            .zip(row.iter().map(|field| Value::string(field)));
        made.push(Value::object(fields.collect()));
    }
    Ok(Value::list(Type::object(types), made))
}

/// The rows with the line each starts on.
fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, FuncError> {
    let mut rows = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while !rest.is_empty() {
        // Empty lines are no rows; a line with an empty field in quotes is one.
        if let Some(after) = rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n")) {
            rest = after;
            line += 1;
            continue;
        }
        let start = line;
        let mut row = Vec::new();
        loop {
            let (field, ended);
            (field, rest, ended) = if rest.starts_with('"') {
                quoted(rest, &mut line)?
            } else {
                plain(rest, line)?
            };
            row.push(field);
            if ended {
                break;
            }
        }
        line += 1;
        rows.push((start, row));
    }
    Ok(rows)
}

/// A field, the rest, and whether the row ends with it.
type Field<'a> = (String, &'a str, bool);

fn plain(text: &str, line: usize) -> Result<Field<'_>, FuncError> {
    let end = text.find([',', '\n']).unwrap_or(text.len());
    let field = &text[..end];
    if field.contains('"') {
        return Err(FuncError::new(format!(
            "CSV parse error on line {line}: bare \" in non-quoted-field"
        )));
    }
    let ended = !text[end..].starts_with(',');
    let field = if ended {
        field.strip_suffix('\r').unwrap_or(field)
    } else {
        field
    };
    Ok((field.to_owned(), text.get(end + 1..).unwrap_or(""), ended))
}

fn quoted<'a>(text: &'a str, line: &mut usize) -> Result<Field<'a>, FuncError> {
    let mut field = String::new();
    let mut rest = &text[1..];
    loop {
        let wrong = FuncError::new(format!(
            "CSV parse error on line {line}: extraneous or missing \" in quoted-field"
        ));
        let Some(end) = rest.find('"') else {
            return Err(wrong);
        };
        *line += rest[..end].matches('\n').count();
        field.push_str(&rest[..end].replace("\r\n", "\n"));
        rest = &rest[end + 1..];
        if let Some(more) = rest.strip_prefix('"') {
            field.push('"');
            rest = more;
        } else if let Some(more) = rest.strip_prefix(',') {
            return Ok((field, more, false));
        } else if rest.is_empty() {
            return Ok((field, rest, true));
        } else if let Some(more) = rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n")) {
            return Ok((field, more, true));
        } else {
            return Err(wrong);
        }
    }
}
