//! What schema files may call that is written in Rust: pure functions, equivalences and normal forms.

mod document;
pub(super) mod duration;
mod listing;
pub mod lockout;
mod policy;
mod principal;
mod random;
mod region;
mod time;
pub mod tools;
mod unique;
mod words;
mod wrapping;

use crate::value::json::{read_plain_json, to_go_text, to_plain_json};
use crate::value::{Data, Value};

/// When two values count as equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equivalence {
    /// The same JSON value.
    Json,
    /// AWS policies that allow and deny the same.
    AwsPolicy,
    /// The id or the ARN of the same key.
    KeyRef,
    /// Equal lengths of time: `7d` and `604800s`.
    Duration,
    /// The same point in time, written as RFC 3339.
    Instant,
}

impl Equivalence {
    /// All of them by the name that schema files use.
    pub const ALL: &[(&str, Self)] = &[
        ("aws_policy", Self::AwsPolicy),
        ("duration", Self::Duration),
        ("instant", Self::Instant),
        ("json", Self::Json),
        ("key_ref", Self::KeyRef),
    ];

    /// The equivalence of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, found)| *found)
    }

    /// Whether the two count as equal. Null counts as the empty string; values that are not known are equal to
    /// nothing; texts that cannot be read in the expected form are compared as they are.
    pub fn holds(self, left: &Value, right: &Value) -> bool {
        let (Some(left), Some(right)) = (text(left), text(right)) else {
            return false;
        };
        left == right
            || match self {
                Self::Json => both(left, right, parse),
                Self::AwsPolicy => policy::equivalent(left, right),
                // Keys of several regions have one id and several ARNs.
                Self::KeyRef if is_arn(left) && is_arn(right) => false,
                Self::KeyRef => key_id(left) == key_id(right),
                Self::Duration => both(left, right, duration::seconds),
                Self::Instant => both(left, right, |text| text.parse::<jiff::Timestamp>().ok()),
            }
    }
}

/// The text of a string, the empty one for null.
fn text(value: &Value) -> Option<&str> {
    match value.data() {
        Data::Null(_) => Some(""),
        _ => value.as_str(),
    }
}

fn both<T: PartialEq>(left: &str, right: &str, read: impl Fn(&str) -> Option<T>) -> bool {
    matches!((read(left), read(right)), (Some(left), Some(right)) if left == right)
}

/// A JSON text as a value, whose comparison knows neither the order of members nor the spelling of numbers.
fn parse(text: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    normalised(&json)
}

fn normalised(json: &serde_json::Value) -> Option<String> {
    Some(to_go_text(&to_plain_json(&read_plain_json(json).ok()?)))
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") || text.starts_with("acs:")
}

/// What follows `:key/` in an ARN, or all of it.
fn key_id(text: &str) -> &str {
    match text.split_once(":key/") {
        Some((_, id)) if is_arn(text) => id,
        _ => text,
    }
}

/// A form in which a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Compact JSON with sorted keys, `<`, `>` and `&` escaped.
    Json,
}

impl Form {
    /// All of them by the name that schema files use.
    pub const ALL: &[(&str, Self)] = &[("json", Self::Json)];

    /// The value in this form; unchanged where it cannot be read.
    pub fn of(self, value: &Value) -> Value {
        let Self::Json = self;
        match value.as_str().and_then(parse) {
            Some(text) => Value::string(&text).with_marks(value.marks()),
            None => value.clone(),
        }
    }
}

/// The names of all native functions, without `native::`.
pub const FUNCTIONS: &[&str] = &[
    "aws_iam_policy_document",
    "aws_policy_allows",
    "aws_region",
    "bytes_of",
    "bcrypt",
    "random_id",
    "random_number",
    "random_pet",
    "random_text",
    "random_uuid",
    "id_of_list",
    "json_with_tabs",
    "duration_seconds",
    "time_offset",
    "wrapped",
    "seconds_of",
    "timestamp_of",
    "unique_name",
];

/// Calls a native function by its name without `native::`; None when there is none. Unknown arguments give an
/// unknown value, and marks of the arguments pass to the result. The error is a sentence without full stop.
pub fn call(name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
    let function = match name {
        "aws_iam_policy_document" => document::function,
        "aws_policy_allows" => policy::allows,
        "aws_region" => region::function,
        "bytes_of" => random::bytes_of,
        "bcrypt" => bcrypt,
        "random_id" => random::id,
        "random_number" => random::number,
        "random_pet" => random::pet,
        "random_text" => random::text,
        "random_uuid" => random::uuid,
        "id_of_list" => listing::id,
        "json_with_tabs" => listing::json,
        "duration_seconds" => time::duration_seconds,
        "time_offset" => time::offset,
        "wrapped" => wrapping::function,
        "seconds_of" => time::seconds_of,
        "timestamp_of" => time::timestamp_of,
        "unique_name" => unique::function,
        _ => return None,
    };
    let marks = arguments
        .iter()
        .fold(crate::value::Marks::NONE, |marks, one| marks | one.marks_deep());
    if !arguments.iter().all(Value::is_wholly_known) {
        return Some(Ok(Value::dynamic().with_marks(marks)));
    }
    let plain: Vec<Value> = arguments.iter().map(|one| one.unmark_deep().0).collect();
    Some(function(&plain).map(|value| value.with_marks(marks)))
}

/// The one argument of a function.
fn one(arguments: &[Value]) -> Result<&Value, String> {
    match arguments {
        [argument] => Ok(argument),
        _ => Err(format!("one argument is needed, not {}", arguments.len())),
    }
}

/// A bcrypt hash of a text, or of the beginning of one that has more than 72 bytes; another one each time.
fn bcrypt(arguments: &[Value]) -> Result<Value, String> {
    const MOST: usize = 72;
    const COST: u32 = 10;
    let text = one(arguments)?.as_str().unwrap_or_default();
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let hash = crate::lang::func::crypto::bcrypt_hash(&text[..end], COST);
    hash.map(|hash| Value::string(&hash))
        .ok_or_else(|| "the text cannot be hashed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[track_caller]
    fn check(equivalence: &str, left: &str, right: &str, equal: bool) {
        let equivalence = Equivalence::find(equivalence).expect("known");
        let (left, right) = (Value::string(left), Value::string(right));
        assert_eq!(equivalence.holds(&left, &right), equal);
        assert_eq!(equivalence.holds(&right, &left), equal, "the other way round");
    }

    #[test]
    fn json_knows_no_order_of_members() {
        check(
            "json",
            r#"{"a":1,"b":[1,2]}"#,
            r#"{ "b": [1, 2], "a": 1.0 }"#,
            true,
        );
        check("json", r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false);
        check("json", "{", "{ ", false);
    }

    #[test]
    fn a_key_may_be_named_by_its_arn() {
        check(
            "key_ref",
            "1234",
            "arn:aws:kms:eu-west-1:111122223333:key/1234",
            true,
        );
        check("key_ref", "1234", "acs:kms:cn-hangzhou:1:key/1234", true);
        check(
            "key_ref",
            "1234",
            "arn:aws:kms:eu-west-1:111122223333:key/1235",
            false,
        );
        // A replica has the id of its primary key.
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1";
        check("key_ref", arn, arn, true);
        check(
            "key_ref",
            arn,
            "arn:aws:kms:us-east-1:111122223333:key/mrk-1",
            false,
        );
    }

    #[test]
    fn a_week_is_seven_days() {
        check("duration", "7d", "604800s", true);
        check("duration", "7d", "604801s", false);
    }

    #[test]
    fn an_instant_may_be_written_with_an_offset() {
        check(
            "instant",
            "2024-01-01T00:00:00Z",
            "2024-01-01T01:00:00+01:00",
            true,
        );
    }

    #[test]
    fn null_is_the_empty_text() {
        assert!(Equivalence::Json.holds(&Value::null(Type::String), &Value::string("")));
    }

    #[test]
    fn stored_json_is_compact_sorted_and_escaped() {
        let kept = Form::Json.of(&Value::string(r#"{ "b": "<&>", "a": 1 }"#));
        assert_eq!(kept.as_str(), Some(r#"{"a":1,"b":"\u003c\u0026\u003e"}"#));
        assert_eq!(Form::Json.of(&Value::string("{")).as_str(), Some("{"));
    }
}
