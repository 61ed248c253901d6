//! Block, spec and scope to object value.

mod decide;
mod dynamic;
mod literals;
mod names;

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::lang::expr::{Binding, Scope, evaluate_bound, mismatch_text};
use crate::lang::spec::{AttributeSpec, BlockSpec, NestedSpec, Nesting};
use crate::lang::syntax::{Attribute, Block, Body};
use crate::value::{Marks, Text, Type, Value, convert};

use dynamic::Found;

/// The object that a block's body stands for: every attribute and block of the spec, absent ones null (nested
/// lists and sets empty). Values of sensitive attributes are not marked here. Reports every independent error. What was
/// computed of secrets is one from here on, whoever comes to print it.
pub fn decode(body: &Body, spec: &BlockSpec, scope: &dyn Scope) -> Result<Value> {
    let decoded = decode_bound(body, spec, scope, None)?;
    decoded.meet_marked();
    Ok(decoded)
}

/// Checks names only, without evaluating: unknown arguments and blocks (with the nearest name), missing required
/// ones, too many or too few blocks.
pub fn check(body: &Body, spec: &BlockSpec) -> Diagnostics {
    names::check(body, spec)
}

/// Decides which of what was written in JSON are arguments and which are blocks. Without a spec, as for a type that is
/// not known, everything is an argument.
pub fn decide(body: &mut Body, spec: Option<&BlockSpec>) -> Diagnostics {
    let mut problems = Diagnostics::new();
    decide::decide(body, spec, &mut problems);
    problems
}

/// The names bound around a body by `dynamic` blocks.
type Bound<'e> = Option<&'e Binding<'e>>;

fn decode_bound(body: &Body, spec: &BlockSpec, scope: &dyn Scope, bound: Bound<'_>) -> Result<Value> {
    let mut errors = names::check_own(body, spec);
    let mut made = BTreeMap::new();
    for (name, attribute) in &spec.attributes {
        let value = match body.attribute(name) {
            Some(written) => errors.take(decode_attribute(written, attribute, scope, bound)),
            None => Some(Value::null(attribute.ty.ty.clone())),
        };
        made.extend(value.map(|value| (name.clone(), value)));
    }
    for (name, nested) in &spec.blocks {
        let value = errors.take(decode_blocks(body, name, nested, scope, bound));
        made.extend(value.map(|value| (name.clone(), value)));
    }
    errors.or(Value::object(made))
}

fn decode_attribute(
    written: &Attribute,
    attribute: &AttributeSpec,
    scope: &dyn Scope,
    bound: Bound<'_>,
) -> Result<Value> {
    let value = evaluate_bound(&written.expr, scope, bound).inspect_err(|_| {
        if attribute.sensitive {
            literals::meet(&written.expr);
        }
    })?;
    if attribute.sensitive {
        value.meet();
    }
    if attribute.required && value.is_null() {
        let detail = format!(
            "The argument \"{}\" is required, but no definition was found.",
            written.name
        );
        return Err(Diagnostic::error("Missing required argument", detail)
            .at(written.expr.span)
            .into());
    }
    convert::convert_with_defaults(&value, &attribute.ty).map_err(|why| {
        let detail = format!(
            "Inappropriate value for attribute \"{}\": {}.",
            written.name,
            mismatch_text(&why)
        );
        Diagnostic::error("Incorrect attribute value type", detail)
            .at(written.expr.span)
            .into()
    })
}

fn decode_blocks(
    body: &Body,
    name: &Text,
    nested: &NestedSpec,
    scope: &dyn Scope,
    bound: Bound<'_>,
) -> Result<Value> {
    let mut errors = Diagnostics::new();
    let mut found = Vec::new();
    let mut unknown = false;
    let mut marks = Marks::NONE;
    for block in &body.blocks {
        if block.kind == *name {
            found.extend(errors.take(decode_block(block, nested, scope, bound)));
        } else if let Some(Ok(template)) = dynamic::Template::of(block, name)
            && let Some(expansion) = errors.take(template.expand(nested, scope, bound))
        {
            unknown |= expansion.unknown;
            marks = marks | expansion.marks;
            found.extend(expansion.found);
        }
    }
    errors.or(())?;
    if !unknown {
        check_count(body, name, nested, found.len())?;
    }
    let value = if unknown {
        unknown_blocks(nested)
    } else {
        assemble(nested, found)?
    };
    Ok(value.with_marks(marks))
}

fn decode_block(block: &Block, nested: &NestedSpec, scope: &dyn Scope, bound: Bound<'_>) -> Result<Found> {
    let value = decode_bound(&block.body, &nested.spec, scope, bound)?;
    Ok(Found {
        label: block.labels.first().map(|label| label.text.clone()),
        value,
        span: block.header,
    })
}

/// The number of blocks, once `dynamic` blocks are expanded.
fn check_count(body: &Body, name: &str, nested: &NestedSpec, count: usize) -> Result<()> {
    let expanded = body.blocks.iter().any(|block| &*block.kind == "dynamic");
    if !expanded {
        // Without dynamic blocks the check of names has said so already.
        return Ok(());
    }
    names::count_fault(name, nested, count).map_or(Ok(()), |fault| Err(fault.at(body.span).into()))
}

fn unknown_blocks(nested: &NestedSpec) -> Value {
    match nested.nesting {
        Nesting::Single => Value::unknown(nested.spec.ty()),
        Nesting::List | Nesting::Set | Nesting::Map => Value::unknown(nested.ty()),
    }
}

/// The blocks of one kind as one value.
fn assemble(nested: &NestedSpec, found: Vec<Found>) -> Result<Value> {
    let ty = nested.spec.ty();
    match nested.nesting {
        Nesting::Single => Ok(found
            .into_iter()
            .next()
            .map_or_else(|| Value::null(ty), |found| found.value)),
        Nesting::List => Ok(sequence(ty, found, Value::list)),
        Nesting::Set => Ok(sequence(ty, found, Value::set)),
        Nesting::Map => by_label(ty, found),
    }
}

fn sequence(ty: Type, found: Vec<Found>, make: fn(Type, Vec<Value>) -> Value) -> Value {
    let items: Vec<Value> = found.into_iter().map(|found| found.value).collect();
    if ty.has_dynamic() {
        // Each block may have a type of its own.
        return crate::value::unify::unify_values(&items)
            .map_or_else(|| Value::tuple(items.clone()), |(ty, items)| make(ty, items));
    }
    make(ty, items)
}

fn by_label(ty: Type, found: Vec<Found>) -> Result<Value> {
    let mut errors = Diagnostics::new();
    let mut items = BTreeMap::new();
    for Found { label, value, span } in found {
        let Some(label) = label else { continue };
        if items.insert(label.clone(), value).is_some() {
            let detail =
                format!("A block with the label \"{label}\" stands here already; labels must be unique.");
            errors.push(Diagnostic::error("Duplicate block label", detail).at(span));
        }
    }
    errors.or(Value::map(ty, items))
}

#[cfg(test)]
mod tests;
