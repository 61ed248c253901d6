//! Block, spec and scope to object value.

use crate::diag::{Diagnostics, Result};
use crate::lang::expr::Scope;
use crate::lang::spec::BlockSpec;
use crate::lang::syntax::Body;
use crate::value::Value;

/// The object that a block's body stands for: every attribute and block of the spec, absent ones null (nested
/// lists and sets empty). Values of sensitive attributes are not marked here. Reports every independent error.
pub fn decode(_body: &Body, _spec: &BlockSpec, _scope: &dyn Scope) -> Result<Value> {
    todo!("helper")
}

/// Checks names only, without evaluating: unknown arguments and blocks (with the nearest name), missing required
/// ones, too many or too few blocks.
pub fn check(_body: &Body, _spec: &BlockSpec) -> Diagnostics {
    todo!("helper")
}
