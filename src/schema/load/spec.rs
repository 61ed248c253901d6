//! What a block of a type may hold, derived from its arguments, attributes and nested blocks.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::super::argument::{Argument, Attribute, NestedBlock};
use super::super::operation::Timeouts;
use crate::lang::spec::{AttributeSpec, BlockSpec, NestedSpec, Nesting};
use crate::value::{Constraint, Defaults, Text, Type};

/// The spec of arguments and nested blocks.
pub(super) fn body(arguments: &IndexMap<Text, Argument>, blocks: &IndexMap<Text, NestedBlock>) -> BlockSpec {
    BlockSpec {
        attributes: arguments
            .values()
            .map(|one| (one.name.clone(), argument(one)))
            .collect(),
        blocks: blocks
            .values()
            .map(|one| (one.name.clone(), nested(one)))
            .collect(),
    }
}

/// The spec of a whole type.
pub(super) fn resource(
    arguments: &IndexMap<Text, Argument>,
    blocks: &IndexMap<Text, NestedBlock>,
    attributes: &IndexMap<Text, Attribute>,
    timeouts: &Timeouts,
) -> BlockSpec {
    let mut spec = body(arguments, blocks);
    let read_only = attributes.values().map(|one| (one.name.clone(), attribute(one)));
    spec.attributes.extend(read_only);
    spec.attributes
        .entry("id".into())
        .or_insert_with(|| computed(Type::String, "The identifier of the object."));
    let entries: BTreeMap<Text, AttributeSpec> = timeouts
        .entries()
        .map(|(name, _)| {
            (
                name.into(),
                optional(Type::String, "How long it may take: `10m`."),
            )
        })
        .collect();
    if !entries.is_empty() {
        spec.blocks.insert("timeouts".into(), timeouts_block(entries));
    }
    spec
}

fn timeouts_block(attributes: BTreeMap<Text, AttributeSpec>) -> NestedSpec {
    NestedSpec {
        nesting: Nesting::Single,
        min: 0,
        max: Some(1),
        spec: BlockSpec {
            attributes,
            blocks: BTreeMap::new(),
        },
        about: "How long operations may take.".into(),
    }
}

fn argument(argument: &Argument) -> AttributeSpec {
    AttributeSpec {
        ty: of_type(argument.ty.clone()),
        required: argument.required,
        optional: !argument.required,
        computed: argument.computed || argument.plan.is_some(),
        sensitive: argument.sensitive,
        write_only: argument.write_only,
        deprecated: argument.deprecated.clone(),
        about: argument.about.clone(),
    }
}

fn attribute(attribute: &Attribute) -> AttributeSpec {
    AttributeSpec {
        sensitive: attribute.sensitive,
        deprecated: attribute.deprecated.clone(),
        ..computed(attribute.ty.clone(), &attribute.about)
    }
}

fn nested(block: &NestedBlock) -> NestedSpec {
    NestedSpec {
        nesting: block.nesting,
        min: block.min,
        max: block.max,
        spec: body(&block.arguments, &block.blocks),
        about: block.about.clone(),
    }
}

fn optional(ty: Type, about: &str) -> AttributeSpec {
    AttributeSpec {
        optional: true,
        ..plain(ty, about)
    }
}

fn computed(ty: Type, about: &str) -> AttributeSpec {
    AttributeSpec {
        computed: true,
        ..plain(ty, about)
    }
}

fn plain(ty: Type, about: &str) -> AttributeSpec {
    AttributeSpec {
        ty: of_type(ty),
        required: false,
        optional: false,
        computed: false,
        sensitive: false,
        write_only: false,
        deprecated: None,
        about: about.into(),
    }
}

fn of_type(ty: Type) -> Constraint {
    Constraint {
        ty,
        defaults: Defaults::default(),
    }
}
