//! Functions on points in time.

use jiff::fmt::strtime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Args, Func, FuncError, Kind, text};
use crate::value::{Type, Value};

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "timestamp",
        params: &[],
        variadic: None,
        returns: Kind::String,
        about: "The time now; not known before apply.",
        examples: &[("timestamp()", "(known after apply)")],
        call: |args| Ok(moment(args.host().now())),
    },
    Func {
        name: "plantimestamp",
        params: &[],
        variadic: None,
        returns: Kind::String,
        about: "The time at which the plan was begun.",
        examples: &[("plantimestamp()", "\"1970-01-01T00:00:00Z\"")],
        call: |args| Ok(moment(args.host().plan_time())),
    },
    Func {
        name: "timeadd",
        params: &[text("timestamp"), text("duration")],
        variadic: None,
        returns: Kind::String,
        about: "A time plus a duration such as 1h30m.",
        examples: &[(
            "timeadd(\"2024-02-28T23:00:00Z\", \"1h30m\")",
            "\"2024-02-29T00:30:00Z\"",
        )],
        call: |args| {
            let time = Time::parse(args.text(0)?).map_err(|why| FuncError::argument(0, why))?;
            let duration = duration(args.text(1)?).map_err(FuncError::new)?;
            let later = time
                .at
                .checked_add(duration)
                .map_err(|_| FuncError::new("the resulting time is out of range"))?;
            Ok(Time { at: later, ..time }.rfc3339().into())
        },
    },
    Func {
        name: "timecmp",
        params: &[text("timestamp_a"), text("timestamp_b")],
        variadic: None,
        returns: Kind::Number,
        about: "-1, 0 or 1, as the first time is before, at or after the second.",
        examples: &[(
            "timecmp(\"2024-01-01T00:00:00Z\", \"2024-01-01T01:00:00+01:00\")",
            "0",
        )],
        call: |args| {
            let first = Time::parse(args.text(0)?).map_err(|why| FuncError::argument(0, why))?;
            let second = Time::parse(args.text(1)?).map_err(|why| FuncError::argument(1, why))?;
            Ok(Value::int(first.at.cmp(&second.at) as i64))
        },
    },
    Func {
        name: "formatdate",
        params: &[text("format"), text("time")],
        variadic: None,
        returns: Kind::String,
        about: "A time in a format such as YYYY-MM-DD.",
        examples: &[(
            "formatdate(\"DD MMM YYYY hh:mm ZZZ\", \"2018-01-02T23:12:01Z\")",
            "\"02 Jan 2018 23:12 UTC\"",
        )],
        call: formatdate,
    },
];

fn moment(time: Option<Timestamp>) -> Value {
    time.map_or_else(
        || Value::unknown(Type::String).never_null(),
        |time| Value::from(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    )
}

/// A time with the offset it was written with.
#[derive(Clone, Copy)]
pub(crate) struct Time {
    pub(crate) at: Timestamp,
    pub(crate) offset: Offset,
}

impl Time {
    /// Reads RFC 3339 text. The error is a sentence without full stop.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        check_shape(text).map_err(|why| format!("not a valid RFC3339 timestamp: {why}"))?;
        let invalid = || "not a valid RFC3339 timestamp: it names no real time".to_owned();
        let at: Timestamp = text.parse().map_err(|_| invalid())?;
        let offset = offset(text).ok_or_else(invalid)?;
        Ok(Self { at, offset })
    }

    pub(crate) fn zoned(&self) -> Zoned {
        self.at.to_zoned(self.offset.to_time_zone())
    }

    pub(crate) fn rfc3339(&self) -> String {
        let local = self.zoned().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        local + &self.zone(true)
    }

    /// `Z` or `+02:00`
    fn zone(&self, colon: bool) -> String {
        if self.offset == Offset::UTC {
            "Z".into()
        } else {
            self.digits(colon)
        }
    }

    fn digits(&self, colon: bool) -> String {
        let seconds = self.offset.seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        let middle = if colon { ":" } else { "" };
        format!("{sign}{:02}{middle}{:02}", minutes / 60, minutes % 60)
    }
}

fn offset(text: &str) -> Option<Offset> {
    if text.ends_with('Z') {
        return Some(Offset::UTC);
    }
    let tail = text.get(text.len().checked_sub(6)?..)?;
    let (sign, rest) = tail.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

/// What is wrong with the shape of `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`.
fn check_shape(text: &str) -> Result<(), String> {
    let parts: [(usize, &str, &str); 6] = [
        (4, "year", "-"),
        (2, "month", "-"),
        (2, "day of month", "T"),
        (2, "hour", ":"),
        (2, "minute", ":"),
        (2, "second", ""),
    ];
    let mut rest = text;
    for (length, name, after) in parts {
        let (digits, tail) = match rest.split_at_checked(length) {
            Some((digits, tail)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => (digits, tail),
            _ if rest.is_empty() => return Err(format!("end of string before {name}")),
            _ => {
                let word: String = rest
                    .chars()
                    .take_while(|letter| !"-T:Z+".contains(*letter))
                    .collect();
                return Err(format!("cannot use {word:?} as {name}"));
            }
        };
        if name == "second" && digits > "59" {
            return Err(format!("cannot use {digits:?} as {name}"));
        }
        rest = if after.is_empty() {
            tail
        } else if tail.is_empty() {
            return Err(format!("end of string where {after:?} is expected"));
        } else {
            tail.strip_prefix(after).ok_or_else(|| {
                let found: String = tail.chars().take(1).collect();
                format!("found {found:?} where {after:?} is expected")
            })?
        };
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
    }
    match rest.as_bytes() {
        [] => Err("end of string before UTC offset".into()),
        [b'Z'] | [b'+' | b'-', _, _, b':', _, _] => Ok(()),
        _ => Err(format!("cannot use {rest:?} as UTC offset")),
    }
}

/// Nanoseconds in a second.
const SECOND: i128 = 1_000_000_000;

/// Reads Go's durations: `1h30m`, `-1.5h`, `300ms`.
pub(crate) fn duration(text: &str) -> Result<SignedDuration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .ok_or_else(|| format!("time: missing unit in duration {text:?}"))?;
        if end == 0 {
            return Err(invalid());
        }
        let tail = &rest[end..];
        let unit_end = tail
            .find(|letter: char| letter.is_ascii_digit() || letter == '.')
            .unwrap_or(tail.len());
        let factor = match &tail[..unit_end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3600 * SECOND,
            unit => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        nanoseconds += times(&rest[..end], factor).ok_or_else(invalid)?;
        rest = &tail[unit_end..];
    }
    let signed = if negative { -nanoseconds } else { nanoseconds };
    i64::try_from(signed)
        .map(SignedDuration::from_nanos)
        .map_err(|_| invalid())
}

/// So many units of so many nanoseconds each; what is less than a nanosecond is dropped.
fn times(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let digits = |text: &str| {
        if text.is_empty() {
            Some(0)
        } else {
            text.parse::<i64>().ok()
        }
    };
    // More than eighteen places are beyond any nanosecond.
    let places = &fraction[..fraction.len().min(18)];
    let scale = 10_i128.pow(u32::try_from(places.len()).ok()?);
    let part = i128::from(digits(places)?) * unit / scale;
    Some(i128::from(digits(whole)?) * unit + part)
}

fn formatdate(args: &Args<'_>) -> Result<Value, FuncError> {
    let time = Time::parse(args.text(1)?).map_err(|why| FuncError::argument(1, why))?;
    let mut rest = args.text(0)?;
    let mut made = String::new();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(&rest[1..], &mut made)?;
            continue;
        }
        let run = rest.find(|letter| letter != first).unwrap_or(rest.len());
        let (verb, tail) = rest.split_at(run);
        if first.is_ascii_alphabetic() {
            made.push_str(&shown(verb, &time)?);
        } else {
            made.push_str(verb);
        }
        rest = tail;
    }
    Ok(made.into())
}

/// Copies a quoted literal; two quotes inside it stand for one.
fn quoted<'a>(text: &'a str, made: &mut String) -> Result<&'a str, FuncError> {
    let mut rest = text;
    loop {
        let end = rest
            .find('\'')
            .ok_or_else(|| FuncError::argument(0, "unterminated literal '"))?;
        made.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(more) => {
                made.push('\'');
                rest = more;
            }
            None => return Ok(rest),
        }
    }
}

fn shown(verb: &str, time: &Time) -> Result<String, FuncError> {
    let pattern = match verb {
        "YY" => "%y",
        "YYYY" => "%Y",
        "M" => "%-m",
        "MM" => "%m",
        "MMM" => "%b",
        "MMMM" => "%B",
        "D" => "%-d",
        "DD" => "%d",
        "EEE" => "%a",
        "EEEE" => "%A",
        "h" => "%-H",
        "hh" => "%H",
        "H" => "%-I",
        "HH" => "%I",
        "AA" => "%p",
        "aa" => "%P",
        "m" => "%-M",
        "mm" => "%M",
        "s" => "%-S",
        "ss" => "%S",
        "Z" => return Ok(time.zone(true)),
        "ZZZ" if time.offset == Offset::UTC => return Ok("UTC".into()),
        "ZZZ" | "ZZZZ" => return Ok(time.digits(false)),
        "ZZZZZ" => return Ok(time.digits(true)),
        verb => {
            let must = match verb.as_bytes().first() {
                Some(b'Y') => ": year must either be \"YY\" or \"YYYY\"",
                Some(b'M') => ": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"",
                Some(b'D') => ": day of month must either be \"D\" or \"DD\"",
                Some(b'E') => ": day of week must either be \"EEE\" or \"EEEE\"",
                Some(b'h') => ": 24-hour must either be \"h\" or \"hh\"",
                Some(b'H') => ": 12-hour must either be \"H\" or \"HH\"",
                Some(b'A' | b'a') => ": must be \"AA\" or \"aa\"",
                Some(b'm') => ": minute must either be \"m\" or \"mm\"",
                Some(b's') => ": second must either be \"s\" or \"ss\"",
                Some(b'Z') => ": timezone must be Z, ZZZ, ZZZZ, or ZZZZZ",
                _ => "",
            };
            return Err(FuncError::argument(
                0,
                format!("invalid date format verb \"{verb}\"{must}"),
            ));
        }
    };
    strtime::format(pattern, &time.zoned()).map_err(|_| FuncError::new("the time cannot be formatted"))
}
