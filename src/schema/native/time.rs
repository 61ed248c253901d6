//! Points in time and lengths of time, as RFC 3339 and as Go write them.

use super::one;
use crate::lang::func::date::{Time, duration};
use crate::value::{Type, Value};

type Made = Result<Value, String>;

/// `unix_of(time)`: the seconds since 1970 of RFC 3339 text; null for null.
pub(super) fn unix(arguments: &[Value]) -> Made {
    let value = one(arguments)?;
    let Some(text) = value.as_str() else {
        return Ok(Value::null(Type::Number));
    };
    Ok(Value::int(Time::parse(text)?.at.as_second()))
}

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

/// `seconds_of(duration)`: the seconds of a length of time such as `1.5h` or `300ms`; null for null.
pub(super) fn seconds(arguments: &[Value]) -> Made {
    let Some(text) = one(arguments)?.as_str() else {
        return Ok(Value::null(Type::Number));
    };
    let millis = duration(text)?.as_millis();
    let number = crate::value::Number::parse(&format!("{}.{:03}", millis / 1000, millis % 1000));
    number
        .map(Value::number)
        .ok_or_else(|| "the length of time is out of range".to_owned())
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
            let made = seconds(&[Value::string(text)]).expect("seconds");
            assert_eq!(
                made.as_number().map(ToString::to_string).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        assert!(seconds(&[Value::string("1 h")]).is_err());
    }

    #[test]
    fn seconds_since_1970() {
        let made = unix(&[Value::string("2023-11-14T23:13:20+01:00")]).expect("seconds");
        assert_eq!(made.as_i64(), Some(1_700_000_000));
    }
}
