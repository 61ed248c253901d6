//! Disks that go bad.

use std::time::Duration;

use super::{LockInfo, Result, Snapshot, Store};
use crate::diag::Diagnostic;
use crate::state::State;
use crate::state::journal::{Intent, Record};

/// A disk that fails to make the journal durable once, says it is well afterwards, and takes no state.
#[derive(Default)]
pub struct BadDisk {
    pub failed: bool,
    /// Takes no more lines after that.
    pub closes: bool,
    pub rescued: bool,
    /// What is about to be made.
    pub intents: Vec<Intent>,
}

impl Store for BadDisk {
    fn describe(&self) -> String {
        "a bad disk".to_owned()
    }
    fn read(&mut self) -> Result<Option<Snapshot>> {
        Ok(None)
    }
    fn overrule(&mut self, _: &State) -> Result<Option<String>> {
        Ok(None)
    }
    fn give_up_lost(&mut self) -> Result<Option<String>> {
        Ok(None)
    }
    fn write(&mut self, _: &State) -> Result<()> {
        Err(Diagnostic::error("Failed to write the state", "The disk is bad."))
    }
    fn lock(&mut self, _: LockInfo, _: Duration) -> Result<()> {
        Ok(())
    }
    fn unlock(&mut self) -> Result<()> {
        Ok(())
    }
    fn force_unlock(&mut self, _: &str) -> Result<()> {
        Ok(())
    }
    fn begin_journal(&mut self, state: &State) -> Result<u64> {
        Ok(state.serial)
    }
    fn unsettled(&self) -> &[Intent] {
        &self.intents
    }
    fn is_untouched(&mut self) -> bool {
        true
    }
    fn reserve(&mut self, _: u64) -> Result<()> {
        Ok(())
    }
    fn append(&mut self, record: &Record) -> Result<()> {
        if self.failed && self.closes {
            return Err(Diagnostic::error(
                "Failed to write the journal",
                "The disk is full.",
            ));
        }
        if let Record::Intent(intent) = record {
            self.intents.push(intent.clone());
        }
        Ok(())
    }
    fn sync_journal(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.failed, true) {
            return Ok(());
        }
        Err(Diagnostic::error(
            "Failed to write the journal",
            "The disk is bad.",
        ))
    }
    fn journal_growth(&self) -> u64 {
        0
    }
    fn end_journal(&mut self) -> Result<()> {
        Ok(())
    }
    fn rescue(&mut self, _: &State) -> Result<String> {
        self.rescued = true;
        Ok("errored.tfstate".to_owned())
    }
}
