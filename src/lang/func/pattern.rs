//! Regular expressions, and replacing.

use regex::{Captures, Regex, RegexBuilder};

use super::{Args, Func, FuncError, Kind, LIST_OF_ANY, text};
use crate::value::{Type, Value};

/// The longest pattern.
const PATTERN: usize = 64 * 1024;
/// What a compiled pattern may take.
const COMPILED: usize = 1024 * 1024;
/// What a place costs beside the text that is put there.
const PLACE: usize = 32;

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "regex",
        params: &[text("pattern"), text("string")],
        variadic: None,
        returns: Kind::Any,
        about: "The first part of a text that matches a pattern.",
        examples: &[
            ("regex(\"[0-9]+\", \"key-17\")", "\"17\""),
            (
                "jsonencode(regex(\"^(?P<name>[a-z]+)-(?P<number>[0-9]+)$\", \"key-17\"))",
                "\"{\\\"name\\\":\\\"key\\\",\\\"number\\\":\\\"17\\\"}\"",
            ),
        ],
        call: |args| {
            let pattern = paid(args, args.text(0)?, 0)?;
            let shape = Shape::of(&pattern)?;
            let found = pattern
                .captures(args.text(1)?)
                .ok_or_else(|| FuncError::new("pattern did not match any part of the given string"))?;
            Ok(shape.value(&found))
        },
    },
    Func {
        name: "regexall",
        params: &[text("pattern"), text("string")],
        variadic: None,
        returns: LIST_OF_ANY,
        about: "All parts of a text that match a pattern.",
        examples: &[(
            "jsonencode(regexall(\"[0-9]+\", \"a1 b22\"))",
            "\"[\\\"1\\\",\\\"22\\\"]\"",
        )],
        call: regexall,
    },
    Func {
        name: "replace",
        params: &[text("str"), text("substr"), text("replace")],
        variadic: None,
        returns: Kind::String,
        about: "Replaces a text, or between slashes a pattern, by another.",
        examples: &[
            ("replace(\"a-b-c\", \"-\", \".\")", "\"a.b.c\""),
            ("replace(\"key-17\", \"/[0-9]+/\", \"n\")", "\"key-n\""),
        ],
        call: replace,
    },
];

/// Whether a text is a regular expression that the functions take. The error is a sentence without full stop.
pub fn check(pattern: &str) -> Result<(), String> {
    compile(pattern, 0).map(drop).map_err(|why| why.message)
}

fn compile(pattern: &str, argument: usize) -> Result<Regex, FuncError> {
    if pattern.len() > PATTERN {
        return Err(FuncError::argument(
            argument,
            format!("the pattern is longer than {PATTERN} bytes"),
        ));
    }
    let invalid =
        |said: &str| FuncError::argument(argument, format!("invalid regexp pattern: {said} in {pattern}"));
    let translated = super::re2::translate(pattern).map_err(|why| invalid(&why))?;
    RegexBuilder::new(&translated)
        .size_limit(COMPILED)
        .nest_limit(200)
        .build()
        .map_err(|why| {
            let said = match &why {
                regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
                why => {
                    let text = why.to_string();
                    text.lines()
                        .last()
                        .unwrap_or_default()
                        .trim()
                        .trim_start_matches("error: ")
                        .to_owned()
                }
            };
            invalid(&said)
        })
}

/// What a match becomes.
enum Shape {
    Whole,
    Numbered(usize),
    Named(Vec<String>),
}

impl Shape {
    fn of(pattern: &Regex) -> Result<Self, FuncError> {
        let groups: Vec<Option<&str>> = pattern.capture_names().skip(1).collect();
        let named: Vec<String> = groups.iter().flatten().map(|name| (*name).to_owned()).collect();
        match (groups.len(), named.len()) {
            (0, _) => Ok(Self::Whole),
            (count, 0) => Ok(Self::Numbered(count)),
            (count, with_name) if count == with_name => Ok(Self::Named(named)),
            _ => Err(FuncError::argument(
                0,
                "invalid regexp pattern: cannot mix both named and unnamed capture groups",
            )),
        }
    }

    fn ty(&self) -> Type {
        match self {
            Self::Whole => Type::String,
            Self::Numbered(count) => Type::tuple(vec![Type::String; *count]),
            Self::Named(names) => Type::object(
                names
                    .iter()
                    .map(|name| (name.as_str().into(), Type::String))
                    .collect(),
            ),
        }
    }

    fn value(&self, found: &Captures<'_>) -> Value {
        let text = |part: Option<regex::Match<'_>>| {
            part.map_or_else(|| Value::null(Type::String), |part| Value::string(part.as_str()))
        };
        match self {
            Self::Whole => text(found.get(0)),
            Self::Numbered(count) => Value::tuple((1..=*count).map(|group| text(found.get(group))).collect()),
            Self::Named(names) => {
                Value::object_of(names.iter().map(|name| (name.as_str(), text(found.name(name)))))
            }
        }
    }
}

fn regexall(args: &Args<'_>) -> Result<Value, FuncError> {
    let pattern = paid(args, args.text(0)?, 0)?;
    let shape = Shape::of(&pattern)?;
    let mut found = Vec::new();
    each_match(args, &pattern, args.text(1)?, |part| {
        args.spend_elements(part.len())?;
        found.push(shape.value(part));
        Ok(())
    })?;
    Ok(Value::list(shape.ty(), found))
}

fn replace(args: &Args<'_>) -> Result<Value, FuncError> {
    let (whole, wanted, by) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let inner = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let Some(inner) = inner else {
        let more = whole.matches(wanted).count().saturating_mul(by.len() + PLACE);
        args.spend_text(whole.len().saturating_add(more))?;
        return Ok(whole.replace(wanted, by).into());
    };
    let pattern = paid(args, inner, 1)?;
    args.spend_text(whole.len())?;
    let (mut made, mut done) = (String::new(), 0);
    let mut replaced = String::new();
    each_match(args, &pattern, whole, |found| {
        let place = found.get_match().range();
        replaced.clear();
        found.expand(by, &mut replaced);
        args.spend_text(replaced.len())?;
        made.push_str(&whole[done..place.start]);
        made.push_str(&replaced);
        done = place.end;
        Ok(())
    })?;
    made.push_str(&whole[done..]);
    Ok(made.into())
}

/// Shows every match. Each is paid with the text up to it, and with as much behind it as may have been searched for a longer
/// one: the whole rest, unless the pattern has an end.
fn each_match<'t>(
    args: &Args<'_>,
    pattern: &Regex,
    text: &'t str,
    mut show: impl FnMut(&Captures<'t>) -> Result<(), FuncError>,
) -> Result<(), FuncError> {
    let mut from = 0;
    let mut all = pattern.captures_iter(text);
    let reach = reach(pattern.as_str());
    args.spend_work(text.len())?;
    loop {
        args.spend_work(reach.min(text.len() - from))?;
        let Some(found) = all.next() else { return Ok(()) };
        let place = found.get_match().range();
        // Where the groups stand is found in a second, slower pass.
        args.spend_work(place.len().saturating_mul(found.len()))?;
        show(&found)?;
        from = place.end;
    }
}

/// A pattern that is compiled for an evaluation.
fn paid(args: &Args<'_>, pattern: &str, argument: usize) -> Result<Regex, FuncError> {
    args.spend_work(price(pattern))?;
    compile(pattern, argument)
}

/// How many copies of a part of a pattern its repetitions may stand for.
fn copies(pattern: &str) -> usize {
    pattern.split('{').skip(1).fold(1, |copies: usize, repeated| {
        let inside = repeated.split('}').next().unwrap_or_default();
        let times = inside.split(',').filter_map(|digits| digits.parse().ok());
        copies.saturating_mul(times.max().unwrap_or(1).max(1))
    })
}

/// More letters than the matches of a pattern have.
fn reach(pattern: &str) -> usize {
    let is_endless = pattern.contains(['*', '+']) || pattern.contains(",}");
    if is_endless {
        return usize::MAX;
    }
    pattern.len().saturating_mul(copies(pattern)).saturating_mul(4)
}

/// What compiling costs, in bytes read: repetitions stand for as many copies, and classes of letters for tables.
fn price(pattern: &str) -> usize {
    let copies = copies(pattern).min(1_000);
    let classes = pattern.matches("\\p").count() + pattern.matches("\\P").count();
    let parts = pattern.len().saturating_mul(20).saturating_mul(copies);
    2_000 + parts.saturating_add(classes * 20_000).min(10_000_000)
}
