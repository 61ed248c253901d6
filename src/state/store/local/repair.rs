//! Going on with what can be read of a damaged journal.

use std::io;

use super::super::{Result, Store as _, lock};
use super::files::{failed, read_journal, shown};
use super::journal::{JournalFile, Whole};
use super::{Leftover, LocalStore};
use crate::state::State;
use crate::state::journal::{Begin, Record, read};
use crate::state::replay::{follow, replay};
use crate::state::salvage::{Damaged, Salvage, salvage};

impl LocalStore {
    /// The journal as it stands there; none where there is none.
    pub(super) fn journal_bytes(&self) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        match lock::open(&self.journal_path(), false) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read the journal", &error)),
            Ok(file) => {
                read_journal(&file, &mut bytes).map_err(|error| failed("read the journal", &error))?;
                Ok(Some(bytes))
            }
        }
    }

    /// See [`super::super::Store::repair`].
    pub(super) fn mend(&mut self, agreed: &mut dyn FnMut(&Salvage) -> bool) -> Result<Option<String>> {
        let path = self.journal_path();
        let name = shown(&path);
        let Some(bytes) = self.journal_bytes()? else {
            return Ok(None);
        };
        if read(&bytes, &name, &self.manner).is_ok() {
            return Ok(None);
        }
        let mut salvage = salvage(&bytes, &name, &self.manner)?;
        self.fit(&mut salvage)?;
        if !agreed(&salvage) {
            return Ok(None);
        }
        let lines = salvage
            .records
            .iter()
            .map(|record| record.kept_line(&self.manner));
        let lines: String = lines.collect::<Result<_>>()?;
        self.leftover = Some(Leftover {
            length: bytes.len() as u64,
            all: Whole::of(&bytes),
            changes: false,
        });
        // Who has it is alone.
        self.adopt()?;
        let kept = self
            .copy_journal()
            .map_err(|error| failed("put the journal aside", &error))?;
        let former = self.journal.take();
        JournalFile::create(&path, &lines, former.as_ref())?;
        Ok(Some(shown(&kept)))
    }

    /// Makes a journal of what was read that goes with the state: at the least with what is open.
    fn fit(&mut self, salvage: &mut Salvage) -> Result<()> {
        let text = self.load().map_err(|error| self.unread(&error))?;
        let name = self.describe();
        let file = match &*text {
            "" => None,
            _ => Some((self.manner.open(text, &name)?, self.seen.fingerprint.clone())),
        };
        let now = file.as_ref().map_or_else(Begin::default, begin);
        let is_first = |record: &Record| matches!(record, Record::Begin(_));
        let first = salvage.records.iter().position(is_first);
        let first = first.map_or_else(|| Record::Begin(now.clone()), |at| salvage.records.remove(at));
        salvage.records.retain(|record| !is_first(record));
        let is_ours = matches!(&first, Record::Begin(begin) if begin.lineage == now.lineage);
        salvage.records.insert(0, first);
        match replay(file, salvage.records.clone(), &name) {
            Ok(_) => Ok(()),
            Err(_) if is_ours => {
                only_open(salvage, now);
                Ok(())
            }
            Err(other) => Err(other),
        }
    }
}

fn begin((state, hash): &(State, String)) -> Begin {
    Begin {
        lineage: state.lineage.clone(),
        serial: state.serial,
        hash: hash.clone(),
    }
}

/// Where it cannot be told which state the lines continue, only creations are taken from them. The rest is told.
fn only_open(salvage: &mut Salvage, begin: Begin) {
    let mut open = Vec::new();
    for record in &salvage.records {
        follow(&mut open, record);
    }
    let lost = salvage.records.iter().filter(|record| record.changes());
    salvage.damaged.extend(lost.map(Damaged::of));
    salvage.records = std::iter::once(Record::Begin(begin))
        .chain(open.into_iter().map(Record::Intent))
        .collect();
}
