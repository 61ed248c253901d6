//! Parameters as plain JSON and percent-encoded text, and JSON answers as values.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use zeroize::Zeroize as _;

use super::retry::Failure;
use crate::value::{Data, Text, Value, json};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Pairs as text, percent-encoded by RFC 3986; made in one piece, so that no other copy of a secret is left behind.
pub fn form(pairs: &[(String, String)]) -> String {
    let longest = |(name, value): &(String, String)| 3 * (name.len() + value.len()) + 2;
    let mut form = String::with_capacity(pairs.iter().map(longest).sum());
    for (name, value) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        form.extend(utf8_percent_encode(name, RESERVED));
        form.push('=');
        form.extend(utf8_percent_encode(value, RESERVED));
    }
    form
}

/// JSON as text, made in one piece; what it was made of is wiped.
pub fn text(mut json: serde_json::Value) -> String {
    let mut text = Vec::with_capacity(2 * length(&json));
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut text, &json);
    wipe(&mut json);
    String::from_utf8(text).unwrap_or_default()
}

/// The bytes of all that is in it, more or less.
fn length(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::String(text) => text.len() + 4,
        serde_json::Value::Array(items) => items.iter().map(length).sum::<usize>() + 4,
        serde_json::Value::Object(members) => {
            let members = members.iter().map(|(name, value)| name.len() + 4 + length(value));
            members.sum::<usize>() + 4
        }
        _ => 32,
    }
}

fn wipe(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::String(text) => text.zeroize(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(wipe),
        serde_json::Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

/// A value as JSON, without its marks and without the null members of objects and maps.
pub fn encode(value: &Value) -> Result<serde_json::Value, Failure> {
    Ok(match value.data() {
        Data::Null(_) => serde_json::Value::Null,
        Data::Unknown(_) => return Err(unknown()),
        Data::Bool(flag) => (*flag).into(),
        Data::Number(_) => serde_json::from_str(&primitive(value)?)
            .map_err(|_| Failure::refused("InvalidParameter", "A parameter is not a finite number"))?,
        Data::String(text) => (&**text).into(),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => value
            .as_items()
            .unwrap_or_default()
            .iter()
            .map(encode)
            .collect::<Result<Vec<_>, _>>()?
            .into(),
        Data::Map(_) | Data::Object(_) => {
            let mut object = serde_json::Map::new();
            for (name, value) in value.as_entries().into_iter().flatten() {
                if !value.is_null() {
                    object.insert(name.to_string(), encode(value)?);
                }
            }
            object.into()
        }
    })
}

/// A primitive as text.
pub fn primitive(value: &Value) -> Result<String, Failure> {
    Ok(match value.data() {
        Data::String(text) => text.to_string(),
        Data::Bool(flag) => flag.to_string(),
        Data::Number(number) => match number.as_i64() {
            Some(small) => small.to_string(),
            None => number.to_string(),
        },
        Data::Null(_) => String::new(),
        Data::Unknown(_) => return Err(unknown()),
        Data::List(_) | Data::Set(_) | Data::Map(_) | Data::Tuple(_) | Data::Object(_) => {
            encode(value)?.to_string()
        }
    })
}

/// How deep an answer may nest: no service's does to a tenth of it.
const DEPTH: usize = 100;

/// The object in a JSON answer; no text, and `null`, are an empty one.
pub fn decode(body: &[u8]) -> Option<Value> {
    if body.trim_ascii().is_empty() {
        return Some(Value::object_of::<Text>([]));
    }
    match serde_json::from_slice::<serde_json::Value>(body).ok()? {
        serde_json::Value::Null => Some(Value::object_of::<Text>([])),
        object @ serde_json::Value::Object(_) => {
            let mut parts = usize::MAX;
            let value = json::read_plain_json(&object).ok()?;
            (!value.is_deeper_than(DEPTH, &mut parts)).then_some(value)
        }
        _ => None,
    }
}

/// The start of a text that is not what we expected, on one line and without control characters.
pub fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    let short: String = one_line(&text).chars().take(200).collect();
    short.escape_debug().to_string()
}

/// A text that others wrote, without line breaks: it must not look like lines of ours.
pub fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

fn unknown() -> Failure {
    Failure::refused("UnknownParameter", "A parameter is not known yet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(levels: usize, readable: bool) {
        let text = format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(decode(text.as_bytes()).is_some(), readable);
    }

    #[test]
    fn answers_that_nest_deep_are_unreadable() {
        check(99, true);
        check(100, false);
        check(10_000, false);
    }
}
