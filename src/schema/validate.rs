//! What a written value must satisfy, one value at a time.

use super::argument::{Checks, Format};
use super::native::duration;
use crate::lang::func;
use crate::value::{Data, Value};

impl Checks {
    /// Whether a known value satisfies the checks; of a collection each element. Null and unknown values do. The
    /// error completes "it": `must be one of ...`; it never repeats the value.
    pub fn validate(&self, value: &Value) -> Result<(), String> {
        if value.is_null() || !value.is_known() {
            return Ok(());
        }
        if let Some(elements) = collection(value) {
            self.fits_length(elements.len(), "elements")?;
            return elements.into_iter().try_for_each(|element| self.scalar(element));
        }
        if let Some(text) = value.as_str() {
            self.fits_length(text.chars().count(), "characters")?;
        }
        self.scalar(value)
    }

    fn fits_length(&self, length: usize, unit: &str) -> Result<(), String> {
        let Some((least, greatest)) = self.length else {
            return Ok(());
        };
        let fits = i64::try_from(length).is_ok_and(|length| (least..=greatest).contains(&length));
        fits.then_some(())
            .ok_or_else(|| format!("must have {least} to {greatest} {unit}, and has {length}"))
    }

    fn scalar(&self, value: &Value) -> Result<(), String> {
        if let Some(number) = value.as_number()
            && let Some((least, greatest)) = self.range
            && !(number.is_integer() && number.as_i64().is_some_and(|n| (least..=greatest).contains(&n)))
        {
            return Err(format!("must be a whole number from {least} to {greatest}"));
        }
        let Some(text) = value.as_str() else { return Ok(()) };
        if !self.one_of.is_empty() && !self.one_of.iter().any(|allowed| &**allowed == text) {
            let allowed: Vec<String> = self.one_of.iter().map(|one| format!("{one:?}")).collect();
            return Err(format!("must be one of {}", allowed.join(", ")));
        }
        if let Some(pattern) = &self.pattern
            && !pattern.matches(text)
        {
            return Err(format!("must match the pattern {}", pattern.text()));
        }
        self.format.map_or(Ok(()), |format| format.validate(text))
    }
}

fn collection(value: &Value) -> Option<Vec<&Value>> {
    match value.data() {
        Data::List(_) | Data::Set(_) | Data::Map(_) | Data::Tuple(_) => Some(value.children().collect()),
        _ => None,
    }
}

impl Format {
    fn validate(self, text: &str) -> Result<(), String> {
        use base64::Engine as _;
        let json = || serde_json::from_str::<serde_json::Value>(text).map_err(|why| why.to_string());
        match self {
            // What modules write whose users may leave it out; a length refuses it where it must be there.
            Self::Json | Self::JsonObject | Self::Duration if text.is_empty() => Ok(()),
            Self::Json => json()
                .map(drop)
                .map_err(|why| format!("must be valid JSON: {why}")),
            Self::JsonObject => match json() {
                Ok(serde_json::Value::Object(_)) => Ok(()),
                Ok(_) => Err("must be a JSON object".into()),
                Err(why) => Err(format!("must be valid JSON: {why}")),
            },
            Self::Rfc3339 => {
                let wrong = "must be a time as RFC 3339 writes it, such as 2030-01-31T12:00:00Z";
                let strict =
                    text.as_bytes().get(10) == Some(&b'T') && text.parse::<jiff::Timestamp>().is_ok();
                strict.then_some(()).ok_or_else(|| wrong.into())
            }
            // A file of base64 ends with a line break, and often has more of them.
            Self::Base64 => base64::engine::general_purpose::STANDARD
                .decode(text.replace(['\r', '\n'], ""))
                .map(drop)
                .map_err(|_| "must be base64".into()),
            Self::Duration => {
                let wrong =
                    "must be a length of time: a whole number with s, m, h or d, such as 604800s or 7d";
                duration::seconds(text).map(drop).ok_or_else(|| wrong.into())
            }
            Self::Regex => {
                func::check_pattern(text).map_err(|why| format!("must be a regular expression: {why}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Pattern;

    #[track_caller]
    fn check(checks: &Checks, value: &Value, broken: Option<&str>) {
        let found = checks.validate(value).err();
        match broken {
            None => assert_eq!(found, None),
            Some(part) => assert!(
                found.as_deref().is_some_and(|text| text.contains(part)),
                "{found:?}"
            ),
        }
    }

    #[test]
    fn a_value_is_one_of_those_allowed() {
        let checks = Checks {
            one_of: vec!["a".into(), "b".into()],
            ..Checks::default()
        };
        check(&checks, &Value::string("a"), None);
        check(&checks, &Value::string("c"), Some("one of \"a\", \"b\""));
        check(&checks, &Value::tuple(vec![Value::string("c")]), Some("one of"));
    }

    #[test]
    fn a_number_lies_in_its_range() {
        let checks = Checks {
            range: Some((7, 30)),
            ..Checks::default()
        };
        check(&checks, &Value::int(7), None);
        check(&checks, &Value::int(31), Some("7 to 30"));
    }

    #[test]
    fn a_text_matches_its_pattern_and_length() {
        let checks = Checks {
            pattern: Some(Pattern::new("^alias/")),
            length: Some((1, 8)),
            ..Checks::default()
        };
        check(&checks, &Value::string("alias/a"), None);
        check(&checks, &Value::string("a"), Some("pattern"));
        check(&checks, &Value::string("alias/abc"), Some("1 to 8 characters"));
    }

    #[test]
    fn formats_are_checked() {
        let table = [
            (Format::JsonObject, "{}", "[]"),
            (Format::Json, "[]", "["),
            (Format::Rfc3339, "2030-01-01T00:00:00Z", "2030-01-01 T00:00:00Z"),
            (Format::Base64, "YQ==", "Y"),
            (Format::Duration, "7d", "7 days"),
            (Format::Regex, "^a(b|c)$", "a("),
        ];
        for (format, right, wrong) in table {
            let checks = Checks {
                format: Some(format),
                ..Checks::default()
            };
            check(&checks, &Value::string(right), None);
            check(&checks, &Value::string(wrong), Some("must be"));
        }
    }

    #[test]
    fn base64_may_have_line_breaks() {
        let checks = Checks {
            format: Some(Format::Base64),
            ..Checks::default()
        };
        check(&checks, &Value::string("YW\r\nJj\n"), None);
        check(&checks, &Value::string("YW Jj"), Some("must be base64"));
    }

    #[test]
    fn what_is_left_empty_is_no_document_and_no_length_of_time() {
        for (format, broken) in [
            (Format::JsonObject, None),
            (Format::Json, None),
            (Format::Duration, None),
            (Format::Rfc3339, Some("must be")),
        ] {
            let checks = Checks {
                format: Some(format),
                ..Checks::default()
            };
            check(&checks, &Value::string(""), broken);
        }
    }
}
