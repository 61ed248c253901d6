//! Whether what is about to be done is what was planned.

use crate::diag::{Diagnostic, Result};
use crate::value::Value;

/// What was planned and known must be so; only what was unknown may be filled in.
pub(super) fn consistent(planned: &Value, now: &Value) -> Result<()> {
    match difference(planned, now) {
        None => Ok(()),
        Some(place) => Err(Diagnostic::error(
            "Inconsistent final plan",
            format!("When the values that were unknown became known, the planned value of {place} changed as well. Nothing was done with this object; plan again to see what would happen now."),
        )
        .into()),
    }
}

/// The first place where a known planned value is another one now.
#[expect(
    clippy::disallowed_methods,
    reason = "two values are compared and neither is shown"
)]
fn difference(planned: &Value, now: &Value) -> Option<String> {
    if !planned.is_known() {
        return None;
    }
    match (planned.as_entries(), now.as_entries()) {
        (Some(left), Some(right)) => left.iter().find_map(|(name, value)| match right.get(name) {
            Some(other) => difference(value, other).map(|rest| {
                if rest.is_empty() {
                    name.to_string()
                } else {
                    format!("{name}.{rest}")
                }
            }),
            None => Some(name.to_string()),
        }),
        _ if planned.is_wholly_known() => {
            (!crate::value::raw_equal(&planned.reveal(), &now.reveal())).then(String::new)
        }
        _ => match (planned.as_items(), now.as_items()) {
            (Some(left), Some(right))
                if left.len() == right.len() && !matches!(planned.data(), crate::value::Data::Set(_)) =>
            {
                left.iter()
                    .zip(right)
                    .find_map(|(left, right)| difference(left, right))
            }
            _ => None,
        },
    }
}
