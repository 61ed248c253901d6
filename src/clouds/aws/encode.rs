//! Parameters as bodies, and bodies as values: JSON 1.1, and query with XML answers.

use quick_xml::Reader;
use quick_xml::events::Event;
use zeroize::Zeroize as _;

use crate::clouds::json;
use crate::clouds::retry::Failure;
use crate::value::{Data, Text, Value};

/// Elements nested deeper than this are refused.
const DEPTH: usize = 64;

/// Parameters as the body of a JSON request.
pub fn json_body(params: &Value) -> Result<Vec<u8>, Failure> {
    Ok(json::text(json::encode(params)?).into_bytes())
}

/// Parameters as the body of a query request.
#[expect(clippy::disallowed_methods, reason = "a request carries what it is about")]
pub fn query_body(action: &str, version: &str, params: &Value) -> Result<Vec<u8>, Failure> {
    let mut pairs = vec![
        ("Action".to_owned(), action.to_owned()),
        ("Version".to_owned(), version.to_owned()),
    ];
    flatten("", &params.reveal(), &mut pairs)?;
    let form = json::form(&pairs);
    for (_, value) in &mut pairs {
        value.zeroize();
    }
    Ok(form.into_bytes())
}

fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) -> Result<(), Failure> {
    let inside = |part: &str| {
        if name.is_empty() {
            part.to_owned()
        } else {
            format!("{name}.{part}")
        }
    };
    match value.data() {
        Data::Null(_) => {}
        Data::Object(attributes) => {
            for (part, value) in attributes.iter() {
                flatten(&inside(part), value, pairs)?;
            }
        }
        Data::Map(map) => {
            for (number, (key, value)) in (1..).zip(&map.items) {
                pairs.push((inside(&format!("entry.{number}.key")), key.to_string()));
                flatten(&inside(&format!("entry.{number}.value")), value, pairs)?;
            }
        }
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            for (number, value) in (1..).zip(value.as_items().unwrap_or_default()) {
                flatten(&inside(&format!("member.{number}")), value, pairs)?;
            }
        }
        Data::Unknown(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => {
            pairs.push((name.to_owned(), json::primitive(value)?));
        }
    }
    Ok(())
}

/// The value in a JSON answer; no text, and `null`, are an empty object.
pub fn json_value(body: &[u8]) -> Option<Value> {
    json::decode(body)
}

/// The result in an XML answer: elements are objects of their children, `member` elements are tuples.
pub fn xml_value(body: &[u8]) -> Option<Value> {
    let (_, root) = xml(body)?;
    let result = root
        .as_entries()?
        .iter()
        .find(|(name, _)| name.ends_with("Result"));
    Some(match result {
        Some((_, value)) if value.as_entries().is_some() => value.clone(),
        _ => Value::object_of::<Text>([]),
    })
}

/// An XML document: the root's name and value.
pub fn xml(body: &[u8]) -> Option<(String, Value)> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                if open.len() >= DEPTH {
                    return None;
                }
                open.push(Element::new(start.local_name().as_ref()));
            }
            Event::Empty(start) => {
                let element = Element::new(start.local_name().as_ref());
                if let Some(done) = close(&mut open, element) {
                    return Some(done);
                }
            }
            Event::End(_) => {
                let element = open.pop()?;
                if let Some(done) = close(&mut open, element) {
                    return Some(done);
                }
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                let element = open.last_mut()?;
                element.text.push_str(&entity(&reference)?);
            }
            Event::Eof => return None,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// A character reference or one of XML's five entities.
fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Some(character) = reference.resolve_char_ref().ok()? {
        return Some(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned)
}

struct Element {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

impl Element {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: String::new(),
            children: Vec::new(),
        }
    }

    fn value(self) -> Value {
        if self.children.is_empty() {
            return Value::from(self.text.trim());
        }
        if self.children.iter().all(|(name, _)| name == "member") {
            return Value::tuple(self.children.into_iter().map(|(_, value)| value).collect());
        }
        Value::object_of(self.children)
    }
}

/// Puts a finished element into its parent; the document, if it was the root.
fn close(open: &mut [Element], element: Element) -> Option<(String, Value)> {
    let name = element.name.clone();
    let value = element.value();
    match open.last_mut() {
        Some(parent) => {
            parent.children.push((name, value));
            None
        }
        None => Some((name, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Marks, Type};

    #[track_caller]
    fn check(params: &Value, json: &str, query: &str) {
        assert_eq!(String::from_utf8(json_body(params).unwrap()).unwrap(), json);
        let body = String::from_utf8(query_body("Do", "1", params).unwrap()).unwrap();
        assert_eq!(body, format!("Action=Do&Version=1{query}"));
    }

    #[test]
    fn null_members_are_left_out() {
        let inner = Value::object_of([("B", Value::null(Type::String)), ("C", Value::from(true))]);
        let params = Value::object_of([("A", inner), ("D", Value::null(Type::Dynamic))]);
        check(&params, r#"{"A":{"C":true}}"#, "&A.C=true");
    }

    #[test]
    fn marks_come_off() {
        let params = Value::object_of([("A", Value::from("x y").with_marks(Marks::SENSITIVE))]);
        check(&params, r#"{"A":"x y"}"#, "&A=x%20y");
    }

    #[test]
    fn lists_are_numbered_members() {
        let list = Value::tuple(vec![Value::object_of([("Key", Value::from("a"))]), Value::int(2)]);
        check(
            &Value::object_of([("T", list)]),
            r#"{"T":[{"Key":"a"},2]}"#,
            "&T.member.1.Key=a&T.member.2=2",
        );
    }

    #[test]
    fn no_parameters_are_an_empty_object() {
        check(&Value::object_of::<&str>([]), "{}", "");
    }

    #[test]
    fn an_xml_result_is_an_object() {
        let answer = b"<?xml version=\"1.0\"?><DoResponse xmlns=\"x\"><DoResult><A>1 &lt;&#50;</A>\
            <L><member>x</member><member>y</member></L></DoResult><M/></DoResponse>";
        let value = xml_value(answer).unwrap();
        assert_eq!(value.get("A").and_then(Value::as_str), Some("1 <2"));
        let list = value.get("L").and_then(Value::as_items).unwrap();
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn a_cut_xml_answer_is_unreadable() {
        assert!(xml_value(b"<DoResponse><DoResult><A>1</A>").is_none());
    }
}
