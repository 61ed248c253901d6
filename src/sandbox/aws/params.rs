//! Reads the members of a request, with the constraints of the service's model, and pages of lists.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::errors::{Error, constraint, invalid};

/// The members of one request.
#[derive(Clone, Copy)]
pub struct Input<'a>(pub &'a Map<String, Value>);

impl<'a> Input<'a> {
    /// A member that is there and not null.
    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// An optional text of that many characters.
    pub fn text(self, name: &str, length: RangeInclusive<usize>) -> Result<Option<&'a str>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| mistyped(value, "String"))?;
        check_length(name, text, length)?;
        Ok(Some(text))
    }

    /// A required text of that many characters.
    pub fn required(self, name: &str, length: RangeInclusive<usize>) -> Result<&'a str, Error> {
        self.text(name, length)?.ok_or_else(|| missing(name))
    }

    /// An optional text out of a set.
    pub fn choice(self, name: &str, set: &[&'static str]) -> Result<Option<&'static str>, Error> {
        let Some(text) = self.text(name, 0..=usize::MAX)? else {
            return Ok(None);
        };
        one_of(name, text, set).map(Some)
    }

    /// An optional whole number within limits.
    pub fn integer(self, name: &str, limits: RangeInclusive<i64>) -> Result<Option<i64>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let number = value.as_i64().ok_or_else(|| mistyped(value, "Integer"))?;
        let (least, most) = (*limits.start(), *limits.end());
        if number < least {
            let text = format!("Member must have value greater than or equal to {least}");
            return Err(constraint(name, &number.to_string(), &text));
        }
        if number > most {
            let text = format!("Member must have value less than or equal to {most}");
            return Err(constraint(name, &number.to_string(), &text));
        }
        Ok(Some(number))
    }

    /// An optional point in time, in seconds on the wire and in milliseconds here.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds of this era fit, others are refused"
    )]
    pub fn instant(self, name: &str) -> Result<Option<i64>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let seconds = value.as_f64().filter(|seconds| (0.0..1e11).contains(seconds));
        let seconds = seconds.ok_or_else(|| mistyped(value, "Timestamp"))?;
        Ok(Some((seconds * 1000.0).round() as i64))
    }

    /// A flag; absent is false.
    pub fn flag(self, name: &str) -> Result<bool, Error> {
        let Some(value) = self.get(name) else {
            return Ok(false);
        };
        value.as_bool().ok_or_else(|| mistyped(value, "Boolean"))
    }

    /// An optional list.
    pub fn list(self, name: &str) -> Result<Option<&'a [Value]>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        value
            .as_array()
            .map(|items| Some(items.as_slice()))
            .ok_or_else(|| mistyped(value, "List"))
    }

    /// An optional list of texts.
    pub fn texts(self, name: &str) -> Result<Option<Vec<&'a str>>, Error> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        items
            .iter()
            .map(|item| item.as_str().ok_or_else(|| mistyped(item, "String")))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// An optional structure.
    pub fn structure(self, name: &str) -> Result<Option<Self>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        value
            .as_object()
            .map(|members| Some(Input(members)))
            .ok_or_else(|| mistyped(value, "Structure"))
    }

    /// An optional map of texts; absent is empty.
    pub fn map(self, name: &str) -> Result<BTreeMap<String, String>, Error> {
        let Some(Input(members)) = self.structure(name)? else {
            return Ok(BTreeMap::new());
        };
        let entry = |(key, value): (&String, &Value)| {
            let text = value.as_str().ok_or_else(|| mistyped(value, "String"))?;
            Ok((key.clone(), text.to_owned()))
        };
        members.iter().map(entry).collect()
    }

    /// An optional run of bytes, in base64 on the wire. What it holds never reaches a message.
    pub fn blob(self, name: &str, length: RangeInclusive<usize>) -> Result<Option<Vec<u8>>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| mistyped(value, "Blob"))?;
        let bytes = STANDARD.decode(text).map_err(|_| {
            Error::new(
                "SerializationException",
                format!("Invalid base64 in member {name}"),
            )
        })?;
        check_count(name, "java.nio.HeapByteBuffer", bytes.len(), &length)?;
        Ok(Some(bytes))
    }
}

/// The error of a required member that is not there.
pub fn missing(name: &str) -> Error {
    constraint(name, "null", "Member must not be null")
}

/// The member of a set that a text is.
pub fn one_of(name: &str, text: &str, set: &[&'static str]) -> Result<&'static str, Error> {
    set.iter().find(|known| **known == text).copied().ok_or_else(|| {
        constraint(
            name,
            text,
            &format!("Member must satisfy enum value set: [{}]", set.join(", ")),
        )
    })
}

/// Checks the number of characters of a text.
pub fn check_length(name: &str, text: &str, length: RangeInclusive<usize>) -> Result<(), Error> {
    check_count(name, text, text.chars().count(), &length)
}

fn check_count(name: &str, shown: &str, count: usize, length: &RangeInclusive<usize>) -> Result<(), Error> {
    let (least, most) = (*length.start(), *length.end());
    if count < least {
        let text = format!("Member must have length greater than or equal to {least}");
        return Err(constraint(name, shown, &text));
    }
    if count > most {
        let text = format!("Member must have length less than or equal to {most}");
        return Err(constraint(name, shown, &text));
    }
    Ok(())
}

fn mistyped(value: &Value, wanted: &str) -> Error {
    let found = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_OF_ARRAY",
        Value::Object(_) => "START_OF_STRUCTURE",
    };
    Error::new(
        "SerializationException",
        format!("{found} can not be converted to a {wanted}"),
    )
}

/// How a list action pages: its member, the default and the largest page.
pub struct Paging {
    pub member: &'static str,
    pub default: i64,
    pub most: i64,
}

/// One page of a list whose items come in the order of their keys.
pub fn page<'i, T>(
    input: Input,
    paging: &Paging,
    items: impl Iterator<Item = (&'i str, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Value, Error> {
    let limit = input.integer("Limit", 1..=paging.most)?.unwrap_or(paging.default);
    let limit = usize::try_from(limit).map_err(|_| invalid("Limit"))?;
    let after = match input.text("Marker", 1..=1024)? {
        Some(marker) => Some(unmark(paging.member, marker)?),
        None => None,
    };
    let mut items = items
        .skip_while(|(key, _)| after.as_deref().is_some_and(|after| *key <= after))
        .peekable();
    let mut shown = Vec::new();
    let mut last = "";
    while shown.len() < limit {
        let Some((key, item)) = items.next() else { break };
        last = key;
        shown.push(show(item));
    }
    let mut reply = Map::new();
    reply.insert(paging.member.to_owned(), Value::Array(shown));
    let truncated = items.peek().is_some();
    if truncated {
        reply.insert(
            "NextMarker".to_owned(),
            json!(URL_SAFE_NO_PAD.encode(format!("{}\n{last}", paging.member))),
        );
    }
    reply.insert("Truncated".to_owned(), json!(truncated));
    Ok(Value::Object(reply))
}

/// Markers say which list they continue, so that one of another list is refused.
fn unmark(member: &str, marker: &str) -> Result<String, Error> {
    let refused = || Error::new("InvalidMarkerException", "Could not deserialize marker");
    let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    let rest = text.strip_prefix(member).and_then(|rest| rest.strip_prefix('\n'));
    rest.map(str::to_owned).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "cases read better")]
    fn check(request: Value, expected: Result<Value, &str>) {
        let members = request.as_object().unwrap();
        let letters = ["a", "b", "c"];
        let paging = Paging {
            member: "Letters",
            default: 2,
            most: 3,
        };
        let found = page(Input(members), &paging, letters.iter().map(|l| (*l, *l)), |l| {
            json!(l)
        });
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(why), Err(code)) => assert_eq!(why.code, code),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn a_list_is_cut_at_the_default_page() {
        check(
            json!({}),
            Ok(json!({ "Letters": ["a", "b"], "NextMarker": "TGV0dGVycwpi", "Truncated": true })),
        );
    }

    #[test]
    fn a_marker_goes_on_after_the_last_item() {
        check(
            json!({ "Marker": "TGV0dGVycwpi" }),
            Ok(json!({ "Letters": ["c"], "Truncated": false })),
        );
    }

    #[test]
    fn limits_and_markers_are_checked() {
        check(json!({ "Limit": 0 }), Err("ValidationException"));
        check(json!({ "Limit": 4 }), Err("ValidationException"));
        check(json!({ "Limit": "2" }), Err("SerializationException"));
        check(json!({ "Marker": "TGV0dGVy" }), Err("InvalidMarkerException"));
    }
}
