//! Names bound inside an expression: `for` variables, iterators of dynamic blocks, template variables.

use std::collections::BTreeMap;

use crate::value::{Text, Value};

/// A chain of bound names, the innermost first.
pub(in crate::lang) struct Binding<'a> {
    names: Names<'a>,
    outer: Option<&'a Self>,
}

enum Names<'a> {
    One(&'a str, Value),
    Many(&'a BTreeMap<Text, Value>),
}

impl<'a> Binding<'a> {
    /// Binds one name.
    pub(in crate::lang) fn one(name: &'a str, value: Value, outer: Option<&'a Self>) -> Self {
        Self {
            names: Names::One(name, value),
            outer,
        }
    }

    /// Binds every key of a map.
    pub(in crate::lang) fn many(names: &'a BTreeMap<Text, Value>, outer: Option<&'a Self>) -> Self {
        Self {
            names: Names::Many(names),
            outer,
        }
    }

    /// The value of a bound name.
    pub(in crate::lang) fn find(&self, name: &str) -> Option<&Value> {
        let mut link = Some(self);
        while let Some(binding) = link {
            match &binding.names {
                Names::One(bound, value) if *bound == name => return Some(value),
                Names::One(..) => {}
                Names::Many(names) => {
                    if let Some(value) = names.get(name) {
                        return Some(value);
                    }
                }
            }
            link = binding.outer;
        }
        None
    }
}
