//! `format` and `formatlist`.

use super::{Args, Func, FuncError, Kind, any, text};
use crate::lang::expr::mismatch_text;
use crate::value::{Data, Number, Refinement, Type, Value, convert, json};

/// The greatest width and precision.
const WIDTH: usize = 64 * 1024;

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "format",
        params: &[text("format")],
        variadic: Some(any("args").null().unknown()),
        returns: Kind::String,
        about: "Makes text of a pattern with verbs such as %s, and values.",
        examples: &[
            ("format(\"%s has %d keys\", \"app\", 3)", "\"app has 3 keys\""),
            ("format(\"%05.2f\", 3.14159)", "\"03.14\""),
        ],
        call: format,
    },
    Func {
        name: "formatlist",
        params: &[text("format")],
        variadic: Some(any("args").null().unknown()),
        returns: Kind::List(&Kind::String),
        about: "Makes a list of texts of a pattern and lists of values.",
        examples: &[(
            "jsonencode(formatlist(\"%s-%d\", [\"a\", \"b\"], [1, 2]))",
            "\"[\\\"a-1\\\",\\\"b-2\\\"]\"",
        )],
        call: formatlist,
    },
];

fn format(args: &Args<'_>) -> Result<Value, FuncError> {
    let [_, values @ ..] = args.all() else {
        return Err(FuncError::new("an argument is missing"));
    };
    // Null arguments that a verb can show are shown; unknown ones leave the whole text open.
    if values.iter().any(|value| !value.is_wholly_known()) {
        // The text up to the first verb stays as it is.
        let start = args.text(0)?.split('%').next().unwrap_or_default();
        return Ok(Value::unknown_refined(
            Type::String,
            Refinement {
                not_null: true,
                prefix: (!start.is_empty()).then(|| start.into()),
                ..Refinement::default()
            },
        ));
    }
    expand(args, args.text(0)?, values).map(Value::from)
}

fn formatlist(args: &Args<'_>) -> Result<Value, FuncError> {
    let [_, values @ ..] = args.all() else {
        return Err(FuncError::new("an argument is missing"));
    };
    let mut length = None;
    for (at, value) in values.iter().enumerate() {
        if let Some(items) = value.as_items() {
            match length {
                Some((first, expected)) if expected != items.len() => {
                    return Err(FuncError::argument(
                        at + 1,
                        format!(
                            "argument {} has length {}, which is inconsistent with argument {first} of length {expected}",
                            at + 1,
                            items.len()
                        ),
                    ));
                }
                Some(_) => {}
                None => length = Some((at + 1, items.len())),
            }
        }
        let may_be_list = !value.ty().is_primitive();
        // How many elements a set has is open while some of them are not known.
        let may_shrink = matches!(value.data(), Data::Set(_)) && !value.is_wholly_known();
        if may_shrink || (!value.is_known() && may_be_list) {
            return Ok(Value::unknown(Type::list(Type::String)));
        }
    }
    let rows = length.map_or(1, |(_, length)| length);
    args.spend_elements(rows)?;
    let mut made = Vec::new();
    for row in 0..rows {
        let row: Vec<Value> = values
            .iter()
            .map(|value| {
                value
                    .as_items()
                    .and_then(|items| items.get(row))
                    .unwrap_or(value)
                    .clone()
            })
            .collect();
        made.push(if row.iter().all(Value::is_wholly_known) {
            Value::from(expand(args, args.text(0)?, &row)?)
        } else {
            Value::unknown(Type::String)
        });
    }
    Ok(Value::list(Type::String, made))
}

/// A verb with its flags.
#[allow(clippy::struct_excessive_bools)] // Go's flags, each on or off
#[derive(Default)]
struct Verb {
    letter: char,
    /// As written, for messages.
    written: String,
    at: usize,
    plus: bool,
    minus: bool,
    zero: bool,
    space: bool,
    sharp: bool,
    width: Option<usize>,
    precision: Option<usize>,
    /// The argument asked for, from 1.
    argument: Option<usize>,
}

fn expand(args: &Args<'_>, pattern: &str, values: &[Value]) -> Result<String, FuncError> {
    let mut made = String::new();
    let mut next = 0;
    let mut most = 0;
    let mut rest = pattern;
    while let Some(place) = rest.find('%') {
        args.spend_text(place)?;
        made.push_str(&rest[..place]);
        let at = pattern.len() - rest.len() + place;
        let (verb, used) = parse(&rest[place..], at)?;
        rest = &rest[place + used..];
        if verb.letter == '%' && verb.written == "%%" {
            made.push('%');
            continue;
        }
        let wanted = match verb.argument {
            Some(argument) => argument - 1,
            None => next,
        };
        next = wanted + 1;
        most = most.max(next);
        let value = values.get(wanted).ok_or_else(|| {
            FuncError::new(format!(
                "not enough arguments for \"{}\" at {at}: need index {next} but have {} total",
                verb.written,
                values.len()
            ))
        })?;
        let text = verb.show(value)?;
        args.spend_text(text.len())?;
        made.push_str(&text);
    }
    made.push_str(rest);
    if most < values.len() {
        return Err(FuncError::argument(
            most + 1,
            if most == 0 {
                "too many arguments; no verbs in format string".to_owned()
            } else {
                format!("too many arguments; only {most} used by format string")
            },
        ));
    }
    Ok(made)
}

fn parse(text: &str, at: usize) -> Result<(Verb, usize), FuncError> {
    let bytes = text.as_bytes();
    let mut verb = Verb {
        at,
        ..Verb::default()
    };
    let mut place = 1;
    loop {
        match bytes.get(place) {
            Some(b'+') => verb.plus = true,
            Some(b'-') => verb.minus = true,
            Some(b'0') => verb.zero = true,
            Some(b' ') => verb.space = true,
            Some(b'#') => verb.sharp = true,
            _ => break,
        }
        place += 1;
    }
    verb.width = digits(bytes, &mut place)?;
    if bytes.get(place) == Some(&b'.') {
        place += 1;
        verb.precision = Some(digits(bytes, &mut place)?.unwrap_or(0));
    }
    if bytes.get(place) == Some(&b'[') {
        place += 1;
        verb.argument = digits(bytes, &mut place)?.filter(|argument| *argument > 0);
        if bytes.get(place) != Some(&b']') || verb.argument.is_none() {
            return Err(FuncError::argument(
                0,
                format!("unrecognized format character '[' at offset {at}"),
            ));
        }
        place += 1;
    }
    let Some(letter) = text[place.min(text.len())..].chars().next() else {
        return Err(FuncError::argument(
            0,
            "unterminated verb at end of format string",
        ));
    };
    place += letter.len_utf8();
    verb.letter = letter;
    text[..place].clone_into(&mut verb.written);
    Ok((verb, place))
}

fn digits(bytes: &[u8], place: &mut usize) -> Result<Option<usize>, FuncError> {
    let start = *place;
    let mut number = 0usize;
    while let Some(digit) = bytes.get(*place).filter(|byte| byte.is_ascii_digit()) {
        number = number * 10 + usize::from(digit - b'0');
        if number > WIDTH {
            return Err(FuncError::argument(
                0,
                format!("width and precision may be at most {WIDTH}"),
            ));
        }
        *place += 1;
    }
    Ok((*place > start).then_some(number))
}

impl Verb {
    fn unsupported(&self, why: &str) -> FuncError {
        FuncError::new(format!(
            "unsupported value for \"{}\" at {}: {why}",
            self.written, self.at
        ))
    }

    fn show(&self, value: &Value) -> Result<String, FuncError> {
        let text = match self.letter {
            'v' => return Ok(self.show_any(value)),
            // Written as it is, whatever the width.
            't' => {
                let truth = self.to(value, &Type::Bool)?.as_bool().unwrap_or(false);
                return Ok(truth.to_string());
            }
            's' | 'q' => {
                let value = self.to(value, &Type::String)?;
                self.show_text(value.as_str().unwrap_or_default())
            }
            'd' | 'b' | 'o' | 'x' | 'X' => return self.show_whole(value),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => return self.show_float(value),
            letter => {
                return Err(FuncError::new(format!(
                    "unsupported format verb '{letter}' in \"{}\" at offset {}",
                    self.written, self.at
                )));
            }
        };
        Ok(self.pad(text, false))
    }

    fn to(&self, value: &Value, ty: &Type) -> Result<Value, FuncError> {
        if value.is_null() {
            return Err(self.unsupported("null value cannot be formatted"));
        }
        convert::convert(value, ty).map_err(|why| self.unsupported(&mismatch_text(&why)))
    }

    fn show_any(&self, value: &Value) -> String {
        if self.sharp {
            return self.pad(json::to_go_text(&json::to_plain_json(value)), false);
        }
        match value.data() {
            Data::Null(_) => self.pad("null".into(), false),
            Data::String(text) => self.pad(text.to_string(), false),
            Data::Bool(value) => self.pad(value.to_string(), false),
            Data::Number(number) => self.pad(number.to_general_text(None), false),
            _ => self.pad(json::to_go_text(&json::to_plain_json(value)), false),
        }
    }

    fn cut(&self, text: &str) -> String {
        use unicode_segmentation::UnicodeSegmentation as _;
        match self.precision {
            Some(precision) if precision > 0 => text.graphemes(true).take(precision).collect(),
            _ => text.to_owned(),
        }
    }

    fn show_text(&self, text: &str) -> String {
        let text = self.cut(text);
        if self.letter == 'q' {
            json::to_go_text(&serde_json::Value::String(text))
        } else {
            text
        }
    }

    fn show_whole(&self, value: &Value) -> Result<String, FuncError> {
        let value = self.to(value, &Type::Number)?;
        let number = value.as_number().cloned().unwrap_or_else(|| Number::from(0i64));
        if !number.is_integer() {
            return Err(self.unsupported("an integer is required"));
        }
        let negative = number.is_negative();
        let text = match self.letter {
            'd' => number.to_fixed_text(0),
            letter => {
                let digits = in_base(&number, letter);
                let prefix = match letter {
                    'x' if self.sharp => "0x",
                    'X' if self.sharp => "0X",
                    'o' if self.sharp => "0",
                    'b' if self.sharp => "0b",
                    _ => "",
                };
                format!("{}{prefix}{digits}", if negative { "-" } else { "" })
            }
        };
        let sign = text.len() - text.trim_start_matches('-').len();
        let zeros = "0".repeat(self.precision.unwrap_or(0).saturating_sub(text.len() - sign));
        let text = self.signed(format!("{}{zeros}{}", &text[..sign], &text[sign..]));
        Ok(self.pad(text, true))
    }

    fn show_float(&self, value: &Value) -> Result<String, FuncError> {
        let value = self.to(value, &Type::Number)?;
        let number = value.as_number().unwrap_or(&Number::ZERO);
        let text = match self.letter {
            'f' | 'F' => number.to_fixed_text(self.precision.unwrap_or(6)),
            'e' | 'E' => number.to_scientific_text(self.precision.unwrap_or(6)),
            _ => number.to_general_text(self.precision),
        };
        let text = if self.letter.is_ascii_uppercase() {
            text.to_uppercase()
        } else {
            text
        };
        let text = self.signed(text);
        Ok(self.pad(text, true))
    }

    fn signed(&self, text: String) -> String {
        match text.as_bytes().first() {
            Some(b'-' | b'+') => text,
            _ if self.plus => format!("+{text}"),
            _ if self.space => format!(" {text}"),
            _ => text,
        }
    }

    fn pad(&self, text: String, number: bool) -> String {
        use unicode_segmentation::UnicodeSegmentation as _;
        let Some(width) = self.width else { return text };
        let missing = width.saturating_sub(text.graphemes(true).take(width).count());
        if missing == 0 {
            return text;
        }
        if self.minus {
            return text + &" ".repeat(missing);
        }
        if !self.zero {
            return " ".repeat(missing) + &text;
        }
        let sign = if number {
            text.len() - text.trim_start_matches(['-', '+', ' ']).len()
        } else {
            0
        };
        format!("{}{}{}", &text[..sign], "0".repeat(missing), &text[sign..])
    }
}

/// The digits of a whole number without sign.
fn in_base(number: &Number, letter: char) -> String {
    let base = match letter {
        'b' => 2i64,
        'o' => 8,
        _ => 16,
    };
    let base_number = Number::from(base);
    let zero = Number::from(0i64);
    let mut left = if number.is_negative() {
        number.neg()
    } else {
        number.clone()
    };
    let mut digits = Vec::new();
    while left > zero {
        let digit = left
            .rem(&base_number)
            .and_then(|digit| digit.as_i64())
            .unwrap_or(0);
        digits.push(char::from_digit(u32::try_from(digit).unwrap_or(0), 16).unwrap_or('0'));
        left = left
            .div(&base_number)
            .map_or_else(|| zero.clone(), |quotient| quotient.floor());
    }
    if digits.is_empty() {
        digits.push('0');
    }
    let text: String = digits.into_iter().rev().collect();
    if letter == 'X' { text.to_uppercase() } else { text }
}
