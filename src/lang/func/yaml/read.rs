//! Reading YAML.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::super::encoding::spend_digits;
use super::super::{Args, FuncError};
use crate::value::{Number, Text, Type, Value};

/// How deep collections may be nested.
const NESTING: usize = 128;

/// Reads one document.
pub(super) fn decode(args: &Args<'_>) -> Result<Value, FuncError> {
    let text = args.text(0)?;
    args.spend_text(text.len())?;
    check_directives(text)?;
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
                spend_digits(args, &value)?;
                return Ok(value);
            }
        }
    }
}

/// What stands before the document says at most that it is version 1.1, and what tags are called.
fn check_directives(text: &str) -> Result<(), FuncError> {
    let lines = text.lines();
    let before = lines.take_while(|line| line.trim_start().is_empty() || line.starts_with(['%', '#']));
    for directive in before.filter_map(|line| line.strip_prefix('%')) {
        let mut words = directive.split_whitespace();
        match (words.next(), words.next()) {
            (Some("YAML"), Some(version)) if version != "1.1" => {
                return Err(FuncError::new(format!(
                    "found incompatible YAML document: it is of version {version}, and only 1.1 is read"
                )));
            }
            (Some("YAML" | "TAG") | None, _) => {}
            (Some(_), _) => return Err(FuncError::new("found unknown directive name")),
        }
    }
    Ok(())
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
            Event::SequenceStart(anchor, tag) => {
                check_collection(tag.as_deref(), "sequence", "seq")?;
                (anchor, self.sequence(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                check_collection(tag.as_deref(), "mapping", "map")?;
                self.args.spend_maps(1)?;
                (anchor, self.mapping(depth)?)
            }
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
                Some(key) => drop(made.insert(key, value)),
                None => self.merge(&value, &mut made)?,
            }
        }
        Ok(Value::object(made))
    }

    /// Sets what a mapping, or each of several, has. What is written later wins, before or after it.
    fn merge(&self, value: &Value, made: &mut BTreeMap<Text, Value>) -> Result<(), FuncError> {
        // Of several, the first one wins.
        let sources = value.as_items().unwrap_or(std::slice::from_ref(value));
        for source in sources.iter().rev() {
            let entries = source
                .as_entries()
                .ok_or_else(|| FuncError::new("only mappings can be merged with \"<<\""))?;
            self.args.spend_elements(entries.len())?;
            made.extend(entries.iter().map(|(key, item)| (key.clone(), item.clone())));
        }
        Ok(())
    }
}

/// The types of collections are fixed.
fn check_collection(tag: Option<&Tag>, kind: &str, own: &str) -> Result<(), FuncError> {
    match tag.map(name_of) {
        None => Ok(()),
        Some(name) if name == own => Ok(()),
        Some(name) => Err(FuncError::new(format!("can't interpret {kind} as {name:?}"))),
    }
}

/// The name of a type that YAML itself has, or the whole tag.
fn name_of(tag: &Tag) -> String {
    let whole = format!("{}{}", tag.handle, tag.suffix);
    match whole.strip_prefix("tag:yaml.org,2002:") {
        Some(own) => own.to_owned(),
        None => whole,
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
    let plain = style == ScalarStyle::Plain;
    match tag.map(name_of).as_deref() {
        None => {}
        Some("str") => return Ok(text.into()),
        Some("binary") => {
            let base64: String = text.split_whitespace().collect();
            crate::lang::func::encoding::decode_base64(&base64).map_err(|_| wrong("Base64"))?;
            return Ok(base64.into());
        }
        // What stands in quotes is text, whatever it is called.
        Some("int" | "float" | "bool" | "null" | "timestamp") if !plain => return Ok(text.into()),
        Some("int") => return whole(text).map(Value::number).ok_or_else(|| wrong("an integer")),
        Some("float") => return float(text).map(Value::number).ok_or_else(|| wrong("a number")),
        Some("bool") => return truth(text).map(Value::bool).ok_or_else(|| wrong("a bool")),
        Some("null") => return Ok(Value::null(Type::Dynamic)),
        Some("timestamp") => return Ok(time(text).map_or_else(|| text.into(), Value::from)),
        Some(other) => return Err(FuncError::new(format!("unsupported tag {other:?}"))),
    }
    if !plain {
        return Ok(text.into());
    }
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::null(Type::Dynamic));
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(FuncError::new("floating point NaN is not supported"));
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

/// Dates and times become RFC 3339, in whole seconds.
fn time(text: &str) -> Option<String> {
    let mut rest = text;
    let year = digits(&mut rest, 4, 4)?;
    let month = digits(take(&mut rest, &['-'])?, 1, 2)?;
    let day = digits(take(&mut rest, &['-'])?, 1, 2)?;
    let date = jiff::civil::Date::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    )
    .ok()?;
    if rest.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let zoned = !rest.starts_with(' ');
    let hour = digits(take(&mut rest, &['T', 't', ' '])?, 1, 2)?;
    let minute = digits(take(&mut rest, &[':'])?, 1, 2)?;
    let second = digits(take(&mut rest, &[':'])?, 1, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
        if rest.len() == fraction.len() {
            return None;
        }
    }
    let zone = match rest {
        "" if !zoned => "Z",
        "Z" | "+00:00" | "-00:00" if zoned => "Z",
        _ if zoned && is_offset(rest) => rest,
        _ => return None,
    };
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{zone}"))
}

/// Takes one of the characters from the start.
fn take<'r, 't>(rest: &'r mut &'t str, wanted: &[char]) -> Option<&'r mut &'t str> {
    *rest = rest.strip_prefix(wanted)?;
    Some(rest)
}

/// Takes so many digits from the start.
fn digits(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at_checked(count).filter(|_| count >= least)?;
    *rest = after;
    number.parse().ok()
}

/// Whether the text is `+hh:mm` or `-hh:mm`.
fn is_offset(text: &str) -> bool {
    let mut rest = text;
    let mut parts = || {
        let hours = digits(take(&mut rest, &['+', '-'])?, 2, 2)?;
        let minutes = digits(take(&mut rest, &[':'])?, 2, 2)?;
        Some(hours < 24 && minutes < 60)
    };
    parts().unwrap_or(false) && rest.is_empty()
}
