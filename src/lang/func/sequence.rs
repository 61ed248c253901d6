//! Functions on lists and tuples.

use super::collection::at;
use super::{Args, Func, FuncError, Kind, LIST_OF_ANY, LIST_OF_STRING, Param, any, number, param};
use crate::lang::expr::equal;
use crate::value::{Data, Marks, Number, Type, Value, unify};

/// So many numbers `range` makes.
const RANGE: usize = 1024;

const fn on_list(
    name: &'static str,
    params: &'static [Param],
    returns: Kind,
    about: &'static str,
    examples: super::Examples,
    call: super::Call,
) -> Func {
    Func {
        name,
        params,
        variadic: None,
        returns,
        about,
        examples,
        call,
    }
}

const fn whole(name: &'static str) -> Param {
    any(name).shallow().marked()
}

const BOOLS: &[Param] = &[param("list", Kind::List(&Kind::Bool)).unknown()];

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "concat",
        params: &[],
        variadic: Some(whole("seqs")),
        returns: Kind::Any,
        about: "Puts lists or tuples one after the other.",
        examples: &[(
            "jsonencode(concat([\"a\"], [\"b\", \"c\"]))",
            "\"[\\\"a\\\",\\\"b\\\",\\\"c\\\"]\"",
        )],
        call: concat,
    },
    on_list(
        "element",
        &[whole("list"), number("index")],
        Kind::Any,
        "The element at a place; places wrap around.",
        &[("element([\"a\", \"b\", \"c\"], 4)", "\"b\"")],
        element,
    ),
    on_list(
        "slice",
        &[whole("list"), number("start_index"), number("end_index")],
        Kind::Any,
        "The elements from one place up to, but not including, another.",
        &[(
            "jsonencode(slice([\"a\", \"b\", \"c\", \"d\"], 1, 3))",
            "\"[\\\"b\\\",\\\"c\\\"]\"",
        )],
        slice,
    ),
    on_list(
        "reverse",
        &[whole("list")],
        Kind::Any,
        "The elements from last to first.",
        &[(
            "jsonencode(reverse([\"a\", \"b\", \"c\"]))",
            "\"[\\\"c\\\",\\\"b\\\",\\\"a\\\"]\"",
        )],
        reverse,
    ),
    on_list(
        "flatten",
        &[whole("list")],
        Kind::Any,
        "Replaces all lists inside a list by their elements.",
        &[(
            "jsonencode(flatten([[\"a\"], [], [\"b\", [\"c\"]]]))",
            "\"[\\\"a\\\",\\\"b\\\",\\\"c\\\"]\"",
        )],
        flatten,
    ),
    on_list(
        "one",
        &[whole("list")],
        Kind::Any,
        "The only element, or null if there is none.",
        &[("one([\"a\"])", "\"a\""), ("one([])", "null")],
        one,
    ),
    on_list(
        "index",
        &[any("list"), any("value")],
        Kind::Number,
        "The place of a value in a list.",
        &[("index([\"a\", \"b\"], \"b\")", "1")],
        index_of,
    ),
    on_list(
        "sort",
        &[param("list", LIST_OF_STRING).shallow()],
        LIST_OF_STRING,
        "Sorts strings by their bytes.",
        &[(
            "jsonencode(sort([\"b\", \"a\", \"C\"]))",
            "\"[\\\"C\\\",\\\"a\\\",\\\"b\\\"]\"",
        )],
        |args| {
            let mut items = args.items(0)?.to_vec();
            if items.iter().any(Value::is_null) {
                return Err(FuncError::new(
                    "given list element 0 is null; a null string cannot be sorted",
                ));
            }
            if !items.iter().all(Value::is_known) {
                // Any of them may come to stand anywhere.
                items.fill(Value::unknown(Type::String).never_null());
            }
            args.spend_order(args.value(0)?)?;
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            Ok(Value::list(Type::String, items))
        },
    ),
    on_list(
        "compact",
        &[param("list", LIST_OF_STRING)],
        LIST_OF_STRING,
        "Drops null and empty strings.",
        &[(
            "compact([\"a\", \"\", null, \"b\"])",
            "tolist([\n  \"a\",\n  \"b\",\n])",
        )],
        |args| {
            let kept = args
                .items(0)?
                .iter()
                .filter(|item| item.as_str().is_some_and(|text| !text.is_empty()));
            Ok(Value::list(Type::String, kept.cloned().collect()))
        },
    ),
    on_list(
        "distinct",
        &[param("list", LIST_OF_ANY)],
        LIST_OF_ANY,
        "Drops repeated elements.",
        &[(
            "jsonencode(distinct([\"a\", \"b\", \"a\"]))",
            "\"[\\\"a\\\",\\\"b\\\"]\"",
        )],
        distinct,
    ),
    on_list(
        "chunklist",
        &[param("list", LIST_OF_ANY).shallow().marked(), number("size")],
        Kind::List(&LIST_OF_ANY),
        "Cuts a list into lists of one size.",
        &[(
            "jsonencode(chunklist([\"a\", \"b\", \"c\"], 2))",
            "\"[[\\\"a\\\",\\\"b\\\"],[\\\"c\\\"]]\"",
        )],
        chunklist,
    ),
    Func {
        name: "range",
        params: &[],
        variadic: Some(number("params")),
        returns: Kind::List(&Kind::Number),
        about: "Numbers from a start up to, but not including, a limit.",
        examples: &[
            ("jsonencode(range(3))", "\"[0,1,2]\""),
            ("jsonencode(range(1, 8, 3))", "\"[1,4,7]\""),
        ],
        call: range,
    },
    on_list(
        "alltrue",
        BOOLS,
        Kind::Bool,
        "Whether all elements are true.",
        &[("alltrue([true, \"true\"])", "true"), ("alltrue([])", "true")],
        |args| truth(args, false),
    ),
    on_list(
        "anytrue",
        BOOLS,
        Kind::Bool,
        "Whether any element is true.",
        &[("anytrue([false, true])", "true"), ("anytrue([])", "false")],
        |args| truth(args, true),
    ),
];

fn concat(args: &Args<'_>) -> Result<Value, FuncError> {
    if args.all().is_empty() {
        return Err(FuncError::new("at least one argument is required"));
    }
    let mut marks = Marks::NONE;
    let mut items = Vec::new();
    let mut elements = Vec::new();
    for (place, value) in args.all().iter().enumerate() {
        marks = marks | value.marks();
        match value.data() {
            Data::List(list) => {
                elements.push(list.element.clone());
                items.extend(list.items.iter().cloned());
            }
            Data::Tuple(tuple) => items.extend(tuple.iter().cloned()),
            _ => {
                let ty = value.ty();
                return Err(FuncError::argument(
                    place,
                    format!("all arguments must be lists or tuples; got {ty}"),
                ));
            }
        }
        args.spend_elements(value.children().count())?;
    }
    if elements.len() == args.all().len()
        && let Some(element) = unify::unify(&elements)
    {
        let items = items
            .iter()
            .map(|item| crate::value::convert::convert(item, &element))
            .collect::<Result<Vec<_>, _>>();
        if let Ok(items) = items {
            return Ok(Value::list(element, items).with_marks(marks));
        }
        return Err(FuncError::new(
            "all arguments must have elements of the same type",
        ));
    }
    Ok(Value::tuple(items).with_marks(marks))
}

fn element(args: &Args<'_>) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    let items = match list.data() {
        Data::List(sequence) => &sequence.items,
        Data::Tuple(items) => &**items,
        _ => return Err(FuncError::new(format!("cannot read elements from {}", list.ty()))),
    };
    let place = args.whole(1)?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if length == 0 {
        return Err(FuncError::new("cannot use element function with an empty list"));
    }
    at(list, usize::try_from(place.rem_euclid(length)).unwrap_or(0))
}

/// A value of the same kind with other items.
fn like(list: &Value, items: Vec<Value>) -> Value {
    let made = match list.data() {
        Data::List(sequence) | Data::Set(sequence) => Value::list(sequence.element.clone(), items),
        _ => Value::tuple(items),
    };
    made.with_marks(list.marks())
}

fn slice(args: &Args<'_>) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    let items = match list.data() {
        Data::List(sequence) => &sequence.items,
        Data::Tuple(items) => &**items,
        Data::Set(_) => {
            return Err(FuncError::argument(
                0,
                "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
            ));
        }
        _ => return Err(FuncError::argument(0, "must be a list or tuple value")),
    };
    let (start, end) = (args.whole(1)?, args.whole(2)?);
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let bound = |at: usize, value: i64, name: &str| {
        if value < 0 {
            return Err(FuncError::argument(
                at,
                format!("{name} index must not be less than zero"),
            ));
        }
        if value > length {
            return Err(FuncError::argument(
                at,
                format!("{name} index must not be greater than the length of the list"),
            ));
        }
        Ok(usize::try_from(value).unwrap_or(0))
    };
    let (start, end) = (bound(1, start, "start")?, bound(2, end, "end")?);
    if start > end {
        return Err(FuncError::argument(
            1,
            "start index must not be greater than end index",
        ));
    }
    Ok(like(list, items[start..end].to_vec()))
}

fn reverse(args: &Args<'_>) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    let items = list.as_items().ok_or_else(|| {
        FuncError::argument(
            0,
            format!("can only reverse list or tuple values, not {}", list.ty()),
        )
    })?;
    Ok(like(list, items.iter().rev().cloned().collect()))
}

fn flatten(args: &Args<'_>) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    let items = list
        .as_items()
        .ok_or_else(|| FuncError::new("can only flatten lists, sets and tuples"))?;
    let mut flat = Vec::new();
    let mut marks = list.marks();
    let known = flatten_into(items, &mut flat, &mut marks, args)?;
    let value = if known {
        Value::tuple(flat)
    } else {
        Value::dynamic()
    };
    Ok(value.with_marks(marks))
}

/// Adds the items; says whether their number is known.
fn flatten_into(
    items: &[Value],
    flat: &mut Vec<Value>,
    marks: &mut Marks,
    args: &Args<'_>,
) -> Result<bool, FuncError> {
    let mut known = true;
    for item in items {
        if let Some(inner) = item.as_items() {
            *marks = *marks | item.marks();
            known &= flatten_into(inner, flat, marks, args)?;
        } else if !item.is_known()
            && matches!(
                item.ty(),
                Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)
            )
        {
            *marks = *marks | item.marks();
            known = false;
        } else {
            args.spend_elements(1)?;
            flat.push(item.clone());
        }
    }
    Ok(known)
}

fn one(args: &Args<'_>) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    let found = match list.as_items() {
        Some([]) => Value::null(list.ty().element().cloned().unwrap_or(Type::Dynamic)),
        Some([only]) => only.clone(),
        _ => {
            return Err(FuncError::argument(
                0,
                "must be a list, set, or tuple value with either zero or one elements",
            ));
        }
    };
    Ok(found.with_marks(list.marks()))
}

fn index_of(args: &Args<'_>) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    let items = match list.data() {
        Data::List(sequence) => &sequence.items,
        Data::Tuple(items) => &**items,
        _ => return Err(FuncError::new("argument must be a list or tuple")),
    };
    if items.is_empty() {
        return Err(FuncError::new("cannot search an empty list"));
    }
    let wanted = args.value(1)?;
    for (place, item) in items.iter().enumerate() {
        args.spend_comparison(item, wanted)?;
        if equal(item, wanted) == Some(true) {
            return Ok(Value::int(i64::try_from(place).unwrap_or(i64::MAX)));
        }
    }
    Err(FuncError::new("item not found"))
}

fn distinct(args: &Args<'_>) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    args.spend_order(list)?;
    let items = args.items(0)?;
    let mut seen: Vec<&Value> = items.iter().collect();
    seen.sort_by(|a, b| crate::value::canonical_order(a, b));
    let mut kept = Vec::new();
    let mut taken: Vec<bool> = vec![false; seen.len()];
    for item in items {
        let Ok(place) = seen.binary_search_by(|other| crate::value::canonical_order(other, item)) else {
            kept.push(item.clone());
            continue;
        };
        let first = seen[..place]
            .partition_point(|other| crate::value::canonical_order(other, item) == std::cmp::Ordering::Less);
        if !std::mem::replace(&mut taken[first], true) {
            kept.push(item.clone());
        }
    }
    Ok(like(list, kept))
}

fn chunklist(args: &Args<'_>) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    let size = args.whole(1)?;
    if size < 0 {
        return Err(FuncError::new("the size argument must be positive"));
    }
    let items = args.items(0)?;
    let element = list.ty().element().cloned().unwrap_or(Type::Dynamic);
    let size = match usize::try_from(size) {
        Ok(0) | Err(_) => items.len().max(1),
        Ok(size) => size,
    };
    let chunks = items
        .chunks(size)
        .map(|chunk| Value::list(element.clone(), chunk.to_vec()));
    Ok(Value::list(Type::list(element.clone()), chunks.collect()).with_marks(list.marks()))
}

fn range(args: &Args<'_>) -> Result<Value, FuncError> {
    let zero = Number::from(0i64);
    let mut numbers = Vec::new();
    for at in 0..args.all().len() {
        numbers.push(args.number(at)?.clone());
    }
    let (start, end, step) = match numbers.as_slice() {
        [end] => (zero.clone(), end.clone(), None),
        [start, end] => (start.clone(), end.clone(), None),
        [start, end, step] => (start.clone(), end.clone(), Some(step.clone())),
        _ => return Err(FuncError::new("must have one, two, or three arguments")),
    };
    let step = step.unwrap_or_else(|| Number::from(if end < start { -1i64 } else { 1 }));
    let down = step < zero;
    if down && end > start {
        return Err(FuncError::argument(
            1,
            "end must be less than start when step is negative",
        ));
    }
    if !down && end < start {
        return Err(FuncError::argument(
            1,
            "end must be greater than start when step is positive",
        ));
    }
    let mut made = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if made.len() == RANGE {
            return Err(FuncError::new(
                "more than 1024 values were generated; either decrease the difference between start and end or use a smaller step",
            ));
        }
        made.push(Value::number(next.clone()));
        let Some(after) = next.checked_add(&step) else {
            break;
        };
        next = after;
    }
    Ok(Value::list(Type::Number, made))
}

/// The first element of that truth decides.
fn truth(args: &Args<'_>, decisive: bool) -> Result<Value, FuncError> {
    let list = args.value(0)?;
    let Some(items) = list.as_items() else {
        return Ok(Value::unknown(Type::Bool));
    };
    let mut open = false;
    for item in items {
        match item.data() {
            Data::Unknown(_) => open = true,
            _ if item.as_bool().unwrap_or(false) == decisive => return Ok(decisive.into()),
            _ => {}
        }
    }
    Ok(if open {
        Value::unknown(Type::Bool)
    } else {
        (!decisive).into()
    })
}
