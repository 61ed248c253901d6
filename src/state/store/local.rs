//! A state in a file of the local disk.
//!
//! The file is replaced, never rewritten: a crash at any moment leaves the old state or the new one. What was
//! done since the last write is in the journal beside it.

use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs_err::os::unix::fs::OpenOptionsExt as _;
use fs_err::{self as fs, File};

use super::lock::{self, Held};
use super::{LockInfo, Result, Snapshot, Store};
use crate::diag::Diagnostic;
use crate::state::State;
use crate::state::journal::{self, Begin, Record, fingerprint};
use crate::value::Text;

/// Room for some tens of objects of a usual size.
const RESERVE: u64 = 128 << 10;

/// Files larger than this are no state.
const LARGEST: u64 = 4 << 30;

/// The state file of a workspace; `default` keeps the plain one.
pub fn workspace_path(default: &Path, workspace: &str) -> PathBuf {
    if workspace == "default" {
        return default.to_owned();
    }
    let folder = default.with_file_name("terraform.tfstate.d");
    folder.join(workspace).join("terraform.tfstate")
}

/// A local state file with its lock, backup and journal.
#[derive(Debug)]
pub struct LocalStore {
    path: PathBuf,
    /// Where the state goes that the first write of a run replaces.
    backup: Option<PathBuf>,
    backed_up: bool,
    held: Option<Held>,
    seen: Seen,
    journal: Option<Journal>,
    /// A journal of an interrupted run is there, valid up to this length, and not folded in for good.
    leftover: Option<u64>,
    /// Who took the lock.
    who: String,
}

/// What the state file was when it was last read or written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    identity: Option<(u64, u64, i64, i64)>,
    fingerprint: String,
}

#[derive(Debug)]
struct Journal {
    file: File,
    length: u64,
    /// Half a line stands at its end.
    broken: bool,
    /// How much of it came after the state was last written.
    growth: u64,
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
            who: String::new(),
        }
    }

    /// Puts the backup elsewhere, or makes none.
    #[must_use]
    pub fn with_backup(mut self, backup: Option<PathBuf>) -> Self {
        self.backup = backup;
        self
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn journal_path(&self) -> PathBuf {
        beside(&self.path, ".journal")
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// The text of the state file; empty when there is none. Remembers what the file was.
    fn load(&mut self) -> io::Result<String> {
        let mut text = String::new();
        let identity = match &self.held {
            Some(held) => {
                // Through the locked descriptor: closing another one would end the lock.
                let mut file = &held.file;
                file.rewind()?;
                file.read_to_string(&mut text)?;
                Some(identity(&held.file.metadata()?))
            }
            None => match lock::open(&self.path, false) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
                Ok(mut file) => {
                    let data = file.metadata()?;
                    if data.len() > LARGEST {
                        return Err(io::Error::other("the file is too large for a state"));
                    }
                    file.read_to_string(&mut text)?;
                    Some(identity(&data))
                }
            },
        };
        self.seen = Seen {
            identity,
            fingerprint: if text.is_empty() {
                String::new()
            } else {
                fingerprint(&text)
            },
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

    /// An empty file where something must have been is a torn write of another program, not "no state".
    fn refuse_lost(&self, journal_begins: bool) -> Result<()> {
        let held_new = self.held.as_ref().is_some_and(|held| held.created);
        if self.seen.identity.is_none() || held_new {
            return Ok(());
        }
        let backup = self.backup.as_deref();
        let backup_holds = backup.is_some_and(|path| fs::metadata(path).is_ok_and(|data| data.len() > 0));
        if !backup_holds && journal_begins {
            return Ok(());
        }
        if !backup_holds && fs::symlink_metadata(self.journal_path()).is_err() {
            return Ok(());
        }
        Err(Diagnostic::error(
            "State file is damaged",
            format!(
                "{} is empty, but a backup or journal beside it shows that it held a state. To go on as if nothing existed would create everything a second time. Copy the backup over it, or remove the empty file if that is what you want.",
                shown(&self.path)
            ),
        ))
    }

    /// The records of a journal that an interrupted run left, if there is one.
    fn load_journal(&mut self) -> Result<Vec<Record>> {
        let path = self.journal_path();
        let mut bytes = Vec::new();
        self.leftover = None;
        match lock::open(&path, false) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("read the journal", &error)),
            Ok(mut file) => file
                .read_to_end(&mut bytes)
                .map_err(|error| failed("read the journal", &error))?,
        };
        let (records, length) = journal::read(&bytes, &shown(&path))?;
        self.leftover = Some(length as u64);
        Ok(records)
    }

    /// Goes on with a journal that an interrupted run left, so that it says what becomes of it.
    fn adopt(&mut self) -> Result<()> {
        let Some(length) = self.leftover.take() else {
            return Ok(());
        };
        let open = || -> io::Result<File> {
            let mut file = lock::open_to_write(&self.journal_path())?;
            file.set_len(length)?;
            file.seek(io::SeekFrom::End(0))?;
            Ok(file)
        };
        let file = open().map_err(|error| failed("continue the journal", &error))?;
        self.journal = Some(Journal {
            file,
            length,
            broken: false,
            growth: 0,
        });
        Ok(())
    }

    /// Whether the state file is still the one last read or written.
    fn check_untouched(&self) -> Result<()> {
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
        Err(Diagnostic::error(
            "State changed by another program",
            format!(
                "{} was changed since this run read it, so it is not overwritten.",
                shown(&self.path)
            ),
        ))
    }

    /// Puts the state that is about to be replaced where the backup belongs.
    fn back_up(&mut self) -> io::Result<()> {
        let Some(backup) = self.backup.as_deref().filter(|_| !self.backed_up) else {
            return Ok(());
        };
        let empty = fs::symlink_metadata(&self.path).map_or(true, |data| data.len() == 0);
        if !empty {
            let folder = backup.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            // The name is free a moment later; the link fails if somebody takes it.
            let place = temporary(&self.path, folder)?.into_temp_path();
            fs::remove_file(&place)?;
            if fs::hard_link(&self.path, &place).is_err() {
                self.copy_to(&place)?;
            }
            fs::set_permissions(&place, std::fs::Permissions::from_mode(0o600))?;
            fs::rename(&place, backup)?;
        }
        self.backed_up = true;
        Ok(())
    }

    fn copy_to(&self, place: &Path) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut copy = options.write(true).create_new(true).mode(0o600).open(place)?;
        match &self.held {
            Some(held) => {
                let mut file = &held.file;
                file.rewind()?;
                io::copy(&mut file, &mut copy)?;
            }
            None => {
                io::copy(&mut lock::open(&self.path, false)?, &mut copy)?;
            }
        }
        copy.sync_all()
    }

    /// Writes a new file beside the state, checks it, and puts it in place.
    fn replace(&mut self, text: &str) -> io::Result<()> {
        let folder = self.folder().to_owned();
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
        File::open(&folder)?.sync_all()
    }

    fn journal_line(&mut self, record: &Record) -> Result<()> {
        let Some(journal) = self.journal.as_mut().filter(|journal| !journal.broken) else {
            return Err(Diagnostic::error(
                "No journal is open",
                "A run must begin before it records what it does.",
            ));
        };
        if matches!(record, Record::Begin(_) | Record::Intent(_)) {
            reserve(journal).map_err(|error| failed("keep room for the journal", &error))?;
        }
        let line = record.line();
        if let Err(error) = journal.file.write_all(line.as_bytes()) {
            // Half a line must not stay: later ones would stand behind damage. If it does stay, nothing follows.
            journal.broken = journal.file.set_len(journal.length).is_err();
            return Err(failed("write the journal", &error));
        }
        journal.length += line.len() as u64;
        journal.growth += line.len() as u64;
        Ok(())
    }

    /// Makes what an interrupted run did part of the state file; `changed` says whether that is anything.
    fn settle(&mut self, state: &mut State, changed: bool) -> Result<()> {
        self.adopt()?;
        if changed {
            state.serial += 1;
            self.write(state)?;
        }
        self.end_journal()
    }

    fn start_journal(&mut self, begin: Begin) -> Result<()> {
        self.journal_line(&Record::Begin(begin))?;
        let folder = File::open(self.folder()).and_then(|folder| folder.sync_all());
        folder.map_err(|error| failed("start the journal", &error))
    }
}

impl Store for LocalStore {
    fn describe(&self) -> String {
        shown(&self.path)
    }

    fn read(&mut self) -> Result<Option<Snapshot>> {
        let text: Text = self.load().map_err(|error| self.unread(&error))?.into();
        let records = self.load_journal()?;
        let name = self.describe();
        let file = if text.is_empty() {
            let begins = matches!(records.first(), Some(Record::Begin(begin)) if begin.hash.is_empty());
            self.refuse_lost(begins)?;
            None
        } else {
            Some((State::parse(text, &name)?, self.seen.fingerprint.clone()))
        };
        if records.is_empty() {
            let snapshot = |(state, _)| Snapshot {
                state,
                recovered: false,
                unsettled: Vec::new(),
            };
            return Ok(file.map(snapshot));
        }
        let mut replay = journal::replay(file, records, &shown(&self.journal_path()))?;
        if self.held.is_some() && replay.unsettled.is_empty() {
            self.settle(&mut replay.state, replay.changed)?;
        }
        Ok(Some(Snapshot {
            state: replay.state,
            recovered: replay.changed,
            unsettled: replay.unsettled,
        }))
    }

    fn write(&mut self, state: &State) -> Result<()> {
        let text = state.to_text();
        let read = State::parse(text.as_str(), &self.describe())?;
        if read.objects().count() != state.objects().count() {
            return Err(failed(
                "check the new state",
                &io::Error::other("it does not read back whole"),
            ));
        }
        self.check_untouched()?;
        let adopted = self.leftover.is_some();
        self.adopt()?;
        if self.journal.as_ref().is_some_and(|journal| !journal.broken) {
            let hash = fingerprint(&text);
            self.journal_line(&Record::Checkpoint {
                serial: state.serial,
                hash,
            })?;
            self.sync_journal()?;
        }
        make_folder(self.folder()).map_err(|error| failed("write the state", &error))?;
        self.replace(&text)
            .map_err(|error| failed("write the state", &error))?;
        if let Some(journal) = &mut self.journal {
            journal.growth = 0;
        }
        if adopted { self.end_journal() } else { Ok(()) }
    }

    fn lock(&mut self, info: LockInfo, wait: Duration) -> Result<()> {
        if self.held.is_some() {
            return Ok(());
        }
        make_folder(self.folder()).map_err(|error| failed("lock the state", &error))?;
        self.who.clone_from(&info.who);
        self.held = Some(lock::acquire(&self.path, info, wait)?);
        sweep(&self.path, self.folder());
        Ok(())
    }

    fn unlock(&mut self) -> Result<()> {
        self.held
            .take()
            .map_or(Ok(()), |held| lock::release(&self.path, held))
    }

    fn force_unlock(&mut self, id: &str) -> Result<()> {
        lock::force(&self.path, id)
    }

    fn begin_journal(&mut self, state: &State) -> Result<u64> {
        let mut state = state.clone();
        if let Some(length) = self.leftover {
            self.settle(&mut state, length > 0)?;
        }
        let path = self.journal_path();
        let mut options = fs::OpenOptions::new();
        let file = options.append(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(|error| failed("start the journal", &error))?;
        self.journal = Some(Journal {
            file,
            length: 0,
            broken: false,
            growth: 0,
        });
        let begin = Begin {
            lineage: state.lineage.clone(),
            serial: state.serial,
            hash: self.seen.fingerprint.clone(),
            pid: std::process::id(),
            who: self.who.clone(),
        };
        if let Err(error) = self.start_journal(begin) {
            self.end_journal()?;
            return Err(error);
        }
        Ok(state.serial)
    }

    fn append(&mut self, record: &Record) -> Result<()> {
        self.journal_line(record)
    }

    fn sync_journal(&mut self) -> Result<()> {
        match &self.journal {
            Some(journal) => journal
                .file
                .sync_data()
                .map_err(|error| failed("write the journal", &error)),
            None => Ok(()),
        }
    }

    fn journal_growth(&self) -> u64 {
        self.journal.as_ref().map_or(0, |journal| journal.growth)
    }

    fn end_journal(&mut self) -> Result<()> {
        if self.journal.take().is_none() {
            return Ok(());
        }
        remove(&self.journal_path()).map_err(|error| failed("remove the journal", &error))
    }

    fn rescue(&mut self, state: &State) -> Result<String> {
        let path = self.path.with_file_name("errored.tfstate");
        let write = || -> io::Result<()> {
            let mut file = temporary(&path, self.folder())?;
            file.write_all(state.to_text().as_bytes())?;
            file.as_file().sync_all()?;
            file.persist_noclobber(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error| failed("write the recovery file", &error))?;
        Ok(shown(&path))
    }
}

impl Drop for LocalStore {
    fn drop(&mut self) {
        // Nobody is left to be told; the kernel frees the lock whatever becomes of the file that names us.
        let _ = self.unlock();
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

fn identity(data: &std::fs::Metadata) -> (u64, u64, i64, i64) {
    (data.ino(), data.len(), data.mtime(), data.mtime_nsec())
}

/// A new file of ours alone, in the folder, gone again unless it is put in place.
fn temporary(path: &Path, folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".tmp")
        .permissions(std::fs::Permissions::from_mode(0o600))
        .tempfile_in(folder)
}

/// Removes new files that runs which died never put in place. Nobody else makes any while we hold the lock.
fn sweep(path: &Path, folder: &Path) {
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(".tmp") {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Keeps room for the outcome of everything that is under way, before more gets under way.
fn reserve(journal: &Journal) -> io::Result<()> {
    let flags = rustix::fs::FallocateFlags::KEEP_SIZE;
    match rustix::fs::fallocate(journal.file.file(), flags, journal.length, RESERVE) {
        Err(rustix::io::Errno::NOSPC | rustix::io::Errno::DQUOT) => Err(io::ErrorKind::StorageFull.into()),
        // Not every file system can; then a full disk shows when writing.
        Ok(()) | Err(_) => Ok(()),
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        Ok(())
    } else {
        fs::create_dir_all(folder)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn failed(what: &str, error: &io::Error) -> Diagnostic {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => " The disk is full.",
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => " The place is not writable.",
        _ => "",
    };
    Diagnostic::error(
        "Cannot keep the state",
        format!("Failed to {what}: {error}.{hint} The state file is as it was before."),
    )
}

#[cfg(test)]
mod tests;
