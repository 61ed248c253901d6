//! Values and types as text for messages: secrets stay hidden.

use std::fmt;

use super::{Type, Value};

/// Text in Go's quotes: what cannot be printed is escaped.
pub fn go_quote(text: &str) -> String {
    format!("{text:?}")
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The way `terraform console` prints, sensitive parts as `(sensitive value)`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.marks_deep().is_empty() {
            f.write_str(&super::json::to_go_text(&super::json::to_plain_json(self)))
        } else {
            f.write_str("(sensitive value)")
        }
    }
}

/// The way messages name types: `list of string`, `object`, `dynamic`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic => f.write_str("dynamic"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(element) => write!(f, "list of {element}"),
            Self::Set(element) => write!(f, "set of {element}"),
            Self::Map(element) => write!(f, "map of {element}"),
            Self::Tuple(_) => f.write_str("tuple"),
            Self::Object(_) => f.write_str("object"),
        }
    }
}
