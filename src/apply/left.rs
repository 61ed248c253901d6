//! What earlier runs have left open: objects that may exist without being recorded, and what must be done about them
//! before a run goes on.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, Ending, Result, Severity};
use crate::plan::{Made, Options, Planned, find_type};
use crate::resource::Action;
use crate::state::State;
use crate::state::journal::Intent;
use crate::state::protocol::LATEST;
use crate::state::store::{Rescued, Snapshot, problems};

/// What earlier runs have left open, and what must be dealt with before the next one.
#[derive(Debug, Default)]
pub struct Left {
    /// Objects that may exist without being recorded.
    unsettled: Vec<Intent>,
    /// States that could not be put in their place.
    rescued: Vec<Rescued>,
}

impl Left {
    /// Takes a state apart from what earlier runs have left open.
    pub fn of(snapshot: Snapshot) -> (State, Self) {
        let left = Self {
            unsettled: snapshot.unsettled,
            rescued: snapshot.rescued,
        };
        (snapshot.state, left)
    }

    /// What is open, as warnings.
    pub fn warnings(&self, state: &State) -> Diagnostics {
        let problems = self.problems(state, |_| true).into_iter();
        let warnings = problems.map(|problem| Diagnostic {
            severity: Severity::Warning,
            ..problem
        });
        warnings.collect()
    }

    /// The options with that by which objects are found that an earlier run may have made.
    pub fn completed(&self, options: Options) -> Options {
        let open = self.unsettled.iter();
        Options {
            open: open
                .map(|intent| (intent.address.clone(), intent.clone()))
                .collect(),
            ..options
        }
    }

    /// What is open for an instance.
    pub fn open_at(&self, addr: &InstanceAddr) -> Option<&Intent> {
        self.unsettled.iter().find(|intent| intent.address == *addr)
    }

    /// The instances of which something stays open, whatever is done by the plan.
    pub fn open_after(&self, made: &Made) -> Vec<InstanceAddr> {
        let open = self.unsettled.iter().map(|intent| made.strays.now(intent));
        let open = open.filter(|intent| !made.strays.settle(intent) && !made.strays.tell_of(intent));
        open.map(|intent| intent.address).collect()
    }

    /// Refuses to write beside a state that could not be put in its place.
    pub fn refuse_beside(&self) -> Result<()> {
        problems(&self.rescued).or(())
    }

    /// Refuses to make again what may exist already, and to write beside one that could not be put in its place.
    pub fn refuse(&self, made: &Made) -> Result<()> {
        let creates = |intent: &Intent| {
            let intent = made.strays.now(intent);
            let address = &intent.address;
            if made.strays.tell_of(&intent) {
                return false;
            }
            let changes = made.plan.changes.iter();
            let mut of_it = changes.filter(|planned| planned.addr == *address && planned.deposed.is_none());
            of_it.any(creates_anew)
        };
        self.problems(&made.prior, creates).or(())
    }

    /// Refuses to carry out a plan that was made when other creations were open: it knows nothing of what is open now.
    pub fn refuse_others(&self, planned: &BTreeMap<InstanceAddr, Intent>) -> Result<()> {
        let now: BTreeMap<&InstanceAddr, &Intent> = self
            .unsettled
            .iter()
            .map(|intent| (&intent.address, intent))
            .collect();
        let differs = |addr: &&InstanceAddr| match (planned.get(*addr), now.get(*addr)) {
            (Some(then), Some(now)) => !then.is_same(now),
            (then, now) => then.is_some() || now.is_some(),
        };
        let Some(addr) = now.keys().copied().chain(planned.keys()).find(differs) else {
            return Ok(());
        };
        let detail = format!(
            "The given plan file can no longer be applied: what is open of the creation of {addr} is not what was open when the plan was created, so that the plan does not say whether the object is there already. Make a new plan."
        );
        let stale = Diagnostic::error("Saved plan is stale", detail);
        let is_open = now.contains_key(addr);
        Err(if is_open {
            stale.ends_as(Ending::Unsettled)
        } else {
            stale
        }
        .into())
    }

    fn problems(&self, state: &State, concerns: impl Fn(&Intent) -> bool) -> Diagnostics {
        let unsettled = self.unsettled.iter().filter(|intent| concerns(intent));
        let rescued = self.rescued.iter().filter_map(Rescued::problem);
        rescued
            .chain(unsettled.map(|intent| unsettled_operation(intent, state)))
            .collect()
    }
}

fn creates_anew(planned: &Planned) -> bool {
    planned.change.action == Action::Create || planned.change.action.is_replace()
}

/// What to do about an object that may exist without being recorded.
fn unsettled_operation(intent: &Intent, state: &State) -> Diagnostic {
    let address = &intent.address;
    if let Some(marker) = &intent.marker {
        return marked_operation(intent, marker, state);
    }
    let rest = match intent.before {
        None => {
            "Where its id does not depend on an answer, plan and apply look for it. Else apply does not create it again, as that could make a second one: look in the cloud.".to_owned()
        }
        Some(_) => format!(
            "It is noted what was there before: plan and apply tell by what is new. Where nothing is new, apply makes it anew after {}, when the former request can no longer arrive; until then it refuses to, as that could make a second one.",
            latest(intent)
        ),
    };
    let detail = format!(
        "An earlier run was ended while it was about to create this object, and its outcome is not known: the object may exist without being in the state. {rest}"
    );
    let way = if state.get(address).is_some() {
        "The instance has its former object. If the new one is there, delete it by hand.".to_owned()
    } else {
        format!("If it is there, take it over: keyform recover -adopt '{address}=ID'")
    };
    Diagnostic::error("Unsettled operation", detail)
        .about(address)
        .hint(way)
        .hint(format!(
            "If it is not there, say so: keyform recover -abandon '{address}'"
        ))
        .ends_as(Ending::Unsettled)
}

/// When the former request can no longer arrive.
fn latest(intent: &Intent) -> String {
    Timestamp::from_second(intent.begun.since.saturating_add(LATEST)).map_or_else(
        |_| "a while".to_owned(),
        |after| after.strftime("%H:%M UTC").to_string(),
    )
}

/// The same where a tag tells which object it is.
fn marked_operation(intent: &Intent, marker: &str, state: &State) -> Diagnostic {
    let address = &intent.address;
    let mark = find_type(&address.resource).map_or_else(
        |_| format!("mark \"{marker}\""),
        |ty| crate::resource::mark(ty, marker),
    );
    let detail = if state.get(address).is_some() {
        format!(
            "An earlier run was ended while it was replacing this object, and the instance has its former one. If the new one was made, it carries the {mark}: plan and apply find it by that, and it goes. Until it is sure that it will not come any more, apply refuses to make another one."
        )
    } else {
        let after = latest(intent);
        format!(
            "An earlier run was ended while it was about to create this object. If it was made, it carries the {mark}: plan and apply find it by that and take it over. Where they do not find it, apply makes it anew after {after}, when the former request can no longer arrive; until then it refuses to, as that could make a second one."
        )
    };
    Diagnostic::error("Unsettled operation", detail)
        .about(address)
        .hint(format!(
            "If you know that it is not there, say so: keyform recover -abandon '{address}'"
        ))
        .ends_as(Ending::Unsettled)
}
