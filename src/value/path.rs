//! The way to a part inside a value.

use std::fmt;

use super::{Text, Value};

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

/// Prints a path as messages have it: `.a["b"][0]`.
pub struct PathText<'a>(pub &'a [Step]);

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(f, ".{name}"),
            Self::Index(key) => match (key.as_str(), key.as_number()) {
                (Some(text), _) if key.marks().is_empty() => write!(f, "[{}]", super::show::go_quote(text)),
                (_, Some(number)) if key.marks().is_empty() => write!(f, "[{number}]"),
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
