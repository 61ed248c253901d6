//! What must hold of a type before anybody relies on it: every name resolves, and the parts fit together.

mod expression;
mod shape;

use super::provider::ProviderSchema;
use super::resource::ResourceType;
use crate::diag::Diagnostics;

/// Everything that is wrong with a type.
pub(super) fn check(ty: &ResourceType, provider: &ProviderSchema) -> Diagnostics {
    let mut problems = expression::check(ty, provider);
    problems.extend(shape::check(ty, provider));
    problems
}
