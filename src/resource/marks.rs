//! Which parts of an object are sensitive by its schema, and which by the configuration.

use crate::lang::spec::{BlockSpec, NestedSpec};
use crate::state::Object;
use crate::value::path::{map_deep, unmark_with_paths, with_marks_at};
use crate::value::{Data, Marks, Path, Step, Value, document};

/// A recorded object with what the record calls sensitive marked. Of a JSON text it may be parts.
pub(super) fn recorded(value: Value, object: &Object) -> Value {
    let all = &object.sensitive_paths;
    if all.is_empty() {
        return value;
    }
    let inside = |path: &Path| -> Vec<Path> {
        let all = object.sensitive_within.iter();
        let rest = all.filter_map(|whole| whole.strip_prefix(path.as_slice()));
        rest.filter(|rest| !rest.is_empty())
            .map(<[Step]>::to_vec)
            .collect()
    };
    let of_documents = |path: &&Path| !object.sensitive_within.is_empty() && !inside(path).is_empty();
    let marked = with_marks_at(
        &value,
        all.iter().filter(|path| !of_documents(path)),
        Marks::SENSITIVE,
    );
    all.iter().filter(of_documents).fold(marked, |value, at| {
        map_deep(&value, &mut |path, part| {
            if path == at {
                document::recorded(part, inside(at))
            } else {
                part
            }
        })
    })
}

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
