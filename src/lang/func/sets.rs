//! Functions on sets.

use super::{Args, Func, FuncError, Param, SET_OF_ANY, param};
use crate::value::{Type, Value, canonical_order, convert, unify};

const FIRST: &[Param] = &[param("first_set", SET_OF_ANY)];

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "setunion",
        // What is not known yet is in the union all the same.
        params: &[param("first_set", SET_OF_ANY).shallow()],
        variadic: Some(param("other_sets", SET_OF_ANY).shallow()),
        returns: SET_OF_ANY,
        about: "The elements that are in any of the sets.",
        examples: &[(
            "setunion([\"a\", \"b\"], [\"b\", \"c\"])",
            "toset([\n  \"a\",\n  \"b\",\n  \"c\",\n])",
        )],
        call: |args| {
            let (element, sets) = unified(args)?;
            Ok(Value::set(element, sets.concat()))
        },
    },
    Func {
        name: "setintersection",
        params: FIRST,
        variadic: Some(param("other_sets", SET_OF_ANY)),
        returns: SET_OF_ANY,
        about: "The elements that are in all of the sets.",
        examples: &[(
            "setintersection([\"a\", \"b\"], [\"b\", \"c\"])",
            "toset([\n  \"b\",\n])",
        )],
        call: |args| {
            let (element, sets) = unified(args)?;
            let mut sets = sets.into_iter();
            let first = sets.next().unwrap_or_default();
            let kept = sets.fold(first, |kept, other| {
                kept.into_iter().filter(|item| holds(&other, item)).collect()
            });
            Ok(Value::set(element, kept))
        },
    },
    Func {
        name: "setsubtract",
        params: &[param("a", SET_OF_ANY), param("b", SET_OF_ANY)],
        variadic: None,
        returns: SET_OF_ANY,
        about: "The elements of one set that are not in another.",
        examples: &[(
            "setsubtract([\"a\", \"b\"], [\"b\", \"c\"])",
            "toset([\n  \"a\",\n])",
        )],
        call: |args| {
            let (element, sets) = unified(args)?;
            let [all, less] = sets.as_slice() else {
                return Err(FuncError::new("two sets are required"));
            };
            Ok(Value::set(
                element,
                all.iter().filter(|item| !holds(less, item)).cloned().collect(),
            ))
        },
    },
];

/// Whether a set's sorted items hold one.
fn holds(items: &[Value], wanted: &Value) -> bool {
    items
        .binary_search_by(|item| canonical_order(item, wanted))
        .is_ok()
}

/// The sets' items, all of one element type.
fn unified(args: &Args<'_>) -> Result<(Type, Vec<Vec<Value>>), FuncError> {
    let types: Vec<Type> = args
        .all()
        .iter()
        .filter(|set| set.children().next().is_some())
        .filter_map(|set| set.ty().element().cloned())
        .collect();
    let wrong = || FuncError::new("all sets must have the same element type");
    let element = match types.as_slice() {
        [] => args.value(0)?.ty().element().cloned().unwrap_or(Type::Dynamic),
        types => unify::unify(types).ok_or_else(wrong)?,
    };
    let ty = Type::set(element.clone());
    let mut sets = Vec::new();
    for set in args.all() {
        let set = convert::convert(set, &ty).map_err(|_| wrong())?;
        args.spend_elements(set.children().count())?;
        sets.push(set.children().cloned().collect());
    }
    Ok((element, sets))
}
