//! Expressions one after the other, and the answers to them as text or as JSON.

use std::io::{self, BufRead as _, Read as _};
use std::process::ExitCode;

use serde_json::{Map, Value as Json, json};

use super::keyboard::{Keyboard, Typed};
use crate::cli::environment::Environment;
use crate::cli::ui::Ui;
use crate::diag::{self, Diagnostic, Diagnostics, Result, Span};
use crate::eval::Evaluator;
use crate::graph::check_names;
use crate::lang::expr::{Scope, evaluate};
use crate::lang::syntax::{Expr, ExprKind, is_open, parse_expression};
use crate::plan::json::{marked, unknown_or_false};
use crate::value::json::{to_plain_json, type_to_json};
use crate::value::{Data, Marks, Value, type_expression};

/// No expression is longer, in bytes.
const LONGEST: u64 = 16 << 20;

const HELP: &str = "\
The keyform console allows you to experiment with expressions. You may access
resources in the state (if you have one) just as you would from a
configuration. For example: \"terraform_data.foo.id\" would evaluate to the ID
of \"terraform_data.foo\" if it exists in your state.

Type in the expression to test and hit <enter> to see the result. Open brackets,
templates and heredocs go on in the next line; an empty line ends them.

To exit the console, type \"exit\" and hit <enter>, or use Control-D, or
Control-C twice.";

/// What answers expressions.
pub(super) struct Session {
    pub(super) evaluator: Evaluator,
    /// Answers are JSON.
    pub(super) json: bool,
}

/// What an expression comes to.
enum Answer {
    Value(Value),
    /// Of `type(...)`: it is shown without quotes.
    Type(String),
}

impl Session {
    /// Reads lines from a pipe: as text only the last result is printed, and the first error ends it.
    pub(super) fn batch(&self, ui: &mut Ui) -> Result<ExitCode> {
        let mut last = String::new();
        let mut text = String::new();
        let mut is_more = true;
        while is_more {
            is_more = read_line(&mut text)?;
            if is_more && is_open(&text) {
                continue;
            }
            let whole = std::mem::take(&mut text);
            match whole.trim() {
                "" if !is_more => {}
                "" => last.clear(),
                // Nothing was asked last.
                "exit" => return Ok(ExitCode::SUCCESS),
                "help" => HELP.clone_into(&mut last),
                whole if self.json => {
                    if !self.write_json(whole, ui) {
                        return Ok(ExitCode::FAILURE);
                    }
                }
                whole => last = self.answer(whole, ui)?.text(),
            }
        }
        if !self.json {
            ui.line(&last);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Answers one expression after the other.
    pub(super) fn converse(&self, ui: &mut Ui, environment: &Environment) -> Result<ExitCode> {
        let (mut keyboard, problems) = Keyboard::open(environment)?;
        ui.diagnostics(&problems);
        let mut was_cleared = false;
        loop {
            let typed = keyboard.read()?;
            let is_cleared = matches!(typed, Typed::Cleared);
            match typed {
                Typed::End => return Ok(ExitCode::SUCCESS),
                Typed::Cleared if was_cleared => return Ok(ExitCode::SUCCESS),
                Typed::Cleared => ui.talk("(Control-C again, Control-D or \"exit\" leaves)"),
                Typed::Cancelled => ui.talk("(multi-line entry canceled)"),
                Typed::Text(text) => match &*text {
                    "" => {}
                    "exit" | "quit" => return Ok(ExitCode::SUCCESS),
                    text => {
                        ui.diagnostics(&keyboard.remember(text));
                        self.respond(text, ui);
                        ui.flush();
                    }
                },
            }
            was_cleared = is_cleared;
        }
    }

    /// Shows what an expression comes to, or why it comes to nothing.
    fn respond(&self, text: &str, ui: &mut Ui) {
        if text == "help" {
            ui.talk(HELP);
        } else if self.json {
            self.write_json(text, ui);
        } else {
            match self.answer(text, ui) {
                Ok(answer) => ui.line(&answer.text()),
                Err(problems) => ui.diagnostics(&problems),
            }
        }
    }

    /// The same as a line of JSON. Whether there was an answer.
    fn write_json(&self, text: &str, ui: &mut Ui) -> bool {
        let answer = self.answer(text, ui);
        let line = match &answer {
            Ok(answer) => answer.json(),
            Err(problems) => {
                let problems = problems.iter();
                let problems = problems.map(|problem| diag::to_json(problem, &ui.sources));
                json!({ "diagnostics": problems.collect::<Vec<_>>() })
            }
        };
        ui.json(&line.to_string());
        answer.is_ok()
    }

    /// What one expression comes to.
    fn answer(&self, text: &str, ui: &mut Ui) -> Result<Answer> {
        let file = ui.sources.add("<console-input>", text);
        let expr = parse_expression(file, text)?;
        let graph = self.evaluator.graph();
        check_names(graph, graph.root(), &expr).or(())?;
        let root = self.evaluator.instances(graph.root());
        let scope = self.evaluator.scope(root[0]);
        if let Some((argument, span)) = type_call(&expr)? {
            let value = evaluate(argument, &scope).map_err(|errors| at(errors, span))?;
            return Ok(Answer::Type(type_expression(&value.ty())));
        }
        evaluate(&expr, &scope as &dyn Scope).map(Answer::Value)
    }
}

impl Answer {
    fn text(&self) -> String {
        match self {
            Self::Value(value) => value.to_string(),
            Self::Type(text) => text.clone(),
        }
    }

    /// `{"type": T, "value": V}`. What is hidden or not known is null; where that is stands beside it, as in plans.
    fn json(&self) -> Json {
        let value = match self {
            Self::Value(value) => value,
            Self::Type(text) => return json!({ "type": "string", "value": text }),
        };
        let parts = [
            ("type", type_to_json(&value.ty())),
            ("value", shown(value)),
            ("sensitive", marked(value, Marks::SENSITIVE)),
            ("ephemeral", marked(value, Marks::EPHEMERAL)),
            ("unknown", unknown_or_false(value)),
        ];
        let is_told = |(name, part): &(&str, Json)| matches!(*name, "type" | "value") || has_true(part);
        let parts = parts.into_iter().filter(is_told);
        Json::Object(
            parts
                .map(|(name, part)| (name.to_owned(), part))
                .collect::<Map<_, _>>(),
        )
    }
}

/// Whether anything in a structure of booleans is true.
fn has_true(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.iter().any(has_true),
        Json::Object(entries) => entries.values().any(has_true),
        other => *other == Json::Bool(true),
    }
}

/// A value as JSON without what is sensitive or ephemeral.
fn shown(value: &Value) -> Json {
    if !value.marks().is_empty() {
        return Json::Null;
    }
    match value.data() {
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => value.children().map(shown).collect(),
        Data::Map(_) | Data::Object(_) => {
            let entries = value.as_entries().into_iter().flatten();
            Json::Object(
                entries
                    .map(|(name, part)| (name.to_string(), shown(part)))
                    .collect(),
            )
        }
        _ => to_plain_json(value),
    }
}

/// Adds a line of the standard input to the text. Whether there was one.
fn read_line(text: &mut String) -> Result<bool> {
    let room = (LONGEST + 1).saturating_sub(text.len() as u64);
    let mut input = io::stdin().lock().take(room);
    let read = input.read_line(text);
    if text.len() as u64 > LONGEST {
        let detail = format!(
            "An expression of the standard input is longer than {LONGEST} bytes. Read large values from files, with file() and the like."
        );
        return Err(Diagnostic::error("Expression too long", detail).into());
    }
    let read = read.map_err(|error| {
        let detail = match error.kind() {
            io::ErrorKind::InvalidData => "The standard input is no valid Unicode text.".to_owned(),
            _ => format!("The standard input cannot be read: {error}."),
        };
        Diagnostic::error("Failed to read the standard input", detail)
    })?;
    Ok(read > 0)
}

fn at(errors: Diagnostics, span: Span) -> Diagnostics {
    let placed = |error: Diagnostic| {
        if error.span.is_some() {
            error
        } else {
            error.at(span)
        }
    };
    errors.into_iter().map(placed).collect()
}

/// The argument of `type(...)`, a function that only the console has.
fn type_call(expr: &Expr) -> Result<Option<(&Expr, Span)>> {
    let ExprKind::Call(call) = &expr.kind else {
        return Ok(None);
    };
    if &*call.name != "type" {
        return Ok(None);
    }
    if let [argument] = call.arguments.as_slice() {
        return Ok(Some((argument, expr.span)));
    }
    let detail = "The function \"type\" takes exactly one argument.";
    Err(Diagnostic::error("Wrong number of arguments", detail)
        .at(expr.span)
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[track_caller]
    fn check(value: Value, json: &Json) {
        assert_eq!(Answer::Value(value).json(), *json);
    }

    #[test]
    fn what_is_hidden_or_unknown_is_null_and_said_beside() {
        let secret = Value::from("hunter22").with_marks(Marks::SENSITIVE);
        check(
            secret.clone(),
            &json!({"type": "string", "value": null, "sensitive": true}),
        );
        check(
            Value::tuple(vec![Value::from(1), secret, Value::unknown(Type::Bool)]),
            &json!({
                "type": ["tuple", ["number", "string", "bool"]],
                "value": [1, null, null],
                "sensitive": [false, true, false],
                "unknown": [false, false, true],
            }),
        );
        check(
            Value::from("x").with_marks(Marks::EPHEMERAL),
            &json!({"type": "string", "value": null, "ephemeral": true}),
        );
        check(
            Value::list(Type::Bool, vec![]),
            &json!({"type": ["list", "bool"], "value": []}),
        );
    }
}
