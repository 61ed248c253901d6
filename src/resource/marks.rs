//! Which parts of an object are sensitive by its schema, and which by the configuration.

use crate::lang::spec::{BlockSpec, NestedSpec};
use crate::value::path::{unmark_with_paths, with_marks_at};
use crate::value::{Data, Value};

/// The object with everything marked that the schema calls sensitive. Other marks stay.
pub fn by_schema(object: &Value, spec: &BlockSpec) -> Value {
    let Data::Object(attributes) = object.data() else {
        return object.clone();
    };
    if !spec.has_sensitive() {
        return object.clone();
    }
    let marked = attributes.iter().map(|(name, value)| {
        let value = if spec
            .attributes
            .get(name)
            .is_some_and(|attribute| attribute.sensitive)
        {
            value.clone().into_secret()
        } else if let Some(nested) = spec.blocks.get(name) {
            blocks_by_schema(value, nested)
        } else {
            value.clone()
        };
        (name.clone(), value)
    });
    Value::object_of(marked).with_marks(object.marks())
}

fn blocks_by_schema(value: &Value, nested: &NestedSpec) -> Value {
    let items = |items: &[Value]| items.iter().map(|item| by_schema(item, &nested.spec)).collect();
    let marked = match value.data() {
        Data::List(list) => Value::list(list.element.clone(), items(&list.items)),
        Data::Set(set) => Value::set(set.element.clone(), items(&set.items)),
        Data::Tuple(tuple) => Value::tuple(items(tuple)),
        Data::Map(map) => {
            let entries = map
                .items
                .iter()
                .map(|(key, item)| (key.clone(), by_schema(item, &nested.spec)));
            Value::map(map.element.clone(), entries.collect())
        }
        Data::Object(_) => by_schema(value, &nested.spec),
        _ => return value.clone(),
    };
    marked.with_marks(value.marks())
}

/// The object with the marks that another one has at the same places, and those of the schema; no others.
pub(super) fn as_in(object: &Value, other: &Value, spec: &BlockSpec) -> Value {
    by_schema(&copied(other, object), spec)
}

/// The second value with the marks that the first has at the same places, and no others.
pub(super) fn copied(from: &Value, to: &Value) -> Value {
    with_those_of(from, &to.unmark_deep().0)
}

/// The second value with the marks that the first has at the same places beside its own.
pub(super) fn with_those_of(from: &Value, to: &Value) -> Value {
    let (_, marks) = unmark_with_paths(from);
    marks.iter().fold(to.clone(), |value, (path, marks)| {
        with_marks_at(&value, [path], *marks)
    })
}
