//! States that are gone or overruled: what is refused, what their backups tell, and how a journal makes way that does not fit
//! the state.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fs_err as fs;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::lock::{self, Held};
use super::super::{Former, Result, Store as _};
use super::LocalStore;
use super::files::{beside, failed, folder_of, read_text, shown, temporary};
use crate::diag::Diagnostic;
use crate::state::State;
use crate::state::journal::{Begin, Record, fingerprint};
use crate::state::replay::{follow, replay};

/// How many journals may lie about.
const MOST: usize = 1000;

impl LocalStore {
    /// An empty file where something must have been is a torn write of another program, not "no state".
    pub(super) fn refuse_lost(&self, journal_begins: bool) -> Result<()> {
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

    /// What the backup records, where no state stands. One that is not there at all is no less lost than an empty one.
    pub(super) fn find_former(&self) -> Option<Former> {
        if self.seen.fingerprint != fingerprint("") {
            return None;
        }
        let beside = beside(&self.path, ".backup");
        let mut places = vec![&beside];
        places.extend(self.backup.as_ref().filter(|place| **place != beside));
        let holds = |place: &Path| fs::metadata(place).is_ok_and(|data| data.len() > 0);
        let backup = places.into_iter().find(|place| holds(place))?;
        let read = || {
            let mut text = String::new();
            read_text(&lock::open(backup, false)?, &mut text)?;
            Ok(text)
        };
        let opened = read()
            .map_err(|error: io::Error| error.to_string())
            .and_then(|text| {
                self.manner
                    .open(text, &shown(backup))
                    .map_err(|error| error.detail)
            });
        Some(Former {
            backup: backup.clone(),
            state: opened,
        })
    }

    /// Puts a journal aside that does not fit what is there, and says where. What is open in it stays open where the next
    /// state is of its lineage.
    pub(super) fn make_way(&mut self, next: &State) -> Result<Option<String>> {
        self.overruled = true;
        let text = self.load().map_err(|error| self.unread(&error))?;
        let records = self.load_journal()?;
        let Some(Record::Begin(begin)) = records.first().cloned() else {
            return Ok(None);
        };
        let file = match &*text {
            "" => None,
            _ => Some((
                self.manner.open(text, &self.describe())?,
                self.seen.fingerprint.clone(),
            )),
        };
        if replay(file, records.clone(), "").is_ok() {
            return Ok(None);
        }
        let same = begin.lineage == next.lineage;
        let begin = Begin {
            lineage: next.lineage.clone(),
            hash: self.seen.fingerprint.clone(),
            ..begin
        };
        self.put_journal_aside(begin, if same { &records } else { &[] })
            .map(Some)
    }

    /// The same where the state is gone that the journal continues.
    pub(super) fn give_up(&mut self) -> Result<Option<String>> {
        let text = self.load().map_err(|error| self.unread(&error))?;
        if !text.is_empty() {
            return Ok(None);
        }
        let records = self.load_journal()?;
        match records.first() {
            Some(Record::Begin(begin)) if !begin.hash.is_empty() => {
                let begin = Begin {
                    lineage: begin.lineage.clone(),
                    ..Begin::default()
                };
                self.put_journal_aside(begin, &records).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Keeps a copy of the journal, and begins another one in its place with what is open in it.
    fn put_journal_aside(&mut self, begin: Begin, records: &[Record]) -> Result<String> {
        // Who has it is alone.
        self.adopt()?;
        let kept = self
            .copy_journal()
            .map_err(|error| failed("put the journal aside", &error))?;
        self.open.clear();
        for record in records {
            follow(&mut self.open, record);
        }
        self.begin = begin;
        self.end_journal()?;
        Ok(shown(&kept))
    }

    /// Keeps a backup that is about to be replaced by one of another state, and may be the last that names its objects.
    pub(super) fn keep_backup_of_other(&self, backup: &Path) -> io::Result<()> {
        // A link is replaced, and what it leads to stays.
        let is_file = fs::symlink_metadata(backup).is_ok_and(|data| data.is_file() && data.len() > 0);
        // To close the state itself, under another name, would end its lock.
        let is_state = |held: &Held| lock::same_file(&held.file, backup);
        if !is_file || self.held.as_ref().is_some_and(is_state) {
            return Ok(());
        }
        let now = self.text_now().ok().and_then(|text| Head::of(&text));
        let is_other = match (Head::in_file(backup), now) {
            (Some(before), Some(now)) => before.records_something() && before.lineage != now.lineage,
            // What nobody can read now may be of use to who has the right, or the patience.
            _ => true,
        };
        if is_other {
            set_aside(backup)?;
        }
        Ok(())
    }

    /// A copy of the journal under a name that nobody has.
    pub(super) fn copy_journal(&self) -> io::Result<PathBuf> {
        let journal = self.journal_path();
        let mut file = temporary(&self.path, folder_of(&journal))?;
        file.write_all(&fs::read(&journal)?)?;
        file.as_file().sync_all()?;
        for place in names_aside(&journal) {
            match file.persist_noclobber(&place) {
                Ok(_) => return Ok(place),
                Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => file = taken.file,
                Err(other) => return Err(other.error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

fn names_aside(path: &Path) -> impl Iterator<Item = PathBuf> {
    (1..MOST).map(move |number| beside(path, &format!(".{number}")))
}

/// Gives a file a name that nobody has.
fn set_aside(path: &Path) -> io::Result<()> {
    for place in names_aside(path) {
        match fs::hard_link(path, &place) {
            Ok(()) => return fs::remove_file(path),
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {}
            // Some file systems know no second names, and some kernels give none to files of others.
            Err(_) if fs::symlink_metadata(&place).is_err() => return fs::rename(path, place),
            Err(other) => return Err(other),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// What tells one state from another, encrypted or not.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    lineage: Option<String>,
    #[serde(default)]
    resources: Vec<IgnoredAny>,
    encrypted_data: Option<IgnoredAny>,
}

impl Head {
    fn of(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn in_file(path: &Path) -> Option<Self> {
        let mut text = String::new();
        read_text(&lock::open(path, false).ok()?, &mut text).ok()?;
        Self::of(&text)
    }

    /// Whether objects may be recorded in it.
    fn records_something(&self) -> bool {
        !self.resources.is_empty() || self.encrypted_data.is_some()
    }
}
