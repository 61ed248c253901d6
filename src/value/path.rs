//! The way to a part inside a value, and what can be done at the end of it.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

use super::json::{JsonError, from_json, to_json};
use super::show::go_quote;
use super::{Data, Marks, Number, Text, Type, Value, raw_equal};

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// An attribute of an object.
    Attribute(Text),
    /// An element of a list, tuple or map, by number or string; of a set, by the element itself.
    Index(Value),
}

/// Steps from the outside in.
pub type Path = Vec<Step>;

impl Step {
    /// The step to an element of a list or tuple.
    pub fn index(index: usize) -> Self {
        Self::Index(Value::number(Number::from(index)))
    }

    /// The step to an element of a map.
    pub fn key(key: impl Into<Text>) -> Self {
        Self::Index(Value::text(key.into()))
    }

    /// The step to an attribute of an object.
    pub fn attribute(name: impl Into<Text>) -> Self {
        Self::Attribute(name.into())
    }
}

/// Prints a path as messages have it: `.a["b"][0]`.
pub struct PathText<'a>(pub &'a [Step]);

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(f, ".{name}"),
            Self::Index(key) => match key.data() {
                Data::String(text) if key.marks().is_empty() => write!(f, "[{}]", go_quote(text)),
                Data::Number(number) if key.marks().is_empty() => write!(f, "[{number}]"),
                _ => f.write_str("[...]"),
            },
        }
    }
}

impl fmt::Display for PathText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| step.fmt(f))
    }
}

/// The part at the end of a path, with the marks of everything passed on the way. What lies inside an unknown is
/// unknown; what does not exist, or lies inside null, is none.
pub fn get(value: &Value, path: &[Step]) -> Option<Value> {
    let mut part = value.clone();
    for step in path {
        let marks = part.marks();
        part = match part.data() {
            Data::Unknown(_) => Value::dynamic(),
            _ => child(&part, step)?.clone(),
        }
        .with_marks(marks);
    }
    Some(part)
}

/// The direct part that a step leads to.
fn child<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match (value.data(), step) {
        (Data::Object(_) | Data::Map(_), Step::Attribute(name)) => value.get(name),
        (Data::Object(_) | Data::Map(_), Step::Index(key)) => value.get(key.as_str()?),
        (Data::List(_) | Data::Tuple(_), Step::Index(key)) => {
            value.as_items()?.get(usize::try_from(key.as_i64()?).ok()?)
        }
        (Data::Set(set), Step::Index(key)) => set.items.iter().find(|item| raw_equal(item, key)),
        _ => None,
    }
}

/// Calls for the value and everything inside it, outside first.
pub fn walk(value: &Value, visit: &mut dyn FnMut(&Path, &Value)) {
    walk_from(value, &mut Path::new(), visit);
}

fn walk_from(value: &Value, path: &mut Path, visit: &mut dyn FnMut(&Path, &Value)) {
    visit(path, value);
    for (index, (name, part)) in parts(value).enumerate() {
        path.push(step_to(value, index, name, part));
        walk_from(part, path, visit);
        path.pop();
    }
}

/// The direct parts, with their names where they have names.
fn parts(value: &Value) -> impl Iterator<Item = (Option<&Text>, &Value)> {
    let named = value
        .as_entries()
        .into_iter()
        .flatten()
        .map(|(name, part)| (Some(name), part));
    let listed = value
        .as_items()
        .unwrap_or_default()
        .iter()
        .map(|part| (None, part));
    named.chain(listed)
}

fn step_to(value: &Value, index: usize, name: Option<&Text>, part: &Value) -> Step {
    match (value.data(), name) {
        (Data::Object(_), Some(name)) => Step::Attribute(name.clone()),
        (_, Some(name)) => Step::key(name.clone()),
        (Data::Set(_), None) => Step::Index(part.clone()),
        _ => Step::index(index),
    }
}

/// Where a mark stands: the paths of all parts that carry it themselves, outside first.
pub fn marked_paths(value: &Value, marks: Marks) -> Vec<Path> {
    if !value.marks_deep().contains(marks) {
        return Vec::new();
    }
    let mut paths = Vec::new();
    walk(value, &mut |path, part| {
        if part.marks().contains(marks) {
            paths.push(path.clone());
        }
    });
    paths
}

/// The value without any mark, and where which marks stood.
pub fn unmark_with_paths(value: &Value) -> (Value, Vec<(Path, Marks)>) {
    let (plain, marks) = value.unmark_deep();
    let mut found = Vec::new();
    if !marks.is_empty() {
        walk(value, &mut |path, part| {
            if !part.marks().is_empty() {
                found.push((path.clone(), part.marks()));
            }
        });
    }
    (plain, found)
}

/// The value with marks added at the ends of paths. A path into a set marks the whole set; where a path ends
/// early, because a part is null, unknown or missing, the innermost part that exists is left alone unless it is
/// unknown.
#[must_use]
pub fn with_marks_at<'a>(value: &Value, paths: impl IntoIterator<Item = &'a Path>, marks: Marks) -> Value {
    paths
        .into_iter()
        .fold(value.clone(), |value, path| mark_at(&value, path, marks))
}

fn mark_at(value: &Value, path: &[Step], marks: Marks) -> Value {
    let Some((step, rest)) = path.split_first() else {
        return value.clone().with_marks(marks);
    };
    let part = |part: &Value| mark_at(part, rest, marks);
    let index = || match step {
        Step::Index(key) => key.as_i64().and_then(|index| usize::try_from(index).ok()),
        Step::Attribute(_) => None,
    };
    let items = |items: &[Value]| {
        let mut items = items.to_vec();
        if let Some(item) = index().and_then(|index| items.get_mut(index)) {
            *item = part(item);
        }
        items
    };
    let entries = |entries: &BTreeMap<Text, Value>| {
        let mut entries = entries.clone();
        let name = match step {
            Step::Attribute(name) => Some(&**name),
            Step::Index(key) => key.as_str(),
        };
        if let Some(entry) = name.and_then(|name| entries.get_mut(name)) {
            *entry = part(entry);
        }
        entries
    };
    let marked = match value.data() {
        Data::Set(_) | Data::Unknown(_) => return value.clone().with_marks(marks),
        Data::List(list) => Value::list(list.element.clone(), items(&list.items)),
        Data::Tuple(tuple) => Value::tuple(items(tuple)),
        Data::Map(map) => Value::map(map.element.clone(), entries(&map.items)),
        Data::Object(object) => Value::object(entries(object)),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => return value.clone(),
    };
    marked.with_marks(value.marks())
}

/// Rebuilds a value from the inside out: each part, with its own parts already changed, is replaced by what the
/// function makes of it. Marks stay unless the function takes them away.
#[must_use]
pub fn map_deep(value: &Value, change: &mut dyn FnMut(&Path, Value) -> Value) -> Value {
    map_from(value, &mut Path::new(), change)
}

fn map_from(value: &Value, path: &mut Path, change: &mut dyn FnMut(&Path, Value) -> Value) -> Value {
    let mut changed = Vec::new();
    for (index, (name, part)) in parts(value).enumerate() {
        path.push(step_to(value, index, name, part));
        changed.push(map_from(part, path, change));
        path.pop();
    }
    let element = |old: &Type, items: &[Value]| match items {
        // The function may have changed the type of every element.
        [first, rest @ ..] if rest.iter().all(|item| item.ty() == first.ty()) => first.ty(),
        _ => old.clone(),
    };
    let rebuilt = match value.data() {
        Data::List(list) => Value::list(element(&list.element, &changed), changed),
        Data::Set(set) => Value::set(element(&set.element, &changed), changed),
        Data::Tuple(_) => Value::tuple(changed),
        Data::Map(map) => {
            let element = element(&map.element, &changed);
            Value::map(element, map.items.keys().cloned().zip(changed).collect())
        }
        Data::Object(object) => Value::object(object.keys().cloned().zip(changed).collect()),
        plain => Value::from_data(plain.clone()),
    };
    change(path, rebuilt.with_marks(value.marks()))
}

/// A path as state files have it: a list of `{"type":"get_attr","value":NAME}` and
/// `{"type":"index","value":{"value":KEY,"type":T}}`.
pub fn path_to_json(path: &[Step]) -> Json {
    path.iter()
        .map(|step| match step {
            Step::Attribute(name) => json!({"type": "get_attr", "value": &**name}),
            Step::Index(key) => json!({"type": "index", "value": to_json(key, &Type::Dynamic)}),
        })
        .collect()
}

/// Reads what [`path_to_json`] writes.
pub fn path_from_json(json: &Json) -> Result<Path, JsonError> {
    let wrong = || JsonError("a path must be a list of \"get_attr\" and \"index\" steps".into());
    json.as_array()
        .ok_or_else(wrong)?
        .iter()
        .map(|step| {
            let value = step.get("value").ok_or_else(wrong)?;
            match step.get("type").and_then(Json::as_str) {
                Some("get_attr") => value.as_str().map(Step::attribute).ok_or_else(wrong),
                Some("index") => from_json(value, &Type::Dynamic).map(Step::Index),
                _ => Err(wrong()),
            }
        })
        .collect()
}
