//! `dynamic` blocks: blocks repeated for each element of a collection.

use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::lang::expr::{Binding, Scope, evaluate_bound};
use crate::lang::spec::{NestedSpec, Nesting};
use crate::lang::syntax::{Block, Body, Expr, ExprKind};
use crate::value::{Data, Marks, Text, Type, Value, convert};

use super::{Bound, decode_bound};

/// So many blocks one `dynamic` block makes.
const BLOCKS: usize = 10_000;

/// One nested block, decoded.
pub(super) struct Found {
    pub(super) label: Option<Text>,
    pub(super) value: Value,
    pub(super) span: Span,
}

/// What a `dynamic` block has made.
pub(super) struct Expansion {
    pub(super) found: Vec<Found>,
    /// The collection is not known yet.
    pub(super) unknown: bool,
    pub(super) marks: Marks,
}

/// A `dynamic` block taken apart.
pub(super) struct Template<'b> {
    for_each: &'b Expr,
    iterator: Text,
    labels: Option<&'b Expr>,
    pub(super) content: &'b Body,
    span: Span,
}

impl<'b> Template<'b> {
    /// The kind of blocks that a `dynamic` block makes.
    pub(super) fn kind(block: &Block) -> Option<&str> {
        match block.labels.as_slice() {
            [label] if &*block.kind == "dynamic" => Some(&label.text),
            _ => None,
        }
    }

    /// Takes a `dynamic` block of the kind apart.
    pub(super) fn of(block: &'b Block, kind: &str) -> Option<Result<Self>> {
        (Self::kind(block) == Some(kind)).then(|| Self::take_apart(block, kind))
    }

    fn take_apart(block: &'b Block, kind: &str) -> Result<Self> {
        let mut errors = Diagnostics::new();
        let body = &block.body;
        for attribute in &body.attributes {
            if !matches!(&*attribute.name, "for_each" | "iterator" | "labels") {
                let detail = format!("An argument named \"{}\" is not expected here.", attribute.name);
                errors.push(Diagnostic::error("Unsupported argument", detail).at(attribute.name_span));
            }
        }
        for other in body.blocks.iter().filter(|block| &*block.kind != "content") {
            let detail = format!("Blocks of type \"{}\" are not expected here.", other.kind);
            errors.push(Diagnostic::error("Unsupported block type", detail).at(other.kind_span));
        }
        let iterator = match body.attribute("iterator") {
            Some(written) => errors.take(iterator_name(&written.expr)),
            None => Some(kind.into()),
        };
        let for_each = body.attribute("for_each").map(|attribute| &attribute.expr);
        if for_each.is_none() {
            let detail = "The argument \"for_each\" is required, but no definition was found.";
            errors.push(Diagnostic::error("Missing required argument", detail).at(block.header));
        }
        let contents: Vec<&Block> = body.blocks_of("content").collect();
        if contents.len() != 1 {
            let (summary, detail) = if contents.is_empty() {
                (
                    "Missing dynamic content block",
                    "A dynamic block must have a nested block of type \"content\" to describe the body of each generated block.",
                )
            } else {
                (
                    "Extraneous dynamic content block",
                    "Only one nested content block is allowed for each dynamic block.",
                )
            };
            errors.push(Diagnostic::error(summary, detail).at(block.header));
        }
        let (Some(for_each), Some(iterator), [content]) = (for_each, iterator, contents.as_slice()) else {
            return Err(errors);
        };
        errors.or(Self {
            for_each,
            iterator,
            labels: body.attribute("labels").map(|attribute| &attribute.expr),
            content: &content.body,
            span: block.header,
        })
    }

    /// Makes the blocks.
    pub(super) fn expand(
        &self,
        nested: &NestedSpec,
        scope: &dyn Scope,
        bound: Bound<'_>,
    ) -> Result<Expansion> {
        let (collection, marks) = evaluate_bound(self.for_each, scope, bound)?.unmark();
        let mut expansion = Expansion {
            found: Vec::new(),
            unknown: false,
            marks,
        };
        let Some(entries) = self.entries(&collection)? else {
            expansion.unknown = true;
            return Ok(expansion);
        };
        if entries.len() > BLOCKS {
            let detail = format!("This dynamic block makes more than {BLOCKS} blocks.");
            return Err(Diagnostic::error("Too many blocks", detail)
                .at(self.for_each.span)
                .into());
        }
        let mut errors = Diagnostics::new();
        for (key, value) in entries {
            let iterator = Value::object_of([("key", key), ("value", value)]);
            let binding = Binding::one(&self.iterator, iterator, bound);
            expansion
                .found
                .extend(errors.take(self.make(nested, scope, &binding)));
            if errors.len() >= 10 {
                break;
            }
        }
        errors.or(expansion)
    }

    fn make(&self, nested: &NestedSpec, scope: &dyn Scope, binding: &Binding<'_>) -> Result<Found> {
        let label = if nested.nesting == Nesting::Map {
            Some(self.label(scope, binding)?)
        } else {
            None
        };
        Ok(Found {
            label,
            value: decode_bound(self.content, &nested.spec, scope, Some(binding))?,
            span: self.span,
        })
    }

    fn label(&self, scope: &dyn Scope, binding: &Binding<'_>) -> Result<Text> {
        let Some(labels) = self.labels else {
            let detail = "The argument \"labels\" is required, but no definition was found.";
            return Err(Diagnostic::error("Missing required argument", detail)
                .at(self.span)
                .into());
        };
        let wrong = |detail: &str| Diagnostic::error("Invalid dynamic block label", detail).at(labels.span);
        let value = evaluate_bound(labels, scope, Some(binding))?;
        let [label] = value.as_items().unwrap_or_default() else {
            return Err(wrong("A list of one label is required.").into());
        };
        if !label.marks().is_empty() {
            return Err(wrong(
                "This value is not suitable for use as a block label, because it is sensitive or ephemeral.",
            )
            .into());
        }
        let label = convert::convert(label, &Type::String)
            .map_err(|_| wrong("Cannot use this value as a dynamic block label: a string is required."))?;
        label.as_text().cloned().ok_or_else(|| {
            wrong("Cannot use a null value, or one that is only known after apply, as a dynamic block label.").into()
        })
    }

    /// Keys and values of the collection; none while it is unknown.
    fn entries(&self, collection: &Value) -> Result<Option<Vec<(Value, Value)>>> {
        let error = |detail: String| {
            Diagnostic::error("Invalid dynamic for_each value", detail)
                .at(self.for_each.span)
                .into()
        };
        match collection.data() {
            Data::Null(_) => Err(error("Cannot use a null value in for_each.".into())),
            Data::Unknown(unknown) if !unknown.ty.is_primitive() => Ok(None),
            Data::List(list) => Ok(Some(numbered(&list.items))),
            Data::Tuple(items) => Ok(Some(numbered(items))),
            Data::Set(set) => Ok(Some(
                set.items
                    .iter()
                    .map(|item| (item.clone(), item.clone()))
                    .collect(),
            )),
            Data::Map(_) | Data::Object(_) => Ok(Some(
                collection
                    .as_entries()
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (Value::text(name.clone()), value.clone()))
                    .collect(),
            )),
            Data::Unknown(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => Err(error(format!(
                "Cannot use a {} value in for_each. An iterable collection is required.",
                collection.ty()
            ))),
        }
    }
}

fn numbered(items: &[Value]) -> Vec<(Value, Value)> {
    (0i64..).map(Value::int).zip(items.iter().cloned()).collect()
}

fn iterator_name(expr: &Expr) -> Result<Text> {
    match &expr.kind {
        ExprKind::Traversal(traversal) if traversal.steps.is_empty() => Ok(traversal.root.clone()),
        _ => Err(Diagnostic::error(
            "Invalid expression",
            "Dynamic iterator must be a single variable name.",
        )
        .at(expr.span)
        .into()),
    }
}
