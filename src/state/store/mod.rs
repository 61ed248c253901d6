//! Where states live: reading, writing whole or not at all, and who may write.

#[cfg(test)]
pub(crate) mod for_tests;
mod info;
mod local;
mod lock;
mod rescued;
mod session;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::State;
use super::journal::{Intent, Record};
use super::salvage::Salvage;
use crate::diag::Diagnostic;

pub use info::LockInfo;
pub use local::LocalStore;
pub use rescued::{Rescued, Worth, problems, some};
pub use session::{Finish, Session, abandon};

/// The result of dealing with a store: one thing went wrong, and it is said which.
pub type Result<T> = std::result::Result<T, Diagnostic>;

/// A state as it was read.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// With everything that the journal of an interrupted run adds.
    pub state: State,
    /// Whether an interrupted run had left something that is part of the state now.
    pub recovered: bool,
    /// What an interrupted run was about to make, and of which nothing more is known.
    pub unsettled: Vec<Intent>,
    /// States that earlier runs could not put in their place.
    pub rescued: Vec<Rescued>,
}

/// What is left of a state that is gone.
#[derive(Clone, Debug)]
pub struct Former {
    /// Where its backup is.
    pub backup: PathBuf,
    /// What the backup records; what is wrong with it where nobody can tell.
    pub state: std::result::Result<State, String>,
}

/// One place for one state.
pub trait Store: Send {
    /// The place in words a user knows.
    fn describe(&self) -> String;

    /// The folder that it writes to, where it is one of this machine.
    fn folder(&self) -> Option<&Path> {
        None
    }

    /// Files of the state that are not encrypted and that other users of this machine may read, against the wish of
    /// their owner, who is the user.
    fn exposed(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Reads the state; none if there is none yet. A journal left behind is folded in, for good if the lock is
    /// held.
    fn read(&mut self) -> Result<Option<Snapshot>>;

    /// The state that stood here before, as its backup has it; none where a state stands, or nothing tells of one.
    fn former(&self) -> Option<Former> {
        None
    }

    /// Whether the state that was read is kept otherwise than it would be written now: in clear, or with a key that only a
    /// fallback names.
    fn is_outdated(&self) -> bool {
        false
    }

    /// Makes way for a state that takes the place of whatever is there. A journal that does not fit what is there is put
    /// aside, and where is said: then [`Store::write`] must follow at once.
    fn overrule(&mut self, next: &State) -> Result<Option<String>>;

    /// Makes way for a state that is made again in the place of one that is lost: a journal that continues the lost one
    /// is put aside, and where is said. What is open in it stays open.
    fn give_up_lost(&mut self) -> Result<Option<String>>;

    /// Goes on with what can be read of a damaged journal, where `agreed` says so of it, and says where the damaged one was
    /// put aside. None where it is whole, or it was not agreed.
    fn repair(&mut self, agreed: &mut dyn FnMut(&Salvage) -> bool) -> Result<Option<String>> {
        let _ = agreed;
        Ok(None)
    }

    /// The option by which commands find the state; empty where they need none.
    fn option(&self) -> String {
        String::new()
    }

    /// Writes the state as it is, serial included: whole, or not at all.
    fn write(&mut self, state: &State) -> Result<()>;

    /// Takes the lock, waiting so long at most.
    fn lock(&mut self, info: LockInfo, wait: Duration) -> Result<()>;

    /// Gives the lock back, if it is held.
    fn unlock(&mut self) -> Result<()>;

    /// Removes a lock that its holder left behind.
    fn force_unlock(&mut self, id: &str) -> Result<()>;

    /// Opens the journal of a run that starts from this state, and returns the serial the state has now.
    fn begin_journal(&mut self, state: &State) -> Result<u64>;

    /// What was about to be made, in this run or an earlier one, and nothing more was heard of it.
    fn unsettled(&self) -> &[Intent];

    /// Whether nobody else has changed the state since it was read.
    fn is_untouched(&mut self) -> bool;

    /// Keeps room for the record of one more object, and for those of all that is under way.
    fn reserve(&mut self, room: u64) -> Result<()>;

    /// Adds a line to the open journal. It is durable after the next `sync_journal`.
    fn append(&mut self, record: &Record) -> Result<()>;

    /// Makes everything appended so far durable.
    fn sync_journal(&mut self) -> Result<()>;

    /// How many bytes the open journal has gained since the state was last written.
    fn journal_growth(&self) -> u64;

    /// Closes the journal, all of which is in the state: what is left of it is what is unsettled.
    fn end_journal(&mut self) -> Result<()>;

    /// Puts a state that could not be written where it belongs somewhere else, and says where.
    fn rescue(&mut self, state: &State) -> Result<String>;
}
