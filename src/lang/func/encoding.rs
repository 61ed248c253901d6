//! Functions that encode and decode text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Args, Func, FuncError, Kind, any, text};
use crate::value::document;
use crate::value::{Marks, Refinement, Type, Value, json};

/// How deep decoded JSON may be nested.
const NESTING: usize = 128;

/// How long decompressed text may be.
const UNPACKED: usize = 16 * 1024 * 1024;

const STR: &[super::Param] = &[text("str")];

const fn on_text(
    name: &'static str,
    about: &'static str,
    examples: super::Examples,
    call: super::Call,
) -> Func {
    Func {
        name,
        params: STR,
        variadic: None,
        returns: Kind::String,
        about,
        examples,
        call,
    }
}

pub(super) const FUNCTIONS: &[Func] = &[
    on_text(
        "base64encode",
        "Encodes text in Base64.",
        &[("base64encode(\"hello\")", "\"aGVsbG8=\"")],
        |args| {
            args.spend_text(args.text(0)?.len().saturating_mul(2))?;
            Ok(STANDARD.encode(args.text(0)?).into())
        },
    ),
    on_text(
        "base64decode",
        "Decodes Base64 that holds text.",
        &[("base64decode(\"aGVsbG8=\")", "\"hello\"")],
        |args| {
            let bytes = decode_base64(args.text(0)?)?;
            let text = String::from_utf8(bytes).map_err(|_| {
                FuncError::new("the result of decoding the provided string is not valid UTF-8")
            })?;
            Ok(text.into())
        },
    ),
    on_text(
        "base64gzip",
        "Compresses text with gzip and encodes the result in Base64.",
        &[("base64gunzip(base64gzip(\"hello\"))", "\"hello\"")],
        gzip,
    ),
    on_text(
        "base64gunzip",
        "Decodes Base64 that holds text compressed with gzip.",
        &[(
            "base64gunzip(\"H4sIAAAAAAAA/8tIzcnJBwCGphA2BQAAAA==\")",
            "\"hello\"",
        )],
        gunzip,
    ),
    on_text(
        "urldecode",
        "Decodes text that was encoded for a URL's query.",
        &[("urldecode(\"a+b%26c\")", "\"a b&c\"")],
        |args| Ok(urldecode(args.text(0)?)?.into()),
    ),
    on_text(
        "urlencode",
        "Encodes text for use in a URL's query.",
        &[("urlencode(\"a b&c\")", "\"a+b%26c\"")],
        |args| {
            args.spend_text(args.text(0)?.len().saturating_mul(3))?;
            Ok(urlencode(args.text(0)?).into())
        },
    ),
    Func {
        name: "jsonencode",
        params: &[any("val").null().unknown().marked()],
        variadic: None,
        returns: Kind::String,
        about: "Encodes a value as JSON.",
        examples: &[(
            "jsonencode({ a = [1, true, null] })",
            "\"{\\\"a\\\":[1,true,null]}\"",
        )],
        call: jsonencode,
    },
    Func {
        name: "jsondecode",
        params: &[text("str")],
        variadic: None,
        returns: Kind::Any,
        about: "Decodes JSON.",
        examples: &[("jsondecode(\"{\\\"a\\\": [1, true]}\").a[0]", "1")],
        call: jsondecode,
    },
    Func {
        name: "csvdecode",
        params: &[text("str")],
        variadic: None,
        returns: Kind::Any,
        about: "Decodes comma-separated values with a header line into a list of objects.",
        examples: &[(
            "jsonencode(csvdecode(\"a,b\\n1,2\\n\"))",
            "\"[{\\\"a\\\":\\\"1\\\",\\\"b\\\":\\\"2\\\"}]\"",
        )],
        call: super::csv::csvdecode,
    },
    Func {
        name: "textencodebase64",
        params: &[text("string"), text("encoding")],
        variadic: None,
        returns: Kind::String,
        about: "Encodes text in a character encoding and then in Base64.",
        examples: &[("textencodebase64(\"hi\", \"UTF-16LE\")", "\"aABpAA==\"")],
        call: super::charset::textencodebase64,
    },
    Func {
        name: "textdecodebase64",
        params: &[text("source"), text("encoding")],
        variadic: None,
        returns: Kind::String,
        about: "Decodes Base64 that holds text in a character encoding.",
        examples: &[("textdecodebase64(\"aABpAA==\", \"UTF-16LE\")", "\"hi\"")],
        call: super::charset::textdecodebase64,
    },
];

/// The bytes behind Base64 text.
pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, FuncError> {
    let joined: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    STANDARD.decode(&joined).map_err(|_| {
        FuncError::new(format!(
            "failed to decode base64 data {}",
            crate::addr::quote(text)
        ))
    })
}

/// The form is Go's: what was compressed is flushed before the stream is closed, so two empty blocks end it.
fn gzip(args: &Args<'_>) -> Result<Value, FuncError> {
    use flate2::{Compress, Compression, Crc, FlushCompress};
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    const FLUSHED: [u8; 5] = [0, 0, 0, 0xff, 0xff];
    const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xff, 0xff];
    let text = args.text(0)?.as_bytes();
    let mut bytes = HEADER.to_vec();
    if text.is_empty() {
        bytes.extend(FLUSHED);
    } else {
        // A block that cannot be made smaller is stored with a few bytes around it.
        bytes.reserve(text.len() + text.len() / 1000 + 64);
        Compress::new(Compression::default(), false)
            .compress_vec(text, &mut bytes, FlushCompress::Sync)
            .map_err(|_| FuncError::new("failed to compress the text"))?;
    }
    bytes.extend(LAST_BLOCK);
    let mut sum = Crc::new();
    sum.update(text);
    bytes.extend(sum.sum().to_le_bytes());
    bytes.extend(sum.amount().to_le_bytes());
    Ok(STANDARD.encode(bytes).into())
}

/// Decompresses no further than an evaluation may go: a few bytes can stand for gigabytes.
fn gunzip(args: &Args<'_>) -> Result<Value, FuncError> {
    use std::io::Read as _;
    let bytes = decode_base64(args.text(0)?)?;
    let refused = || FuncError::argument(0, "the decoded Base64 is not compressed with gzip, or is damaged");
    let mut plain = Vec::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(UNPACKED as u64 + 1);
    decoder.read_to_end(&mut plain).map_err(|_| refused())?;
    if plain.len() > UNPACKED {
        let message = format!("the decompressed text is longer than {} MiB", UNPACKED >> 20);
        return Err(FuncError::argument(0, message));
    }
    args.spend_text(plain.len())?;
    let text = String::from_utf8(plain)
        .map_err(|_| FuncError::argument(0, "the decompressed bytes are not valid UTF-8"))?;
    Ok(text.into())
}

fn urldecode(text: &str) -> Result<String, FuncError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = after
                    .first_chunk::<2>()
                    .and_then(|digits| hex::decode(digits).ok());
                let Some(decoded) = digits else {
                    let shown: String = text[text.len() - after.len() - 1..].chars().take(3).collect();
                    let message = format!("invalid URL escape {}", crate::addr::quote(&shown));
                    return Err(FuncError::argument(0, message));
                };
                bytes.extend(decoded);
                rest = &after[2..];
            }
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| FuncError::argument(0, "the decoded bytes are not valid UTF-8"))
}

fn urlencode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            byte => {
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                encoded.push('%');
                encoded.extend(digits.map(char::from));
            }
        }
    }
    encoded
}

fn jsonencode(args: &Args<'_>) -> Result<Value, FuncError> {
    let marked = args.value(0)?;
    let (value, marks) = marked.unmark_deep();
    let text = encode_json(args, &value)?;
    if marks.is_empty() {
        return Ok(text);
    }
    Ok(document::of(text, marked))
}

fn encode_json(args: &Args<'_>, value: &Value) -> Result<Value, FuncError> {
    if !value.is_wholly_known() {
        let prefix = match value.ty() {
            Type::Object(_) | Type::Map(_) if value.is_never_null() => Some("{".into()),
            Type::Tuple(_) | Type::List(_) | Type::Set(_) if value.is_never_null() => Some("[".into()),
            Type::String if value.is_never_null() => Some("\"".into()),
            _ => None,
        };
        return Ok(Value::unknown_refined(
            Type::String,
            Refinement {
                not_null: true,
                prefix,
                ..Refinement::default()
            },
        ));
    }
    if has_infinity(value) {
        return Err(FuncError::argument(
            0,
            "an infinite number cannot be written as JSON",
        ));
    }
    let plain = json::to_plain_json(value);
    // It is paid before it is made, and made in one piece.
    let length = json::go_length(&plain);
    args.spend_text(length)?;
    let text = json::to_go_text_of(&plain, length);
    drop(plain);
    Ok(Value::string(&text).with_marks(Marks::NONE))
}

fn has_infinity(value: &Value) -> bool {
    value.as_number().is_some_and(crate::value::Number::is_infinite) || value.children().any(has_infinity)
}

fn jsondecode(args: &Args<'_>) -> Result<Value, FuncError> {
    let text = args.text(0)?;
    args.spend_text(text.len().saturating_mul(4))?;
    let count = |wanted: u8| text.bytes().filter(|&byte| byte == wanted).count();
    args.spend_maps(count(b'{'))?;
    args.spend_elements(count(b',') + count(b'['))?;
    if depth(text) > NESTING {
        return Err(FuncError::argument(
            0,
            format!("the JSON is nested more than {NESTING} levels deep"),
        ));
    }
    let whole = without_halves(text);
    let parsed: serde_json::Value =
        serde_json::from_str(&whole).map_err(|why| FuncError::new(json_fault(&whole, &why)))?;
    let value = json::read_plain_json(&parsed).map_err(|why| FuncError::argument(0, why.0))?;
    spend_digits(args, &value)?;
    Ok(value)
}

/// Pays for the digits of numbers, which may be far more than those that were read.
pub(super) fn spend_digits(args: &Args<'_>, value: &Value) -> Result<(), FuncError> {
    match value.as_number().map(crate::value::Number::digits) {
        Some(digits) if digits > 1_000 => return args.spend_text(digits),
        _ => {}
    }
    value.children().try_for_each(|child| spend_digits(args, child))
}

/// Escapes for half of a character become the sign for what is no character.
fn without_halves(text: &str) -> std::borrow::Cow<'_, str> {
    static ESCAPES: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
        let pairs =
            r"(?i)\\u(?P<whole>d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|\\u(?P<half>d[89a-f][0-9a-f]{2})|\\.";
        regex::Regex::new(pairs).expect("the pattern is right")
    });
    if !text.contains("\\u") {
        return text.into();
    }
    ESCAPES.replace_all(text, |found: &regex::Captures<'_>| {
        if found.name("half").is_some() {
            "\\ufffd".to_owned()
        } else {
            found[0].to_owned()
        }
    })
}

fn json_fault(text: &str, why: &serde_json::Error) -> String {
    if text.trim().is_empty() {
        return "EOF".into();
    }
    let said = why.to_string();
    let what = said.split(" at line ").next().unwrap_or_default().to_owned();
    format!(
        "invalid JSON: {what} at line {}, column {}",
        why.line(),
        why.column()
    )
}

/// The deepest nesting of brackets outside strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
