//! What a run stands on in the simulation: a clock that jumps, a store that dies with its run, and nobody to interrupt.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use fs_err as fs;
use jiff::Timestamp;
use keyform::addr::{InstanceAddr, ProviderConfig};
use keyform::apply::{Doing, Interrupts, Progress, Report};
use keyform::diag::{Diagnostic, Result};
use keyform::lang::expr::Host;
use keyform::plan::live::{Connector, Opened, Opening, Runtime};
use keyform::resource::operate::Machine;
use keyform::schema::Catalog;
use keyform::state::State;
use keyform::state::journal::{Intent, Record};
use keyform::state::store::{self, LocalStore, LockInfo, Snapshot, Store};
use keyform::value::{Text, Value};
use tokio::time::Instant;

use super::world::{Client, Life, World};
use crate::dice::Dice;

/// The machine of a run, whose clock only sleeping moves.
pub struct Rig {
    pub born: Instant,
    pub dice: RefCell<Dice>,
}

impl Machine for Rig {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(tokio::time::sleep(time))
    }

    fn elapsed(&self) -> Duration {
        self.born.elapsed()
    }

    fn write_secret_file(&self, path: &str, _: &str) -> std::io::Result<()> {
        panic!("{path} was written");
    }

    fn uuid(&self) -> String {
        let mut dice = self.dice.borrow_mut();
        let (a, b) = (dice.roll(), dice.roll());
        uuid::Builder::from_random_bytes((u128::from(a) << 64 | u128::from(b)).to_be_bytes())
            .into_uuid()
            .to_string()
    }
}

/// Connects to the service.
pub struct To {
    pub world: Rc<World>,
    pub life: Arc<Life>,
}

impl Connector for To {
    fn open<'a>(&'a mut self, _: &'a ProviderConfig, arguments: Value) -> Opening<'a> {
        let client = Client {
            world: self.world.clone(),
            life: self.life.clone(),
        };
        let mut value = arguments.as_entries().cloned().unwrap_or_default();
        value.insert("account_id".into(), Value::from("123456789012"));
        value.insert("partition".into(), Value::from("aws"));
        let schema = Catalog::get().provider(self.world.door.word()).unwrap().unwrap();
        let opened = Opened {
            cloud: Some(Rc::new(client)),
            schema: Some(schema),
            value: Value::object(value),
        };
        Box::pin(async { Ok(opened) })
    }
}

/// Where planning waits. A dead run waits no more.
pub struct Waiting<'r> {
    pub runtime: &'r tokio::runtime::Runtime,
    pub local: &'r tokio::task::LocalSet,
    pub life: Arc<Life>,
}

impl Runtime for Waiting<'_> {
    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) -> Result<()> {
        let dead = || Diagnostic::error("Killed", "The run was killed while it planned.");
        if self.life.is_over() {
            return Err(dead().into());
        }
        self.local.block_on(self.runtime, async {
            tokio::select! {
                biased;
                () = self.life.ended.notified() => Err(dead().into()),
                () = future => Ok(()),
            }
        })
    }
}

/// Nobody interrupts.
pub struct Nobody;

impl Interrupts for Nobody {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(std::future::pending())
    }
}

/// What the user was told.
#[derive(Default)]
pub struct Told {
    /// Objects that were reported as made, and not as destroyed afterwards.
    pub made: BTreeSet<String>,
    /// The ids of what was ever reported as made or changed.
    pub ids: BTreeSet<String>,
}

impl Progress for Told {
    fn started(&mut self, _: &InstanceAddr, _: Option<&Text>, _: Doing, _: Option<&str>) {}
    fn still(&mut self, _: &InstanceAddr, _: Option<&Text>, _: Doing, _: Duration) {}
    fn done(&mut self, report: &Report) {
        let address = report.addr.to_string();
        if report.doing != Doing::Destroying {
            self.ids.extend(report.id.clone());
        }
        match report.doing {
            Doing::Destroying => drop(self.made.remove(&address)),
            _ => drop(self.made.insert(address)),
        }
    }
    fn unrecorded(&mut self, _: &Report) {}
    fn failed(&mut self, _: &InstanceAddr, _: Option<&Text>, _: Doing, _: Duration) {}
    fn provisioning(&mut self, _: &InstanceAddr) {}
    fn said(&mut self, _: &InstanceAddr, _: &str) {}
    fn stopping(&mut self, _: usize, _: bool) {}
}

/// A store whose every operation is a step of the run's life. Dying, the machine may lose what was not flushed: the end of the
/// journal, and the last renaming.
pub struct Mortal {
    pub inner: LocalStore,
    pub life: Arc<Life>,
    pub state: PathBuf,
    pub dice: Dice,
    /// Up to where the journal is on the disk for sure.
    pub durable: u64,
}

impl Mortal {
    fn step(&self) -> store::Result<()> {
        if self.life.step() {
            return Ok(());
        }
        Err(Diagnostic::error("Killed", "The run was killed."))
    }

    fn journal(&self) -> PathBuf {
        self.state.with_file_name("terraform.tfstate.journal")
    }

    /// Which file the journal is.
    fn identity(&self) -> Option<u64> {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(self.journal()).ok().map(|data| data.ino())
    }

    fn flushed(&mut self) {
        self.durable = fs::metadata(self.journal()).map_or(0, |data| data.len());
    }

    /// The kill comes while the state is written: it may be in its place, or its renaming may not have reached the disk.
    fn write_dying(&mut self, state: &State) {
        let (former, journal) = (fs::read(&self.state).ok(), self.identity());
        if self.dice.one_in(3) || self.inner.write(state).is_err() {
            return;
        }
        self.flushed();
        // The journal is removed or begun anew only after the folder was flushed.
        let ended = journal.is_some() && journal != self.identity();
        if !ended && self.dice.one_in(2) {
            match former {
                Some(text) => fs::write(&self.state, text).unwrap(),
                None => drop(fs::remove_file(&self.state)),
            }
        }
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        let Ok(file) = fs::OpenOptions::new().write(true).open(self.journal()) else {
            return;
        };
        let length = file.metadata().map_or(0, |data| data.len());
        if self.life.is_over() && length > self.durable {
            let lost = self
                .dice
                .below(usize::try_from(length - self.durable).unwrap() + 1);
            file.set_len(length - lost as u64).unwrap();
        }
    }
}

impl Store for Mortal {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    fn read(&mut self) -> store::Result<Option<Snapshot>> {
        self.inner.read()
    }
    fn write(&mut self, state: &State) -> store::Result<()> {
        if let Err(dead) = self.step() {
            self.write_dying(state);
            return Err(dead);
        }
        self.inner.write(state)?;
        self.flushed();
        Ok(())
    }
    fn lock(&mut self, info: LockInfo, wait: Duration) -> store::Result<()> {
        self.inner.lock(info, wait)
    }
    fn unlock(&mut self) -> store::Result<()> {
        self.inner.unlock()
    }
    fn force_unlock(&mut self, id: &str) -> store::Result<()> {
        self.inner.force_unlock(id)
    }
    fn begin_journal(&mut self, state: &State) -> store::Result<u64> {
        self.step()?;
        let serial = self.inner.begin_journal(state)?;
        self.flushed();
        Ok(serial)
    }
    fn unsettled(&self) -> &[Intent] {
        self.inner.unsettled()
    }
    fn is_untouched(&mut self) -> bool {
        self.inner.is_untouched()
    }
    fn reserve(&mut self, room: u64) -> store::Result<()> {
        self.inner.reserve(room)
    }
    fn append(&mut self, record: &Record) -> store::Result<()> {
        if let Err(dead) = self.step() {
            // Of the line a part may have reached the disk.
            let _ = self.inner.append(record);
            return Err(dead);
        }
        self.inner.append(record)
    }
    fn sync_journal(&mut self) -> store::Result<()> {
        self.step()?;
        self.inner.sync_journal()?;
        self.flushed();
        Ok(())
    }
    fn journal_growth(&self) -> u64 {
        self.inner.journal_growth()
    }
    fn end_journal(&mut self) -> store::Result<()> {
        self.step()?;
        self.inner.end_journal()
    }
    fn settle(&mut self, addresses: &[InstanceAddr]) -> store::Result<()> {
        self.inner.settle(addresses)
    }
    fn rescue(&mut self, state: &State) -> store::Result<String> {
        self.step()?;
        self.inner.rescue(state)
    }
}

/// A machine without files.
pub struct NoFiles;

impl Host for NoFiles {
    fn read_file(&self, _: &str) -> std::result::Result<Vec<u8>, String> {
        Err("there is no file".into())
    }
    fn file_exists(&self, _: &str) -> std::result::Result<bool, String> {
        Ok(false)
    }
    fn working_dir(&self) -> &Path {
        Path::new("/")
    }
    fn now(&self) -> Option<Timestamp> {
        None
    }
    fn plan_time(&self) -> Option<Timestamp> {
        None
    }
}
