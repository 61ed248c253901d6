//! Values and types as text for messages: secrets stay hidden.

use std::fmt;

use super::{Type, Value};

impl fmt::Debug for Value {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!("helper")
    }
}

/// The way `terraform console` prints, sensitive parts as `(sensitive value)`.
impl fmt::Display for Value {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!("helper")
    }
}

/// The way messages name types: `list of string`, `object`, `dynamic`.
impl fmt::Display for Type {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!("helper")
    }
}
