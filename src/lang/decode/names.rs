//! The names in a body, without evaluating anything.

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::lang::spec::{AttributeSpec, BlockSpec, NestedSpec, Nesting};
use crate::lang::syntax::{Attribute, Block, Body, ExprKind};

use super::dynamic::Template;

/// Of more names that do not belong nobody reads.
const ERRORS: usize = 1000;

/// Checks a body and all bodies inside it.
pub(super) fn check(body: &Body, spec: &BlockSpec) -> Diagnostics {
    let mut errors = check_own(body, spec);
    for block in &body.blocks {
        if let Some(nested) = spec.blocks.get(&block.kind) {
            errors.extend(check(&block.body, &nested.spec));
        } else if let Some(kind) = Template::kind(block)
            && let Some(nested) = spec.blocks.get(kind)
            && let Some(Ok(template)) = Template::of(block, kind)
        {
            errors.extend(check(template.content, &nested.spec));
        }
    }
    errors
}

/// Checks a body, but not the bodies inside it.
pub(super) fn check_own(body: &Body, spec: &BlockSpec) -> Diagnostics {
    let mut errors = Diagnostics::new();
    for attribute in &body.attributes {
        match spec.attributes.get(&attribute.name) {
            _ if errors.len() >= ERRORS => break,
            Some(known) if known.required || known.optional => {
                // Whatever is wrong with the block, its excerpt must not show it.
                if let ExprKind::Literal(value) = &attribute.expr.kind
                    && known.sensitive
                {
                    value.meet();
                }
            }
            Some(_) => errors.push(computed_only(attribute)),
            None => errors.push(unsupported_argument(attribute, spec)),
        }
    }
    for (name, attribute) in &spec.attributes {
        if attribute.required && body.attribute(name).is_none() {
            let detail = format!("The argument \"{name}\" is required, but no definition was found.");
            errors.push(Diagnostic::error("Missing required argument", detail).at(body.span));
        }
    }
    for block in &body.blocks {
        if errors.len() >= ERRORS {
            break;
        }
        check_block(block, spec, &mut errors);
    }
    if !body.blocks.iter().any(|block| Template::kind(block).is_some()) {
        for (name, nested) in &spec.blocks {
            let count = body.blocks_of(name).count();
            errors.extend(
                count_fault(name, nested, count)
                    .map(|fault| fault.at(body.span))
                    .into_iter()
                    .collect(),
            );
        }
    }
    errors
}

fn check_block(block: &Block, spec: &BlockSpec, errors: &mut Diagnostics) {
    if let Some(nested) = spec.blocks.get(&block.kind) {
        let wanted = usize::from(nested.nesting == Nesting::Map);
        if block.labels.len() > wanted {
            let span = block.labels[wanted].span;
            let detail = if wanted == 0 {
                format!("No labels are expected for {} blocks.", block.kind)
            } else {
                format!("Only 1 labels (key) are expected for {} blocks.", block.kind)
            };
            errors.push(Diagnostic::error("Extraneous label for block", detail).at(span));
        } else if block.labels.len() < wanted {
            let detail = format!("All {} blocks must have 1 labels (key).", block.kind);
            errors.push(Diagnostic::error("Missing key for block", detail).at(block.header));
        }
        return;
    }
    let Some(kind) = Template::kind(block) else {
        errors.push(unsupported_block(block, spec));
        return;
    };
    if !spec.blocks.contains_key(kind) {
        let near = nearest(kind, spec.blocks.keys().map(|name| &**name));
        let hint = near.map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"));
        let detail = format!("Blocks of type \"{kind}\" are not expected here.{hint}");
        errors.push(Diagnostic::error("Unsupported block type", detail).at(block.header));
    } else if let Some(Err(faults)) = Template::of(block, kind) {
        errors.extend(faults);
    }
}

fn is_writable(attribute: &AttributeSpec) -> bool {
    attribute.required || attribute.optional
}

fn computed_only(attribute: &Attribute) -> Diagnostic {
    Diagnostic::error(
        "Value for unconfigurable attribute",
        format!(
            "Can't configure a value for \"{}\": its value will be decided automatically based on the result of applying this configuration.",
            attribute.name
        ),
    )
    .at(attribute.name_span)
}

fn unsupported_argument(attribute: &Attribute, spec: &BlockSpec) -> Diagnostic {
    let name = &*attribute.name;
    let detail = if spec.blocks.contains_key(name) {
        format!(
            "An argument named \"{name}\" is not expected here. Did you mean to define a block of type \"{name}\"?"
        )
    } else {
        let known = spec.attributes.iter().filter(|(_, known)| is_writable(known));
        let near = nearest(name, known.map(|(name, _)| &**name));
        let hint = near.map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"));
        format!("An argument named \"{name}\" is not expected here.{hint}")
    };
    Diagnostic::error("Unsupported argument", detail).at(attribute.name_span)
}

fn unsupported_block(block: &Block, spec: &BlockSpec) -> Diagnostic {
    let kind = &*block.kind;
    let detail = if spec.attributes.get(kind).is_some_and(is_writable) {
        format!(
            "Blocks of type \"{kind}\" are not expected here. Did you mean to define argument \"{kind}\"? If so, use the equals sign to assign it a value."
        )
    } else {
        let near = nearest(kind, spec.blocks.keys().map(|name| &**name));
        let hint = near.map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"));
        format!("Blocks of type \"{kind}\" are not expected here.{hint}")
    };
    Diagnostic::error("Unsupported block type", detail).at(block.kind_span)
}

/// What is wrong with the number of blocks of a kind.
pub(super) fn count_fault(name: &str, nested: &NestedSpec, count: usize) -> Option<Diagnostic> {
    let max = if nested.nesting == Nesting::Single {
        Some(1)
    } else {
        nested.max
    };
    if count < nested.min {
        return Some(if nested.min == 1 {
            Diagnostic::error(
                format!("Insufficient {name} blocks"),
                format!("At least 1 \"{name}\" blocks are required."),
            )
        } else {
            Diagnostic::error(
                format!("Insufficient {name} blocks"),
                format!("At least {} \"{name}\" blocks are required.", nested.min),
            )
        });
    }
    let max = max.filter(|max| count > *max)?;
    Some(if nested.nesting == Nesting::Single {
        Diagnostic::error(
            format!("Duplicate {name} block"),
            format!("Only one {name} block is allowed."),
        )
    } else {
        Diagnostic::error(
            format!("Too many {name} blocks"),
            format!("No more than {max} \"{name}\" blocks are allowed"),
        )
    })
}
