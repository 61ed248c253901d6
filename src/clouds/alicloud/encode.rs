//! Parameters as sorted pairs: most of them for the address, the secret ones for the body.

use crate::clouds::json;
pub use crate::clouds::json::form;
use crate::clouds::retry::Failure;
use crate::value::{Data, Marks, Value};

/// Parameters that hold secrets even where nobody marked them.
const SECRET: &[&str] = &[
    "SecretData",
    "Password",
    "Plaintext",
    "PlaintextBase64",
    "Recipient",
    "EncryptedKeyMaterial",
    "OIDCToken",
];

/// Pairs by where they go, sorted by name.
#[derive(Default)]
pub struct Params {
    pub query: Vec<(String, String)>,
    pub body: Vec<(String, String)>,
}

/// Takes parameters apart: lists by number, objects in lists by member, other objects as JSON.
pub fn split(params: &Value) -> Result<Params, Failure> {
    let mut found = Params::default();
    for (name, value) in params.as_entries().into_iter().flatten() {
        let secret = SECRET.contains(&&**name) || value.marks_deep().contains(Marks::SENSITIVE);
        let pairs = if secret { &mut found.body } else { &mut found.query };
        flatten(name, value, pairs)?;
    }
    found.query.sort();
    found.body.sort();
    Ok(found)
}

fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) -> Result<(), Failure> {
    match value.data() {
        Data::Null(_) => {}
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            for (number, item) in (1..).zip(value.as_items().unwrap_or_default()) {
                let name = format!("{name}.{number}");
                match item.as_entries() {
                    Some(members) => {
                        for (member, value) in members {
                            flatten(&format!("{name}.{member}"), value, pairs)?;
                        }
                    }
                    None => flatten(&name, item, pairs)?,
                }
            }
        }
        Data::Unknown(_)
        | Data::Bool(_)
        | Data::Number(_)
        | Data::String(_)
        | Data::Map(_)
        | Data::Object(_) => {
            pairs.push((name.to_owned(), json::primitive(value)?));
        }
    }
    Ok(())
}

/// The value in an answer.
pub fn value(body: &[u8]) -> Option<Value> {
    json::decode(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[track_caller]
    fn check(value: Value, expected: &str) {
        let Params { query, body } = split(&Value::object_of([("P", value)])).unwrap();
        assert_eq!(form(&query), expected);
        assert!(body.is_empty());
    }

    #[test]
    fn null_is_left_out() {
        check(Value::null(Type::String), "");
        check(Value::tuple(vec![]), "");
    }

    #[test]
    fn primitives_are_text() {
        check(Value::from(true), "P=true");
        check(Value::int(50), "P=50");
        check(Value::from("a b"), "P=a%20b");
    }

    #[test]
    fn objects_are_json() {
        check(Value::object_of([("A", Value::int(1))]), "P=%7B%22A%22%3A1%7D");
    }

    #[test]
    fn lists_are_numbered() {
        let object = Value::object_of([("K", Value::from("x"))]);
        check(Value::tuple(vec![object, Value::from("y")]), "P.1.K=x&P.2=y");
    }
}
