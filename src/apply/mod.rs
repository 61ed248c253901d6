//! Carries out the steps of a plan and writes state.
//!
//! One loop owns the state. Steps are started as soon as what they wait for is done; each gives its result back
//! to the loop, which records it. A failure stops only what waits for it.

mod carry;
mod conditions;
mod consistent;
mod end;
mod left;
mod place;
mod progress;
mod provision;
mod queue;
mod record;
mod run;
mod start;
#[cfg(test)]
mod tests;

use crate::addr::InstanceAddr;
use crate::diag::Diagnostics;
use crate::plan::Counts;
use crate::state::State;
use crate::value::Text;

pub use left::Left;
pub use progress::{Doing, Progress, Report};
pub use run::{Interrupts, Work, run};

/// What came of an apply.
pub struct Outcome {
    /// The state as it is now, with its serial.
    pub state: State,
    pub problems: Diagnostics,
    /// What was done.
    pub counts: Counts,
    pub failed: Vec<InstanceAddr>,
    pub skipped: Vec<Skipped>,
    /// Objects of which nobody knows whether they were made.
    pub unclear: Vec<InstanceAddr>,
    /// Whether all that was done is in the state, in the journal or in a recovery file.
    pub recorded: bool,
    /// What was made in this run, with its id, when it is not recorded for sure.
    pub unrecorded: Vec<(InstanceAddr, String)>,
    pub interrupted: bool,
}

impl Outcome {
    /// Whether the run made, changed or destroyed anything, as far as that is known.
    pub fn has_changed(&self) -> bool {
        self.counts != Counts::default() || !self.unrecorded.is_empty()
    }
}

/// A change that was not made, and whose failure is to blame; none when the run was interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub addr: InstanceAddr,
    pub deposed: Option<Text>,
    pub because: Option<InstanceAddr>,
}
