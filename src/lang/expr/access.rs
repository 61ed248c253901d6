//! Attributes and elements of values.

use crate::value::{Data, Marks, Text, Type, Value, convert};

use super::mismatch_text;

/// Why a value has no such part: summary and detail of a diagnostic.
#[derive(Clone, Debug)]
pub(in crate::lang) struct Fault {
    pub(in crate::lang) summary: &'static str,
    pub(in crate::lang) detail: String,
}

impl Fault {
    pub(in crate::lang) fn new(summary: &'static str, detail: impl Into<String>) -> Self {
        Self {
            summary,
            detail: detail.into(),
        }
    }
}

const NO_ELEMENT: &str = "The given key does not identify an element in this collection value";

/// `value.name`
pub(in crate::lang) fn attribute(value: &Value, name: &str) -> Result<Value, Fault> {
    let marks = value.marks();
    let found = match value.data() {
        Data::Null(_) => Err(Fault::new(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        )),
        Data::Object(attributes) => attributes.get(name).cloned().ok_or_else(|| no_attribute(name)),
        Data::Map(mapping) => mapping.items.get(name).cloned().ok_or_else(|| {
            Fault::new(
                "Missing map element",
                format!(
                    "This map does not have an element with the key {}.",
                    crate::addr::quote(name)
                ),
            )
        }),
        Data::Unknown(unknown) => attribute_of_unknown(&unknown.ty, name),
        _ => Err(without_attributes(&value.ty(), name)),
    };
    found.map(|found| found.with_marks(marks))
}

fn no_attribute(name: &str) -> Fault {
    Fault::new(
        "Unsupported attribute",
        format!(
            "This object does not have an attribute named {}.",
            crate::addr::quote(name)
        ),
    )
}

fn attribute_of_unknown(ty: &Type, name: &str) -> Result<Value, Fault> {
    match ty {
        Type::Dynamic => Ok(Value::dynamic()),
        Type::Object(object) => {
            let ty = object.attributes.get(name).ok_or_else(|| no_attribute(name))?;
            Ok(Value::unknown(ty.clone()))
        }
        Type::Map(element) => Ok(Value::unknown((**element).clone())),
        ty => Err(without_attributes(ty, name)),
    }
}

fn without_attributes(ty: &Type, name: &str) -> Fault {
    let detail = match ty {
        Type::List(element) => match &**element {
            Type::Object(object) if object.attributes.contains_key(name) => format!(
                "Can't access attributes on a list of objects. Did you mean to access attribute \"{name}\" for a specific element of the list, or across all elements of the list?"
            ),
            Type::Object(_) => "Can't access attributes on a list of objects. Did you mean to access an attribute for a specific element of the list, or across all elements of the list?".into(),
            _ => "This value does not have any attributes.".into(),
        },
        Type::Set(element) if matches!(**element, Type::Object(_)) => {
            "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?".into()
        }
        Type::Bool | Type::Number | Type::String => {
            format!("Can't access attributes on a primitive-typed value ({ty}).")
        }
        _ => "This value does not have any attributes.".into(),
    };
    Fault::new("Unsupported attribute", detail)
}

/// `value[key]`
pub(in crate::lang) fn index(value: &Value, key: &Value) -> Result<Value, Fault> {
    if value.is_null() {
        return Err(Fault::new(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
        ));
    }
    if key.is_null() {
        return Err(Fault::new(
            "Invalid index",
            "Can't use a null value as an indexing key.",
        ));
    }
    let marks = value.marks() | key.marks();
    let found = match value.data() {
        Data::List(list) => by_number(&list.items, Some(&list.element), key),
        Data::Tuple(items) => by_number(items, None, key),
        Data::Map(map) => match text_key(key)? {
            Some(text) => map.items.get(&text).cloned().ok_or_else(|| no_element("")),
            None => Ok(Value::unknown(map.element.clone())),
        },
        Data::Object(attributes) => match text_key(key)? {
            Some(text) => attributes.get(&text).cloned().ok_or_else(|| no_element("")),
            None => Ok(Value::dynamic()),
        },
        Data::Unknown(unknown) => index_of_unknown(&unknown.ty, key),
        Data::Set(_) => Err(no_set_index()),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => Err(no_indices()),
    };
    found.map(|found| found.with_marks(marks))
}

fn no_element(why: &str) -> Fault {
    if why.is_empty() {
        Fault::new("Invalid index", format!("{NO_ELEMENT}."))
    } else {
        Fault::new("Invalid index", format!("{NO_ELEMENT}: {why}."))
    }
}

fn no_indices() -> Fault {
    Fault::new("Invalid index", "This value does not have any indices.")
}

fn no_set_index() -> Fault {
    Fault::new(
        "Invalid index",
        "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.",
    )
}

/// The key as text; none while it is unknown.
fn text_key(key: &Value) -> Result<Option<Text>, Fault> {
    let key = convert::convert(key, &Type::String).map_err(|why| no_element(&mismatch_text(&why)))?;
    Ok(key.as_text().cloned())
}

fn by_number(items: &[Value], element: Option<&Type>, key: &Value) -> Result<Value, Fault> {
    let key = convert::convert(key, &Type::Number).map_err(|why| no_element(&mismatch_text(&why)))?;
    let Some(number) = key.as_number() else {
        return Ok(element.map_or_else(Value::dynamic, |ty| Value::unknown(ty.clone())));
    };
    if number.is_integer() && !is_negative(&key) {
        let at = number.as_i64().and_then(|at| usize::try_from(at).ok());
        if let Some(item) = at.and_then(|at| items.get(at)) {
            return Ok(item.clone());
        }
        // Terraform explains the first place behind the end only.
        return Err(no_element(match at {
            Some(0) if items.is_empty() => "the collection has no elements",
            Some(at) if at == items.len() => {
                "the given index is greater than or equal to the length of the collection"
            }
            _ => "",
        }));
    }
    Err(no_element(if is_negative(&key) {
        "a negative number is not a valid index for a sequence"
    } else {
        "indexing a sequence requires a whole number, but the given index has a fractional part"
    }))
}

fn is_negative(number: &Value) -> bool {
    number.as_number().is_some_and(|number| *number < 0i64.into())
}

fn index_of_unknown(ty: &Type, key: &Value) -> Result<Value, Fault> {
    match ty {
        Type::Dynamic => Ok(Value::dynamic()),
        Type::List(element) => {
            convert::convert(key, &Type::Number).map_err(|why| no_element(&mismatch_text(&why)))?;
            Ok(Value::unknown((**element).clone()))
        }
        Type::Map(element) => {
            text_key(key)?;
            Ok(Value::unknown((**element).clone()))
        }
        Type::Tuple(elements) => {
            let items: Vec<Value> = elements.iter().cloned().map(Value::unknown).collect();
            by_number(&items, None, key)
        }
        Type::Object(object) => match text_key(key)? {
            Some(name) => {
                let ty = object.attributes.get(&name).ok_or_else(|| no_element(""))?;
                Ok(Value::unknown(ty.clone()))
            }
            None => Ok(Value::dynamic()),
        },
        Type::Set(_) => Err(no_set_index()),
        Type::Bool | Type::Number | Type::String => Err(no_indices()),
    }
}

/// What a member of null, or a missing member, is worth where null is tolerated; none where it is an error even
/// there.
pub(super) fn tolerated(value: &Value, key_marks: Marks) -> Option<Value> {
    let lenient = match value.data() {
        Data::Null(_) | Data::Object(_) | Data::Map(_) | Data::List(_) | Data::Tuple(_) => true,
        Data::Unknown(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Set(_) => false,
    };
    lenient.then(|| Value::null(Type::Dynamic).with_marks(value.marks() | key_marks))
}
