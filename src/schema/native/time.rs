//! Points in time and lengths of time: seconds for clouds, RFC 3339 text and Go's durations for users.

use super::one;
use crate::lang::func::date::{Time, duration};
use crate::value::{Type, Value};

type Made = Result<Value, String>;

/// `time_offset(time, lengths)`: the time after so many `days`, `hours`, `minutes`, `months`, `seconds` and `years`, added in
/// this order; a date that a month does not have goes over into the next one. Null for null.
pub(super) fn offset(arguments: &[Value]) -> Made {
    let [time, lengths] = arguments else {
        return Err(format!("two arguments are needed, not {}", arguments.len()));
    };
    let Some(text) = time.as_str() else {
        return Ok(Value::null(Type::String));
    };
    let count = |name: &str| lengths.get(name).and_then(Value::as_i64).unwrap_or_default();
    let time = Time::parse(text)?;
    let time = date_add(time, (0, 0, count("days")))?;
    let time = add(time, count("hours"), 3600)?;
    let time = add(time, count("minutes"), 60)?;
    let time = date_add(time, (0, count("months"), 0))?;
    let time = add(time, count("seconds"), 1)?;
    let time = date_add(time, (count("years"), 0, 0))?;
    Ok(Value::string(&time.rfc3339()))
}

fn beyond<E>(_: E) -> String {
    "the time is out of range".to_owned()
}

fn add(time: Time, count: i64, seconds: i64) -> Result<Time, String> {
    let length = count.checked_mul(seconds).ok_or_else(|| beyond(()))?;
    let at = time.at.checked_add(jiff::SignedDuration::from_secs(length));
    Ok(Time {
        at: at.map_err(beyond)?,
        ..time
    })
}

/// Years, months and days later, as Go's `AddDate` counts.
fn date_add(time: Time, (years, months, days): (i64, i64, i64)) -> Result<Time, String> {
    let local = time.zoned().datetime();
    let first = local.with().day(1).build().map_err(beyond)?;
    let days = days
        .checked_add(i64::from(local.day()) - 1)
        .and_then(|days| jiff::Span::new().try_days(days).ok())
        .ok_or_else(|| beyond(()))?;
    let moved = first
        .checked_add(years_and_months(years, months)?)
        .and_then(|moved| moved.checked_add(days))
        .map_err(beyond)?;
    let at = time.offset.to_timestamp(moved).map_err(beyond)?;
    Ok(Time { at, ..time })
}

fn years_and_months(years: i64, months: i64) -> Result<jiff::Span, String> {
    jiff::Span::new()
        .try_years(years)
        .and_then(|span| span.try_months(months))
        .map_err(beyond)
}

/// `duration_seconds(duration)`: the seconds of a length of time such as `1.5h` or `300ms`; null for null.
pub(super) fn duration_seconds(arguments: &[Value]) -> Made {
    let Some(text) = one(arguments)?.as_str() else {
        return Ok(Value::null(Type::Number));
    };
    let millis = duration(text)?.as_millis();
    let number = crate::value::Number::parse(&format!("{}.{:03}", millis / 1000, millis % 1000));
    number
        .map(Value::number)
        .ok_or_else(|| "the length of time is out of range".to_owned())
}

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
    fn added(time: &str, lengths: &[(&'static str, i64)], expected: &str) {
        let lengths = lengths
            .iter()
            .map(|(name, count)| ((*name).into(), Value::int(*count)));
        let made = offset(&[time.into(), Value::object(lengths.collect())]).expect("a time");
        assert_eq!(made.as_str(), Some(expected));
    }

    #[test]
    fn dates_go_over_as_in_go() {
        added("2024-01-31T10:00:00Z", &[("months", 1)], "2024-03-02T10:00:00Z");
        added("2023-01-31T10:00:00Z", &[("months", 1)], "2023-03-03T10:00:00Z");
        added("2024-02-29T10:00:00Z", &[("years", 1)], "2025-03-01T10:00:00Z");
        added(
            "2024-01-01T00:00:00+02:00",
            &[("months", -1)],
            "2023-12-01T00:00:00+02:00",
        );
        added("2024-12-31T23:59:59Z", &[("days", 1)], "2025-01-01T23:59:59Z");
        added(
            "2024-12-31T23:59:59Z",
            &[("seconds", 1), ("hours", 2)],
            "2025-01-01T02:00:00Z",
        );
        added("2024-05-31T00:00:00Z", &[("months", -3)], "2024-03-02T00:00:00Z");
        added(
            "2024-05-31T00:00:00Z",
            &[("days", 1), ("months", 1)],
            "2024-07-01T00:00:00Z",
        );
    }

    #[test]
    fn no_time_is_beyond_all_times() {
        let far = Value::object_of([("years", Value::int(1 << 40))]);
        assert!(offset(&["2024-01-01T00:00:00Z".into(), far]).is_err());
        let null = Value::object_of([("years", Value::null(Type::Number))]);
        let same = offset(&["2024-01-01T00:00:00Z".into(), null]).expect("a time");
        assert_eq!(same.as_str(), Some("2024-01-01T00:00:00Z"));
    }

    #[test]
    fn lengths_of_time_may_have_fractions() {
        let table = [
            ("1.5h", "5400"),
            ("300ms", "0.3"),
            ("2m", "120"),
            ("1h30m", "5400"),
        ];
        for (text, expected) in table {
            let made = duration_seconds(&[Value::string(text)]).expect("seconds");
            assert_eq!(
                made.as_number().map(ToString::to_string).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        assert!(duration_seconds(&[Value::string("1 h")]).is_err());
    }

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
