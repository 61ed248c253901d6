//! Carries operations out: reads, creates, updates, deletes, imports, through a cloud.

mod call;
mod change;
mod create;
mod delete;
mod failure;
mod find;
mod lasting;
mod look;
mod lost;
mod observe;
mod pages;
mod restore;
mod retire;
mod shared;
#[cfg(test)]
mod tests;
mod turn;
mod usage;
mod wait;

use std::time::Duration;

use crate::cloud::Cloud;
use crate::diag::{Diagnostics, Result};
use crate::schema::{ProviderSchema, ResourceType};
use crate::value::{Text, Value};

use super::native;

pub use lasting::Lasting;
pub use look::other_account;
pub use shared::SharedReads;
pub use turn::{Turn, Turns};

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
    /// What this run has already listed; none to ask each time anew.
    pub shared: Option<&'a SharedReads>,
    /// Given back while the operation only lets time pass for the cloud to catch up; none where nobody counts.
    pub turn: Option<&'a Turn>,
    /// Told of a new object as soon as its id is known, while the object is not yet as planned.
    pub made: Option<&'a dyn Fn(Value)>,
    /// What a new object carries, by which it is found again when the answer to its creation is lost.
    pub marker: Option<&'a str>,
    /// The account in which it was asked for whose creation is open.
    pub account: Option<&'a str>,
    /// The object may have been asked for before, by a run that heard no answer.
    pub again: bool,
    /// The object is not asked for after this second since 1970.
    pub until: Option<i64>,
    /// The id of the object in whose place the new one is made, and which is destroyed: its file may be replaced.
    pub former: Option<&'a str>,
}

impl Site<'_> {
    /// Lets time pass for the cloud to catch up, in which others may work.
    async fn pause(&self, time: Duration) {
        let sleep = self.machine.sleep(time);
        match self.turn {
            Some(turn) => turn.rest(sleep).await,
            None => sleep.await,
        }
    }
}

/// What is to be fetched from the network.
#[derive(Clone)]
pub struct Download {
    pub address: String,
    /// A name and a password.
    pub user: Option<(String, String)>,
}

/// A download under way: the status and the bytes of the answer.
pub type Downloading<'a> =
    std::pin::Pin<Box<dyn Future<Output = std::result::Result<(u16, Vec<u8>), String>> + 'a>>;

/// A command that is to run on this machine.
#[derive(Clone)]
pub struct Process {
    /// The program and its arguments.
    pub words: Vec<String>,
    pub working_dir: Option<String>,
    /// Added to the environment of the run.
    pub environment: Vec<(String, String)>,
}

/// A command under way. Errors are sentences without full stop.
pub type Running<'a> = std::pin::Pin<Box<dyn Future<Output = std::result::Result<(), String>> + 'a>>;

/// What operations need of this machine, the cloud aside.
pub trait Machine {
    /// Sleeps; in tests only the clock moves.
    fn sleep(&self, time: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>>;

    /// Time since some fixed moment, as sleeping passes it.
    fn elapsed(&self) -> Duration;

    /// Time since some fixed moment, as people see it. Differs from `elapsed` where sleeping is cut short.
    fn wall(&self) -> Duration {
        self.elapsed()
    }

    /// Seconds since 1970, on a clock that goes on while the machine sleeps; none where there is no such clock.
    fn since_1970(&self) -> Option<i64> {
        None
    }

    /// Comes to an end after a second that people see.
    fn tick(&self) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
        self.sleep(Duration::from_secs(1))
    }

    /// Writes a file that only its owner may read; an existing one is replaced.
    fn write_secret_file(&self, path: &str, content: &str) -> std::io::Result<()>;

    /// Makes room for a file that will be written there later on in the run, or says why none can be. What stands there is left
    /// alone for good, unless it is the file of a former object: it holds that object's id.
    fn reserve_secret_file(&self, path: &str, former: Option<&str>) -> std::io::Result<()> {
        self.may_reserve(path, former)
    }

    /// Says why no file can be made there, as far as that can be told without making one.
    fn may_reserve(&self, _path: &str, _former: Option<&str>) -> std::io::Result<()> {
        Ok(())
    }

    /// Where a path leads that somebody wrote: two that lead to one file are the same.
    fn full_path(&self, path: &str) -> std::path::PathBuf {
        path.into()
    }

    /// The bytes of a file; none where there is no such file. Errors are sentences without full stop.
    fn read_file(&self, _path: &str) -> std::result::Result<Option<Vec<u8>>, String> {
        Err("this machine has no files".into())
    }

    /// What an address answers to GET: the status and the bytes. Errors are sentences without full stop.
    fn download<'a>(&'a self, _download: &'a Download) -> Downloading<'a> {
        Box::pin(std::future::ready(Err("this machine has no network".into())))
    }

    /// Runs a command to its end; each line that it prints is told at once.
    fn run<'a>(&'a self, _process: &'a Process, _told: &'a dyn Fn(&str)) -> Running<'a> {
        Box::pin(std::future::ready(Err("this machine runs no commands".into())))
    }

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

impl Outcome {
    /// Nothing was made.
    fn failed(problems: Diagnostics) -> Self {
        Self {
            object: None,
            problems,
            unclear: false,
        }
    }

    fn done(object: Value) -> Self {
        Self {
            object: Some(object),
            problems: Diagnostics::new(),
            unclear: false,
        }
    }
}

/// Whether an object is still there.
#[derive(Clone, Debug, PartialEq)]
pub enum Existence {
    There(Value),
    Gone,
    /// It counts as gone, but waits for its end and could still be called back.
    Leaving {
        /// When it is lost for ever (RFC 3339), if that is known.
        lost_at: Option<Text>,
    },
}

impl Existence {
    /// The object, if it is there to stay.
    pub fn object(self) -> Option<Value> {
        match self {
            Self::There(object) => Some(object),
            Self::Gone | Self::Leaving { .. } => None,
        }
    }
}

/// Reads the object again.
pub async fn read(site: Site<'_>, prior: &Value) -> Result<Existence> {
    match native::find(site.ty) {
        Some(native) => Ok(native.read(prior).map_or(Existence::Gone, Existence::There)),
        None => look::read(site, prior).await,
    }
}

/// Reads a data source by its configuration. What is recorded of it may stay; null where nothing is.
pub async fn read_data(site: Site<'_>, prior: &Value, config: &Value) -> Result<Value> {
    if native::is_remote_state(site.ty) {
        return native::remote_state::read(config, site.machine).await;
    }
    look::read_data(site, prior, config).await
}

/// Reads the object that an import names.
pub async fn import(site: Site<'_>, id: &str) -> Result<Value> {
    match native::find(site.ty) {
        Some(native) => Ok(native.import(id)),
        None => look::import(site, id).await,
    }
}

/// Makes the planned object, and waits until it is as planned.
pub async fn create(site: Site<'_>, planned: &Value, config: &Value) -> Outcome {
    match native::find(site.ty) {
        Some(native) => Outcome::done(native.create(config, site.machine)),
        None => create::create(site, planned, config).await,
    }
}

/// The files that will hold what only the answers that make an object have, as far as they are known.
pub fn files(ty: &ResourceType, object: &Value, provider: &Value) -> Vec<String> {
    change::files(ty, object, provider)
}

/// What is known of an object whose creation was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there, with this id as an import takes it.
    There(Text),
    /// It is not there. Where it may come late, a request that is still on its way could make a second one.
    Absent { late: bool },
    /// Nobody can tell.
    Untold,
}

/// Looks for an object whose creation was not answered: by the site's marker, or by its id where that is known without an
/// answer and the object is as it was wished for.
pub async fn find(site: Site<'_>, wished: &Value) -> Result<Found> {
    find::find(site, wished).await
}

/// The id of an object that is there, as an import takes it: types that name regions take the region behind the id.
pub fn import_id(ty: &ResourceType, provider: &Value, object: &Value) -> Text {
    let id = object.get("id").and_then(Value::as_str);
    find::import_id(ty, provider, object, id.unwrap_or_default())
}

/// The ids, as an import takes them, of all objects among which a wished one stands once it is made; none where the type
/// has no such list. What is there after a creation and was not there before it may have come of it.
pub async fn among(site: Site<'_>, wished: &Value) -> Result<Option<Vec<Text>>> {
    find::among(site, wished).await
}

/// An object that carries a marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// As an import takes it.
    pub id: Text,
    pub marker: Text,
}

/// Whether that is known of a wished object by which others like it are listed.
pub fn can_survey(ty: &ResourceType, wished: &Value) -> bool {
    find::can_survey(ty, wished)
}

/// All objects that carry a marker, where the type can list them.
pub async fn survey(site: Site<'_>, wished: &Value) -> Result<Vec<Marked>> {
    find::survey(site, wished).await
}

/// The objects of a type that wait for their end and keep their names until then, with the time of it; none where nobody
/// could be asked.
pub async fn pending(site: Site<'_>) -> Option<std::collections::BTreeMap<Text, Text>> {
    find::pending(site).await
}

/// The id of an object, as an import takes it, where its name tells it without an answer of the cloud.
pub fn id_by_name(site: Site<'_>, wished: &Value) -> Option<Text> {
    find::id_by_name(site, wished)
}

/// What an object that is scheduled for deletion is once it was called back; none where it cannot be.
pub fn restored(ty: &ResourceType, prior: &Value, provider: &Value) -> Result<Option<Value>> {
    restore::restored(ty, prior, provider)
}

/// Calls an object back that is scheduled for deletion, and then brings it to what is planned. `prior` is the object
/// as [`restored`] has it.
pub async fn restore(site: Site<'_>, prior: &Value, planned: &Value, config: &Value) -> Outcome {
    match restored_within(site, prior, timeout(site, planned, "update")).await {
        Ok(()) => update(site, prior, planned, config).await,
        Err(problems) => Outcome {
            object: Some(prior.clone()),
            problems,
            unclear: false,
        },
    }
}

/// Calls an object back that is scheduled for deletion, and leaves it as it is then.
pub async fn call_back(site: Site<'_>, prior: &Value) -> Result<()> {
    restored_within(site, prior, timeout(site, prior, "update")).await
}

async fn restored_within(site: Site<'_>, prior: &Value, retry_for: Option<Duration>) -> Result<()> {
    let patience = call::Patience {
        settle_until: None,
        retry_for,
    };
    let back = restore::carry_out(site, prior, patience).await;
    back.map_err(|failure| failure.told("calling the object back"))
}

/// Brings the object from what it was to what is planned.
pub async fn update(site: Site<'_>, prior: &Value, planned: &Value, config: &Value) -> Outcome {
    match native::find(site.ty) {
        Some(native) => Outcome::done(native.update(prior, config)),
        None => create::update(site, prior, planned, config).await,
    }
}

/// Deletes the object. On failure it is still there.
pub async fn delete(site: Site<'_>, prior: &Value) -> Result<()> {
    match native::find(site.ty) {
        Some(_) => Ok(()),
        None => delete::delete(site, prior).await,
    }
}

/// Disables the object in place of deleting it. What is gone by then need not be disabled.
pub async fn retire(site: Site<'_>, prior: &Value) -> Result<()> {
    retire::retire(site, prior).await
}

/// What is known of the use of the object, by the names that its type shows; none where the type shows nothing.
pub async fn usage(site: Site<'_>, prior: &Value) -> Option<Value> {
    usage::usage(site, prior).await
}

/// What an argument is worth without the object, of which `object` is what is recorded or planned; none where that is
/// not known yet, or nothing has it.
pub async fn lasting(site: Site<'_>, argument: &str, object: &Value) -> Result<Option<Lasting>> {
    lasting::lasting(site, argument, object).await
}

/// Whose such an argument is; none where that is not known.
pub fn lasting_of(ty: &ResourceType, argument: &str, object: &Value, provider: &Value) -> Option<Value> {
    let of = lasting::lasting_of(ty, argument, (object, provider));
    of.ok().flatten()
}

/// How long the calls of an operation are asked again: as the object's `timeouts` block says, or the type.
fn timeout(site: Site<'_>, object: &Value, operation: &str) -> Option<Duration> {
    let entry = site.ty.timeouts.entries().find(|(name, _)| *name == operation);
    let written = object.get("timeouts").and_then(|block| block.get(operation));
    let written = written.and_then(|text| super::timeouts::duration(text.as_str()?));
    written.or(entry.map(|(_, usual)| usual))
}
