//! What a run stands on in the simulation: a clock that jumps, a store that dies with its run, and nobody to interrupt.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
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

use super::time::Life;
use super::world::{Client, World};
use crate::dice::Dice;

/// The machine of a run, whose clock only sleeping moves.
pub struct Rig {
    pub life: Arc<Life>,
    pub dice: RefCell<Dice>,
}

impl Machine for Rig {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(tokio::time::sleep(time))
    }

    fn elapsed(&self) -> Duration {
        self.life.clock.now()
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
    pub world: Arc<World>,
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
pub struct Waiting {
    pub life: Arc<Life>,
}

impl Runtime for Waiting {
    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) -> Result<()> {
        let dead = || Diagnostic::error("Killed", "The run was killed while it planned.");
        if self.life.is_over() {
            return Err(dead().into());
        }
        self.life.clock.runtime.block_on(async {
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

/// What users were told.
#[derive(Default)]
pub struct Told {
    /// Objects that were reported as made, and not as destroyed afterwards.
    pub made: BTreeSet<String>,
    /// The ids of what was ever reported as made or changed.
    pub ids: BTreeSet<String>,
}

/// Tells.
pub struct Teller(pub Arc<Mutex<Told>>);

impl Progress for Teller {
    fn started(&mut self, _: &InstanceAddr, _: Option<&Text>, _: Doing, _: Option<&str>) {}
    fn still(&mut self, _: &InstanceAddr, _: Option<&Text>, _: Doing, _: Duration) {}
    fn done(&mut self, report: &Report) {
        let address = report.addr.to_string();
        let mut told = self.0.lock().unwrap();
        if report.doing != Doing::Destroying {
            told.ids.extend(report.id.clone());
        }
        match report.doing {
            Doing::Destroying => drop(told.made.remove(&address)),
            _ => drop(told.made.insert(address)),
        }
    }
    fn unrecorded(&mut self, _: &Report) {}
    fn failed(&mut self, _: &InstanceAddr, _: Option<&Text>, _: Doing, _: Duration) {}
    fn provisioning(&mut self, _: &InstanceAddr) {}
    fn said(&mut self, _: &InstanceAddr, _: &str) {}
    fn stopping(&mut self, _: usize, _: bool) {}
}

/// What is seen of the files of a world from outside.
#[derive(Default)]
pub struct Watch {
    /// How many runs have a journal open.
    journals: AtomicUsize,
    /// Each state that was in its place, so that no other file takes its number.
    states: Mutex<Vec<fs::File>>,
    /// States that were overwritten by who had not read them.
    pub overwritten: Mutex<Vec<String>>,
}

/// A store whose every operation is a step of the run's life. Dying, the machine may lose what was not flushed: the end of the
/// journal, and the last renaming.
pub struct Mortal {
    inner: LocalStore,
    life: Arc<Life>,
    state: PathBuf,
    dice: Dice,
    /// Which journal is on the disk for sure, and up to where.
    durable: Option<(u64, u64)>,
    /// The text of the state, as this run has read or written it last.
    known: Option<String>,
    /// It has a journal open.
    begun: bool,
    watch: Arc<Watch>,
    /// It does not look whether somebody else has changed the state.
    blind: bool,
}

impl Mortal {
    pub fn new(state: &Path, life: &Arc<Life>, dice: Dice, (watch, blind): (&Arc<Watch>, bool)) -> Self {
        let mut store = Self {
            inner: LocalStore::new(state),
            life: life.clone(),
            state: state.to_owned(),
            dice,
            durable: None,
            known: None,
            begun: false,
            watch: watch.clone(),
            blind,
        };
        store.flushed();
        store
    }

    fn step(&self) -> store::Result<()> {
        if self.life.step() {
            return Ok(());
        }
        Err(Diagnostic::error("Killed", "The run was killed."))
    }

    fn journal(&self) -> PathBuf {
        self.state.with_file_name("terraform.tfstate.journal")
    }

    /// Which file the journal is, and how long.
    fn identity(&self) -> Option<(u64, u64)> {
        use std::os::unix::fs::MetadataExt as _;
        let data = fs::metadata(self.journal()).ok()?;
        Some((data.ino(), data.len()))
    }

    fn flushed(&mut self) {
        self.durable = self.identity();
    }

    fn text(&self) -> Option<String> {
        fs::read_to_string(&self.state)
            .ok()
            .filter(|text| !text.is_empty())
    }

    /// Does something with the store. Where another test has just started a program, that holds copies of our locks until it
    /// is on its own: only what nobody else holds is surely refused for a reason of this world.
    fn patiently<T>(&mut self, act: impl Fn(&mut LocalStore) -> store::Result<T>) -> store::Result<T> {
        let (mut tries, mut free) = (0, 0);
        loop {
            match act(&mut self.inner) {
                Err(error) if error.summary == "A run is under way" && free < 3 => {
                    if self.watch.journals.load(Ordering::Relaxed) > 0 {
                        return Err(error);
                    }
                    free += usize::from(self.is_free());
                }
                done => return done,
            }
            tries += 1;
            assert!(tries < 5_000, "the journal stays locked");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn is_free(&self) -> bool {
        let file = fs::File::open(self.journal());
        file.map_or(true, |file| file.file().try_lock().is_ok())
    }

    fn begins(&mut self, begun: bool) {
        if begun != std::mem::replace(&mut self.begun, begun) {
            let count = if begun { 1 } else { usize::MAX };
            self.watch.journals.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Takes whatever stands there for what this run has read.
    fn close_eyes(&mut self) {
        if self.blind {
            let _ = self.inner.read();
        }
    }

    /// A state is in its place.
    fn written(&mut self, former: Option<&str>) {
        if former != self.known.as_deref() {
            let text = format!("a run has overwritten {former:?}, which it had not read");
            self.watch.overwritten.lock().unwrap().push(text);
        }
        self.known = self.text();
        self.keep();
    }

    fn keep(&self) {
        let mut states = self.watch.states.lock().unwrap();
        states.extend(fs::File::open(&self.state).ok());
    }

    /// The kill comes while the state is written: it may be in its place, or its renaming may not have reached the disk.
    fn write_dying(&mut self, state: &State) {
        let (former, journal) = (self.text(), self.identity());
        if self.dice.one_in(3) || self.inner.write(state).is_err() {
            return;
        }
        self.written(former.as_deref());
        self.flushed();
        // The journal is removed or begun anew only after the folder was flushed.
        let number = |journal: Option<(u64, u64)>| journal.map(|(number, _)| number);
        let ended = journal.is_some() && number(journal) != number(self.identity());
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
        self.begins(false);
        let (Some((number, durable)), Some((now, length))) = (self.durable, self.identity()) else {
            return;
        };
        if self.life.is_over() && number == now && length > durable {
            let lost = self.dice.below(usize::try_from(length - durable).unwrap() + 1);
            let file = fs::OpenOptions::new().write(true).open(self.journal()).unwrap();
            file.set_len(length - lost as u64).unwrap();
        }
    }
}

impl Store for Mortal {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    fn read(&mut self) -> store::Result<Option<Snapshot>> {
        self.step()?;
        let snapshot = self.patiently(Store::read)?;
        self.known = self.text();
        self.keep();
        self.flushed();
        self.step()?;
        Ok(snapshot)
    }
    fn overrule(&mut self, next: &State) -> store::Result<Option<String>> {
        self.inner.overrule(next)
    }
    fn give_up_lost(&mut self) -> store::Result<Option<String>> {
        self.inner.give_up_lost()
    }
    fn write(&mut self, state: &State) -> store::Result<()> {
        if let Err(dead) = self.step() {
            self.write_dying(state);
            return Err(dead);
        }
        let former = self.text();
        self.close_eyes();
        self.patiently(|store| store.write(state))?;
        self.written(former.as_deref());
        self.flushed();
        self.step()
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
        let former = self.text();
        self.close_eyes();
        let serial = self.patiently(|store| store.begin_journal(state))?;
        self.begins(true);
        if self.text() != former {
            // What an interrupted run had left is in it now.
            self.written(former.as_deref());
        }
        self.flushed();
        self.step()?;
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
        self.step()
    }
    fn journal_growth(&self) -> u64 {
        self.inner.journal_growth()
    }
    fn end_journal(&mut self) -> store::Result<()> {
        self.step()?;
        let ended = self.patiently(Store::end_journal);
        self.begins(false);
        ended
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
