//! The way to a part inside a value.

use super::{Text, Value};

/// One step into a value.
#[derive(Clone, Debug)]
pub enum Step {
    /// An attribute of an object.
    Attribute(Text),
    /// An element of a list, tuple or map, by number or string; of a set, by the element itself.
    Index(Value),
}

/// Steps from the outside in.
pub type Path = Vec<Step>;
