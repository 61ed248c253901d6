//! Sensitive paths as JSON.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::state::raw::push_string;
use crate::value::{Path, Step, Value, json};

/// Reads the list of paths; the error is a sentence without a full stop.
pub(super) fn read(text: &str) -> Result<Vec<Path>, String> {
    if text == "[]" || text == "null" {
        return Ok(Vec::new());
    }
    let Ok(Json::Array(paths)) = serde_json::from_str(text) else {
        return Err("the sensitive paths are not a list".into());
    };
    paths.iter().map(read_path).collect()
}

pub(super) fn read_path(path: &Json) -> Result<Path, String> {
    let Some(steps) = path.as_array() else {
        return Err("a sensitive path is not a list of steps".into());
    };
    steps.iter().map(read_step).collect()
}

fn read_step(step: &Json) -> Result<Step, String> {
    match (step["type"].as_str(), &step["value"]) {
        (Some("get_attr"), Json::String(name)) => Ok(Step::Attribute(name.as_str().into())),
        (Some("index"), key) => Ok(Step::Index(read_key(key)?)),
        _ => Err("a step of a sensitive path is of unknown kind".into()),
    }
}

fn read_key(key: &Json) -> Result<Value, String> {
    if let (Some("string"), Some(text)) = (key["type"].as_str(), key["value"].as_str()) {
        return Ok(Value::text(text.into()));
    }
    json::from_json(key, &crate::value::Type::Dynamic).map_err(|error| error.0)
}

/// Appends the paths as a compact list, sorted.
pub(super) fn write(paths: &[Path], out: &mut String) {
    let mut texts: Vec<String> = paths.iter().map(|path| path_text(path)).collect();
    texts.sort();
    texts.dedup();
    out.push('[');
    out.push_str(&texts.join(","));
    out.push(']');
}

/// Appends one path as a compact list of steps.
pub(super) fn write_one(path: &[Step], out: &mut String) {
    out.push_str(&path_text(path));
}

fn path_text(path: &[Step]) -> String {
    let mut out = String::from("[");
    for (i, step) in path.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        match step {
            Step::Attribute(name) => {
                out.push_str(r#"{"type":"get_attr","value":"#);
                push_string(name, &mut out);
            }
            Step::Index(key) => {
                let (value, ty) = (json::to_plain_json(key), json::type_to_json(&key.ty()));
                write!(out, r#"{{"type":"index","value":{{"value":{value},"type":{ty}}}"#)
                    .expect("a String takes all");
            }
        }
        out.push('}');
    }
    out.push(']');
    out
}
