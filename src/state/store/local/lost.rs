//! States that are gone or overruled: what is refused, and how a journal makes way that does not fit the state.

use std::io::{self, Write as _};
use std::path::PathBuf;

use fs_err as fs;

use super::super::{Result, Store as _};
use super::LocalStore;
use super::files::{beside, failed, folder_of, shown, temporary};
use crate::diag::Diagnostic;
use crate::state::State;
use crate::state::journal::{Begin, Record};
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

    /// A copy of the journal under a name that nobody has.
    pub(super) fn copy_journal(&self) -> io::Result<PathBuf> {
        let journal = self.journal_path();
        let mut file = temporary(&self.path, folder_of(&journal))?;
        file.write_all(&fs::read(&journal)?)?;
        file.as_file().sync_all()?;
        for number in 1..MOST {
            let place = beside(&journal, &format!(".{number}"));
            match file.persist_noclobber(&place) {
                Ok(_) => return Ok(place),
                Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => file = taken.file,
                Err(other) => return Err(other.error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}
