//! A state in a file of the local disk.
//!
//! The file is replaced, never rewritten: a crash at any moment leaves the old state or the new one. What was
//! done since the last write is in the journal beside it.

mod backup;
mod files;
mod journal;
mod lost;
mod repair;
mod rescue;

use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs_err::{self as fs, File};

use self::files::{
    beside, failed, folder_of, identity, in_place, make_folder, read_text, shown, sweep, temporary, unflushed,
};
use self::journal::{JournalFile, RESERVE, Whole, reserve};
use super::lock::{self, Held};
use super::{Former, LockInfo, Result, Snapshot, Store};
use crate::diag::{Diagnostic, Ending};
use crate::regular::readable_by_others;
use crate::state::journal::{Begin, Intent, Record, fingerprint, read};
use crate::state::replay::{follow, replay};
use crate::state::salvage::Salvage;
use crate::state::{Manner, State};

/// A local state file with its lock, backup and journal.
#[derive(Debug)]
pub struct LocalStore {
    path: PathBuf,
    /// Where the state goes that the first write of a run replaces.
    backup: Option<PathBuf>,
    backed_up: bool,
    held: Option<Held>,
    seen: Seen,
    journal: Option<JournalFile>,
    /// A journal of an interrupted run is there.
    leftover: Option<Leftover>,
    /// The state that the journal continues, or would.
    begin: Begin,
    /// What was about to be made, and nothing more was heard of it.
    open: Vec<Intent>,
    manner: Manner,
    /// The option by which commands find it.
    option: String,
    /// What is written may be older than what was there.
    overruled: bool,
    /// The new state is in its place, but the folder does not say so for sure.
    unflushed: Option<io::Error>,
    /// The new state is in its place, but the journal may not say so: nothing more is noted in it.
    doubt: Option<Diagnostic>,
    /// See [`Store::is_outdated`].
    outdated: bool,
}

/// What the state file was when it was last read or written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    identity: Option<(u64, u64, i64, i64)>,
    fingerprint: String,
}

/// A journal as it was found.
#[derive(Clone, Copy, Debug)]
struct Leftover {
    /// Up to where it is whole.
    length: u64,
    all: Whole,
    /// Whether it holds what the state file does not.
    changes: bool,
}

impl LocalStore {
    /// The state in this file, with its backup beside it as `.backup`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            backup: Some(beside(&path, ".backup")),
            path,
            backed_up: false,
            held: None,
            seen: Seen::default(),
            journal: None,
            leftover: None,
            begin: Begin::default(),
            open: Vec::new(),
            manner: Manner::default(),
            option: String::new(),
            overruled: false,
            unflushed: None,
            doubt: None,
            outdated: false,
        }
    }

    /// Puts the backup elsewhere, or makes none.
    #[must_use]
    pub fn with_backup(mut self, backup: Option<PathBuf>) -> Self {
        self.backup = backup;
        self
    }

    /// What becomes of secrets in the state, and whether it is encrypted.
    #[must_use]
    pub fn kept(mut self, manner: Manner) -> Self {
        self.manner = manner;
        self
    }

    /// By which option commands find the state, where they need one.
    #[must_use]
    pub fn found_by(mut self, option: String) -> Self {
        self.option = option;
        self
    }

    fn journal_path(&self) -> PathBuf {
        beside(&self.path, ".journal")
    }

    fn own_folder(&self) -> &Path {
        folder_of(&self.path)
    }

    /// The text of the state file; empty when there is none. Remembers what the file was.
    fn load(&mut self) -> io::Result<String> {
        let mut text = String::new();
        let identity = match &self.held {
            Some(held) => {
                // Through the locked descriptor: closing another one would end the lock.
                let mut file = &held.file;
                file.rewind()?;
                read_text(file, &mut text)?;
                Some(identity(&held.file.metadata()?))
            }
            None => match lock::open(&self.path, false) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
                Ok(file) => {
                    let data = file.metadata()?;
                    read_text(&file, &mut text)?;
                    Some(identity(&data))
                }
            },
        };
        self.seen = Seen {
            identity,
            fingerprint: fingerprint(&text),
        };
        Ok(text)
    }

    fn unread(&self, error: &io::Error) -> Diagnostic {
        if error.kind() != io::ErrorKind::InvalidData {
            return failed("read the state", error);
        }
        Diagnostic::error(
            "State file is damaged",
            format!(
                "{} is not text in UTF-8. The file was left as it was. Restore it from its backup or from version control.",
                shown(&self.path)
            ),
        )
    }

    /// The records of a journal that an interrupted run left, if there is one.
    fn load_journal(&mut self) -> Result<Vec<Record>> {
        self.leftover = None;
        let Some(bytes) = self.journal_bytes()? else {
            return Ok(Vec::new());
        };
        let (records, length) = read(&bytes, &shown(&self.journal_path()), &self.manner)?;
        self.leftover = Some(Leftover {
            length: length as u64,
            all: Whole::of(&bytes),
            changes: false,
        });
        Ok(records)
    }

    /// Goes on with a journal that an interrupted run left, so that it says what becomes of it.
    fn adopt(&mut self) -> Result<()> {
        if let Some(Leftover { length, all, .. }) = self.leftover {
            self.journal = Some(JournalFile::adopt(&self.journal_path(), length, all)?);
            self.leftover = None;
        }
        Ok(())
    }

    /// Whether the state file is still the one last read or written. A file that was only touched, or put back as it
    /// was, still is.
    fn check_untouched(&mut self) -> Result<()> {
        let now = match &self.held {
            Some(held) if held.created && self.seen.identity.is_none() => return Ok(()),
            _ => match fs::symlink_metadata(&self.path) {
                Ok(data) => Some(identity(&data)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(failed("look at the state file", &error)),
            },
        };
        if now == self.seen.identity {
            return Ok(());
        }
        // An empty file, made for locking only, is no state either; it comes and goes with its lock.
        let text = now.map_or(Ok(String::new()), |_| self.text_now());
        if text.is_ok_and(|text| fingerprint(&text) == self.seen.fingerprint) {
            self.seen.identity = now;
            return Ok(());
        }
        Err(Diagnostic::error(
            "State changed by another program",
            format!(
                "{} was changed since this run read it, so it is not overwritten.",
                shown(&self.path)
            ),
        )
        .ends_as(Ending::Locked))
    }

    /// What stands in the place of the state file now. The locked file is not opened again: that would end the lock.
    fn text_now(&self) -> io::Result<String> {
        let mut text = String::new();
        match &self.held {
            Some(held) if lock::same_file(&held.file, &self.path) => {
                let mut file = &held.file;
                file.rewind()?;
                read_text(file, &mut text)?;
            }
            _ => read_text(&lock::open(&self.path, false)?, &mut text)?,
        }
        Ok(text)
    }

    /// Writes a new file beside the state, checks it, and puts it in place.
    fn replace(&mut self, text: &str) -> io::Result<()> {
        let folder = self.own_folder().to_owned();
        let mut temporary = temporary(&self.path, &folder)?;
        temporary.write_all(text.as_bytes())?;
        temporary.flush()?;
        temporary.as_file().sync_all()?;
        let mut back = Vec::with_capacity(text.len());
        temporary.rewind()?;
        temporary.read_to_end(&mut back)?;
        if back != text.as_bytes() {
            return Err(io::Error::other("the file does not hold what was written to it"));
        }
        if self.held.is_some() {
            // Before it is in place, so that there is no moment at which the state is not locked.
            rustix::fs::fcntl_lock(
                temporary.as_file(),
                rustix::fs::FlockOperation::NonBlockingLockExclusive,
            )?;
        }
        self.back_up()?;
        let file = temporary.persist(&self.path).map_err(|error| error.error)?;
        let file = File::from_parts(file, self.path.clone());
        self.seen = Seen {
            identity: Some(identity(&file.metadata()?)),
            fingerprint: fingerprint(text),
        };
        if let Some(held) = &mut self.held {
            held.former.push(std::mem::replace(&mut held.file, file));
            held.created = false;
        }
        self.unflushed = File::open(&folder).and_then(|folder| folder.sync_all()).err();
        Ok(())
    }

    fn journal_line(&mut self, record: &Record) -> Result<()> {
        if let Some(doubt) = &self.doubt {
            return Err(doubt.clone());
        }
        let Some(journal) = &mut self.journal else {
            return Err(Diagnostic::error(
                "No journal is open",
                "A run must begin before it records what it does.",
            ));
        };
        journal.append(&record.kept_line(&self.manner)?)?;
        follow(&mut self.open, record);
        Ok(())
    }

    /// Writes the state and leaves the journal open, if one is.
    fn put(&mut self, state: &State) -> Result<()> {
        let text = self.manner.seal(state)?;
        let read = self.manner.open(text.clone(), &self.describe())?;
        if read.objects().count() != state.objects().count() {
            return Err(failed(
                "check the new state",
                &io::Error::other("it does not read back whole"),
            ));
        }
        self.check_untouched()?;
        self.journal
            .as_ref()
            .map_or(Ok(()), JournalFile::check_in_place)?;
        let hash = fingerprint(&text);
        let mut noted = Ok(());
        if let Some(journal) = self.journal.as_mut().filter(|journal| !journal.is_empty()) {
            let line = Record::Checkpoint {
                serial: state.serial,
                hash: hash.clone(),
            };
            // Whether the journal takes it or not: the state has all of it.
            noted = line
                .kept_line(&self.manner)
                .and_then(|line| journal.append(&line))
                .and_then(|()| journal.sync());
        }
        make_folder(self.own_folder()).map_err(|error| failed("write the state", &error))?;
        self.replace(&text)
            .map_err(|error| failed("write the state", &error))?;
        self.manner.set_age(&self.path, state);
        self.outdated = false;
        self.doubt = noted.err().map(in_place).or(self.doubt.take());
        if let Some(journal) = &mut self.journal {
            journal.growth = 0;
        }
        self.begin = Begin {
            lineage: state.lineage.clone(),
            serial: state.serial,
            hash,
        };
        Ok(())
    }

    /// Begins a journal in the place of the one that this run has, if it has one.
    fn create_journal(&mut self, state: &State) -> Result<()> {
        self.begin = Begin {
            lineage: state.lineage.clone(),
            serial: state.serial,
            hash: self.seen.fingerprint.clone(),
        };
        let former = self.journal.as_ref();
        let lines = self.begin.lines(&self.open, &self.manner)?;
        let journal = JournalFile::create(&self.journal_path(), &lines, former)?;
        self.journal = Some(journal);
        // Who has the journal writes the state. Until now somebody else may have had it.
        if let Err(changed) = self.check_untouched() {
            self.end_journal()?;
            return Err(changed);
        }
        Ok(())
    }

    /// What must work in the end is tried before the first effect. As long as what is returned lives, it keeps the room
    /// that the next state takes.
    fn probe(&mut self) -> Result<tempfile::NamedTempFile> {
        self.check_untouched()?;
        let backup = self.backup.as_deref().filter(|_| !self.backed_up);
        let tried = backup.map_or(Ok(()), |backup| backup::try_place(&self.path, backup));
        tried.map_err(|error| failed("make the backup", &error))?;
        let now = fs::symlink_metadata(&self.path).map_or(0, |data| data.len());
        let next = || -> io::Result<tempfile::NamedTempFile> {
            let file = temporary(&self.path, self.own_folder())?;
            reserve(file.as_file(), 0, now + RESERVE)?;
            Ok(file)
        };
        next().map_err(|error| failed("keep room for the state", &error))
    }
}

impl Store for LocalStore {
    fn describe(&self) -> String {
        shown(&self.path)
    }

    fn folder(&self) -> Option<&Path> {
        Some(self.own_folder())
    }

    fn exposed(&self) -> Vec<PathBuf> {
        if self.manner.vault.is_some() {
            return Vec::new();
        }
        let journal = self.journal_path();
        let files = [Some(&self.path), self.backup.as_ref(), Some(&journal)];
        files
            .into_iter()
            .flatten()
            .filter(|path| readable_by_others(path))
            .cloned()
            .collect()
    }

    fn read(&mut self) -> Result<Option<Snapshot>> {
        let text = self.load().map_err(|error| self.unread(&error))?;
        let records = self.load_journal()?;
        let name = self.describe();
        let file = if text.is_empty() {
            let begins = matches!(records.first(), Some(Record::Begin(begin)) if begin.hash.is_empty());
            self.refuse_lost(begins)?;
            None
        } else {
            self.outdated = !self.manner.is_current(&text);
            let state = self.manner.open(text, &name)?;
            if self.overruled {
                self.manner.set_age(&self.path, &state);
            } else {
                self.manner.check_age(&self.path, &state)?;
            }
            Some((state, self.seen.fingerprint.clone()))
        };
        if records.is_empty() {
            self.open.clear();
            let found = file.is_some();
            let state = file.map_or_else(State::new, |(state, _)| state);
            let rescued = self.rescued(&state);
            return Ok((found || !rescued.is_empty()).then(|| Snapshot {
                state,
                recovered: false,
                unsettled: Vec::new(),
                rescued,
            }));
        }
        if let Some(Record::Begin(begin)) = records.first() {
            self.begin = begin.clone();
        }
        let mut found = replay(file, records, &shown(&self.journal_path()))?;
        found.state.secrets = self.manner.secrets.clone();
        self.open.clone_from(&found.unsettled);
        if let Some(leftover) = &mut self.leftover {
            leftover.changes = found.changed;
        }
        if self.held.is_some() && (found.changed || found.unsettled.is_empty()) {
            self.adopt()?;
            if found.changed {
                found.state.serial += 1;
                self.put(&found.state)?;
                // What only the journal recorded is in no backup yet.
                self.backed_up = false;
            }
            self.end_journal()?;
        }
        Ok(Some(Snapshot {
            rescued: self.rescued(&found.state),
            state: found.state,
            recovered: found.changed,
            unsettled: found.unsettled,
        }))
    }

    fn former(&self) -> Option<Former> {
        self.find_former()
    }

    fn is_outdated(&self) -> bool {
        self.outdated
    }

    fn overrule(&mut self, next: &State) -> Result<Option<String>> {
        self.make_way(next)
    }

    fn give_up_lost(&mut self) -> Result<Option<String>> {
        self.give_up()
    }

    fn repair(&mut self, agreed: &mut dyn FnMut(&Salvage) -> bool) -> Result<Option<String>> {
        self.mend(agreed)
    }

    fn option(&self) -> String {
        self.option.clone()
    }

    fn write(&mut self, state: &State) -> Result<()> {
        if self.journal.is_some() {
            return self.put(state);
        }
        self.adopt()?;
        if self.journal.is_some() {
            self.put(state)?;
            return self.end_journal();
        }
        // Nothing will stand in it, but who has it is alone.
        self.create_journal(state)?;
        let put = self.put(state);
        put.and(self.end_journal())
    }

    fn lock(&mut self, info: LockInfo, wait: Duration) -> Result<()> {
        if self.held.is_some() {
            return Ok(());
        }
        make_folder(self.own_folder()).map_err(|error| failed("lock the state", &error))?;
        self.held = Some(lock::acquire(&self.path, info, wait)?);
        sweep(&self.path, self.own_folder());
        Ok(())
    }

    fn unlock(&mut self) -> Result<()> {
        let released = self
            .held
            .take()
            .map_or(Ok(()), |held| lock::release(&self.path, held));
        released.and(
            self.unflushed
                .take()
                .map_or(Ok(()), |error| Err(unflushed(&error))),
        )
    }

    fn force_unlock(&mut self, id: &str) -> Result<()> {
        lock::force(&self.path, id)
    }

    fn begin_journal(&mut self, state: &State) -> Result<u64> {
        let room = self.probe()?;
        let mut state = state.clone();
        let changes = self.leftover.is_some_and(|leftover| leftover.changes);
        self.adopt()?;
        if changes {
            state.serial += 1;
            self.put(&state)?;
            self.backed_up = false;
        }
        self.create_journal(&state)?;
        drop(room);
        Ok(state.serial)
    }

    fn unsettled(&self) -> &[Intent] {
        &self.open
    }

    fn is_untouched(&mut self) -> bool {
        self.check_untouched().is_ok()
    }

    fn reserve(&mut self, room: u64) -> Result<()> {
        let reserved = self
            .journal
            .as_mut()
            .map_or(Ok(()), |journal| journal.reserve(room));
        reserved.map_err(|error| failed("keep room for the journal", &error))
    }

    fn append(&mut self, record: &Record) -> Result<()> {
        self.journal_line(record)
    }

    fn sync_journal(&mut self) -> Result<()> {
        match &self.doubt {
            Some(doubt) => Err(doubt.clone()),
            None => self.journal.as_ref().map_or(Ok(()), JournalFile::sync),
        }
    }

    fn journal_growth(&self) -> u64 {
        self.journal.as_ref().map_or(0, |journal| journal.growth)
    }

    fn end_journal(&mut self) -> Result<()> {
        if let Some(error) = self.unflushed.take() {
            // Should the old state be back after a power failure, the journal makes it the new one.
            return Err(unflushed(&error));
        }
        let Some(journal) = self.journal.take() else {
            return Ok(());
        };
        let lines = match &*self.open {
            [] => None,
            open => Some(self.begin.lines(open, &self.manner)?),
        };
        journal.end(lines.as_deref()).map_err(in_place)?;
        self.leftover = lines.map(|lines| Leftover {
            length: lines.len() as u64,
            all: Whole::of(lines.as_bytes()),
            changes: false,
        });
        self.doubt.take().map_or(Ok(()), Err)
    }

    fn rescue(&mut self, state: &State) -> Result<String> {
        rescue::put(&self.path, &self.manner.seal(state)?)
    }
}

impl Drop for LocalStore {
    fn drop(&mut self) {
        // Nobody is left to be told; the kernel frees the lock whatever becomes of the file that names us.
        let _ = self.unlock();
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod encrypted_tests;
