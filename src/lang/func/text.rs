//! Functions on text.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Args, Func, FuncError, Kind, LIST_OF_STRING, number, param, text};
use crate::value::{Data, Type, Value};

/// The widest indent.
const INDENT: i64 = 64 * 1024;

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

const fn on_two(
    name: &'static str,
    second: &'static [super::Param],
    returns: Kind,
    about: &'static str,
    examples: super::Examples,
    call: super::Call,
) -> Func {
    Func {
        name,
        params: second,
        variadic: None,
        returns,
        about,
        examples,
        call,
    }
}

pub(super) const FUNCTIONS: &[Func] = &[
    on_text(
        "lower",
        "Turns all letters into lower case.",
        &[("lower(\"HELLO\")", "\"hello\"")],
        |args| Ok(args.text(0)?.chars().map(lower).collect::<String>().into()),
    ),
    on_text(
        "upper",
        "Turns all letters into upper case.",
        &[("upper(\"hello\")", "\"HELLO\"")],
        |args| {
            // One letter stays one letter: what would become several (as in "ß") stays as it is.
            Ok(args.text(0)?.chars().map(upper).collect::<String>().into())
        },
    ),
    on_text(
        "title",
        "Turns the first letter of each word into upper case.",
        &[("title(\"hello world\")", "\"Hello World\"")],
        |args| Ok(title(args.text(0)?).into()),
    ),
    on_text(
        "strrev",
        "Reverses the characters.",
        &[("strrev(\"hello\")", "\"olleh\"")],
        |args| Ok(args.text(0)?.graphemes(true).rev().collect::<String>().into()),
    ),
    on_text(
        "trimspace",
        "Removes white space at both ends.",
        &[("trimspace(\"  hello \\n\")", "\"hello\"")],
        |args| Ok(args.text(0)?.trim().into()),
    ),
    on_text(
        "chomp",
        "Removes line breaks at the end.",
        &[("chomp(\"hello\\n\\n\")", "\"hello\"")],
        |args| Ok(args.text(0)?.trim_end_matches(['\r', '\n']).into()),
    ),
    on_two(
        "trim",
        &[text("str"), text("cutset")],
        Kind::String,
        "Removes the given characters at both ends.",
        &[("trim(\"?!hello?!\", \"!?\")", "\"hello\"")],
        |args| {
            let cut: Vec<char> = args.text(1)?.chars().collect();
            Ok(args.text(0)?.trim_matches(cut.as_slice()).into())
        },
    ),
    on_two(
        "trimprefix",
        &[text("str"), text("prefix")],
        Kind::String,
        "Removes the given start, if it is there.",
        &[("trimprefix(\"alias/app\", \"alias/\")", "\"app\"")],
        |args| {
            let whole = args.text(0)?;
            Ok(whole.strip_prefix(args.text(1)?).unwrap_or(whole).into())
        },
    ),
    on_two(
        "trimsuffix",
        &[text("str"), text("suffix")],
        Kind::String,
        "Removes the given end, if it is there.",
        &[("trimsuffix(\"key.pem\", \".pem\")", "\"key\"")],
        |args| {
            let whole = args.text(0)?;
            Ok(whole.strip_suffix(args.text(1)?).unwrap_or(whole).into())
        },
    ),
    on_two(
        "startswith",
        &[text("str").unknown(), text("prefix")],
        Kind::Bool,
        "Whether the text starts with another.",
        &[("startswith(\"alias/app\", \"alias/\")", "true")],
        starts_with,
    ),
    on_two(
        "endswith",
        &[text("str"), text("suffix")],
        Kind::Bool,
        "Whether the text ends with another.",
        &[("endswith(\"alias/app\", \"app\")", "true")],
        |args| Ok(args.text(0)?.ends_with(args.text(1)?).into()),
    ),
    on_two(
        "strcontains",
        &[text("str"), text("substr")],
        Kind::Bool,
        "Whether the text contains another.",
        &[("strcontains(\"alias/app\", \"s/a\")", "true")],
        |args| Ok(args.text(0)?.contains(args.text(1)?).into()),
    ),
    on_two(
        "split",
        &[text("separator"), text("str")],
        LIST_OF_STRING,
        "Takes a text apart at every separator.",
        &[("jsonencode(split(\",\", \"a,b\"))", "\"[\\\"a\\\",\\\"b\\\"]\"")],
        split,
    ),
    Func {
        name: "join",
        params: &[text("separator")],
        variadic: Some(param("lists", LIST_OF_STRING)),
        returns: Kind::String,
        about: "Puts the items of lists together, with a separator between them.",
        examples: &[("join(\", \", [\"a\", \"b\"])", "\"a, b\"")],
        call: join,
    },
    on_two(
        "indent",
        &[number("spaces"), text("str")],
        Kind::String,
        "Indents all lines but the first.",
        &[("indent(2, \"a:\\nb\")", "<<EOT\na:\n  b\nEOT")],
        indent,
    ),
    on_two(
        "substr",
        &[text("str"), number("offset"), number("length")],
        Kind::String,
        "Takes a part of a text, counted in characters.",
        &[
            ("substr(\"hello\", 1, 3)", "\"ell\""),
            ("substr(\"hello\", -2, -1)", "\"lo\""),
        ],
        substr,
    ),
];

/// The lower case of a letter, which is one letter wherever it stands: no final sigma, no dot beside an i.
fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Of a text that is not known the start may be.
fn starts_with(args: &Args<'_>) -> Result<Value, FuncError> {
    let prefix = args.text(1)?;
    let Data::Unknown(unknown) = args.value(0)?.data() else {
        return Ok(args.text(0)?.starts_with(prefix).into());
    };
    Ok(match unknown.refinement.prefix.as_deref() {
        Some(start) if start.starts_with(prefix) => Value::bool(true),
        Some(start) if !prefix.starts_with(start) => Value::bool(false),
        _ => Value::unknown(Type::Bool).never_null(),
    })
}

fn upper(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        // With the iota below the letter, not after it.
        _ => match letter {
            '\u{1f80}'..='\u{1faf}' => char::from_u32(u32::from(letter) | 8).unwrap_or(letter),
            'ᾳ' => 'ᾼ',
            'ῃ' => 'ῌ',
            'ῳ' => 'ῼ',
            _ => letter,
        },
    }
}

/// A letter at the start of a title: of two letters in one, only the first is a capital.
fn capital(letter: char) -> char {
    match letter {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        // Georgian has capitals for whole words only.
        'ა'..='ჺ' | 'ჽ'..='ჿ' => letter,
        _ => upper(letter),
    }
}

fn title(text: &str) -> String {
    let mut starts = true;
    text.chars()
        .map(|letter| {
            let shown = if starts { capital(letter) } else { letter };
            starts = if letter.is_ascii() {
                !(letter.is_ascii_alphanumeric() || letter == '_')
            } else {
                letter.is_whitespace()
            };
            shown
        })
        .collect()
}

fn split(args: &Args<'_>) -> Result<Value, FuncError> {
    let (separator, whole) = (args.text(0)?, args.text(1)?);
    let parts: Vec<&str> = if whole.is_empty() && separator.is_empty() {
        Vec::new()
    } else if separator.is_empty() {
        whole.split_inclusive(|_: char| true).collect()
    } else {
        whole.split(separator).collect()
    };
    args.spend_elements(parts.len())?;
    Ok(Value::list(
        Type::String,
        parts.into_iter().map(Value::string).collect(),
    ))
}

fn join(args: &Args<'_>) -> Result<Value, FuncError> {
    let separator = args.text(0)?;
    if args.all().len() < 2 {
        return Err(FuncError::new("at least one list is required"));
    }
    let mut joined = String::new();
    let mut first = true;
    for (at, list) in args.all().iter().enumerate().skip(1) {
        for (place, item) in list.children().enumerate() {
            let item = item.as_str().ok_or_else(|| {
                FuncError::argument(
                    at,
                    format!("element {place} is null; cannot concatenate null values"),
                )
            })?;
            args.spend_text(separator.len() + item.len())?;
            if !first {
                joined.push_str(separator);
            }
            first = false;
            joined.push_str(item);
        }
    }
    Ok(joined.into())
}

fn indent(args: &Args<'_>) -> Result<Value, FuncError> {
    let spaces = args.whole(0)?;
    if !(0..=INDENT).contains(&spaces) {
        return Err(FuncError::argument(
            0,
            format!("must be a number from 0 to {INDENT}"),
        ));
    }
    let text = args.text(1)?;
    let pad = usize::try_from(spaces).unwrap_or(0);
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    args.spend_text(text.len().saturating_add(pad.saturating_mul(lines)))?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(pad))).into())
}

fn substr(args: &Args<'_>) -> Result<Value, FuncError> {
    let text = args.text(0)?;
    let (offset, length) = (args.whole(1)?, args.whole(2)?);
    let offset = if offset < 0 {
        let count = i64::try_from(text.graphemes(true).count()).unwrap_or(i64::MAX);
        count.saturating_add(offset).max(0)
    } else {
        offset
    };
    let skipped = text
        .graphemes(true)
        .skip(usize::try_from(offset).unwrap_or(usize::MAX));
    let part: String = match usize::try_from(length) {
        Ok(length) => skipped.take(length).collect(),
        Err(_) => skipped.collect(),
    };
    Ok(part.into())
}
