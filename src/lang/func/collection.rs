//! Functions on collections of any kind, and on maps.

use std::collections::BTreeMap;

use super::{Args, Func, FuncError, Kind, LIST_OF_ANY, LIST_OF_STRING, Param, any, param, text};
use crate::lang::expr::{equal, index};
use crate::value::{Bounds, Data, Marks, Text, Type, Value, convert, unify};

/// A parameter whose inner marks and unknown parts the function minds itself.
const fn whole(name: &'static str) -> Param {
    any(name).shallow().marked()
}

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "length",
        params: &[any("value").unknown().marked()],
        variadic: None,
        returns: Kind::Number,
        about: "The number of elements, attributes or characters.",
        examples: &[("length([\"a\", \"b\"])", "2"), ("length(\"été\")", "3")],
        call: length,
    },
    Func {
        name: "keys",
        params: &[any("inputMap").unknown().marked()],
        variadic: None,
        returns: Kind::Any,
        about: "The keys of a map or object, sorted.",
        examples: &[("jsonencode(keys({ b = 1, a = 2 }))", "\"[\\\"a\\\",\\\"b\\\"]\"")],
        call: keys,
    },
    Func {
        name: "values",
        params: &[whole("mapping").unknown()],
        variadic: None,
        returns: Kind::Any,
        about: "The values of a map or object, sorted by key.",
        examples: &[("jsonencode(values({ b = 1, a = 2 }))", "\"[2,1]\"")],
        call: values,
    },
    Func {
        name: "lookup",
        params: &[any("inputMap").shallow().marked(), text("key").marked()],
        variadic: Some(any("default").null().unknown().marked()),
        returns: Kind::Any,
        about: "The element of a map by its key, or else a default.",
        examples: &[
            ("lookup({ a = 1 }, \"a\", 0)", "1"),
            ("lookup({ a = 1 }, \"b\", 0)", "0"),
        ],
        call: lookup,
    },
    Func {
        name: "contains",
        params: &[any("list").unknown(), any("value").unknown()],
        variadic: None,
        returns: Kind::Bool,
        about: "Whether a list, set or tuple contains a value.",
        examples: &[
            ("contains([\"a\", \"b\"], \"b\")", "true"),
            ("contains([1], \"1\")", "false"),
        ],
        call: contains,
    },
    Func {
        name: "merge",
        params: &[],
        variadic: Some(any("maps").null().shallow().marked()),
        returns: Kind::Any,
        about: "Puts maps or objects together; later ones win.",
        examples: &[(
            "jsonencode(merge({ a = 1, b = 2 }, { b = 3 }))",
            "\"{\\\"a\\\":1,\\\"b\\\":3}\"",
        )],
        call: merge,
    },
    Func {
        name: "zipmap",
        params: &[param("keys", LIST_OF_STRING), whole("values")],
        variadic: None,
        returns: Kind::Any,
        about: "Makes a map of a list of keys and a list of values.",
        examples: &[(
            "jsonencode(zipmap([\"a\", \"b\"], [1, 2]))",
            "\"{\\\"a\\\":1,\\\"b\\\":2}\"",
        )],
        call: zipmap,
    },
    Func {
        name: "coalesce",
        params: &[],
        variadic: Some(any("vals").null().unknown()),
        returns: Kind::Any,
        about: "The first argument that is neither null nor an empty string.",
        examples: &[("coalesce(null, \"\", \"a\")", "\"a\"")],
        call: coalesce,
    },
    Func {
        name: "coalescelist",
        params: &[],
        variadic: Some(any("vals").null().unknown()),
        returns: Kind::Any,
        about: "The first list that is neither null nor empty.",
        examples: &[("coalescelist([], [\"a\"])", "[\n  \"a\",\n]")],
        call: coalescelist,
    },
    Func {
        name: "transpose",
        params: &[param("values", Kind::Map(&LIST_OF_STRING))],
        variadic: None,
        returns: Kind::Map(&LIST_OF_STRING),
        about: "Exchanges the keys and values of a map of lists of strings.",
        examples: &[(
            "jsonencode(transpose({ a = [\"x\", \"y\"], b = [\"y\"] }))",
            "\"{\\\"x\\\":[\\\"a\\\"],\\\"y\\\":[\\\"a\\\",\\\"b\\\"]}\"",
        )],
        call: transpose,
    },
    Func {
        name: "matchkeys",
        params: &[
            param("values", LIST_OF_ANY),
            param("keys", LIST_OF_ANY),
            param("searchset", LIST_OF_ANY),
        ],
        variadic: None,
        returns: LIST_OF_ANY,
        about: "The values whose keys are among those searched for.",
        examples: &[(
            "jsonencode(matchkeys([\"i-1\", \"i-2\"], [\"east\", \"west\"], [\"west\"]))",
            "\"[\\\"i-2\\\"]\"",
        )],
        call: matchkeys,
    },
];

fn count(number: usize) -> Value {
    Value::int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn length(args: &Args<'_>) -> Result<Value, FuncError> {
    use unicode_segmentation::UnicodeSegmentation as _;
    let value = args.value(0)?;
    let result = match value.data() {
        Data::List(list) => count(list.items.len()),
        Data::Set(set) if value.is_wholly_known() || set.items.len() == 1 => count(set.items.len()),
        Data::Set(_) => Value::number_within(Bounds::of_length(value.length_bounds())),
        Data::Map(map) => count(map.items.len()),
        Data::Tuple(items) => count(items.len()),
        Data::Object(attributes) => count(attributes.len()),
        Data::String(text) => count(text.graphemes(true).count()),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Tuple(elements) => count(elements.len()),
            Type::Object(object) => count(object.attributes.len()),
            Type::Bool | Type::Number => return Err(no_length()),
            Type::String => {
                let start = unknown.refinement.prefix.as_deref().unwrap_or_default();
                Value::number_within(Bounds::of_length((start.graphemes(true).count(), None)))
            }
            Type::Dynamic => Value::unknown(Type::Number).never_null(),
            _ => Value::number_within(Bounds::of_length(value.length_bounds())),
        },
        Data::Null(_) | Data::Bool(_) | Data::Number(_) => return Err(no_length()),
    };
    Ok(result.with_marks(value.marks()))
}

fn no_length() -> FuncError {
    FuncError::new("argument must be a string, a collection type, or a structural type")
}

fn keys(args: &Args<'_>) -> Result<Value, FuncError> {
    let value = args.value(0)?;
    let names =
        |names: &mut dyn Iterator<Item = &Text>| names.map(|name| Value::text(name.clone())).collect();
    let result = match value.data() {
        Data::Map(map) => Value::list(Type::String, names(&mut map.items.keys())),
        Data::Object(attributes) => Value::tuple(names(&mut attributes.keys())),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Object(object) => Value::tuple(names(&mut object.attributes.keys())),
            Type::Map(_) => Value::unknown(Type::list(Type::String)).never_null(),
            Type::Dynamic => Value::dynamic(),
            _ => return Err(FuncError::argument(0, "must have map or object type")),
        },
        _ => return Err(FuncError::argument(0, "must have map or object type")),
    };
    Ok(result.with_marks(value.marks()))
}

fn values(args: &Args<'_>) -> Result<Value, FuncError> {
    let value = args.value(0)?;
    let result = match value.data() {
        Data::Map(map) => Value::list(map.element.clone(), map.items.values().cloned().collect()),
        Data::Object(attributes) => Value::tuple(attributes.values().cloned().collect()),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Map(element) => Value::unknown(Type::list((**element).clone())).never_null(),
            Type::Object(object) => {
                Value::unknown(Type::tuple(object.attributes.values().cloned().collect())).never_null()
            }
            _ => Value::dynamic(),
        },
        _ => return Err(FuncError::new("values() requires a map as the first argument")),
    };
    Ok(result.with_marks(value.marks()))
}

fn lookup(args: &Args<'_>) -> Result<Value, FuncError> {
    let (map, key) = (args.value(0)?, args.value(1)?);
    let [_, _, defaults @ ..] = args.all() else {
        return Err(FuncError::new("an argument is missing"));
    };
    if defaults.len() > 1 {
        return Err(FuncError::new(format!(
            "lookup() takes two or three arguments, got {}",
            args.all().len()
        )));
    }
    let name = args.text(1)?;
    let marks = map.marks() | key.marks();
    let entries = map
        .as_entries()
        .ok_or_else(|| FuncError::argument(0, "lookup() requires a map as the first argument"))?;
    if let Data::Map(mapping) = map.data()
        && let Some(default) = defaults.first()
        && default.ty() != mapping.element
        && !mapping.items.is_empty()
        && convert::convert(default, &mapping.element).is_err()
    {
        return Err(FuncError::argument(
            2,
            "the default value must have the same type as the map elements",
        ));
    }
    if let Some(found) = entries.get(name) {
        return Ok(found.clone().with_marks(marks));
    }
    let shown = if key.is_sensitive() {
        "(sensitive value)".to_owned()
    } else {
        crate::addr::quote(name)
    };
    match (defaults.first(), map.data()) {
        (Some(default), Data::Map(mapping)) if mapping.element != Type::Dynamic => {
            let default = convert::convert(default, &mapping.element).map_err(|_| {
                FuncError::argument(2, "the default value must have the same type as the map elements")
            })?;
            Ok(default.with_marks(marks))
        }
        (Some(default), _) => Ok(default.clone().with_marks(marks)),
        (None, Data::Object(_)) => Err(FuncError::argument(
            0,
            format!("the given object has no attribute {shown}"),
        )),
        (None, _) => Err(FuncError::new(format!("lookup failed to find key {shown}"))),
    }
}

fn contains(args: &Args<'_>) -> Result<Value, FuncError> {
    let (list, wanted) = (args.value(0)?, args.value(1)?);
    let Some(items) = list.as_items() else {
        return match list.data() {
            Data::Unknown(unknown)
                if matches!(
                    unknown.ty,
                    Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)
                ) =>
            {
                Ok(Value::unknown(Type::Bool))
            }
            _ => Err(FuncError::new("argument must be list, tuple, or set")),
        };
    };
    let mut open = false;
    for item in items {
        args.spend_comparison(item, wanted)?;
        match equal(item, wanted) {
            Some(true) => return Ok(true.into()),
            Some(false) => {}
            None => open = true,
        }
    }
    Ok(if open {
        Value::unknown(Type::Bool)
    } else {
        false.into()
    })
}

fn merge(args: &Args<'_>) -> Result<Value, FuncError> {
    let mut merged = BTreeMap::new();
    let mut marks = Marks::NONE;
    let mut element: Option<Type> = None;
    let mut all_maps = !args.all().is_empty();
    for value in args.all() {
        marks = marks | value.marks();
        match value.data() {
            Data::Null(Type::Dynamic | Type::Map(_) | Type::Object(_)) => {
                all_maps &= matches!(value.ty(), Type::Map(_));
                continue;
            }
            Data::Map(map) => {
                all_maps &= element.as_ref().is_none_or(|element| *element == map.element);
                element.get_or_insert_with(|| map.element.clone());
            }
            Data::Object(_) => all_maps = false,
            _ => {
                return Err(FuncError::new(format!(
                    "arguments must be maps or objects, got \"{}\"",
                    value.ty()
                )));
            }
        }
        if let Some(entries) = value.as_entries() {
            args.spend_elements(entries.len())?;
            merged.extend(entries.iter().map(|(name, item)| (name.clone(), item.clone())));
        }
    }
    let result = match element {
        Some(element) if all_maps => Value::map(element, merged),
        _ => Value::object(merged),
    };
    Ok(result.with_marks(marks))
}

fn zipmap(args: &Args<'_>) -> Result<Value, FuncError> {
    let keys = args.items(0)?;
    let list = args.value(1)?;
    let values = list
        .as_items()
        .filter(|_| !matches!(list.data(), Data::Set(_)))
        .ok_or_else(|| FuncError::argument(1, "values argument must be a list or tuple value"))?;
    if keys.len() != values.len() {
        return Err(FuncError::new(format!(
            "number of keys ({}) does not match number of values ({})",
            keys.len(),
            values.len()
        )));
    }
    let mut zipped = BTreeMap::new();
    for (key, value) in keys.iter().zip(values) {
        let key = key
            .as_text()
            .ok_or_else(|| FuncError::argument(0, "keys must not be null"))?;
        zipped.insert(key.clone(), value.clone());
    }
    let result = match list.data() {
        Data::List(sequence) => Value::map(sequence.element.clone(), zipped),
        _ => Value::object(zipped),
    };
    Ok(result.with_marks(list.marks()))
}

fn coalesce(args: &Args<'_>) -> Result<Value, FuncError> {
    let types: Vec<Type> = args.all().iter().map(Value::ty).collect();
    let ty = match unify::unify(&types) {
        Some(ty) if !types.is_empty() => ty,
        _ => return Err(FuncError::new("all arguments must have the same type")),
    };
    for value in args.all() {
        if value.is_null() {
            continue;
        }
        let value = convert::convert(value, &ty)
            .map_err(|_| FuncError::new("all arguments must have the same type"))?;
        if !value.is_known() {
            return Ok(Value::unknown(ty).never_null());
        }
        if value.as_str() != Some("") {
            return Ok(value);
        }
    }
    Err(FuncError::new("no non-null, non-empty-string arguments"))
}

fn coalescelist(args: &Args<'_>) -> Result<Value, FuncError> {
    if args.all().is_empty() {
        return Err(FuncError::new("at least one argument is required"));
    }
    // What stands after the one that is taken has to be a list too, as far as everything is known.
    let known = args.all().iter().take_while(|value| value.is_known());
    if known
        .into_iter()
        .any(|value| !matches!(value.ty(), Type::List(_) | Type::Tuple(_)))
    {
        return Err(FuncError::new("coalescelist arguments must be lists or tuples"));
    }
    for value in args.all() {
        match value.data() {
            Data::Unknown(_) => return Ok(Value::dynamic()),
            _ if value.children().next().is_some() => return Ok(value.clone()),
            _ => {}
        }
    }
    Err(FuncError::new("no non-null arguments"))
}

fn transpose(args: &Args<'_>) -> Result<Value, FuncError> {
    let mut turned: BTreeMap<Text, Vec<Value>> = BTreeMap::new();
    for (key, list) in args.value(0)?.as_entries().into_iter().flatten() {
        for item in list.children() {
            let item = item
                .as_text()
                .ok_or_else(|| FuncError::argument(0, "the lists must not contain null values"))?;
            args.spend_elements(1)?;
            turned
                .entry(item.clone())
                .or_default()
                .push(Value::text(key.clone()));
        }
    }
    Ok(Value::map(
        Type::list(Type::String),
        turned
            .into_iter()
            .map(|(key, items)| (key, Value::list(Type::String, items)))
            .collect(),
    ))
}

fn matchkeys(args: &Args<'_>) -> Result<Value, FuncError> {
    let (values, keys, searched) = (args.items(0)?, args.items(1)?, args.items(2)?);
    if values.len() != keys.len() {
        return Err(FuncError::new("length of keys and values should be equal"));
    }
    for key in keys {
        for wanted in searched {
            args.spend_comparison(key, wanted)?;
        }
    }
    let element = args.value(0)?.ty().element().cloned().unwrap_or(Type::Dynamic);
    let (_, keys_and_searched) = unify::unify_values(&[keys, searched].concat())
        .ok_or_else(|| FuncError::new("keys and searchset must be of the same type"))?;
    let (keys, searched) = keys_and_searched.split_at(keys.len());
    let found = values
        .iter()
        .zip(keys)
        .filter(|(_, key)| searched.iter().any(|wanted| equal(key, wanted) == Some(true)))
        .map(|(value, _)| value.clone());
    Ok(Value::list(element, found.collect()))
}

/// The element at a place, for functions that have found it.
pub(super) fn at(list: &Value, place: usize) -> Result<Value, FuncError> {
    index(list, &count(place)).map_err(|fault| FuncError::new(fault.detail.trim_end_matches('.').to_owned()))
}
