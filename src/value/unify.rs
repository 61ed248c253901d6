//! The one type that several values can share.

use super::{Type, Value};

/// The type that all given types convert to without loss, if there is one.
pub fn unify(_types: &[Type]) -> Option<Type> {
    todo!("helper")
}

/// The values, each converted to the unified type.
pub fn unify_values(_values: &[Value]) -> Option<(Type, Vec<Value>)> {
    todo!("helper")
}
