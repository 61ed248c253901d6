//! Which conversions exist, as far as types can say.

use std::collections::BTreeMap;

use super::{ObjectType, Text, Type, unify};

/// Whether values of a type can be converted to another, text and unknown parts permitting.
pub fn can_convert(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (_, Type::Dynamic) | (Type::Dynamic, _) => true,
        _ if from == to => true,
        (Type::String, to) => to.is_primitive(),
        (Type::Bool | Type::Number, Type::String) => true,
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to))
        | (Type::Map(from), Type::Map(to)) => can_convert(from, to),
        (Type::Tuple(items), Type::List(to) | Type::Set(to)) => items_fit(from, items.iter(), to),
        (Type::Object(object), Type::Map(to)) => items_fit(from, object.attributes.values(), to),
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(from, to)| can_convert(from, to))
        }
        (Type::Object(from), Type::Object(to)) => to.attributes.iter().all(|(name, ty)| {
            from.attributes
                .get(name)
                .map_or_else(|| to.optional.contains(name), |from| can_convert(from, ty))
        }),
        (Type::Map(from), Type::Object(to)) => to
            .attributes
            .iter()
            .all(|(name, ty)| to.optional.contains(name) || can_convert(from, ty)),
        _ => false,
    }
}

/// Whether all parts of a tuple or object can become elements of one type.
fn items_fit<'a>(from: &Type, mut items: impl Iterator<Item = &'a Type>, to: &Type) -> bool {
    if *to == Type::Dynamic {
        return shared_element(from).is_some();
    }
    items.all(|item| can_convert(item, to))
}

/// The one type that all parts of a tuple or object can have; `Dynamic` only for none, or for nothing but nulls.
pub(super) fn shared_element(from: &Type) -> Option<Type> {
    let parts: Vec<Type> = match from {
        Type::Tuple(items) => items.to_vec(),
        Type::Object(object) => object.attributes.values().cloned().collect(),
        _ => return None,
    };
    if parts.is_empty() {
        return Some(Type::Dynamic);
    }
    unify(&parts).filter(|ty| *ty != Type::Dynamic || parts.iter().all(|part| *part == Type::Dynamic))
}

/// The type wanted, with each `Dynamic` replaced by what the given type has there.
pub fn fill_dynamic(from: &Type, to: &Type) -> Type {
    if !to.has_dynamic() || *from == Type::Dynamic {
        return to.clone();
    }
    let element = |to: &Type| match from {
        Type::List(from) | Type::Set(from) | Type::Map(from) => fill_dynamic(from, to),
        Type::Tuple(_) | Type::Object(_) => {
            shared_element(from).map_or_else(|| to.clone(), |shared| fill_dynamic(&shared, to))
        }
        _ => to.clone(),
    };
    match (from, to) {
        (_, Type::Dynamic) => from.clone(),
        (_, Type::List(to)) => Type::list(element(to)),
        (_, Type::Set(to)) => Type::set(element(to)),
        (_, Type::Map(to)) => Type::map(element(to)),
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => Type::tuple(
            from.iter()
                .zip(to.iter())
                .map(|(from, to)| fill_dynamic(from, to))
                .collect(),
        ),
        (Type::Object(from), Type::Object(to)) => fill_object(to, |name| from.attributes.get(name)),
        (Type::Map(from), Type::Object(to)) => fill_object(to, |_| Some(from)),
        _ => to.clone(),
    }
}

fn fill_object<'a>(to: &ObjectType, from: impl Fn(&str) -> Option<&'a Type>) -> Type {
    let attributes: BTreeMap<Text, Type> = to
        .attributes
        .iter()
        .map(|(name, ty)| {
            let filled = from(name).map_or_else(|| ty.clone(), |from| fill_dynamic(from, ty));
            (name.clone(), filled)
        })
        .collect();
    Type::object(attributes)
}
