//! The spanned tree of a configuration file.

use std::sync::Arc;

use super::json::Property;
use crate::addr::{Reference, Text};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::value::Value;

/// What stands between braces, or in a file: attributes and blocks in the order written.
#[derive(Clone, Debug)]
pub struct Body {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
    /// What was written in JSON, as long as nobody has said which of it are arguments and which are blocks.
    pub undecided: Vec<Property>,
    /// All of it; for a block without the braces.
    pub span: Span,
}

impl Body {
    /// A body without anything, standing at a place.
    pub fn empty(span: Span) -> Self {
        Self {
            attributes: Vec::new(),
            blocks: Vec::new(),
            undecided: Vec::new(),
            span,
        }
    }
}

/// `name = expression`
#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: Text,
    pub name_span: Span,
    pub expr: Expr,
    /// Name to end of expression.
    pub span: Span,
}

/// `kind "label" { ... }`
#[derive(Clone, Debug)]
pub struct Block {
    pub kind: Text,
    pub kind_span: Span,
    pub labels: Vec<Label>,
    pub body: Body,
    /// Kind and labels, without the opening brace: what messages point at.
    pub header: Span,
    /// The whole block.
    pub span: Span,
}

/// A block label, quoted or bare.
#[derive(Clone, Debug)]
pub struct Label {
    pub text: Text,
    pub span: Span,
}

/// An expression and where it stands.
#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// The forms of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A number, bool, null, or string without interpolation.
    Literal(Value),
    /// A string of several parts; its value is a string.
    Template(Vec<TemplatePart>),
    /// `"${x}"` alone: the value keeps its type.
    Interpolation(Box<Expr>),
    Traversal(Box<Traversal>),
    /// Steps into something that is no plain name.
    Access(Box<Access>),
    Splat(Box<Splat>),
    Call(Box<Call>),
    Tuple(Vec<Expr>),
    Object(Vec<ObjectItem>),
    For(Box<For>),
    Conditional(Box<[Expr; 3]>),
    Binary(BinaryOp, Box<[Expr; 2]>),
    Unary(UnaryOp, Box<Expr>),
    Parens(Box<Expr>),
}

/// A part of a template. Trim markers have been applied to the literals already.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    Literal(Text),
    Interpolation(Expr),
    If {
        condition: Expr,
        then: Vec<Self>,
        otherwise: Vec<Self>,
        span: Span,
    },
    For {
        key: Option<Text>,
        value: Text,
        collection: Expr,
        body: Vec<Self>,
        span: Span,
    },
}

/// A name with steps into it: `aws_kms_key.this[count.index].id`.
#[derive(Clone, Debug)]
pub struct Traversal {
    pub root: Text,
    pub root_span: Span,
    pub steps: Vec<Key>,
    /// What the root and the attribute steps that directly follow it name; an error is a full sentence. A
    /// `for` variable of the root's name hides it.
    pub reference: Result<Arc<Reference>, Text>,
}

/// Steps into the value of an expression.
#[derive(Clone, Debug)]
pub struct Access {
    pub base: Expr,
    pub steps: Vec<Key>,
}

/// One step: an attribute, an index, or the old form of an index (`.0`).
#[derive(Clone, Debug)]
pub enum Key {
    Attribute(Text, Span),
    Index(Expr),
    Legacy(u64, Span),
}

impl Key {
    pub fn span(&self) -> Span {
        match self {
            Self::Attribute(_, span) | Self::Legacy(_, span) => *span,
            Self::Index(expr) => expr.span,
        }
    }
}

/// `source[*].a.b` or `source.*.a`: `each` is applied to every element. (What follows an attribute splat from
/// its first index on is an [`Access`] around it.)
#[derive(Clone, Debug)]
pub struct Splat {
    pub source: Expr,
    pub each: Vec<Key>,
    /// The `[*]` or `.*` itself.
    pub marker: Span,
}

/// `name(arguments...)`; the name may have namespaces: `provider::aws::arn_parse`.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: Text,
    pub name_span: Span,
    pub arguments: Vec<Expr>,
    /// The last argument is followed by `...`.
    pub expand: bool,
}

/// One `key = value` of an object constructor. A bare word as key is a literal.
#[derive(Clone, Debug)]
pub struct ObjectItem {
    pub key: Expr,
    pub value: Expr,
}

/// `[for k, v in c : value if cond]` or `{for k, v in c : key => value... if cond}`
#[derive(Clone, Debug)]
pub struct For {
    pub key_name: Option<Text>,
    pub value_name: Text,
    pub collection: Expr,
    /// Present for an object, absent for a tuple.
    pub key: Option<Expr>,
    pub value: Expr,
    pub condition: Option<Expr>,
    /// `...`: values of equal keys are collected.
    pub grouping: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

impl BinaryOp {
    /// Whether it makes a number.
    pub fn is_arithmetic(self) -> bool {
        matches!(
            self,
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Modulo
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Negate,
    Not,
}

impl Body {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    /// Where an argument stands: names of nested blocks, each with its position among those of its kind, then the
    /// argument's. As near as it can be told; none when not even the outermost is there.
    pub fn place_of(&self, argument: &[(String, usize)]) -> Option<Span> {
        let ((name, position), rest) = argument.split_first()?;
        if let Some(attribute) = self.attribute(name) {
            return Some(attribute.expr.span);
        }
        // What a dynamic block makes has no place of its own.
        let is_dynamic = |block: &Block| block.labels.first().is_some_and(|label| *label.text == **name);
        if let Some(dynamic) = self.blocks_of("dynamic").find(|block| is_dynamic(block)) {
            return Some(dynamic.header);
        }
        let block = self.blocks_of(name).nth(*position)?;
        block.body.place_of(rest).or(Some(block.header))
    }

    /// Points everything that knows no place at the argument concerned, or at the block's header.
    pub fn locate(&self, header: Span, problems: Diagnostics) -> Diagnostics {
        let place = |problem: Diagnostic| {
            let span = self.place_of(&problem.argument).unwrap_or(header);
            let span = problem.span.unwrap_or(span);
            problem.at(span)
        };
        problems.into_iter().map(place).collect()
    }

    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

impl Call {
    /// Whether an argument writes a type, in which words are no names: the second one of `convert`.
    pub fn is_type(&self, argument: &Expr) -> bool {
        matches!(&*self.name, "convert" | "core::convert")
            && self
                .arguments
                .get(1)
                .is_some_and(|second| std::ptr::eq(second, argument))
    }
}

impl Expr {
    /// Every name the expression mentions, `for` variables left out, with the span of each.
    pub fn references(&self) -> Vec<(Arc<Reference>, Span)> {
        let mut found = Vec::new();
        self.visit_traversals(&mut Vec::new(), &mut |traversal, span| {
            if let Ok(reference) = &traversal.reference {
                found.push((reference.clone(), span));
            }
        });
        found
    }

    /// Calls `see` for every traversal whose root is no `for` variable. `bound` holds the names bound outside.
    pub fn visit_traversals<'a>(&'a self, bound: &mut Vec<Text>, see: &mut dyn FnMut(&'a Traversal, Span)) {
        match &self.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Template(parts) => visit_parts(parts, bound, see),
            ExprKind::Interpolation(inner) | ExprKind::Unary(_, inner) | ExprKind::Parens(inner) => {
                inner.visit_traversals(bound, see);
            }
            ExprKind::Traversal(traversal) => {
                if !bound.contains(&traversal.root) {
                    see(traversal, self.span);
                }
                visit_keys(&traversal.steps, bound, see);
            }
            ExprKind::Access(access) => {
                access.base.visit_traversals(bound, see);
                visit_keys(&access.steps, bound, see);
            }
            ExprKind::Splat(splat) => {
                splat.source.visit_traversals(bound, see);
                visit_keys(&splat.each, bound, see);
            }
            ExprKind::Call(call) => {
                let values = call.arguments.iter().filter(|argument| !call.is_type(argument));
                values.for_each(|argument| argument.visit_traversals(bound, see));
            }
            ExprKind::Tuple(items) => items.iter().for_each(|item| item.visit_traversals(bound, see)),
            ExprKind::Object(items) => items.iter().for_each(|item| {
                item.key.visit_traversals(bound, see);
                item.value.visit_traversals(bound, see);
            }),
            ExprKind::For(each) => {
                each.collection.visit_traversals(bound, see);
                let outer = bound.len();
                bound.extend(each.key_name.iter().cloned().chain([each.value_name.clone()]));
                for inner in each.key.iter().chain([&each.value]).chain(&each.condition) {
                    inner.visit_traversals(bound, see);
                }
                bound.truncate(outer);
            }
            ExprKind::Conditional(parts) => parts.iter().for_each(|part| part.visit_traversals(bound, see)),
            ExprKind::Binary(_, sides) => sides.iter().for_each(|side| side.visit_traversals(bound, see)),
        }
    }
}

fn visit_keys<'a>(keys: &'a [Key], bound: &mut Vec<Text>, see: &mut dyn FnMut(&'a Traversal, Span)) {
    for key in keys {
        if let Key::Index(expr) = key {
            expr.visit_traversals(bound, see);
        }
    }
}

fn visit_parts<'a>(
    parts: &'a [TemplatePart],
    bound: &mut Vec<Text>,
    see: &mut dyn FnMut(&'a Traversal, Span),
) {
    for part in parts {
        match part {
            TemplatePart::Literal(_) => {}
            TemplatePart::Interpolation(expr) => expr.visit_traversals(bound, see),
            TemplatePart::If {
                condition,
                then,
                otherwise,
                ..
            } => {
                condition.visit_traversals(bound, see);
                visit_parts(then, bound, see);
                visit_parts(otherwise, bound, see);
            }
            TemplatePart::For {
                key,
                value,
                collection,
                body,
                ..
            } => {
                collection.visit_traversals(bound, see);
                let outer = bound.len();
                bound.extend(key.iter().cloned().chain([value.clone()]));
                visit_parts(body, bound, see);
                bound.truncate(outer);
            }
        }
    }
}
