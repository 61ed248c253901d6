//! Conversion between types, by the rules of Terraform's language.
//!
//! Types decide first whether a conversion exists at all ([`mismatch`] says why not); only then values are
//! looked at, so that an unknown or empty value fails as a known one would.

mod defaults;
mod mismatch;
mod names;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeMap;

use super::unify::unify;
use super::{
    Bounds, Constraint, Data, Number, ObjectType, Path, Refinement, Step, Text, Type, Unknown, Value,
};

pub use defaults::apply_defaults;
pub use mismatch::explain;
pub use types::{can_convert, fill_dynamic};

/// Why a value cannot have a type: where inside it, and a sentence without a full stop ("a number is required").
#[derive(Clone, Debug)]
pub struct Mismatch {
    pub path: Path,
    pub message: String,
}

impl Mismatch {
    fn new(message: impl Into<String>) -> Self {
        Self {
            path: Path::new(),
            message: message.into(),
        }
    }

    fn within(mut self, step: Step) -> Self {
        self.path.insert(0, step);
        self
    }
}

/// Prints `.a[0]: a number is required`, or the message alone.
impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", super::path::PathText(&self.path))?;
        }
        f.write_str(&self.message)
    }
}

type Result<T> = std::result::Result<T, Mismatch>;

/// Converts a value to a type that may hold `Dynamic` and optional attributes. Marks and unknowns stay.
pub fn convert(value: &Value, to: &Type) -> Result<Value> {
    if matches!(to, Type::Dynamic) || is_already(value, to) {
        return Ok(value.clone());
    }
    let from = value.ty();
    let changed = if can_convert(&from, to) {
        change(value, to)
    } else {
        Err(Mismatch::new(explain(&from, to)))
    };
    changed.map_err(|why| names::without_secret_names(why, value, to))
}

/// Applies the defaults of optional attributes, then converts.
pub fn convert_with_defaults(value: &Value, to: &Constraint) -> Result<Value> {
    if !defaults::are_few(value, to) {
        return Err(Mismatch::new(format!(
            "filled in would be more than {} attributes that are not given",
            defaults::FILLED
        )));
    }
    convert(&apply_defaults(value, &to.defaults), &to.ty)
}

/// Whether a primitive needs no work; saves looking at types for most values.
fn is_already(value: &Value, to: &Type) -> bool {
    matches!(
        (value.data(), to),
        (Data::String(_), Type::String) | (Data::Number(_), Type::Number) | (Data::Bool(_), Type::Bool)
    )
}

/// Converts a value whose type is known to allow it.
fn change(value: &Value, to: &Type) -> Result<Value> {
    let changed = match value.data() {
        _ if matches!(to, Type::Dynamic) => return Ok(value.clone()),
        Data::Null(ty) => Value::null(fill_dynamic(ty, &to.without_optional())),
        Data::Unknown(unknown) => change_unknown(unknown, to),
        _ => change_known(value, to)?,
    };
    Ok(changed.with_marks(value.marks()))
}

/// Keeps of the refinement what holds for the new type too.
fn change_unknown(unknown: &Unknown, to: &Type) -> Value {
    let ty = fill_dynamic(&unknown.ty, &to.without_optional());
    let old = &unknown.refinement;
    let (least, most) = Value::from_data(Data::Unknown(std::sync::Arc::new(unknown.clone()))).length_bounds();
    let length = match (&unknown.ty, &ty) {
        // Some elements may turn out to be the same.
        (Type::List(_) | Type::Tuple(_), Type::Set(_)) => (Some(least.min(1)), most),
        (Type::List(_) | Type::Set(_), Type::List(_) | Type::Set(_)) | (Type::Map(_), Type::Map(_)) => {
            old.length
        }
        (Type::Tuple(_), Type::List(_)) | (Type::Object(_), Type::Map(_)) => (Some(least), most),
        _ => (None, None),
    };
    let refinement = Refinement {
        not_null: old.not_null,
        prefix: old
            .prefix
            .clone()
            .filter(|_| ty == Type::String && unknown.ty == Type::String),
        number: if ty == Type::Number {
            old.number.clone()
        } else {
            Bounds::default()
        },
        length,
    };
    Value::unknown_refined(ty, refinement)
}

fn change_known(value: &Value, to: &Type) -> Result<Value> {
    match (value.data(), to) {
        (Data::String(_), Type::String) | (Data::Number(_), Type::Number) | (Data::Bool(_), Type::Bool) => {
            Ok(value.clone().unmark().0)
        }
        (Data::Number(number), Type::String) => Ok(Value::text(number.to_string().into())),
        (Data::Bool(value), Type::String) => Ok(Value::text(if *value { "true" } else { "false" }.into())),
        (Data::String(text), Type::Number) => Number::parse(text)
            .map(Value::number)
            .ok_or_else(|| Mismatch::new("a number is required")),
        (Data::String(text), Type::Bool) => text_to_bool(text),
        (Data::List(_) | Data::Set(_) | Data::Tuple(_), Type::List(element)) => {
            let (element, items) = change_items(value, element, "list")?;
            Ok(Value::list(element, items))
        }
        (Data::List(_) | Data::Set(_) | Data::Tuple(_), Type::Set(element)) => {
            let (element, items) = change_items(value, element, "set")?;
            Ok(Value::set(element, items))
        }
        (Data::Tuple(items), Type::Tuple(types)) => items
            .iter()
            .zip(types.iter())
            .enumerate()
            .map(|(index, (item, ty))| change(item, ty).map_err(|why| why.within(index_step(index))))
            .collect::<Result<_>>()
            .map(Value::tuple),
        (Data::Map(_) | Data::Object(_), Type::Map(element)) => change_entries(value, element),
        (Data::Object(attributes), Type::Object(to)) => object_to_object(attributes, to),
        (Data::Map(map), Type::Object(to)) => map_to_object(&map.items, to),
        _ => Err(Mismatch::new(explain(&value.ty(), to))),
    }
}

fn text_to_bool(text: &str) -> Result<Value> {
    match text {
        "true" | "1" => Ok(Value::bool(true)),
        "false" | "0" => Ok(Value::bool(false)),
        _ => Err(Mismatch::new("a bool is required")),
    }
}

fn index_step(index: usize) -> Step {
    Step::Index(Value::number(Number::from(index)))
}

/// The items of a list, set or tuple, all of one type that fits the element type wanted.
fn change_items(value: &Value, element: &Type, kind: &str) -> Result<(Type, Vec<Value>)> {
    let items = value.as_items().unwrap_or_default();
    let target = element_target(value, element)?;
    let step = |index: usize, item: &Value| match value.data() {
        Data::Set(_) => Step::Index(item.clone()),
        _ => index_step(index),
    };
    let changed = items
        .iter()
        .enumerate()
        .map(|(index, item)| change(item, &target).map_err(|why| why.within(step(index, item))))
        .collect::<Result<Vec<_>>>()?;
    settle(changed, &target, kind)
}

fn change_entries(value: &Value, element: &Type) -> Result<Value> {
    let entries = value.as_entries().cloned().unwrap_or_default();
    let target = element_target(value, element)?;
    let is_map = matches!(value.data(), Data::Map(_));
    let mut names = Vec::with_capacity(entries.len());
    let mut changed = Vec::with_capacity(entries.len());
    for (name, item) in entries {
        let step = || {
            if is_map {
                Step::Index(Value::text(name.clone()))
            } else {
                Step::Attribute(name.clone())
            }
        };
        changed.push(change(&item, &target).map_err(|why| why.within(step()))?);
        names.push(name);
    }
    let (element, items) = settle(changed, &target, "map")?;
    Ok(Value::map(element, names.into_iter().zip(items).collect()))
}

/// What the parts are to become: where "any type" is wanted, the type that they share.
fn element_target(value: &Value, wanted: &Type) -> Result<Type> {
    if *wanted != Type::Dynamic {
        return Ok(wanted.clone());
    }
    match value.ty() {
        Type::List(element) | Type::Set(element) | Type::Map(element) => Ok((*element).clone()),
        from => types::shared_element(&from)
            .ok_or_else(|| Mismatch::new(explain(&from, &Type::list(Type::Dynamic)))),
    }
}

/// Makes one type of parts that still differ where the wanted type says "any". What is null or unknown as a whole
/// takes the type of the others.
fn settle(items: Vec<Value>, target: &Type, kind: &str) -> Result<(Type, Vec<Value>)> {
    let target = target.without_optional();
    if !target.has_dynamic() || items.is_empty() {
        return Ok((target, items));
    }
    let told = |item: &&Value| item.is_known() && !item.is_null();
    let mut told = items.iter().filter(told).map(Value::ty);
    // As in Terraform, what is to be a set is not made alike.
    if kind == "set"
        && let Some(first) = told.next()
        && told.any(|other| other != first)
    {
        return Err(unlike(kind));
    }
    let types: Vec<Type> = items.iter().map(Value::ty).collect();
    let element =
        unify(&types).ok_or_else(|| Mismatch::new("cannot find a common base type for all elements"))?;
    let all = |element: &Type| {
        items
            .iter()
            .map(|item| change(item, element))
            .collect::<Result<Vec<_>>>()
    };
    let changed = all(&element)?;
    let mut known = changed
        .iter()
        .filter(|item| item.is_known() && !item.is_null())
        .map(Value::ty);
    let Some(first) = known.next() else {
        return Ok((element, changed));
    };
    if known.any(|other| other != first) {
        return Err(unlike(kind));
    }
    let changed = all(&first)?;
    Ok((first, changed))
}

fn unlike(kind: &str) -> Mismatch {
    Mismatch::new(format!("element types must all match for conversion to {kind}"))
}

/// Attributes that are not wanted are dropped; optional ones that are missing are null.
fn object_to_object(attributes: &BTreeMap<Text, Value>, to: &ObjectType) -> Result<Value> {
    to.attributes
        .iter()
        .map(|(name, ty)| {
            let changed = match attributes.get(name) {
                Some(value) => change(value, ty).map_err(|why| why.within(Step::Attribute(name.clone())))?,
                None => Value::null(ty.without_optional()),
            };
            Ok((name.clone(), changed))
        })
        .collect::<Result<_>>()
        .map(Value::object)
}

fn map_to_object(items: &BTreeMap<Text, Value>, to: &ObjectType) -> Result<Value> {
    to.attributes
        .iter()
        .map(|(name, ty)| {
            let changed = match items.get(name) {
                Some(item) if !can_convert(&item.ty(), ty) => {
                    let why = explain(&item.ty(), ty);
                    return Err(Mismatch::new(format!(
                        "map element type is incompatible with attribute {name:?}: {why}"
                    ))
                    .within(Step::Index(Value::text(name.clone()))));
                }
                Some(item) => {
                    change(item, ty).map_err(|why| why.within(Step::Index(Value::text(name.clone()))))?
                }
                None if to.optional.contains(name) => Value::null(ty.without_optional()),
                None => {
                    return Err(Mismatch::new(format!(
                        "map has no element for required attribute {name:?}"
                    )));
                }
            };
            Ok((name.clone(), changed))
        })
        .collect::<Result<_>>()
        .map(Value::object)
}
