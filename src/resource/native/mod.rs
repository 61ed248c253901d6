//! Types whose operations come from the program instead of a schema file. Their arguments, checks and docs are in
//! the schema like all others.

pub(super) mod remote_state;
mod terraform_data;

use crate::schema::{Mode, ResourceType};
use crate::value::Value;

use super::operate::Machine;
use super::{Change, Wish};

/// The operations of a native type. None of them can fail, and
/// deleting only forgets: a type that calls a cloud has a schema.
pub(super) trait NativeType {
    /// Wish and recorded object to change.
    fn plan(&self, wish: &Wish<'_>) -> Change;

    /// The made object, by the configuration.
    fn create(&self, config: &Value, machine: &dyn Machine) -> Value;

    /// The changed object.
    fn update(&self, prior: &Value, config: &Value) -> Value;

    /// The object as it is now; none when it no longer exists.
    fn read(&self, prior: &Value) -> Option<Value> {
        Some(prior.clone())
    }

    /// A recorded object with the marks that follow from those recorded.
    fn seen(&self, object: Value) -> Value {
        object
    }

    /// An object with the marks that are recorded: not those that follow from others.
    fn kept(&self, object: Value) -> Value {
        object
    }

    /// The object that an import names.
    fn import(&self, id: &str) -> Value;
}

/// Whether a data source is read by the program itself.
pub(super) fn is_remote_state(ty: &ResourceType) -> bool {
    ty.native && ty.mode == Mode::Data && &*ty.name == "terraform_remote_state"
}

/// The operations of a type that is native.
pub(super) fn find(ty: &ResourceType) -> Option<&'static dyn NativeType> {
    (ty.native && &*ty.name == "terraform_data").then_some(&terraform_data::TerraformData)
}
