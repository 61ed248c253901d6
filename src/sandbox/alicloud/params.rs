//! The parameters of a request: query and form body together, whatever the method.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::errors::Failure;
use crate::sandbox::{Request, route};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Parameters by name. A name that comes twice keeps its last value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// The parameters of the query string.
    pub(crate) fn of_query(request: &Request) -> Self {
        Self(route::pairs(request.query.as_bytes()).collect())
    }

    /// Query and form body together.
    pub(crate) fn of(request: &Request) -> Self {
        let mut all = Self::of_query(request).0;
        all.extend(route::form(request));
        Self(all)
    }

    /// The value of a parameter that was sent, if only as an empty text.
    pub(crate) fn sent(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a parameter, when it is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.sent(name).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that the action needs.
    pub(crate) fn need(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::missing(name))
    }

    /// A text of at most so many characters, empty when not sent.
    pub(crate) fn text(&self, name: &str, limit: usize) -> Result<String, Failure> {
        let text = self.sent(name).unwrap_or_default();
        if text.chars().count() > limit {
            Err(Failure::invalid(name))
        } else {
            Ok(text.to_owned())
        }
    }

    /// One of a list of words.
    pub(crate) fn word<'a>(&'a self, name: &str, words: &[&str]) -> Result<Option<&'a str>, Failure> {
        match self.get(name) {
            Some(word) if !words.contains(&word) => Err(Failure::invalid(name)),
            other => Ok(other),
        }
    }

    /// A truth value, in any case of letters.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        if text.eq_ignore_ascii_case("true") {
            Ok(Some(true))
        } else if text.eq_ignore_ascii_case("false") {
            Ok(Some(false))
        } else {
            Err(Failure::invalid(name))
        }
    }

    /// A whole number within limits.
    pub(crate) fn number(&self, name: &str, from: i64, to: i64) -> Result<Option<i64>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(number) if (from..=to).contains(&number) => Ok(Some(number)),
            _ => Err(Failure::invalid(name)),
        }
    }

    /// A length of time like `7d`, `168h`, `10080m` or `604800s`, in seconds and within limits.
    pub(crate) fn seconds(&self, name: &str, from: i64, to: i64) -> Result<Option<i64>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let length = text.char_indices().last().and_then(|(at, unit)| {
            let unit = match unit {
                'd' => 86_400,
                'h' => 3_600,
                'm' => 60,
                's' => 1,
                _ => return None,
            };
            let digits = text[..at].bytes().all(|b| b.is_ascii_digit());
            text[..at]
                .parse::<i64>()
                .ok()
                .filter(|_| digits)?
                .checked_mul(unit)
        });
        length
            .filter(|length| (from..=to).contains(length))
            .map(Some)
            .ok_or_else(|| Failure::invalid(name))
    }

    /// A JSON document.
    pub(crate) fn json(&self, name: &str) -> Result<Option<Value>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        serde_json::from_str(text)
            .map(Some)
            .map_err(|_| Failure::invalid(name))
    }

    /// A JSON list of texts.
    pub(crate) fn json_texts(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        serde_json::from_str(text)
            .map(Some)
            .map_err(|_| Failure::invalid(name))
    }

    /// The members of a flattened list: `Name.1`, `Name.2` and so on, in the order of their numbers.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|n| self.sent(&format!("{name}.{n}"))).collect()
    }

    /// The value of a member of a flattened list of objects: `Name.N.Part`.
    pub(crate) fn part(&self, name: &str, n: usize, part: &str) -> Option<&str> {
        self.sent(&format!("{name}.{n}.{part}"))
    }

    /// `name=value` pairs as signatures want them: sorted and percent-encoded, without the named one.
    pub(crate) fn canonical(&self, without: &str) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| *name != without)
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.join("&")
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Params {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }
}

/// Percent-encodes all but the unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, body: &str, canonical: &str) {
        let request = Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: query.to_owned(),
            headers: vec![],
            body: body.as_bytes().to_vec(),
        };
        assert_eq!(Params::of(&request).canonical("Signature"), canonical);
    }

    #[test]
    fn query_and_body_are_one_sorted_set() {
        check("B=2&Signature=x", "A=1", "A=1&B=2");
    }

    #[test]
    fn both_ways_to_write_a_space_mean_a_space() {
        check("A=x%20y", "B=x+y%2B", "A=x%20y&B=x%20y%2B");
    }

    #[test]
    fn a_star_is_encoded_and_a_tilde_is_not() {
        check("A=*~", "", "A=%2A~");
    }

    #[test]
    fn truth_values_come_in_any_case() {
        let params = Params::from_iter([("A", "True"), ("B", "FALSE"), ("C", "1")]);
        assert_eq!(params.flag("A"), Ok(Some(true)));
        assert_eq!(params.flag("B"), Ok(Some(false)));
        assert_eq!(params.flag("C"), Err(Failure::invalid("C")));
        assert_eq!(params.flag("D"), Ok(None));
    }

    #[test]
    fn lengths_of_time_are_seconds_in_the_end() {
        let params = Params::from_iter([
            ("A", "7d"),
            ("B", "168h"),
            ("C", "604800s"),
            ("D", "7"),
            ("E", "-7d"),
            ("F", "é"),
        ]);
        for name in ["A", "B", "C"] {
            assert_eq!(params.seconds(name, 0, i64::MAX), Ok(Some(604_800)));
        }
        for name in ["D", "E", "F"] {
            assert_eq!(
                params.seconds(name, i64::MIN, i64::MAX),
                Err(Failure::invalid(name))
            );
        }
    }

    #[test]
    fn flattened_lists_end_at_the_first_gap() {
        let params = Params::from_iter([("R.1", "a"), ("R.2", "b"), ("R.4", "d")]);
        assert_eq!(params.list("R"), ["a", "b"]);
    }
}
