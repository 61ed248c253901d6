//! Values for the root module's variables, from outside.

use std::collections::BTreeMap;

use crate::addr::Reference;
use crate::config::{Module, Variable};
use crate::diag::{Diagnostic, Diagnostics, FileId, Result, Sources, Span};
use crate::lang::expr::{Host, Scope, Step, evaluate};
use crate::lang::syntax::{parse_body, parse_expression, parse_json_arguments};
use crate::value::{Text, Type, Value};

/// What the caller gives, by variable name.
pub type Inputs = BTreeMap<Text, Input>;

/// A value for a variable, and where it came from.
#[derive(Clone, Debug)]
pub struct Input {
    pub given: Given,
    /// For messages: `the environment variable TF_VAR_region`.
    pub origin: String,
    /// Where in a variables file.
    pub span: Option<Span>,
}

/// Text is taken as it is for a variable of a primitive type or of no type, and as an expression otherwise.
#[derive(Clone, Debug)]
pub enum Given {
    Text(String),
    Value(Value),
}

impl Given {
    /// The value, by the variable's type.
    pub(super) fn value(&self, variable: &Variable, host: &dyn Host) -> std::result::Result<Value, String> {
        let text = match self {
            Self::Value(value) => return Ok(value.clone()),
            Self::Text(text) => text,
        };
        let plain = matches!(variable.ty.ty, Type::String | Type::Number | Type::Bool);
        if !variable.typed || plain {
            return Ok(Value::string(text));
        }
        // The text is no file, and may be a secret: nothing of it is shown.
        let parsed =
            parse_expression(FileId(u32::MAX), text).map_err(|_| "it is no valid expression".to_owned())?;
        evaluate(&parsed, &Nothing(host)).map_err(|errors| {
            let first = errors
                .iter()
                .next()
                .map_or_else(String::new, |error| error.summary.to_lowercase());
            format!("it cannot be evaluated: {first}")
        })
    }
}

/// What is given for a variable, if anything is. The error is a sentence without full stop.
pub fn given(
    inputs: &Inputs,
    variable: &Variable,
    host: &dyn Host,
) -> std::result::Result<Option<Value>, String> {
    let input = inputs.get(&variable.name);
    input
        .map(|input| {
            let value = input.given.value(variable, host);
            value.map_err(|why| format!("what {} says cannot be used: {why}", input.origin))
        })
        .transpose()
}

const NO_VARIABLES: &str = "Variables not allowed";

/// A scope without any name.
pub struct Nothing<'h>(pub &'h dyn Host);

impl Scope for Nothing<'_> {
    fn resolve(&self, _reference: &Reference, _rest: &[Step], at: Span) -> Result<(Value, usize)> {
        Err(Diagnostic::error(
            NO_VARIABLES,
            "Variables may not be used here: only constant values and function calls can stand here.",
        )
        .at(at)
        .into())
    }

    fn host(&self) -> &dyn Host {
        self.0
    }
}

/// Reads a variables file (`*.tfvars`, `*.json`): attributes only, no references; in JSON no templates either.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "names of variables files are exact"
)]
pub fn read_file(
    name: &str,
    text: &str,
    sources: &mut Sources,
    host: &dyn Host,
) -> Result<BTreeMap<Text, Input>> {
    let file = sources.add_secret(name, text);
    let parse = if name.ends_with(".json") {
        parse_json_arguments
    } else {
        parse_body
    };
    let body = parse(file, text)?;
    let mut problems = Diagnostics::new();
    for block in &body.blocks {
        problems.push(
            Diagnostic::error(
                "Unexpected block",
                format!(
                    "Blocks are not allowed in a variables file, and this one is of type \"{}\".",
                    block.kind
                ),
            )
            .at(block.header),
        );
    }
    let mut found = BTreeMap::new();
    for attribute in &body.attributes {
        let value = evaluate(&attribute.expr, &Nothing(host)).map_err(without_reasons);
        if let Some(value) = problems.take(value) {
            let input = Input {
                given: Given::Value(value),
                origin: name.to_owned(),
                span: Some(attribute.name_span),
            };
            found.insert(attribute.name.clone(), input);
        }
    }
    problems.or(found)
}

/// The same problems without what they may quote of a variables file: names of functions, arguments, elements.
fn without_reasons(problems: Diagnostics) -> Diagnostics {
    let told = problems.into_iter().map(|problem| {
        if problem.alone || problem.summary == NO_VARIABLES {
            return problem;
        }
        Diagnostic {
            detail: "The reason is hidden, because it may show what the file holds.".into(),
            values: Vec::new(),
            hints: vec!["keyform console tells the reason for an expression that is given to it.".into()],
            ..problem
        }
    });
    told.collect()
}

/// The errors of inputs that no variable of the module takes: wrong on the command line, a warning in a file.
pub fn undeclared(inputs: &Inputs, module: &Module) -> Diagnostics {
    let mut problems = Diagnostics::new();
    for (name, input) in inputs
        .iter()
        .filter(|(name, _)| !module.variables.contains_key(*name))
    {
        let guess = crate::diag::nearest(name, module.variables.keys().map(|key| &**key))
            .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
        problems.push(match input.span {
            None => Diagnostic::error(
                "Value for undeclared variable",
                format!("A variable named \"{name}\" was assigned in {}, but the root module does not declare a variable of that name.{guess}", input.origin),
            ),
            Some(span) => Diagnostic::warning(
                "Value for undeclared variable",
                format!("The root module does not declare a variable named \"{name}\" but a value was found in file \"{}\". If you meant to use this value, add a \"variable\" block to the configuration.{guess}", input.origin),
            )
            .at(span),
        });
    }
    problems
}
