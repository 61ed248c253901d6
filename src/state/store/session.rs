//! A run that changes things: every finished operation is in the journal, and the state is written now and then
//! and at the end.

use std::collections::BTreeSet;

use super::{Result, Store};
use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::Diagnostic;
use crate::state::journal::{Intent, Record};
use crate::state::{Object, State};
use crate::value::Text;

/// A run under way. What it records is durable after the next [`Session::sync`].
pub struct Session<'s> {
    store: &'s mut dyn Store,
    /// What the state file holds.
    written: State,
    /// What the plan starts from: of this nothing may be missing that was not removed.
    start: State,
    removed: BTreeSet<InstanceAddr>,
    /// Whether the journal is open.
    begun: bool,
    /// Whether something was recorded that is not durable yet.
    dirty: bool,
    /// Whether something was done that no other run can find out.
    acted: bool,
    /// Why nothing new may be begun: something could not be recorded.
    failure: Option<Diagnostic>,
    /// What is open has not moved, so the state may not.
    unmoved: Option<Diagnostic>,
    /// Whether the journal holds all that was done. Once that is in doubt it is not trusted again: a later fsync may
    /// succeed although pages were dropped.
    whole: bool,
}

/// How a run has ended.
pub struct Finish {
    /// The state with its serial and lineage, as it is or should be in its place.
    pub state: State,
    /// What went wrong.
    pub problem: Option<Diagnostic>,
    /// Whether all that was done is kept: in the state, in the journal, or in a recovery file.
    pub kept: bool,
}

impl Finish {
    /// The state, if nothing went wrong.
    pub fn whole(self) -> Result<State> {
        self.problem.map_or(Ok(self.state), Err)
    }
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
            start: state.clone(),
            removed: BTreeSet::new(),
            written,
            begun: false,
            dirty: false,
            acted: false,
            failure: None,
            unmoved: None,
            whole: true,
        }
    }

    /// The state that the plan starts from: what moved has its new address, and what is gone is not in it.
    pub fn starts_from(&mut self, state: &State) {
        self.start = state.clone();
    }

    /// Opens the journal, so that there is a place for all that is going to be recorded.
    pub fn open(&mut self) -> Result<()> {
        if !self.begun {
            self.written.serial = self.store.begin_journal(&self.written)?;
            self.begun = true;
        }
        Ok(())
    }

    /// Whether something new may be begun: all could be recorded so far.
    pub fn is_well(&self) -> bool {
        self.failure.is_none()
    }

    /// The lineage of the state, which a new one has from the start of the run.
    pub fn lineage(&self) -> &Text {
        &self.written.lineage
    }

    /// What was about to be made, in this run or an earlier one, and nothing more was heard of it.
    pub fn unsettled(&self) -> &[Intent] {
        self.store.unsettled()
    }

    /// Says that an object is about to be made, and keeps room for so many bytes of record. Call [`Session::sync`]
    /// before making it. Nothing new is begun once something could not be recorded.
    pub fn record_intent(&mut self, intent: Intent, room: u64) -> Result<()> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.open()?;
        let kept = self.store.reserve(room);
        self.note(kept)?;
        self.append(&Record::Intent(intent))
    }

    /// Says what the current object of the instance is now. `created` tells that it is the one that was intended.
    pub fn record_done(
        &mut self,
        address: &InstanceAddr,
        created: bool,
        provider: &ProviderConfig,
        object: &Object,
    ) -> Result<()> {
        self.append(&Record::Done {
            address: address.clone(),
            created,
            provider: provider.clone(),
            object: object.clone().into(),
        })
    }

    /// Says that an object is gone.
    pub fn record_removed(&mut self, address: &InstanceAddr, deposed: Option<&Text>) -> Result<()> {
        self.removed.insert(address.clone());
        self.append(&Record::Removed {
            address: address.clone(),
            deposed: deposed.cloned(),
        })
    }

    /// Says that the current object makes room for its replacement.
    pub fn record_deposed(&mut self, address: &InstanceAddr, key: &Text) -> Result<()> {
        let (address, key) = (address.clone(), key.clone());
        self.append(&Record::Deposed { address, key })
    }

    /// Says that an object that had made room is the current one again.
    pub fn record_restored(&mut self, address: &InstanceAddr, key: &Text) -> Result<()> {
        let (address, key) = (address.clone(), key.clone());
        self.append(&Record::Restored { address, key })
    }

    /// Says that instances have other addresses, where something is open for one of them.
    pub fn record_moved(&mut self, instances: &[(InstanceAddr, InstanceAddr)]) -> Result<()> {
        let instances = instances.to_vec();
        let moved = self.append(&Record::Moved { instances });
        self.unmoved = moved.clone().err();
        moved
    }

    /// Says that nothing is open any more of what was intended for the instance.
    pub fn record_settled(&mut self, address: &InstanceAddr) -> Result<()> {
        let open = self.unsettled().iter().any(|intent| intent.address == *address);
        if open {
            let address = address.clone();
            self.append(&Record::Settled { address })?;
        }
        Ok(())
    }

    fn append(&mut self, record: &Record) -> Result<()> {
        let appended = self.open().and_then(|()| self.store.append(record));
        self.dirty = true;
        self.acted |= !matches!(
            record,
            Record::Intent(_) | Record::Settled { .. } | Record::Restored { .. } | Record::Moved { .. }
        );
        // Nothing is done before its intent is noted, so nothing is missing with it.
        self.whole &= appended.is_ok() || matches!(record, Record::Intent(_));
        self.note(appended)
    }

    /// Makes everything recorded so far durable, in one go.
    pub fn sync(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.dirty) {
            return Ok(());
        }
        let synced = self.store.sync_journal();
        self.whole &= synced.is_ok();
        self.note(synced)
    }

    fn note(&mut self, result: Result<()>) -> Result<()> {
        if let Err(error) = &result {
            self.failure.get_or_insert_with(|| error.clone());
        }
        result
    }

    /// How many bytes were recorded since the state was last written: a reason for a checkpoint.
    pub fn growth(&self) -> u64 {
        self.store.journal_growth()
    }

    /// Writes the state, if it differs from what the file holds, or is kept otherwise there, with the next serial.
    pub fn checkpoint(&mut self, state: &State) -> Result<()> {
        if state.same_content(&self.written) && !self.store.is_outdated() {
            return Ok(());
        }
        if let Some(unmoved) = &self.unmoved {
            return Err(unmoved.clone());
        }
        self.check_whole(state)?;
        // Who has the journal writes the state: another run may have looked at it just now.
        self.open()?;
        let next = self.next(state);
        self.store.write(&next)?;
        self.written = next;
        Ok(())
    }

    /// A state that lost an entry which nobody removed is not written.
    fn check_whole(&self, state: &State) -> Result<()> {
        let is_there = |address: &InstanceAddr| {
            let resource = state.resource(&address.resource_addr());
            let instance = resource.and_then(|resource| resource.instances.get(&address.key));
            instance.is_some_and(|instance| !instance.is_empty())
        };
        let addresses = self.start.objects().map(|(address, ..)| address);
        let mut lost = addresses.filter(|address| !self.removed.contains(address) && !is_there(address));
        let Some(first) = lost.next() else {
            return Ok(());
        };
        let more = lost.count();
        Err(Diagnostic::error(
            "State would lose entries",
            format!(
                "{first} and {more} more would not be recorded any longer, though nothing was done to remove them. This is an error of keyform: report it, please. The state file is as it was."
            ),
        ))
    }

    fn next(&self, state: &State) -> State {
        State {
            lineage: self.written.lineage.clone(),
            serial: self.written.serial + 1,
            ..state.clone()
        }
    }

    /// Writes the state for good and closes the journal. When the state cannot be written, the problem says where
    /// everything is. A journal with something left open stays, so that the next run knows of it.
    pub fn finish(mut self, state: &State) -> Finish {
        match self.checkpoint(state) {
            Ok(()) => Finish {
                problem: self.store.end_journal().err(),
                state: self.written,
                kept: true,
            },
            // What was only seen can be seen again, and a recovery file would be in everybody's way.
            Err(error) if !self.acted => Finish {
                state: self.next(state),
                problem: Some(
                    error.hint("Nothing was done that is not recorded. Remove the cause and run again."),
                ),
                kept: true,
            },
            Err(error) => self.rescue(state, error),
        }
    }

    /// A journal beside a state that it does not fit is of no use to the next run, so the state is put aside as well.
    fn rescue(mut self, state: &State, mut error: Diagnostic) -> Finish {
        let journalled = self.begun && self.whole && self.sync().is_ok() && self.store.is_untouched();
        let mut kept = journalled;
        error.hints.push(if journalled {
            "All that was done is in the journal beside the state. Remove the cause and run again: it is folded in first.".into()
        } else {
            match self.store.rescue(&self.next(state)) {
                Ok(place) => {
                    kept = true;
                    let option = self.store.option();
                    let space = if option.is_empty() { "" } else { " " };
                    format!(
                        "The state of this run is in {place}. Remove the cause, then put it in place with \"state push{space}{option} {place}\"."
                    )
                }
                Err(worse) => worse.detail,
            }
        });
        Finish {
            state: self.next(state),
            problem: Some(error),
            kept,
        }
    }
}

/// Says that nothing came of what was intended for these instances. What had made room for it has its place back; tells
/// where.
pub fn abandon(
    store: &mut dyn Store,
    state: &State,
    addresses: &[InstanceAddr],
) -> Result<BTreeSet<InstanceAddr>> {
    let mut open = store.unsettled().to_vec();
    open.retain(|intent| addresses.contains(&intent.address));
    let (mut after, mut back) = (state.clone(), BTreeSet::new());
    let mut session = Session::begin(store, state);
    for Intent { address, begun, .. } in open {
        // In this order: a run that ends in between leaves it open, with nothing that makes room.
        if let Some(key) = begun.aside.filter(|key| after.restore(&address, key)) {
            session.record_restored(&address, &key)?;
            back.insert(address.clone());
        }
        session.record_settled(&address)?;
    }
    session.finish(&after).whole()?;
    Ok(back)
}

#[cfg(test)]
mod tests {
    use super::super::for_tests::BadDisk;
    use super::*;
    use crate::addr::{InstanceKey, ModulePath, ResourceName};
    use crate::state::OutputValue;
    use crate::value::Value;

    #[test]
    fn a_state_that_lost_what_nobody_removed_is_not_written() {
        let address = crate::addr::parse_instance("t.a").unwrap();
        let provider = ProviderConfig::parse(r#"provider["registry.terraform.io/hashicorp/t"]"#).unwrap();
        let value = Value::object_of([("id", Value::from("a"))]);
        let mut state = State::new();
        state.insert(
            &address,
            &provider,
            Object::new(&value, &value.ty(), 0, [].into()).unwrap(),
        );
        let mut disk = BadDisk::default();
        let mut session = Session::begin(&mut disk, &state);
        let error = session.checkpoint(&State::new()).unwrap_err();
        assert_eq!(error.summary, "State would lose entries");
        session.starts_from(&State::new());
        let error = session.checkpoint(&State::new()).unwrap_err();
        assert_eq!(
            error.summary, "Failed to write the state",
            "the plan starts without it"
        );
        session.starts_from(&state);
        session.record_removed(&address, None).unwrap();
        let error = session.checkpoint(&State::new()).unwrap_err();
        assert_eq!(error.summary, "Failed to write the state", "it was removed");
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
        assert!(
            session.record_intent(Intent::of(&address), 0).is_err(),
            "nothing new is begun"
        );
        let finish = session.finish(&changed);
        assert!(finish.kept);
        let error = finish.problem.unwrap();
        assert!(error.hints.iter().any(|hint| hint.contains("errored.tfstate")));
        assert!(disk.rescued);
    }
}
