//! Which properties of a body in JSON are arguments, and which stand for nested blocks.

use crate::diag::Diagnostics;
use crate::lang::spec::{BlockSpec, Nesting};
use crate::lang::syntax::{Block, Body, Property, Reading};

use super::dynamic::Template;

/// Decides about everything in a body that is undecided. Without a spec all of it is arguments.
pub(super) fn decide(body: &mut Body, spec: Option<&BlockSpec>, problems: &mut Diagnostics) {
    for property in std::mem::take(&mut body.undecided) {
        match labels_of(&property, spec) {
            None => body.decide_argument(property, Reading::Templates, problems),
            Some(labels) => body.decide_blocks(property, labels, problems),
        }
    }
    for block in &mut body.blocks {
        if Template::kind(block).is_some() {
            dynamic(block, spec, problems);
        } else {
            let nested = spec.and_then(|spec| spec.blocks.get(&block.kind));
            decide(&mut block.body, nested.map(|nested| &nested.spec), problems);
        }
    }
}

/// The names of the labels, if the property stands for blocks.
fn labels_of(property: &Property, spec: Option<&BlockSpec>) -> Option<&'static [&'static str]> {
    let name = property.name();
    if spec.is_some_and(|spec| spec.attributes.contains_key(name)) {
        return None;
    }
    let nested = spec.and_then(|spec| spec.blocks.get(name));
    match nested.map(|nested| nested.nesting) {
        Some(Nesting::Map) => Some(&["key"]),
        Some(Nesting::Single | Nesting::List | Nesting::Set) => Some(&[]),
        None if &**name == "dynamic" => Some(&["type"]),
        None => None,
    }
}

/// The body of a `dynamic` block: its arguments, and the content by the spec of what it makes.
fn dynamic(block: &mut Block, spec: Option<&BlockSpec>, problems: &mut Diagnostics) {
    let made = Template::kind(block).and_then(|kind| spec?.blocks.get(kind));
    let body = &mut block.body;
    for property in std::mem::take(&mut body.undecided) {
        match &**property.name() {
            "content" => body.decide_blocks(property, &[], problems),
            "iterator" => body.decide_argument(property, Reading::Names, problems),
            _ => body.decide_argument(property, Reading::Templates, problems),
        }
    }
    for content in &mut body.blocks {
        decide(&mut content.body, made.map(|made| &made.spec), problems);
    }
}
