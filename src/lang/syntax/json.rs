//! The JSON form of the language: a text to values with places, and from there to expressions and blocks.
//!
//! A property may be an argument or stand for nested blocks; only who knows what may stand there can tell. So a body
//! keeps its properties undecided until it is asked for the one or the other ([`Body::take_property`],
//! [`Property::into_attribute`], [`Property::into_blocks`]).

mod scan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::parse::{Parser, Places, Reported, normal};
use super::scan as tokens;
use super::tree::{Attribute, Block, Body, Expr, ExprKind, Label, ObjectItem};
use crate::diag::{Diagnostic, Diagnostics, FileId, Result, Span};
use crate::value::{Text, Value};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Json {
    kind: JsonKind,
    span: Span,
}

#[derive(Clone, Debug)]
enum JsonKind {
    Null,
    Bool(bool),
    Number(Value),
    String(JsonText),
    Array(Vec<Json>),
    Object(Vec<Property>),
}

/// A string, its escapes processed.
#[derive(Clone, Debug)]
struct JsonText {
    text: Text,
    /// Quotes included.
    span: Span,
    /// Where each escape ends: in the text, and in the source after the opening quote.
    escapes: Arc<[(u32, u32)]>,
}

/// `"name": value`
#[derive(Clone, Debug)]
pub struct Property {
    name: JsonText,
    value: Json,
}

/// How the strings of a value are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As templates: what is evaluated.
    Templates,
    /// As they stand: what is needed before anything is evaluated.
    Plain,
    /// As expressions of the native form: references, names and types. What is none is left as it stands.
    Names,
}

/// Reads a file in JSON. All properties of its body are undecided.
pub fn parse_json_body(file: FileId, text: &str) -> Result<Body> {
    let value = scan::scan(file, text).map_err(|error| Diagnostics::from(*error))?;
    let span = value.span;
    value.into_body().ok_or_else(|| {
        Diagnostic::error(
            "Root value must be object",
            "The root value in a JSON-based configuration must be either a JSON object or a JSON array of objects.",
        )
        .at(span)
        .into()
    })
}

/// Reads a file in JSON that holds nothing but arguments, which are read as they stand.
pub fn parse_json_arguments(file: FileId, text: &str) -> Result<Body> {
    let value = scan::scan(file, text).map_err(|error| Diagnostics::from(*error))?;
    let span = value.span;
    let Some(mut body) = value.into_body().filter(|_| text.trim_start().starts_with('{')) else {
        let detail = "A JSON object is required here, whose properties are the arguments.";
        return Err(Diagnostic::error("Root value must be object", detail)
            .at(span)
            .into());
    };
    let mut problems = Diagnostics::new();
    body.decide_arguments(Reading::Plain, &mut problems);
    problems.or(body)
}

impl Body {
    /// The undecided properties of a name, which are taken out.
    pub fn take_property(&mut self, name: &str) -> Vec<Property> {
        if self.undecided.is_empty() {
            return Vec::new();
        }
        let (taken, left) = std::mem::take(&mut self.undecided)
            .into_iter()
            .partition(|property| **property.name() == *name);
        self.undecided = left;
        taken
    }

    /// Decides that every undecided property is an argument.
    pub fn decide_arguments(&mut self, reading: Reading, problems: &mut Diagnostics) {
        for property in std::mem::take(&mut self.undecided) {
            self.decide_argument(property, reading, problems);
        }
    }

    /// Adds the blocks that a property stands for.
    pub fn decide_blocks(&mut self, property: Property, labels: &[&str], problems: &mut Diagnostics) {
        let (blocks, wrong) = property.into_blocks(labels);
        self.blocks.extend(blocks);
        problems.extend(wrong);
    }

    /// Adds a property as an argument, unless it is one already.
    pub fn decide_argument(&mut self, property: Property, reading: Reading, problems: &mut Diagnostics) {
        if let Some(first) = self.attribute(property.name()) {
            problems.push(
                Diagnostic::error(
                    "Duplicate argument",
                    format!(
                        "The argument \"{}\" was already set. Each argument may be set only once.",
                        first.name
                    ),
                )
                .at(property.name.span)
                .label(first.name_span, "first one here"),
            );
            return;
        }
        self.attributes
            .extend(problems.take(property.into_attribute(reading)));
    }

    /// Whether nothing in it is undecided, at any depth.
    pub fn is_decided(&self) -> bool {
        self.undecided.is_empty() && self.blocks.iter().all(|block| block.body.is_decided())
    }
}

impl Property {
    pub fn name(&self) -> &Text {
        &self.name.text
    }

    pub fn name_span(&self) -> Span {
        self.name.span
    }

    /// The property as an argument.
    pub fn into_attribute(self, reading: Reading) -> Result<Attribute> {
        let span = self.name.span.to(self.value.span);
        Ok(Attribute {
            expr: self.value.expression(reading, 1)?,
            name: normal(&self.name.text),
            name_span: self.name.span,
            span,
        })
    }

    /// The blocks that the property stands for, beside what is wrong. Each label is a level of objects.
    pub fn into_blocks(self, labels: &[&str]) -> (Vec<Block>, Diagnostics) {
        let mut unpacked = Unpacked {
            kind: self.name,
            labels,
            blocks: Vec::new(),
            problems: Diagnostics::new(),
        };
        unpacked.add(self.value, &mut Vec::new());
        (unpacked.blocks, unpacked.problems)
    }
}

/// The blocks that are being made of one property.
struct Unpacked<'l> {
    kind: JsonText,
    labels: &'l [&'l str],
    blocks: Vec<Block>,
    problems: Diagnostics,
}

impl Unpacked<'_> {
    fn add(&mut self, value: Json, above: &mut Vec<Label>) {
        match self.labels.get(above.len()) {
            Some(label) => self.labelled(value, label, above),
            None => self.unlabelled(value, above),
        }
    }

    fn labelled(&mut self, value: Json, label: &str, above: &mut Vec<Label>) {
        let span = value.span;
        let kind = &self.kind.text;
        let properties = match value.kind {
            JsonKind::Null => Some(Vec::new()),
            _ => value.into_properties(),
        };
        let Some(properties) = properties else {
            let detail = format!(
                "Either a JSON object or JSON array of objects is required here, whose property names are the {kind} block's {label}."
            );
            return self
                .problems
                .push(Diagnostic::error("Incorrect JSON value type", detail).at(span));
        };
        if properties.is_empty() {
            let detail = format!(
                "At least one object property is required, whose name represents the {kind} block's {label}."
            );
            self.problems
                .push(Diagnostic::error("Missing block label", detail).at(span));
        }
        for property in properties {
            above.push(Label {
                text: normal(&property.name.text),
                span: property.name.span,
            });
            self.add(property.value, above);
            above.pop();
        }
    }

    fn unlabelled(&mut self, value: Json, above: &[Label]) {
        match value.kind {
            JsonKind::Null => {}
            JsonKind::Array(items) => {
                for item in items {
                    self.block(item, above);
                }
            }
            _ => self.block(value, above),
        }
    }

    fn block(&mut self, value: Json, above: &[Label]) {
        let span = value.span;
        let Some(body) = value.into_body() else {
            let detail = format!(
                "Either a JSON object or a JSON array is required, representing the contents of one or more \"{}\" blocks.",
                self.kind.text
            );
            return self
                .problems
                .push(Diagnostic::error("Incorrect JSON value type", detail).at(span));
        };
        let header = above.last().map_or(self.kind.span, |label| label.span);
        self.blocks.push(Block {
            kind: self.kind.text.clone(),
            kind_span: self.kind.span,
            labels: above.to_vec(),
            body,
            header,
            span: header.to(span),
        });
    }
}

impl Json {
    /// The properties of an object, or of all objects of an array.
    fn into_properties(self) -> Option<Vec<Property>> {
        match self.kind {
            JsonKind::Object(properties) => Some(properties),
            JsonKind::Array(items) => {
                let all: Option<Vec<_>> = items.into_iter().map(Self::into_properties).collect();
                Some(all?.into_iter().flatten().collect())
            }
            _ => None,
        }
    }

    /// The value as a body, comments left out.
    fn into_body(self) -> Option<Body> {
        let span = self.span;
        let mut undecided = self.into_properties()?;
        undecided.retain(|property| *property.name.text != *"//");
        Some(Body {
            undecided,
            ..Body::empty(span)
        })
    }

    /// The value as an expression, so many levels deep.
    fn expression(self, reading: Reading, depth: u32) -> Result<Expr> {
        let span = self.span;
        let kind = match self.kind {
            JsonKind::Null => ExprKind::Literal(Value::null(crate::value::Type::Dynamic)),
            JsonKind::Bool(value) => ExprKind::Literal(Value::bool(value)),
            JsonKind::Number(value) => ExprKind::Literal(value),
            JsonKind::String(text) => return text.expression(reading, depth),
            JsonKind::Array(items) => ExprKind::Tuple(array(items, reading, depth + 1)?),
            JsonKind::Object(properties) => ExprKind::Object(object(properties, reading, depth + 1)?),
        };
        Ok(Expr { kind, span })
    }
}

fn array(items: Vec<Json>, reading: Reading, depth: u32) -> Result<Vec<Expr>> {
    let mut problems = Diagnostics::new();
    let mut made = Vec::with_capacity(items.len());
    for item in items {
        made.extend(problems.take(item.expression(reading, depth)));
    }
    problems.or(made)
}

fn object(properties: Vec<Property>, reading: Reading, depth: u32) -> Result<Vec<ObjectItem>> {
    let mut problems = Diagnostics::new();
    let mut seen: BTreeMap<Text, Span> = BTreeMap::new();
    let mut made = Vec::with_capacity(properties.len());
    for Property { name, value } in properties {
        if let Some(first) = seen.insert(normal(&name.text), name.span) {
            problems.push(
                Diagnostic::error(
                    "Duplicate object attribute",
                    "An attribute of this name was already defined.",
                )
                .at(name.span)
                .label(first, "first one here"),
            );
            continue;
        }
        let key = problems.take(name.expression(reading, depth));
        let value = problems.take(value.expression(reading, depth));
        if let (Some(key), Some(value)) = (key, value) {
            made.push(ObjectItem { key, value });
        }
    }
    problems.or(made)
}

impl JsonText {
    fn expression(self, reading: Reading, depth: u32) -> Result<Expr> {
        let read = match reading {
            Reading::Templates => Some(self.template(depth)?),
            Reading::Names => self.native(depth),
            Reading::Plain => None,
        };
        Ok(read.unwrap_or_else(|| Expr {
            kind: ExprKind::Literal(Value::string(&self.text)),
            span: self.span,
        }))
    }

    fn template(&self, depth: u32) -> Result<Expr> {
        if !self.text.contains("${") && !self.text.contains("%{") {
            return Ok(Expr {
                kind: ExprKind::Literal(Value::string(&self.text)),
                span: self.span,
            });
        }
        let mut parser = self.parser(depth, tokens::scan_template(&self.text));
        let span = self.span;
        match parser.whole_template() {
            Ok(kind) => parser.errors.or(Expr { kind, span }),
            Err(Reported) => Err(parser.errors),
        }
    }

    /// The text as an expression of the native form, if it is one.
    fn native(&self, depth: u32) -> Option<Expr> {
        let mut parser = self.parser(depth, tokens::scan(&self.text));
        let expr = parser.lone_expression().ok()?;
        parser.errors.is_empty().then_some(expr)
    }

    fn parser(&self, depth: u32, tokens: Vec<tokens::Token>) -> Parser<'_> {
        let start = self.span.start as usize + 1;
        let places = Places::new(self.span.file, start, &self.escapes);
        Parser::inside(&self.text, places, depth, tokens)
    }
}
