//! JSON text straight to a value of a known type, without a tree in between.
//!
//! It takes what a state file usually holds; everything else is left to [`super::from_json`], which also has the
//! words for what does not fit.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::{ObjectType, Text, Type, Value};
use super::{JsonError, from_json, type_from_json};

/// Reads JSON text as a value of the type, as [`super::from_json`] does. Text that is no JSON, or nests deeper than
/// the reader of JSON goes, is refused.
pub fn from_json_text(text: &str, ty: &Type) -> Result<Value, JsonError> {
    if let Some(value) = read(text, ty, Names::Exact) {
        return Ok(value);
    }
    let json = serde_json::from_str(text).map_err(|why| JsonError(why.to_string()))?;
    from_json(&json, ty)
}

/// Reads JSON text as an object of the type: what the type does not know is left out, what is missing is null.
/// None where the text is anything out of the ordinary.
pub fn object_from_json_text(text: &str, ty: &Type) -> Option<Value> {
    read(text, ty, Names::Lenient).filter(|value| !value.is_null())
}

fn read(text: &str, ty: &Type, names: Names) -> Option<Value> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Typed { ty, names }.deserialize(&mut json).ok()?;
    json.end().ok()?;
    Some(value)
}

/// What becomes of attributes that an object's type does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Exact,
    Lenient,
}

/// A value of a type, to be read.
#[derive(Clone, Copy)]
struct Typed<'t> {
    ty: &'t Type,
    names: Names,
}

impl<'t> Typed<'t> {
    fn inside(ty: &'t Type) -> Self {
        Self {
            ty,
            names: Names::Exact,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Typed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Typed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {}", self.ty)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::null(self.ty.without_optional()))
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        use serde::Deserialize as _;
        match self.ty {
            Type::Dynamic => dynamic(from),
            Type::Bool => bool::deserialize(from).map(Value::bool),
            Type::Number => {
                let number = serde_json::Number::deserialize(from)?;
                super::read::recorded(number.as_str())
                    .map(Value::number)
                    .ok_or_else(|| Error::custom("too large"))
            }
            Type::String => from.deserialize_str(self),
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => from.deserialize_seq(self),
            Type::Map(_) | Type::Object(_) => from.deserialize_map(self),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        match self.ty {
            Type::Tuple(types) => {
                for ty in types.iter() {
                    let item = from.next_element_seed(Typed::inside(ty))?;
                    items.push(item.ok_or_else(|| Error::custom("too few elements"))?);
                }
                if from.next_element::<IgnoredAny>()?.is_some() {
                    return Err(Error::custom("too many elements"));
                }
                Ok(Value::tuple(items))
            }
            Type::List(element) | Type::Set(element) if !element.has_dynamic() => {
                while let Some(item) = from.next_element_seed(Typed::inside(element))? {
                    items.push(item);
                }
                let element = element.without_optional();
                Ok(if matches!(self.ty, Type::Set(_)) {
                    Value::set(element, items)
                } else {
                    Value::list(element, items)
                })
            }
            _ => Err(Error::custom("elements of any type")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        match self.ty {
            Type::Object(object) => object_of(object, self.names, from),
            Type::Map(element) if !element.has_dynamic() => {
                let mut items = BTreeMap::new();
                while let Some(key) = from.next_key_seed(Typed::inside(&Type::String))? {
                    let item = from.next_value_seed(Typed::inside(element))?;
                    let key = key.as_text().cloned();
                    items.insert(key.ok_or_else(|| Error::custom("no key"))?, item);
                }
                Ok(Value::map(element.without_optional(), items))
            }
            _ => Err(Error::custom("elements of any type")),
        }
    }
}

fn object_of<'de, A: MapAccess<'de>>(
    object: &ObjectType,
    names: Names,
    mut from: A,
) -> Result<Value, A::Error> {
    let mut attributes = BTreeMap::new();
    while let Some(found) = from.next_key_seed(Name(&object.attributes))? {
        match found {
            Some((name, ty)) => {
                attributes.insert(name.clone(), from.next_value_seed(Typed::inside(ty))?);
            }
            None if names == Names::Lenient => drop(from.next_value::<IgnoredAny>()?),
            None => return Err(Error::custom("unsupported attribute")),
        }
    }
    if attributes.len() < object.attributes.len() {
        for (name, ty) in &object.attributes {
            attributes
                .entry(name.clone())
                .or_insert_with(|| Value::null(ty.without_optional()));
        }
    }
    Ok(Value::object(attributes))
}

/// The name of an attribute and its type, if the object has it.
struct Name<'t>(&'t BTreeMap<Text, Type>);

impl<'t, 'de> DeserializeSeed<'de> for Name<'t> {
    type Value = Option<(&'t Text, &'t Type)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'t> Visitor<'_> for Name<'t> {
    type Value = Option<(&'t Text, &'t Type)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.get_key_value(name))
    }
}

/// `{"value": V, "type": T}`
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(borrow, rename = "type")]
    ty: &'a RawValue,
}

fn dynamic<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
    use serde::Deserialize as _;
    let wrapped = Wrapped::deserialize(from)?;
    let ty = match wrapped.ty.get() {
        "\"string\"" => Type::String,
        text => serde_json::from_str(text)
            .ok()
            .and_then(|json| type_from_json(&json).ok())
            .filter(|ty| *ty != Type::Dynamic)
            .ok_or_else(|| Error::custom("no type"))?,
    };
    read(wrapped.value.get(), &ty, Names::Exact).ok_or_else(|| Error::custom("not of its type"))
}
