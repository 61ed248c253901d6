//! Carries operations out: reads, creates, updates, deletes, imports, through a cloud.

use std::time::Duration;

use crate::cloud::Cloud;
use crate::diag::{Diagnostics, Result};
use crate::schema::{ProviderSchema, ResourceType};
use crate::value::Value;

/// What an operation works with.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub ty: &'static ResourceType,
    /// None for types that need no cloud.
    pub cloud: Option<&'a dyn Cloud>,
    pub schema: Option<&'a ProviderSchema>,
    /// What schema expressions see as `provider`.
    pub provider: &'a Value,
    pub machine: &'a dyn Machine,
}

/// What operations need of this machine, the cloud aside.
pub trait Machine {
    /// Sleeps; in tests only the clock moves.
    fn sleep(&self, time: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>>;

    /// Time since some fixed moment.
    fn elapsed(&self) -> Duration;

    /// Writes a file that only its owner may read; an existing one is replaced.
    fn write_secret_file(&self, path: &str, content: &str) -> std::io::Result<()>;

    /// A fresh random id (UUID, version 4, as Terraform's `terraform_data` has it).
    fn uuid(&self) -> String;
}

/// What came of a create or an update.
#[derive(Debug)]
pub struct Outcome {
    /// The object as it is now; none when nothing exists.
    pub object: Option<Value>,
    /// What went wrong; the object, if there is one, exists all the same.
    pub problems: Diagnostics,
    /// The answer to a create was lost: the object may exist, and nobody knows its id.
    pub unclear: bool,
}

/// Reads the object again. None means that it no longer exists.
pub async fn read(_site: Site<'_>, _prior: &Value) -> Result<Option<Value>> {
    todo!("helper")
}

/// Reads a data source by its configuration.
pub async fn read_data(_site: Site<'_>, _config: &Value) -> Result<Value> {
    todo!("helper")
}

/// Reads the object that an import names.
pub async fn import(_site: Site<'_>, _id: &str) -> Result<Value> {
    todo!("helper")
}

/// Makes the planned object, and waits until it is as planned.
pub async fn create(_site: Site<'_>, _planned: &Value, _config: &Value) -> Outcome {
    todo!("helper")
}

/// Brings the object from what it was to what is planned.
pub async fn update(_site: Site<'_>, _prior: &Value, _planned: &Value, _config: &Value) -> Outcome {
    todo!("helper")
}

/// Deletes the object. On failure it is still there.
pub async fn delete(_site: Site<'_>, _prior: &Value) -> Result<()> {
    todo!("helper")
}
