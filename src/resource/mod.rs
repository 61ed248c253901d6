//! What one object needs, and how to do it, for every type by its schema.
//!
//! [`propose`] is pure: wish and prior object to change. What stands in [`operate`] carries it out through a
//! [`crate::cloud::Cloud`].

mod change;
pub mod operate;
mod propose;

use crate::config::IgnoreChanges;
use crate::diag::Result;
use crate::lang::spec::BlockSpec;
use crate::schema::ResourceType;
use crate::state::Object;
use crate::value::{Type, Value};

pub use change::{Action, Change};
pub use propose::{Proposal, Wish, propose};

/// A recorded object as a value of its type: older schema versions upgraded, sensitive parts marked.
pub fn recorded(_ty: &ResourceType, _object_type: &Type, _object: &Object) -> Result<Value> {
    todo!("helper")
}

/// An object with every attribute null and no nested blocks.
pub fn empty_object(_spec: &BlockSpec) -> Value {
    todo!("helper")
}

/// An object of the type of which nothing is known: what an instance is worth that could not be planned.
pub fn unknown_object(_ty: &ResourceType) -> Value {
    todo!("helper")
}

/// A data source that cannot be read yet: its configuration, the rest unknown.
pub fn unread(_ty: &ResourceType, _config: &Value) -> Value {
    todo!("helper")
}

/// The configuration with the ignored parts as they are in the prior object.
pub fn ignore_changes(_config: &Value, _prior: &Value, _ignore: &IgnoreChanges) -> Value {
    todo!("helper")
}

/// What destroying the object means, if it matters: whether it is lost at once, and the days until it is lost.
pub fn loss(_ty: &ResourceType, _prior: &Value) -> Option<(bool, Option<i64>)> {
    todo!("helper")
}

/// Checks the rules of the type's `delete` block against the recorded object.
pub fn may_delete(_ty: &ResourceType, _prior: &Value, _provider: &Value) -> Result<()> {
    todo!("helper")
}

/// Whether generated configuration should name an argument: not when it is null, empty or what it would be anyway.
pub fn is_worth_writing(_ty: &ResourceType, _argument: &str, _value: &Value, _provider: &Value) -> bool {
    todo!("helper")
}
