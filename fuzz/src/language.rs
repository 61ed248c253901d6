//! The language: bodies, templates, JSON syntax, and what expressions are worth.

use std::path::Path;

use keyform::addr::{Reference, Subject};
use keyform::config::{Files, Origin, load};
use keyform::diag::{Diagnostics, FileId, Result, Sources, Span, Style, render};
use keyform::lang::expr::{Host, Scope, Step, evaluate};
use keyform::lang::syntax::format::format;
use keyform::lang::syntax::write::value_to_source;
use keyform::lang::syntax::{
    Reading, is_open, parse_body, parse_expression, parse_json_arguments, parse_json_body, parse_quoted,
    parse_template,
};
use keyform::schema::Catalog;
use keyform::value::json::{from_json, to_json};
use keyform::value::{Number, Type, Value};

/// A file of configuration: read, loaded as a module, formatted.
pub fn hcl(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    is_open(text);
    let mut sources = Sources::new();
    let file = sources.add("main.tf", text);
    let read = parse_body(file, text);
    if let Err(problems) = &read {
        show(problems, &sources);
    }
    if let Ok(once) = format(text) {
        let again = format(&once).expect("what was formatted can be formatted");
        assert_eq!(once, again, "formatting twice is formatting once");
        assert_eq!(
            read.is_ok(),
            parse_body(file, &once).is_ok(),
            "formatting changes nothing"
        );
    }
    load_module("main.tf", text);
}

/// A template, as it stands between quotes and in a file.
pub fn template(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let mut sources = Sources::new();
    let file = sources.add("template", text);
    let span = Span::new(file, 0, text.len());
    for read in [parse_template(file, text, span), parse_quoted(text, span)] {
        let worth = read.and_then(|expression| evaluate(&expression, &Names));
        match worth {
            Ok(value) => comes_back(&value),
            Err(problems) => show(&problems, &sources),
        }
    }
}

/// The JSON form of configuration: a body, a file of variables, a module.
pub fn json_syntax(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let mut sources = Sources::new();
    let file = sources.add("main.tf.json", text);
    if let Ok(mut body) = parse_json_arguments(file, text) {
        let mut problems = Diagnostics::new();
        body.decide_arguments(Reading::Templates, &mut problems);
        show(&problems, &sources);
    }
    match parse_json_body(file, text) {
        Ok(mut body) => {
            let mut problems = Diagnostics::new();
            for name in ["resource", "variable", "locals"] {
                for property in body.take_property(name) {
                    body.decide_blocks(property, &["type", "name"], &mut problems);
                }
            }
            show(&problems, &sources);
        }
        Err(problems) => show(&problems, &sources),
    }
    load_module("main.tf.json", text);
}

/// An expression: what it is worth is worth the same when it is written down and read again.
pub fn evaluator(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let mut sources = Sources::new();
    let file = sources.add("expression", text);
    let worth = parse_expression(file, text).and_then(|expression| evaluate(&expression, &Names));
    match worth {
        Ok(value) => comes_back(&value),
        Err(problems) => show(&problems, &sources),
    }
}

/// A value survives being written as a part of a state, and as source.
fn comes_back(value: &Value) {
    let (value, _) = value.unmark_deep();
    // What is infinite or too long is refused where something is recorded.
    if !value.is_wholly_known() || !value.is_writable() || value.is_deeper_than(100, &mut 1_000_000) {
        return;
    }
    if is_far(&value) {
        return;
    }
    let ty = value.ty();
    let json = to_json(&value, &ty);
    assert_eq!(
        from_json(&json, &ty).as_ref(),
        Ok(&value),
        "a value comes back from a state"
    );
    let source = value_to_source(&value);
    let file = FileId(0);
    let read = parse_expression(file, &source).and_then(|expression| evaluate(&expression, &Names));
    let read = read.unwrap_or_else(|_| panic!("a value comes back as source: {source}"));
    assert_eq!(value_to_source(&read), source, "a value comes back as source");
}

/// Whether there is a number in it of so many digits that its text, read as Terraform reads it, is the one beside it.
fn is_far(value: &Value) -> bool {
    let has_many = |number: &Number| number.to_string().len() > 1000;
    value.as_number().is_some_and(has_many) || value.children().any(is_far)
}

fn show(problems: &Diagnostics, sources: &Sources) {
    let text = render(problems, sources, Style::default());
    let wild = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(wild), "nothing speaks to the terminal: {text:?}");
}

fn load_module(name: &'static str, text: &str) {
    let mut sources = Sources::new();
    let files = Alone(name, text);
    let origin = Origin {
        dir: Path::new("."),
        index: Path::new("modules.json"),
        files: &files,
    };
    let (_, problems) = load(origin, Catalog::get(), None, &mut sources);
    show(&problems, &sources);
}

/// A module of one file; nothing is anywhere else.
struct Alone<'a>(&'static str, &'a str);

impl Files for Alone<'_> {
    fn list(&self, dir: &Path) -> std::result::Result<Vec<String>, String> {
        Ok(if dir == Path::new(".") {
            vec![self.0.into()]
        } else {
            Vec::new()
        })
    }

    fn read(&self, path: &Path) -> std::result::Result<String, String> {
        if path.file_name().is_some_and(|name| name == self.0) {
            Ok(self.1.into())
        } else {
            Err("there is no such file".into())
        }
    }
}

/// Some variables, of all kinds.
struct Names;

impl Scope for Names {
    fn resolve(&self, reference: &Reference, _rest: &[Step], at: Span) -> Result<(Value, usize)> {
        let Subject::Variable(name) = &reference.subject else {
            return Err(
                keyform::diag::Diagnostic::error("No such name", "There are variables only.")
                    .at(at)
                    .into(),
            );
        };
        let value = match &**name {
            "n" => Value::int(7),
            "s" => Value::string("text"),
            "l" => Value::list(Type::Number, vec![Value::int(1), Value::int(2)]),
            "o" => Value::object_of([("a", Value::int(1)), ("b", Value::string("x"))]),
            "u" => Value::unknown(Type::String),
            "z" => Value::null(Type::Dynamic),
            _ => Value::dynamic(),
        };
        Ok((value, 0))
    }

    fn host(&self) -> &dyn Host {
        self
    }
}

impl Host for Names {
    fn read_file(&self, path: &str) -> std::result::Result<Vec<u8>, String> {
        match path {
            "t" => Ok(b"%{ for x in l }${x}%{ endfor }".to_vec()),
            _ => Err("there are no files".into()),
        }
    }

    fn file_exists(&self, path: &str) -> std::result::Result<bool, String> {
        Ok(path == "t")
    }

    fn working_dir(&self) -> &Path {
        Path::new("/")
    }

    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }

    fn plan_time(&self) -> Option<jiff::Timestamp> {
        Some(jiff::Timestamp::UNIX_EPOCH)
    }
}
