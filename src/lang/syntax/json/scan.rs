//! JSON text to values with places, by the letter of RFC 8259. It stops at the first error.

use super::{Json, JsonKind, JsonText, Property};
use crate::diag::{Diagnostic, FileId, Span};
use crate::lang::syntax::parse::DEPTH_LIMIT;
use crate::value::{Number, Value};

type Scanned<T> = Result<T, Box<Diagnostic>>;

/// More values than any file needs; so many take some 200 MiB.
const VALUE_LIMIT: u32 = 500_000;

/// A text being read.
struct Scanner<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    depth: u32,
    values: u32,
}

/// Reads a text that is one value and nothing else.
pub(super) fn scan(file: FileId, text: &str) -> Scanned<Json> {
    let mut scanner = Scanner {
        file,
        text,
        at: 0,
        depth: 0,
        values: 0,
    };
    if text.starts_with('\u{feff}') {
        return Err(scanner.error(
            "Byte-order mark in JSON",
            "The file begins with a byte-order mark (EF BB BF), which JSON does not permit. Save it as UTF-8 without the mark.",
            3,
        ));
    }
    let value = scanner.value()?;
    scanner.blank();
    if scanner.at < text.len() {
        return Err(scanner.error(
            "Extraneous data after value",
            "Only one JSON value may stand in the file. There may be a bracket too many before.",
            1,
        ));
    }
    Ok(value)
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn since(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    /// An error about the next bytes, rounded to whole characters.
    fn error(&self, summary: &str, detail: impl Into<String>, length: usize) -> Box<Diagnostic> {
        let mut end = (self.at + length).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Box::new(Diagnostic::error(summary, detail).at(Span::new(self.file, self.at, end)))
    }

    fn value(&mut self) -> Scanned<Json> {
        self.blank();
        self.values += 1;
        if self.values > VALUE_LIMIT {
            let detail = "A file may hold at most 500,000 values, which end here. Split it in several files, or read \
                 large values with jsondecode(file()) and the like.";
            return Err(self.error("Configuration too large", detail, 1));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => JsonKind::String(self.string()?),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number()?,
            Some(byte) if byte.is_ascii_alphabetic() => self.keyword()?,
            Some(b'\'') => {
                return Err(self.error(
                    "Invalid start of value",
                    "JSON strings stand in double quotes.",
                    1,
                ));
            }
            Some(b'#' | b'/') => {
                return Err(self.error(
                    "Invalid start of value",
                    "JSON has no comments. A property named \"//\" may hold one.",
                    1,
                ));
            }
            Some(_) => {
                return Err(self.error(
                    "Invalid start of value",
                    "A JSON value must start with a brace, a bracket, a number, a string, or a keyword.",
                    1,
                ));
            }
            None => return Err(self.error("Missing value", "The JSON data ends prematurely.", 1)),
        };
        Ok(Json {
            kind,
            span: self.since(start),
        })
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Scanned<JsonKind>) -> Scanned<JsonKind> {
        if self.depth >= DEPTH_LIMIT {
            let detail = format!("Objects and arrays may nest at most {DEPTH_LIMIT} levels deep.");
            return Err(self.error("Configuration is nested too deeply", detail, 1));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn object(&mut self) -> Scanned<JsonKind> {
        let mut properties = Vec::new();
        self.items("object", b'}', |scanner| {
            if scanner.peek() != Some(b'"') {
                return Err(scanner.error(
                    "Invalid object property name",
                    "The name of a property of a JSON object must be a string in double quotes.",
                    1,
                ));
            }
            let name = scanner.string()?;
            scanner.blank();
            match scanner.peek() {
                Some(b':') => scanner.at += 1,
                Some(b'=') => {
                    return Err(scanner.error(
                        "Missing property value colon",
                        "JSON uses a colon as its name and value delimiter, not an equals sign.",
                        1,
                    ));
                }
                _ => {
                    return Err(scanner.error(
                        "Missing property value colon",
                        "A colon must stand between a property's name and its value.",
                        1,
                    ));
                }
            }
            let value = scanner.value()?;
            properties.push(Property { name, value });
            Ok(())
        })?;
        Ok(JsonKind::Object(properties))
    }

    fn array(&mut self) -> Scanned<JsonKind> {
        let mut items = Vec::new();
        self.items("array", b']', |scanner| {
            items.push(scanner.value()?);
            Ok(())
        })?;
        Ok(JsonKind::Array(items))
    }

    /// What stands between brackets, with commas in between.
    fn items(
        &mut self,
        what: &str,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Scanned<()>,
    ) -> Scanned<()> {
        let open = self.at;
        self.at += 1;
        self.blank();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            self.blank();
            match self.peek() {
                Some(b',') => {
                    let comma = self.at;
                    self.at += 1;
                    self.blank();
                    if self.peek() == Some(close) {
                        let detail = format!(
                            "JSON does not permit a trailing comma after the last item of an {what}."
                        );
                        self.at = comma;
                        return Err(self.error(&format!("Trailing comma in {what}"), detail, 1));
                    }
                }
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Ok(());
                }
                Some(_) => {
                    let detail = format!("The items of an {what} must be separated by commas.");
                    return Err(self.error("Missing item separator", detail, 1));
                }
                None => {
                    self.at = open;
                    let detail =
                        format!("There is no closing bracket for this {what} before the end of the file.");
                    return Err(self.error(&format!("Unclosed {what}"), detail, 1));
                }
            }
        }
    }

    fn keyword(&mut self) -> Scanned<JsonKind> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let kind = match &rest[..end] {
            "null" => JsonKind::Null,
            "true" => JsonKind::Bool(true),
            "false" => JsonKind::Bool(false),
            word => {
                let near = crate::diag::nearest(&word.to_lowercase(), ["true", "false", "null"]);
                let hint = near.map_or(String::new(), |near| format!(" Did you mean {near:?}?"));
                // What stands there may be a secret without its quotes.
                let detail = format!(
                    "The keywords of JSON are true, false and null; a text stands between quotes.{hint}"
                );
                return Err(self.error("Invalid JSON keyword", detail, end));
            }
        };
        self.at += end;
        Ok(kind)
    }

    fn number(&mut self) -> Scanned<JsonKind> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let digits = &rest[..end];
        let number = if is_number(digits) {
            Number::parse(digits)
        } else {
            None
        };
        let Some(number) = number else {
            let detail = if is_number(digits) {
                "The number is too large or too small."
            } else {
                "A JSON number has digits, perhaps a fraction and an exponent, a minus sign at most before them, and no zero in front."
            };
            return Err(self.error("Invalid JSON number", detail, end));
        };
        self.at += end;
        Ok(JsonKind::Number(Value::number(number)))
    }

    fn string(&mut self) -> Scanned<JsonText> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut escapes = Vec::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .find(|c: char| c == '"' || c == '\\' || c < ' ')
                .unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let character = self.escape()?;
                    text.push(character);
                    let after = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
                    escapes.push((after(text.len()), after(self.at - start - 1)));
                }
                Some(_) => {
                    return Err(self.error(
                        "Invalid JSON string",
                        "A string may not hold a line break or another control character as it is: write \\n, or \\u and four hexadecimal digits.",
                        1,
                    ));
                }
                None => {
                    self.at = start;
                    return Err(self.error(
                        "Unclosed string",
                        "There is no closing quote for this string before the end of the file.",
                        1,
                    ));
                }
            }
        }
        self.at += 1;
        Ok(JsonText {
            text: text.into(),
            span: self.since(start),
            escapes: escapes.into(),
        })
    }

    /// The character that an escape stands for.
    fn escape(&mut self) -> Scanned<char> {
        let byte = self.text.as_bytes().get(self.at + 1).copied();
        let character = match byte {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => {
                return Err(self.error(
                    "Invalid escape sequence",
                    "In a JSON string a backslash may be followed by one of \" \\ / b f n r t, or by u and four hexadecimal digits.",
                    2,
                ));
            }
        };
        self.at += 2;
        Ok(character)
    }

    /// `\uXXXX`, or two of them that stand for one character beyond the first plane.
    fn unicode(&mut self) -> Scanned<char> {
        let Some(first) = self.unit(self.at) else {
            return Err(self.error(
                "Invalid escape sequence",
                "Four hexadecimal digits must follow \\u.",
                6,
            ));
        };
        let pair = (0xd800..0xdc00)
            .contains(&first)
            .then(|| self.unit(self.at + 6))
            .flatten()
            .filter(|second| (0xdc00..0xe000).contains(second));
        let (code, length) = match pair {
            Some(second) => (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12),
            None => (first, 6),
        };
        let Some(character) = char::from_u32(code) else {
            return Err(self.error(
                "Invalid escape sequence",
                "This is half of a surrogate pair, which is no character by itself: a high half (\\uD800 to \\uDBFF) must be followed by a low one (\\uDC00 to \\uDFFF).",
                6,
            ));
        };
        self.at += length;
        Ok(character)
    }

    /// The number of a `\uXXXX` at a place.
    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        all_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    }
}

/// Whether a text is a number by JSON's grammar.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}
