//! What planning asks of the world: to read, never to change.

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::Result;
use crate::resource::operate::{Existence, Found};
use crate::schema::ResourceType;
use crate::state::journal::Intent;
use crate::value::{Text, Value};

/// An object that is to be read again.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub addr: InstanceAddr,
    pub ty: &'static ResourceType,
    pub provider: ProviderConfig,
    /// The object as recorded.
    pub prior: Value,
    /// The account in which it was made, where it does not name that itself and others do.
    pub account: Option<Text>,
}

/// Reads the clouds; in tests and for saved plans a record of what was read.
pub trait Observer {
    /// Opens a provider configuration, once. Gives what schema expressions see as `provider`: the block's
    /// arguments and what the cloud adds to them.
    fn configure(&mut self, config: &ProviderConfig, arguments: Value) -> Result<Value>;

    /// Asked again and again while there is only work to do: an error once the user has asked to stop.
    fn may_go_on(&self) -> Result<()> {
        Ok(())
    }

    /// Reads objects, all at the same time; the answers stand in the order of the questions.
    fn refresh(&mut self, wanted: &[Wanted]) -> Vec<Result<Existence>>;

    /// Reads a data source. `arguments` is its configuration.
    fn read_data(&mut self, wanted: &Wanted, arguments: &Value) -> Result<Value>;

    /// Opens an ephemeral resource. None where that has to wait until the plan is carried out.
    fn open(&mut self, wanted: &Wanted, arguments: &Value) -> Result<Option<Value>>;

    /// Looks for an object whose creation was not answered. `wanted.prior` is what was asked for, as the intent says.
    fn find(&mut self, wanted: &Wanted, intent: &Intent) -> Result<Found>;

    /// The ids of all objects among which the one would stand whose creation was not answered. `wanted.prior` is what was
    /// asked for.
    fn among(&mut self, wanted: &Wanted, intent: &Intent) -> Result<Vec<Text>>;

    /// Reads an object that is to be imported. `wanted.prior` is null.
    fn import(&mut self, wanted: &Wanted, id: &str) -> Result<Value>;
}
