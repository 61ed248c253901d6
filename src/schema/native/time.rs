//! Points in time: seconds since 1970 for clouds, RFC 3339 text for users.

use super::one;
use crate::value::{Type, Value};

/// `timestamp_of(seconds)`: RFC 3339 text in UTC; null for null, and text stays as it is.
pub(super) fn timestamp_of(arguments: &[Value]) -> Result<Value, String> {
    let value = one(arguments)?;
    let Some(number) = value.as_number() else {
        return Ok(if value.is_null() {
            Value::null(Type::String)
        } else {
            value.clone()
        });
    };
    let seconds = number
        .floor()
        .as_i64()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let time = seconds.ok_or("the number is no point in time")?;
    Ok(Value::string(&time.to_string()))
}

/// `seconds_of(timestamp)`: the whole seconds since 1970 of an RFC 3339 text; null for null and the empty text.
pub(super) fn seconds_of(arguments: &[Value]) -> Result<Value, String> {
    let value = one(arguments)?;
    match value.as_str() {
        Some("") => Ok(Value::null(Type::Number)),
        None if value.is_null() => Ok(Value::null(Type::Number)),
        None => Err("the point in time must be a string".into()),
        Some(text) => {
            let time: jiff::Timestamp = text.parse().map_err(|_| "the text is no point in time")?;
            Ok(Value::int(time.as_second()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: i64) {
        let found = seconds_of(&[Value::string(text)]).expect("a point in time");
        assert_eq!(found, Value::int(seconds));
    }

    #[test]
    fn a_number_of_seconds_becomes_a_date() {
        let time = timestamp_of(&[Value::int(1_700_000_000)]);
        assert_eq!(time.expect("a date").as_str(), Some("2023-11-14T22:13:20Z"));
    }

    #[test]
    fn a_date_becomes_a_number_of_seconds_whatever_its_offset() {
        check("2023-11-14T22:13:20Z", 1_700_000_000);
        check("2023-11-14T23:13:20+01:00", 1_700_000_000);
        check("2023-11-14T22:13:20.9Z", 1_700_000_000);
    }

    #[test]
    fn no_date_is_no_number() {
        for none in [Value::null(Type::String), Value::string("")] {
            assert!(seconds_of(&[none]).expect("null").is_null());
        }
        assert!(seconds_of(&[Value::string("soon")]).is_err());
        assert!(seconds_of(&[Value::int(1)]).is_err());
    }
}
