//! What a journal makes of the state that it continues, and what it leaves open.

use super::State;
use super::intent::Intent;
use super::journal::Record;
use super::protocol::Heard;
use crate::diag::Diagnostic;

/// What a journal makes of a state.
#[derive(Clone, Debug)]
pub struct Replay {
    pub state: State,
    /// Whether anything was folded in.
    pub changed: bool,
    /// Intents of which nothing more was heard.
    pub unsettled: Vec<Intent>,
}

/// Folds a journal into the state it continues. `file` is that state with its fingerprint, as far as one exists.
/// A journal that changes nothing goes with any state of its lineage: it only tells what is open.
pub fn replay(file: Option<(State, String)>, records: Vec<Record>, name: &str) -> Result<Replay, Diagnostic> {
    check_lineage(file.as_ref(), &records, name)?;
    let (mut state, hash) = file.unwrap_or_else(|| (State::new(), String::new()));
    let mut unsettled = Vec::new();
    for record in &records {
        follow(&mut unsettled, record);
    }
    if let Some(Record::Begin(begin)) = records.first()
        && state.lineage.is_empty()
    {
        state.lineage = begin.lineage.clone();
    }
    let mut changed = false;
    if records.iter().any(Record::changes) {
        let start = records
            .iter()
            .rposition(|record| continues(record, state.serial, &hash));
        let start = start.ok_or_else(|| other_state(name))?;
        for record in records.into_iter().skip(start) {
            changed |= record.changes();
            apply(&mut state, record);
        }
    }
    Ok(Replay {
        state,
        changed,
        unsettled,
    })
}

/// What is open belongs to a lineage, and what was begun beside a state that is gone is not continued beside none.
fn check_lineage(file: Option<&(State, String)>, records: &[Record], name: &str) -> Result<(), Diagnostic> {
    let Some(Record::Begin(begin)) = records.first() else {
        return Ok(());
    };
    let Some((state, hash)) = file else {
        return if begin.hash.is_empty() {
            Ok(())
        } else {
            Err(lost_state(name))
        };
    };
    let unnamed = begin.lineage.is_empty() || state.lineage.is_empty();
    // A state of another lineage that was written while the journal was open is noted in it.
    let written = |record: &Record| {
        matches!(record, Record::Checkpoint { .. }) && continues(record, state.serial, hash)
    };
    if unnamed || begin.lineage == state.lineage || records.iter().any(written) {
        return Ok(());
    }
    Err(other_state(name))
}

fn continues(record: &Record, of_serial: u64, of_hash: &str) -> bool {
    match record {
        Record::Begin(begin) => begin.hash == of_hash && (begin.serial == of_serial || of_hash.is_empty()),
        Record::Checkpoint { serial, hash } => *serial == of_serial && hash == of_hash,
        _ => false,
    }
}

fn lost_state(name: &str) -> Diagnostic {
    Diagnostic::error(
        "State is missing",
        format!(
            "{name} continues a state that is not there any more. To go on as if nothing existed would create everything a second time. Nothing was changed."
        ),
    )
    .hint("Put the state back, from its backup for example.")
    .hint("If there is none, make it again: keyform recover -from-cloud")
}

fn other_state(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Journal of another state",
        format!(
            "{name} holds what an interrupted run did, but the state beside it was changed by another program since then. Nothing was changed. Put the state back that the run started from (its backup), or look into the journal for what was created and move it away to go on without it."
        ),
    )
    .hint("Where a recovery file holds the state of that run, put it in its place: keyform state push -force FILE")
}

fn apply(state: &mut State, record: Record) {
    match record {
        Record::Done {
            address,
            provider,
            object,
            ..
        } => state.insert(&address, &provider, object),
        Record::Removed { address, deposed } => state.forget(&address, deposed.as_ref()),
        Record::Deposed { address, key } => drop(state.depose(&address, key)),
        Record::Restored { address, key } => drop(state.restore(&address, &key)),
        Record::Moved { instances } => {
            state.rename_all(&instances);
            state.rename_dependencies(instances.iter().map(|(from, to)| (from, to)));
        }
        Record::Begin(_) | Record::Intent(_) | Record::Settled { .. } | Record::Checkpoint { .. } => {}
    }
}

/// What is open after this record.
pub fn follow(open: &mut Vec<Intent>, record: &Record) {
    let (address, heard) = match record {
        Record::Intent(intent) => {
            open.retain(|other| other.address != intent.address);
            return open.push(intent.clone());
        }
        Record::Done {
            address,
            created: true,
            ..
        } => (address, Heard::Made),
        Record::Moved { instances } => {
            for intent in open {
                if let Some((_, to)) = instances.iter().find(|(from, _)| *from == intent.address) {
                    intent.address = to.clone();
                }
            }
            return;
        }
        Record::Settled { address } => (address, Heard::Settled),
        Record::Deposed { address, key } => (address, Heard::Aside(key)),
        Record::Restored { address, key } => (address, Heard::Back(key)),
        Record::Begin(_) | Record::Done { .. } | Record::Removed { .. } | Record::Checkpoint { .. } => return,
    };
    open.retain_mut(|intent| {
        if intent.address != *address {
            return true;
        }
        let left = intent.begun.clone().after(heard);
        let stays = left.is_some();
        intent.begun = left.unwrap_or_default();
        stays
    });
}
