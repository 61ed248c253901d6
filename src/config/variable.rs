//! Variables, locals, outputs, and the conditions that are checked on the way.

use std::path::Path;

use crate::addr::{Reference, ResourceName, Subject, Text};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::lang::expr::{Host, Scope, Step};
use crate::lang::syntax::{Block, Expr, Reading};
use crate::lang::types;
use crate::value::{Constraint, Defaults, Type, Value};

use super::reader::{Reader, labels};
use super::resource::{Resource, dependencies, scoped_data};

/// `variable "name" {}`
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: Text,
    pub ty: Constraint,
    /// Whether a `type` was written: text from outside is an expression unless the type is string or missing.
    pub typed: bool,
    pub default: Option<Expr>,
    pub description: Option<Text>,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub nullable: bool,
    pub validations: Vec<Condition>,
    pub span: Span,
}

/// One entry of a `locals` block.
#[derive(Clone, Debug)]
pub struct Local {
    pub expr: Expr,
    pub span: Span,
}

/// `output "name" {}`
#[derive(Clone, Debug)]
pub struct Output {
    pub value: Expr,
    pub description: Option<Text>,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub depends_on: Vec<Expr>,
    pub preconditions: Vec<Condition>,
    pub span: Span,
}

/// A condition with its message: validations, pre- and postconditions, assertions.
#[derive(Clone, Debug)]
pub struct Condition {
    pub condition: Expr,
    pub error_message: Expr,
    pub span: Span,
}

/// `check "name" {}`
#[derive(Clone, Debug)]
pub struct Check {
    /// The data source that only its own assertions may refer to.
    pub data: Option<ResourceName>,
    pub assertions: Vec<Condition>,
    pub span: Span,
}

/// A scope in which only constants stand: a type and its defaults are read before anything else is known.
struct Constants;

impl Scope for Constants {
    fn resolve(
        &self,
        _reference: &Reference,
        _rest: &[Step],
        at: Span,
    ) -> crate::diag::Result<(Value, usize)> {
        let detail = "Only constant values may stand here: a type is read before anything is evaluated.";
        Err(Diagnostic::error("Variables not allowed", detail).at(at).into())
    }

    fn host(&self) -> &dyn Host {
        self
    }
}

impl Host for Constants {
    fn read_file(&self, _path: &str) -> Result<Vec<u8>, String> {
        Err("files cannot be read here".into())
    }

    fn file_exists(&self, _path: &str) -> Result<bool, String> {
        Err("files cannot be read here".into())
    }

    fn working_dir(&self) -> &Path {
        Path::new(".")
    }

    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }

    fn plan_time(&self) -> Option<jiff::Timestamp> {
        None
    }
}

pub(super) fn variable(block: Block, problems: &mut Diagnostics) -> Option<Variable> {
    let [name] = labels(&block, ["name"], problems)?;
    reserved(&name, block.header, problems);
    let span = block.header;
    let mut reader = Reader::new(block.body, span, problems);
    let typed = reader.take_names("type");
    let ty = typed
        .as_ref()
        .and_then(|expr| reader.problems.take(types::constraint(expr, &Constants)));
    let variable = Variable {
        name,
        ty: ty.unwrap_or(Constraint {
            ty: Type::Dynamic,
            defaults: Defaults::default(),
        }),
        typed: typed.is_some(),
        default: reader
            .take_as("default", Reading::Plain)
            .map(|attribute| attribute.expr),
        description: reader.take_string("description").map(|(text, _)| text),
        sensitive: reader.take_bool("sensitive").unwrap_or(false),
        ephemeral: reader.take_bool("ephemeral").unwrap_or(false),
        nullable: reader.take_bool("nullable").unwrap_or(true),
        validations: conditions(&mut reader, "validation"),
        span,
    };
    reader.finish();
    for validation in &variable.validations {
        check_subject(&variable.name, &validation.condition, problems);
    }
    Some(variable)
}

/// A validation looks at its own variable.
fn check_subject(name: &Text, condition: &Expr, problems: &mut Diagnostics) {
    let own = Subject::Variable(name.clone());
    if !condition
        .references()
        .iter()
        .any(|(reference, _)| reference.subject == own)
    {
        problems.push(
            Diagnostic::error(
                "Invalid variable validation condition",
                format!("The condition for variable \"{name}\" must refer to var.{name} in order to test incoming values."),
            )
            .at(condition.span),
        );
    }
}

fn reserved(name: &str, span: Span, problems: &mut Diagnostics) {
    const RESERVED: [&str; 8] = [
        "source",
        "version",
        "providers",
        "count",
        "for_each",
        "lifecycle",
        "depends_on",
        "locals",
    ];
    if RESERVED.contains(&name) {
        problems.push(
            Diagnostic::error(
                "Invalid variable name",
                format!("The variable name \"{name}\" is reserved due to its special meaning inside module blocks."),
            )
            .at(span),
        );
    }
}

pub(super) fn output(block: Block, problems: &mut Diagnostics) -> Option<(Text, Output)> {
    let [name] = labels(&block, ["name"], problems)?;
    let span = block.header;
    let mut reader = Reader::new(block.body, span, problems);
    let value = reader.require("value");
    let description = reader.take_string("description").map(|(text, _)| text);
    let sensitive = reader.take_bool("sensitive").unwrap_or(false);
    let ephemeral = reader.take_bool("ephemeral").unwrap_or(false);
    let depends_on = reader
        .take_names("depends_on")
        .map_or_else(Vec::new, |expr| dependencies(expr, reader.problems));
    let preconditions = conditions(&mut reader, "precondition");
    reader.finish();
    Some((
        name,
        Output {
            value: value?,
            description,
            sensitive,
            ephemeral,
            depends_on,
            preconditions,
            span,
        },
    ))
}

/// A check, and the data source inside it.
pub(super) fn check(block: Block, problems: &mut Diagnostics) -> Option<(Text, Check, Option<Resource>)> {
    let [name] = labels(&block, ["name"], problems)?;
    let span = block.header;
    let mut reader = Reader::new(block.body, span, problems);
    let assertions = conditions(&mut reader, "assert");
    let mut blocks = reader.take_blocks("data").into_iter();
    let data = blocks
        .next()
        .and_then(|block| scoped_data(block, &name, reader.problems));
    for surplus in blocks {
        reader.problems.push(
            Diagnostic::error(
                "Multiple data resource blocks",
                "This check block already has a data resource defined: it may have one.",
            )
            .at(surplus.header),
        );
    }
    if assertions.is_empty() {
        reader.problems.push(
            Diagnostic::error(
                "Zero assert blocks",
                "Check blocks must have at least one assert block.",
            )
            .at(span),
        );
    }
    reader.finish();
    let check = Check {
        data: data.as_ref().map(|data| data.name.clone()),
        assertions,
        span,
    };
    Some((name, check, data))
}

/// All condition blocks of a kind.
pub(super) fn conditions(reader: &mut Reader<'_>, kind: &'static str) -> Vec<Condition> {
    let blocks = reader.take_blocks(kind);
    blocks
        .into_iter()
        .filter_map(|block| condition(block, kind, reader.problems))
        .collect()
}

fn condition(block: Block, kind: &str, problems: &mut Diagnostics) -> Option<Condition> {
    let span = block.header;
    let mut reader = Reader::new(block.body, span, problems);
    let condition = reader.require("condition");
    let error_message = reader.require("error_message");
    reader.finish();
    if let Some(condition) = condition
        .as_ref()
        .filter(|condition| !mentions_anything(condition))
    {
        problems.push(
            Diagnostic::error(
                format!("Invalid {kind} expression"),
                "The condition expression must refer to at least one object from elsewhere in the configuration, or else its result would not be checking anything.",
            )
            .at(condition.span),
        );
    }
    Some(Condition {
        condition: condition?,
        error_message: error_message?,
        span,
    })
}

fn mentions_anything(expr: &Expr) -> bool {
    let mut found = false;
    expr.visit_traversals(&mut Vec::new(), &mut |_, _| found = true);
    found
}
