//! Conversion between types, by the rules of Terraform's language.

use super::{Constraint, Path, Type, Value};

/// Why a value cannot have a type: where inside it, and a sentence without a full stop ("a number is required").
#[derive(Clone, Debug)]
pub struct Mismatch {
    pub path: Path,
    pub message: String,
}

/// Converts a value to a type that may hold `Dynamic` and optional attributes. Marks and unknowns stay.
pub fn convert(_value: &Value, _to: &Type) -> Result<Value, Mismatch> {
    todo!("helper")
}

/// Applies the defaults of optional attributes, then converts.
pub fn convert_with_defaults(_value: &Value, _to: &Constraint) -> Result<Value, Mismatch> {
    todo!("helper")
}
