//! Takes a block of a schema file apart: typed attributes, inner blocks, and complaints about the rest.

use std::time::Duration;

use indexmap::IndexMap;

use super::super::native::duration;
use crate::diag::{Diagnostic, Diagnostics, Span, nearest};
use crate::lang::syntax::{Attribute, Block, Body, Expr, ExprKind, UnaryOp};
use crate::value::{Text, Type, Value};

/// One block, or several of one kind read as one. It remembers what was asked for, and [`Reader::finish`]
/// complains about what was not.
pub(super) struct Reader<'a, 'd> {
    bodies: Vec<&'a Body>,
    at: Span,
    attributes: Vec<&'static str>,
    blocks: Vec<&'static str>,
    pub problems: &'d mut Diagnostics,
}

impl<'a, 'd> Reader<'a, 'd> {
    pub fn new(block: &'a Block, problems: &'d mut Diagnostics) -> Self {
        Self::over(vec![&block.body], block.header, problems)
    }

    pub fn over(bodies: Vec<&'a Body>, at: Span, problems: &'d mut Diagnostics) -> Self {
        Self {
            bodies,
            at,
            attributes: Vec::new(),
            blocks: Vec::new(),
            problems,
        }
    }

    /// Where the block stands.
    pub fn span(&self) -> Span {
        self.at
    }

    pub fn attribute(&mut self, name: &'static str) -> Option<&'a Attribute> {
        self.attributes.push(name);
        self.bodies.iter().find_map(|body| body.attribute(name))
    }

    pub fn expr(&mut self, name: &'static str) -> Option<Expr> {
        self.attribute(name).map(|attribute| attribute.expr.clone())
    }

    /// An expression that must be there; a null literal stands in after the complaint.
    pub fn needed(&mut self, name: &'static str) -> Expr {
        self.expr(name).unwrap_or_else(|| {
            self.missing(name);
            Expr {
                kind: ExprKind::Literal(Value::null(Type::Dynamic)),
                span: self.at,
            }
        })
    }

    pub fn missing(&mut self, name: &str) {
        let detail = format!("The argument {name:?} is required here.");
        self.problems
            .push(Diagnostic::error("Missing required argument", detail).at(self.at));
    }

    pub fn constant(&mut self, name: &'static str) -> Option<Value> {
        let attribute = self.attribute(name)?;
        let value = constant(&attribute.expr);
        if value.is_none() {
            self.wrong(attribute, "a constant");
        }
        value
    }

    pub fn text(&mut self, name: &'static str) -> Option<Text> {
        self.typed(name, "a string", |value| value.as_text().cloned())
    }

    pub fn flag(&mut self, name: &'static str) -> bool {
        self.typed(name, "true or false", Value::as_bool).unwrap_or(false)
    }

    pub fn whole(&mut self, name: &'static str) -> Option<i64> {
        self.typed(name, "a whole number", Value::as_i64)
    }

    pub fn texts(&mut self, name: &'static str) -> Vec<Text> {
        self.typed(name, "a list of strings", |value| {
            value
                .as_items()?
                .iter()
                .map(|item| item.as_text().cloned())
                .collect()
        })
        .unwrap_or_default()
    }

    pub fn pair(&mut self, name: &'static str) -> Option<(i64, i64)> {
        self.typed(name, "a list of two whole numbers", |value| {
            match value.as_items()? {
                [least, greatest] => Some((least.as_i64()?, greatest.as_i64()?)),
                _ => None,
            }
        })
    }

    pub fn duration(&mut self, name: &'static str) -> Option<Duration> {
        self.typed(name, "a length of time such as \"90s\" or \"10m\"", |value| {
            duration::seconds(value.as_str()?).map(Duration::from_secs)
        })
    }

    /// The members of an object constructor.
    pub fn entries(&mut self, name: &'static str) -> IndexMap<Text, Expr> {
        let Some(attribute) = self.attribute(name) else {
            return IndexMap::new();
        };
        entries(&attribute.expr).unwrap_or_else(|| {
            self.wrong(attribute, "an object");
            IndexMap::new()
        })
    }

    /// Complains about arguments that several of the blocks give: only the first would count.
    fn repeated(&mut self) {
        for (index, body) in self.bodies.iter().enumerate() {
            for again in &body.attributes {
                if self.bodies[..index]
                    .iter()
                    .any(|body| body.attribute(&again.name).is_some())
                {
                    let detail = format!("Another block of this kind gives {:?} already.", again.name);
                    self.problems
                        .push(Diagnostic::error("Argument given twice", detail).at(again.expr.span));
                }
            }
        }
    }

    /// The inner blocks of a kind.
    pub fn blocks(&mut self, kind: &'static str) -> Vec<&'a Block> {
        self.blocks.push(kind);
        self.bodies.iter().flat_map(|body| body.blocks_of(kind)).collect()
    }

    /// Reads the inner blocks of a kind, each labelled with the name it declares; two of one name are an error.
    pub fn named<T>(
        &mut self,
        kind: &'static str,
        mut read: impl FnMut(Text, Reader<'a, '_>) -> T,
    ) -> IndexMap<Text, T> {
        let mut found = IndexMap::new();
        for block in self.blocks(kind) {
            let Some(name) = self.label(block) else { continue };
            let value = read(name.clone(), Reader::new(block, self.problems));
            if found.insert(name, value).is_some() {
                let detail = format!("This {kind} is declared twice.");
                self.problems
                    .push(Diagnostic::error("Duplicate declaration", detail).at(block.header));
            }
        }
        found
    }

    /// The one label that a block must have.
    pub fn label(&mut self, block: &Block) -> Option<Text> {
        if let [label] = block.labels.as_slice() {
            return Some(label.text.clone());
        }
        let detail = format!("A {:?} block has one label, its name.", block.kind);
        self.problems
            .push(Diagnostic::error("Wrong labels", detail).at(block.header));
        None
    }

    /// Complains about attributes and blocks that nobody asked for.
    pub fn finish(mut self) {
        self.repeated();
        for body in &self.bodies {
            let attributes = body.attributes.iter().map(|a| ("argument", &a.name, a.name_span));
            let blocks = body.blocks.iter().map(|b| ("block", &b.kind, b.kind_span));
            for (what, name, span) in attributes.chain(blocks) {
                let known = if what == "block" {
                    &self.blocks
                } else {
                    &self.attributes
                };
                if known.contains(&&**name) {
                    continue;
                }
                let detail = format!("No {what} named {name:?} is expected here.");
                let problem = Diagnostic::error(format!("Unsupported {what}"), detail).at(span);
                self.problems.push(match nearest(name, known.iter().copied()) {
                    Some(near) => problem.hint(format!("Did you mean {near:?}?")),
                    None => problem,
                });
            }
        }
    }

    fn typed<T>(
        &mut self,
        name: &'static str,
        what: &str,
        get: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let attribute = self.attribute(name)?;
        let value = constant(&attribute.expr).as_ref().and_then(get);
        if value.is_none() {
            self.wrong(attribute, what);
        }
        value
    }

    /// Complains that an attribute is not what it must be.
    pub fn wrong(&mut self, attribute: &Attribute, what: &str) {
        let detail = format!("The argument {:?} must be {what}.", attribute.name);
        self.problems
            .push(Diagnostic::error("Incorrect value", detail).at(attribute.expr.span));
    }
}

/// The value of an expression without names and functions.
pub(super) fn constant(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::Parens(inner) => constant(inner),
        ExprKind::Unary(UnaryOp::Negate, inner) => Some(Value::number(constant(inner)?.as_number()?.neg())),
        ExprKind::Tuple(items) => Some(Value::tuple(items.iter().map(constant).collect::<Option<_>>()?)),
        ExprKind::Object(_) => {
            let entries = entries(expr)?.into_iter();
            let values: Option<_> = entries
                .map(|(name, expr)| Some((name, constant(&expr)?)))
                .collect();
            Some(Value::object(values?))
        }
        _ => None,
    }
}

/// The members of an object constructor with constant keys.
pub(super) fn entries(expr: &Expr) -> Option<IndexMap<Text, Expr>> {
    let ExprKind::Object(items) = &expr.kind else {
        return None;
    };
    items
        .iter()
        .map(|item| Some((constant(&item.key)?.as_text()?.clone(), item.value.clone())))
        .collect()
}
