//! What one object needs, and how to do it, for every type by its schema.
//!
//! [`propose`] is pure: wish and prior object to change. What stands in [`operate`] carries it out through a
//! [`crate::cloud::Cloud`].

mod adopt;
mod aliases;
mod change;
mod destroy;
mod fill;
#[cfg(test)]
mod for_tests;
mod ignore;
mod marks;
mod native;
pub mod operate;
mod propose;
mod recorded;
mod rules;
mod same;
mod scope;
mod timeouts;
pub mod withheld;
mod worth;

use crate::diag::Diagnostics;
use crate::schema::{Argument, NestedBlock, ResourceType};
use crate::value::{Text, Value};

pub use adopt::adopt;
pub use aliases::deprecated;
pub use change::{Action, Change};
pub use destroy::{disables, expires, loss, may_delete, rotates, window};
pub use ignore::ignore_changes;
pub use marks::by_schema as marked;
pub use propose::{Proposal, Wish, propose, validate};
pub use recorded::{empty_object, recorded, to_record, unknown_object, without_secrets};
pub use withheld::record;
pub use worth::is_worth_writing;

/// Checks the arguments of a block that is no resource, such as a provider's.
pub fn validate_arguments(
    arguments: &indexmap::IndexMap<Text, Argument>,
    blocks: &indexmap::IndexMap<Text, NestedBlock>,
    config: &Value,
) -> Diagnostics {
    rules::block(arguments, blocks, config)
}

/// What tells a new object from all others, as messages name it.
pub fn mark(ty: &ResourceType, marker: &str) -> String {
    if ty.arguments.contains_key("tags") {
        format!("tag keyform:id = \"{marker}\"")
    } else {
        format!("mark \"{marker}\"")
    }
}

/// A data source that cannot be read yet: its configuration, the rest unknown.
pub fn unread(ty: &ResourceType, config: &Value) -> Value {
    propose::unread(ty, config)
}
