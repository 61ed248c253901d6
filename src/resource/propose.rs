//! Wish and prior object to change: pure.

use crate::diag::{Diagnostics, Result};
use crate::schema::ResourceType;
use crate::value::Value;

use super::Change;

/// What is wished of an object.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub ty: &'static ResourceType,
    /// The decoded block: every attribute of the spec, null where it is not written.
    pub config: &'a Value,
    /// The object as it is; none when there is none, or when it is to be made anew.
    pub prior: Option<&'a Value>,
    /// What schema expressions see as `provider`.
    pub provider: &'a Value,
}

/// The change that a wish needs.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// `NoOp`, `Create`, `Update`, or `Replace` with the paths that force it. For a replacement `after` is what an
    /// update would have led to: propose again without the prior object.
    pub change: Change,
    pub warnings: Diagnostics,
}

/// Works out the change. Broken rules of the schema are errors, all reported.
pub fn propose(_wish: &Wish<'_>) -> Result<Proposal> {
    todo!("helper")
}
