//! Reading YAML.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::super::{Args, FuncError};
use crate::value::{Number, Text, Type, Value};

/// How deep collections may be nested.
const NESTING: usize = 128;

/// Reads one document.
pub(super) fn decode(args: &Args<'_>) -> Result<Value, FuncError> {
    let text = args.text(0)?;
    args.spend_text(text.len())?;
    let mut reader = Reader {
        args,
        parser: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
    };
    loop {
        match reader.next()? {
            Event::StreamEnd | Event::DocumentEnd => {
                return Err(FuncError::new("on line 1, column 1: missing start of document"));
            }
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            event => {
                let value = reader.value(event, 0)?;
                reader.end()?;
                return Ok(value);
            }
        }
    }
}

struct Reader<'a, 't> {
    args: &'a Args<'a>,
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    /// Values with a name, each with its number of elements.
    anchors: BTreeMap<usize, (Value, usize)>,
}

impl<'t> Reader<'_, 't> {
    fn next(&mut self) -> Result<Event<'t>, FuncError> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(why)) => Err(FuncError::new(format!(
                "on line {}, column {}: {}",
                why.marker().line(),
                why.marker().col() + 1,
                why.info()
            ))),
            None => Ok(Event::StreamEnd),
        }
    }

    fn end(&mut self) -> Result<(), FuncError> {
        loop {
            match self.next()? {
                Event::StreamEnd => return Ok(()),
                Event::DocumentEnd | Event::Nothing => {}
                _ => return Err(FuncError::new("unexpected extra content after value")),
            }
        }
    }

    fn value(&mut self, event: Event<'t>, depth: usize) -> Result<Value, FuncError> {
        if depth > NESTING {
            return Err(FuncError::new(format!(
                "the YAML is nested more than {NESTING} levels deep"
            )));
        }
        self.args.spend_elements(1)?;
        let (anchor, value) = match event {
            Event::Alias(name) => {
                let (value, size) = self.anchors.get(&name).ok_or_else(|| {
                    FuncError::new("an alias names the value that it is part of, or nothing")
                })?;
                // Every use of an alias pays for all that is in it.
                self.args.spend_elements(*size)?;
                return Ok(value.clone());
            }
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(&text, style, tag.as_deref())?),
            Event::SequenceStart(anchor, _) => (anchor, self.sequence(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(depth)?),
            _ => return Err(FuncError::new("unexpected end of the document")),
        };
        if anchor > 0 {
            let size = size(&value);
            self.anchors.insert(anchor, (value.clone(), size));
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, FuncError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::tuple(items)),
                event => items.push(self.value(event, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, FuncError> {
        let mut made = BTreeMap::new();
        let mut merged: Vec<Value> = Vec::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => None,
                Event::Scalar(text, style, anchor, tag) => {
                    let key = key(&text, style, tag.as_deref())?;
                    if anchor > 0 {
                        self.anchors.insert(anchor, (Value::text(key.clone()), 1));
                    }
                    Some(key)
                }
                Event::Alias(name) => Some(
                    self.anchors
                        .get(&name)
                        .and_then(|(value, _)| value.as_text().cloned())
                        .ok_or_else(|| FuncError::new("only strings are allowed as mapping keys"))?,
                ),
                _ => return Err(FuncError::new("only strings are allowed as mapping keys")),
            };
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            match key {
                Some(key) => {
                    made.insert(key, value);
                }
                None => merged.push(value),
            }
        }
        for value in merged {
            let sources = value
                .as_items()
                .map_or_else(|| vec![value.clone()], <[Value]>::to_vec);
            for source in sources {
                let entries = source
                    .as_entries()
                    .ok_or_else(|| FuncError::new("only mappings can be merged with \"<<\""))?;
                self.args.spend_elements(entries.len())?;
                for (key, item) in entries {
                    made.entry(key.clone()).or_insert_with(|| item.clone());
                }
            }
        }
        Ok(Value::object(made))
    }
}

/// How many values there are in a value, itself included.
fn size(value: &Value) -> usize {
    value.children().map(size).fold(1, usize::saturating_add)
}

fn key(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Text, FuncError> {
    let value = scalar(text, style, tag)?;
    if value.is_null() {
        return Err(FuncError::new("only strings are allowed as mapping keys"));
    }
    crate::value::convert::convert(&value, &Type::String)
        .ok()
        .and_then(|key| key.as_text().cloned())
        .ok_or_else(|| FuncError::new("only strings are allowed as mapping keys"))
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, FuncError> {
    let wrong = |kind: &str| FuncError::new(format!("cannot parse {text:?} as {kind}"));
    match tag.map(|tag| tag.suffix.as_str()) {
        Some("str") => return Ok(text.into()),
        Some("int") => return whole(text).map(Value::number).ok_or_else(|| wrong("an integer")),
        Some("float") => return float(text).map(Value::number).ok_or_else(|| wrong("a number")),
        Some("bool") => return truth(text).map(Value::bool).ok_or_else(|| wrong("a bool")),
        Some("null") => return Ok(Value::null(Type::Dynamic)),
        Some("binary") => return Ok(text.split_whitespace().collect::<String>().into()),
        Some("timestamp") => return Ok(time(text).map_or_else(|| text.into(), Value::from)),
        Some(other) if !other.is_empty() => {
            return Err(FuncError::new(format!("unsupported tag {other:?}")));
        }
        _ => {}
    }
    if style != ScalarStyle::Plain {
        return Ok(text.into());
    }
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::null(Type::Dynamic));
    }
    if let Some(value) = truth(text) {
        return Ok(value.into());
    }
    if let Some(number) = whole(text).or_else(|| float(text)) {
        return Ok(Value::number(number));
    }
    Ok(time(text).map_or_else(|| Value::string(text), Value::from))
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn whole(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = if let Some(hex) = digits.strip_prefix("0x") {
        Number::from(
            i64::from_str_radix(hex, 16)
                .ok()
                .filter(|_| !hex.starts_with(['+', '-']))?,
        )
    } else if let Some(octal) = digits.strip_prefix("0o") {
        Number::from(
            i64::from_str_radix(octal, 8)
                .ok()
                .filter(|_| !octal.starts_with(['+', '-']))?,
        )
    } else if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Number::parse(digits)?
    } else {
        return None;
    };
    Some(if negative { number.neg() } else { number })
}

fn float(text: &str) -> Option<Number> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Some(Number::from_f64(f64::INFINITY));
        }
        "-.inf" | "-.Inf" | "-.INF" => return Some(Number::from_f64(f64::NEG_INFINITY)),
        _ => {}
    }
    let unsigned = text.trim_start_matches(['-', '+']);
    let shaped = unsigned.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.')
        && unsigned.bytes().any(|byte| byte.is_ascii_digit())
        && unsigned
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    if !shaped {
        return None;
    }
    let padded = text.strip_prefix('+').unwrap_or(text);
    let padded = match padded.strip_prefix("-.") {
        Some(rest) => format!("-0.{rest}"),
        None if padded.starts_with('.') => format!("0{padded}"),
        None => padded.to_owned(),
    };
    Number::parse(padded.trim_end_matches('.'))
}

/// Dates and times become RFC 3339.
fn time(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| {
        bytes
            .get(from..to)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    if !(digits(0, 4) && bytes.get(4) == Some(&b'-')) {
        return None;
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>()
        && bytes.len() == 10
    {
        return Some(date.strftime("%Y-%m-%dT00:00:00Z").to_string());
    }
    let joined = text.replacen([' ', 't'], "T", 1);
    if joined.ends_with('Z') || joined.get(10..).is_some_and(|rest| rest.contains(['+', '-'])) {
        return joined.parse::<jiff::Timestamp>().ok().map(|_| joined);
    }
    let civil: jiff::civil::DateTime = joined.parse().ok()?;
    (bytes.len() > 10).then(|| format!("{}Z", civil.strftime("%Y-%m-%dT%H:%M:%S")))
}
