//! JSON texts of which only parts are sensitive: which parts, for who shows the rest.
//!
//! A text carries one mark for all of it. Who encodes a value knows better where its secrets went; this is remembered for
//! the run, by the hash of the text, and nothing but printing asks for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use super::path::{marked_paths, with_marks_at};
use super::{Marks, Path, Value, json};

thread_local! {
    static MET: RefCell<(RandomState, BTreeMap<u64, Vec<Path>>)> = RefCell::default();
}

/// A JSON text that was made of a value whose parts may be sensitive, with its marks.
#[must_use]
pub fn of(text: Value, value: &Value) -> Value {
    let marks = value.marks_deep();
    let paths = marked_paths(value, Marks::SENSITIVE);
    let Some(known) = text
        .as_str()
        .filter(|_| !paths.is_empty() && marks == Marks::SENSITIVE)
    else {
        return text.with_marks(marks);
    };
    if paths.iter().any(Path::is_empty) {
        return text.with_marks(marks);
    }
    remember(known, paths);
    text.with_marks(Marks::SENSITIVE_WITHIN)
}

/// A JSON text of which it was recorded that these parts are sensitive and no others.
#[must_use]
pub fn recorded(text: Value, paths: Vec<Path>) -> Value {
    match text.as_str().filter(|text| inside(text).is_some()) {
        None => text.with_marks(Marks::SENSITIVE),
        Some(known) => {
            remember(known, paths);
            text.with_marks(Marks::SENSITIVE_WITHIN)
        }
    }
}

fn remember(text: &str, paths: Vec<Path>) {
    MET.with_borrow_mut(|(hashes, met)| {
        let all = met.entry(hashes.hash_one(text)).or_default();
        all.extend(paths);
        all.sort_unstable_by_key(|path| format!("{path:?}"));
        all.dedup();
    });
}

/// What stands in a text of which only parts are sensitive, those marked, and where they are.
pub fn open(text: &Value) -> Option<(Value, Vec<Path>)> {
    if !text.marks().are_within() {
        return None;
    }
    let text = text.as_str()?;
    let paths = MET.with_borrow(|(hashes, met)| met.get(&hashes.hash_one(text)).cloned())?;
    Some((with_marks_at(&inside(text)?, &paths, Marks::SENSITIVE), paths))
}

/// The value inside a text that holds a JSON object or array.
pub fn inside(text: &str) -> Option<Value> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    json::read_plain_json(&parsed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(value: &Value) -> Value {
        let text = json::to_go_text(&json::to_plain_json(&value.unmark_deep().0));
        of(Value::string(&text), value)
    }

    #[test]
    fn a_document_knows_its_secret_parts() {
        let secret = || Value::from("hunter2").with_marks(Marks::SENSITIVE);
        let document = made(&Value::object_of([
            ("user", Value::from("a")),
            ("keys", Value::tuple(vec![Value::from("b"), secret()])),
        ]));
        assert!(document.is_sensitive());
        let (inside, paths) = open(&document).unwrap();
        assert_eq!(paths.len(), 1);
        assert!(!inside.is_sensitive() && !inside.get("user").unwrap().is_sensitive());
        let keys = inside.get("keys").unwrap().as_items().unwrap();
        assert_eq!((keys[0].is_sensitive(), keys[1].is_sensitive()), (false, true));
        // Whoever calls it sensitive for another reason means all of it.
        assert!(open(&document.clone().with_marks(Marks::SENSITIVE)).is_none());
        assert!(open(&document.with_marks(Marks::EPHEMERAL)).is_none());
        assert!(open(&made(&secret())).is_none());
        assert!(open(&made(&Value::object_of([("user", Value::from("a"))]))).is_none());
    }
}
