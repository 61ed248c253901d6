//! The one type that several values can share.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::convert::{can_convert, convert};
use super::{Text, Type, Value};

/// The type that all given types convert to, if there is one. A `Dynamic` among structural types leaves the
/// whole `Dynamic`.
pub fn unify(types: &[Type]) -> Option<Type> {
    let (first, rest) = types.split_first()?;
    if rest.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    match unify_kinds(types) {
        Outcome::Type(ty) => Some(ty),
        Outcome::Nothing => None,
        Outcome::Undecided => preferred(types),
    }
}

/// What the structural rules say.
enum Outcome {
    Type(Type),
    Nothing,
    /// They do not apply.
    Undecided,
}

impl From<Option<Type>> for Outcome {
    fn from(ty: Option<Type>) -> Self {
        ty.map_or(Self::Nothing, Self::Type)
    }
}

/// How many types there are of each kind.
#[derive(Default)]
struct Kinds {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    dynamics: usize,
}

impl Kinds {
    fn of(types: &[Type]) -> Self {
        let mut kinds = Self::default();
        for ty in types {
            match ty {
                Type::Map(_) => kinds.maps += 1,
                Type::List(_) => kinds.lists += 1,
                Type::Set(_) => kinds.sets += 1,
                Type::Object(_) => kinds.objects += 1,
                Type::Tuple(_) => kinds.tuples += 1,
                Type::Dynamic => kinds.dynamics += 1,
                Type::Bool | Type::Number | Type::String => {}
            }
        }
        kinds
    }
}

fn unify_kinds(types: &[Type]) -> Outcome {
    let kinds = Kinds::of(types);
    let all = |count: usize| count > 0 && count + kinds.dynamics == types.len();
    let whole = |unified: fn(&[Type]) -> Option<Type>| {
        if kinds.dynamics > 0 {
            Outcome::Type(Type::Dynamic)
        } else {
            unified(types).into()
        }
    };
    if all(kinds.maps) {
        whole(|types| unify_elements(types).map(Type::map))
    } else if kinds.maps > 0 && all(kinds.maps + kinds.objects) && kinds.dynamics == 0 {
        unify_elements(types).map_or(Outcome::Undecided, |element| Outcome::Type(Type::map(element)))
    } else if all(kinds.lists) {
        whole(|types| unify_elements(types).map(Type::list))
    } else if kinds.lists > 0 && all(kinds.lists + kinds.tuples) && kinds.dynamics == 0 {
        unify_elements(types).map_or(Outcome::Undecided, |element| Outcome::Type(Type::list(element)))
    } else if all(kinds.sets) {
        whole(|types| unify_elements(types).map(Type::set))
    } else if all(kinds.objects) {
        whole(unify_objects)
    } else if all(kinds.tuples) {
        whole(unify_tuples)
    } else if kinds.objects > 0 && kinds.tuples > 0 {
        Outcome::Nothing
    } else {
        Outcome::Undecided
    }
}

/// The unified type of everything one level down. Empty tuples, objects and untyped collections do not count.
fn unify_elements(types: &[Type]) -> Option<Type> {
    let mut elements: Vec<Type> = Vec::new();
    for ty in types {
        match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => {
                elements.push((**element).clone());
            }
            Type::Tuple(items) => elements.extend(items.iter().cloned()),
            Type::Object(object) => elements.extend(object.attributes.values().cloned()),
            Type::Dynamic | Type::Bool | Type::Number | Type::String => {}
        }
    }
    unify(&elements)
}

/// Attribute by attribute where the names agree, otherwise as maps.
fn unify_objects(types: &[Type]) -> Option<Type> {
    let objects: Vec<&BTreeMap<Text, Type>> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Object(object) => Some(&object.attributes),
            _ => None,
        })
        .collect();
    let (first, rest) = objects.split_first()?;
    if !rest.iter().all(|object| object.keys().eq(first.keys())) {
        return unify_elements(types).map(Type::map);
    }
    first
        .keys()
        .map(|name| {
            let across: Vec<Type> = objects
                .iter()
                .filter_map(|object| object.get(name).cloned())
                .collect();
            Some((name.clone(), unify(&across)?))
        })
        .collect::<Option<_>>()
        .map(Type::object)
}

/// Element by element where the lengths agree, otherwise as lists.
fn unify_tuples(types: &[Type]) -> Option<Type> {
    let tuples: Vec<&[Type]> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Tuple(items) => Some(&**items),
            _ => None,
        })
        .collect();
    let (first, rest) = tuples.split_first()?;
    if !rest.iter().all(|tuple| tuple.len() == first.len()) {
        let list = Type::list(unify_elements(types)?);
        return types.iter().all(|ty| can_convert(ty, &list)).then_some(list);
    }
    (0..first.len())
        .map(|index| {
            let across: Vec<Type> = tuples
                .iter()
                .filter_map(|tuple| tuple.get(index).cloned())
                .collect();
            unify(&across)
        })
        .collect::<Option<_>>()
        .map(Type::tuple)
}

/// The first of the types, by preference, that all others convert to.
fn preferred(types: &[Type]) -> Option<Type> {
    let mut candidates: Vec<&Type> = types.iter().collect();
    candidates.sort_by_key(|ty| preference(ty));
    candidates
        .into_iter()
        .find(|wanted| types.iter().all(|ty| ty == *wanted || can_convert(ty, wanted)))
        .cloned()
}

/// Text holds every primitive, lists hold sets and tuples, maps hold objects; a dynamic type says nothing.
fn preference(ty: &Type) -> u8 {
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            preference(element).min(3) + kind_rank(ty)
        }
        _ => kind_rank(ty),
    }
}

fn kind_rank(ty: &Type) -> u8 {
    match ty {
        Type::String => 0,
        Type::Bool | Type::Number => 1,
        Type::List(_) | Type::Map(_) => 4,
        Type::Set(_) => 8,
        Type::Tuple(_) | Type::Object(_) => 12,
        Type::Dynamic => 16,
    }
}

/// The values, each converted to the unified type. Nulls without a type take the type of the others.
pub fn unify_values(values: &[Value]) -> Option<(Type, Vec<Value>)> {
    let typed: Vec<Type> = values
        .iter()
        .filter(|value| !(value.is_null() && value.ty() == Type::Dynamic))
        .map(Value::ty)
        .collect();
    let ty = if typed.is_empty() {
        Type::Dynamic
    } else {
        unify(&typed)?
    };
    let converted: Option<Vec<Value>> = values.iter().map(|value| convert(value, &ty).ok()).collect();
    Some((ty, converted?))
}
