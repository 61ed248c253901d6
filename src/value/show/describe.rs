//! A value in a few words, for the lines under a failing expression.

use super::super::{Data, Marks, Type, Value};
use super::go_quote;

/// What a value is, as a statement that follows its name: `is object with 1 attribute "b"`. Elements never
/// appear, only counts and names.
pub fn describe(value: &Value) -> String {
    if value.marks().contains(Marks::SENSITIVE) {
        return "has a sensitive value".into();
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        return "has an ephemeral value".into();
    }
    match value.data() {
        Data::Unknown(unknown) if unknown.ty == Type::Dynamic => "will be known only after apply".into(),
        Data::Unknown(unknown) => format!("is a {}, known only after apply", unknown.ty),
        _ => format!("is {}", summary(value)),
    }
}

fn summary(value: &Value) -> String {
    let counted = |count: usize| match count {
        0 => format!("empty {}", value.ty()),
        1 => format!("{} with 1 element", value.ty()),
        count => format!("{} with {count} elements", value.ty()),
    };
    match value.data() {
        Data::Null(_) => "null".into(),
        Data::Unknown(_) => "not known yet".into(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_rounded_text(10),
        Data::String(text) => go_quote(text),
        Data::List(_) | Data::Set(_) | Data::Map(_) | Data::Tuple(_) => counted(value.children().count()),
        Data::Object(attributes) => match (attributes.len(), attributes.keys().next()) {
            (1, Some(name)) => format!("object with 1 attribute {}", go_quote(name)),
            (0, _) => "object with no attributes".into(),
            (count, _) => format!("object with {count} attributes"),
        },
    }
}
