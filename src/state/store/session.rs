//! A run that changes things: every finished operation is in the journal, and the state is written now and then
//! and at the end.

use std::collections::BTreeMap;

use super::{Result, Store};
use crate::addr::{InstanceAddr, ProviderConfig};
use crate::state::journal::{Intent, Record};
use crate::state::{Object, OutputValue, State};
use crate::value::Text;

/// A run under way. What it records is durable after the next [`Session::sync`].
pub struct Session<'s> {
    store: &'s mut dyn Store,
    /// What the state file holds.
    written: State,
    /// Whether anything was recorded.
    begun: bool,
    /// Whether the journal holds all that was recorded.
    complete: bool,
    /// What was about to be made, and nothing more was heard of it.
    open: Vec<InstanceAddr>,
}

impl<'s> Session<'s> {
    /// Starts from a state as it was read, or from a new one. Nothing is written before something is recorded.
    pub fn begin(store: &'s mut dyn Store, state: &State) -> Self {
        let mut written = state.clone();
        if written.lineage.is_empty() {
            written.lineage = uuid::Uuid::new_v4().to_string().into();
        }
        Self {
            store,
            written,
            begun: false,
            complete: true,
            open: Vec::new(),
        }
    }

    /// Opens the journal, so that there is a place for all that is going to be recorded.
    pub fn open(&mut self) -> Result<()> {
        if !self.begun {
            self.written.serial = self.store.begin_journal(&self.written)?;
            self.begun = true;
        }
        Ok(())
    }

    /// The lineage of the state; a new state got one at the start.
    pub fn lineage(&self) -> &Text {
        &self.written.lineage
    }

    /// Says that something is about to be done that must not be done twice. Call [`Session::sync`] before doing
    /// it.
    pub fn record_intent(&mut self, intent: Intent) -> Result<()> {
        let address = intent.address.clone();
        self.append(&Record::Intent(intent))?;
        self.close(&address);
        self.open.push(address);
        Ok(())
    }

    /// Says that an object exists now as it is given: the current one of the instance, or a deposed one.
    pub fn record_done(
        &mut self,
        address: &InstanceAddr,
        deposed: Option<&Text>,
        provider: &ProviderConfig,
        object: &Object,
    ) -> Result<()> {
        self.close(address);
        self.append(&Record::Done {
            address: address.clone(),
            deposed: deposed.cloned(),
            provider: provider.clone(),
            object: object.clone().into(),
        })
    }

    /// Says that an object is gone.
    pub fn record_removed(&mut self, address: &InstanceAddr, deposed: Option<&Text>) -> Result<()> {
        self.close(address);
        self.append(&Record::Removed {
            address: address.clone(),
            deposed: deposed.cloned(),
        })
    }

    /// Says that what was intended for the instance did not happen.
    pub fn record_failed(&mut self, address: &InstanceAddr) -> Result<()> {
        self.close(address);
        self.append(&Record::Failed {
            address: address.clone(),
        })
    }

    /// Says what the outputs are now.
    pub fn record_outputs(&mut self, outputs: &BTreeMap<Text, OutputValue>) -> Result<()> {
        self.append(&Record::Outputs(outputs.clone()))
    }

    fn close(&mut self, address: &InstanceAddr) {
        self.open.retain(|open| open != address);
    }

    fn append(&mut self, record: &Record) -> Result<()> {
        let appended = self.try_append(record);
        self.complete &= appended.is_ok();
        appended
    }

    fn try_append(&mut self, record: &Record) -> Result<()> {
        self.open()?;
        self.store.append(record)
    }

    /// Makes everything recorded so far durable, in one go. After a failure the journal is not trusted again: a later
    /// fsync may succeed although pages were dropped.
    pub fn sync(&mut self) -> Result<()> {
        let synced = self.store.sync_journal();
        self.complete &= synced.is_ok();
        synced
    }

    /// How many bytes were recorded since the state was last written: a reason for a checkpoint.
    pub fn growth(&self) -> u64 {
        self.store.journal_growth()
    }

    /// Writes the state, if it differs from what the file holds, with the next serial.
    pub fn checkpoint(&mut self, state: &State) -> Result<()> {
        if state.same_content(&self.written) {
            return Ok(());
        }
        let mut next = state.clone();
        next.lineage = self.written.lineage.clone();
        next.serial = self.written.serial + 1;
        self.store.write(&next)?;
        self.written = next;
        Ok(())
    }

    /// Writes the state for good and closes the journal; returns the state with its serial and lineage. When it
    /// cannot be written, the error says where everything is. A journal with something left open stays, so that
    /// the next run knows of it.
    pub fn finish(mut self, state: &State) -> Result<State> {
        if let Err(mut error) = self.checkpoint(state) {
            let mut next = state.clone();
            next.lineage = self.written.lineage.clone();
            next.serial = self.written.serial + 1;
            if self.begun && self.complete && self.store.sync_journal().is_ok() {
                error.hints.push(
                    "All that was done is in the journal beside the state. Remove the cause and run again: it is folded in first.".into(),
                );
            } else {
                error.hints.push(match self.store.rescue(&next) {
                    Ok(place) => format!(
                        "The state of this run is in {place}. Remove the cause, then put it in place with \"state push {place}\"."
                    ),
                    Err(worse) => worse.detail,
                });
            }
            return Err(error);
        }
        if self.open.is_empty() {
            self.store.end_journal()?;
        } else {
            self.store.append(&Record::End)?;
            self.store.sync_journal()?;
        }
        Ok(self.written)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{LockInfo, Snapshot};
    use super::*;
    use crate::addr::{InstanceKey, ModulePath, ResourceName};
    use crate::diag::Diagnostic;
    use crate::value::Value;

    /// A disk that fails to make the journal durable once, says it is well afterwards, and takes no state.
    #[derive(Default)]
    struct BadDisk {
        failed: bool,
        rescued: bool,
    }

    impl Store for BadDisk {
        fn describe(&self) -> String {
            "a bad disk".to_owned()
        }
        fn read(&mut self) -> Result<Option<Snapshot>> {
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
        fn append(&mut self, _: &Record) -> Result<()> {
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

    #[test]
    fn a_journal_that_was_not_made_durable_once_is_not_trusted_again() {
        let mut disk = BadDisk::default();
        let state = State::new();
        let mut session = Session::begin(&mut disk, &state);
        let address = InstanceAddr::new(
            ModulePath::root(),
            ResourceName::managed("t", "a"),
            InstanceKey::None,
        );
        session.record_removed(&address, None).unwrap();
        session.sync().unwrap_err();
        let mut changed = state.clone();
        let value = Value::from("b");
        changed
            .outputs
            .insert("o".into(), OutputValue::new(&value, false));
        let error = session.finish(&changed).unwrap_err();
        assert!(error.hints.iter().any(|hint| hint.contains("errored.tfstate")));
        assert!(disk.rescued);
    }
}
