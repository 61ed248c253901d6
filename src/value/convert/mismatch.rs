//! Why one type does not convert to another, in Terraform's words.

use std::collections::BTreeMap;

use super::super::show::go_quote;
use super::{ObjectType, Text, Type, can_convert};

/// Why no value of the first type converts to the second; a sentence without a full stop.
pub fn explain(from: &Type, to: &Type) -> String {
    match (from, to) {
        (Type::Object(from), Type::Object(to)) => explain_objects(from, to),
        (Type::Tuple(_), Type::List(element)) if **element == Type::Dynamic => {
            "all list elements must have the same type".into()
        }
        (Type::Tuple(_), Type::Set(element)) if **element == Type::Dynamic => {
            "all set elements must have the same type".into()
        }
        (Type::Object(_), Type::Map(element)) if **element == Type::Dynamic => {
            "all map elements must have the same type".into()
        }
        (Type::Tuple(items), Type::List(element) | Type::Set(element)) => explain_items(items, element),
        (Type::Object(object), Type::Map(element)) => explain_attributes(&object.attributes, element),
        (Type::List(from) | Type::Set(from), Type::List(element)) => explain_element("list", from, element),
        (Type::List(from) | Type::Set(from), Type::Set(element)) => explain_element("set", from, element),
        (Type::Map(from), Type::Map(element)) => explain_element("map", from, element),
        _ => format!("{} required", constraint_name(to)),
    }
}

fn explain_objects(from: &ObjectType, to: &ObjectType) -> String {
    let missing: Vec<String> = to
        .attributes
        .keys()
        .filter(|name| !from.attributes.contains_key(*name) && !to.optional.contains(*name))
        .map(|name| go_quote(name))
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute {one} is required"),
        [one, other] => return format!("attributes {one} and {other} are required"),
        [most @ .., last] => return format!("attributes {}, and {last} are required", most.join(", ")),
    }
    to.attributes
        .iter()
        .filter_map(|(name, ty)| Some((name, from.attributes.get(name)?, ty)))
        .find(|(_, from, ty)| !can_convert(from, ty))
        .map_or_else(
            || "incompatible object attributes".into(),
            |(name, from, ty)| format!("attribute {}: {}", go_quote(name), explain(from, ty)),
        )
}

fn explain_items(items: &[Type], element: &Type) -> String {
    items
        .iter()
        .enumerate()
        .find(|(_, item)| !can_convert(item, element))
        .map_or_else(
            || format!("all elements must be {}", constraint_name(element)),
            |(index, item)| format!("element {index}: {}", explain(item, element)),
        )
}

fn explain_attributes(attributes: &BTreeMap<Text, Type>, element: &Type) -> String {
    attributes
        .iter()
        .find(|(_, item)| !can_convert(item, element))
        .map_or_else(
            || format!("all elements must be {}", constraint_name(element)),
            |(name, item)| format!("element {}: {}", go_quote(name), explain(item, element)),
        )
}

fn explain_element(kind: &str, from: &Type, element: &Type) -> String {
    format!("incorrect {kind} element type: {}", explain(from, element))
}

/// How messages name a type that is wanted: `list of any single type`.
pub(super) fn constraint_name(ty: &Type) -> String {
    let collection = |kind: &str, element: &Type| match element {
        Type::Dynamic => format!("{kind} of any single type"),
        element => format!("{kind} of {}", constraint_name(element)),
    };
    match ty {
        Type::Dynamic => "any type".into(),
        Type::List(element) => collection("list", element),
        Type::Set(element) => collection("set", element),
        Type::Map(element) => collection("map", element),
        ty => ty.to_string(),
    }
}
