//! One step on its way: everything that it needs, taken out of the loop's hands, and what it gives back.

use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::plan::StepId;
use crate::plan::live::{Opened, site};
use crate::resource::operate::{self, Machine, Outcome, Site, Turn};
use crate::schema::ResourceType;
use crate::state::intent::bounded;
use crate::state::protocol::Begun;
use crate::value::{Text, Type, Value};

use super::progress::Doing;
use super::provision::{Prepared, Said, provision};

/// An operation on one object.
pub(super) struct Task {
    pub(super) step: StepId,
    pub(super) addr: InstanceAddr,
    pub(super) deposed: Option<Text>,
    pub(super) doing: Doing,
    /// The id of the object that is there already.
    pub(super) id: Option<String>,
    pub(super) operation: Operation,
    pub(super) ty: &'static ResourceType,
    pub(super) opened: Opened,
    pub(super) machine: Rc<dyn Machine>,
    /// Hears of a new object before the object is as planned.
    pub(super) made: UnboundedSender<Born>,
    /// It may have been asked for before: what is there by its name and as wished for counts as made.
    pub(super) again: bool,
    /// The object that goes is pending deletion, and is called back first.
    pub(super) recalls: bool,
    /// What a new object carries, by which it is found again.
    pub(super) marker: Option<Text>,
    /// The intent to create it, as it was noted.
    pub(super) begun: Option<Begun>,
    /// The time at the start of the run, and what the machine said of it.
    pub(super) started: (Timestamp, Duration),
    /// Hears what commands print.
    pub(super) said: UnboundedSender<Said>,
}

/// A new object that is not yet as planned.
pub(super) struct Born {
    pub(super) step: StepId,
    pub(super) addr: InstanceAddr,
    /// The object as far as it is made.
    pub(super) object: Value,
}

impl Task {
    /// Whether it has effects outside.
    pub(super) fn acts(&self) -> bool {
        let commands = match &self.operation {
            Operation::Provision { commands } | Operation::Delete { commands, .. } => commands.as_slice(),
            _ => &[],
        };
        self.opened.cloud.is_some() && !self.lists() || !commands.is_empty()
    }

    /// Whether it only finds out what is there before an object is made.
    pub(super) fn lists(&self) -> bool {
        matches!(self.operation, Operation::List { .. })
    }

    /// Whether it only goes on with what has begun.
    pub(super) fn goes_on(&self) -> bool {
        matches!(self.operation, Operation::Provision { .. })
    }
}

/// What is done, with the values that it is done with.
pub(super) enum Operation {
    /// What is there before the object is made, where only that tells later which one it is.
    List {
        planned: Value,
    },
    Create {
        planned: Value,
        config: Value,
        /// The id of the object that it replaces and that is destroyed.
        former: Option<Text>,
    },
    Update {
        prior: Value,
        planned: Value,
        config: Value,
        /// It is called back from its deletion first.
        restores: bool,
    },
    Delete {
        prior: Value,
        /// They run first, and the object stays when one fails.
        commands: Vec<Prepared>,
    },
    /// It is disabled and left there.
    Retire {
        prior: Value,
    },
    /// It is left there as it is.
    Leave {
        prior: Value,
    },
    /// Commands beside an object that was made.
    Provision {
        commands: Vec<Prepared>,
    },
    Read {
        config: Value,
    },
}

impl Operation {
    /// The object that goes.
    fn goes(&self) -> Option<&Value> {
        match self {
            Self::Delete { prior, .. } | Self::Retire { prior } | Self::Leave { prior } => Some(prior),
            _ => None,
        }
    }
}

/// What came of it.
pub(super) struct Finished {
    pub(super) step: StepId,
    pub(super) addr: InstanceAddr,
    pub(super) deposed: Option<Text>,
    pub(super) doing: Doing,
    pub(super) elapsed: Duration,
    /// Nothing outside has changed: there is no cloud behind the type.
    pub(super) local: bool,
    /// The planned value, whose marks the object takes over.
    pub(super) planned: Option<Value>,
    pub(super) result: Carried,
}

pub(super) enum Carried {
    /// None where it cannot be told: then the user has to look.
    Listed(Option<Vec<Text>>),
    Made(Outcome),
    /// Deleted, disabled or left: the state is rid of it.
    Deleted(Result<()>),
    Read(Result<Value>),
    Provisioned(Result<()>),
}

impl Carried {
    pub(super) fn problems(&self) -> Option<&Diagnostics> {
        match self {
            Self::Listed(_) => None,
            Self::Made(outcome) => outcome.problems.has_errors().then_some(&outcome.problems),
            Self::Deleted(result) | Self::Provisioned(result) => result.as_ref().err(),
            Self::Read(result) => result.as_ref().err(),
        }
    }
}

/// Carries a task out while its turn lasts.
pub(super) async fn carry(task: Task, turn: Turn) -> Finished {
    let start = task.machine.wall();
    let tell = |object: Value| {
        // Nobody listens any more when the run is ended at once.
        let _ = task.made.send(Born {
            step: task.step,
            addr: task.addr.clone(),
            object,
        });
    };
    let site = Site {
        turn: Some(&turn),
        made: Some(&tell),
        marker: task.marker.as_deref(),
        again: task.again,
        until: task.begun.as_ref().map(Begun::until),
        ..site(&task.opened, task.ty, &*task.machine)
    };
    let mut kept = None;
    let back = recalled(site, &task).await;
    let result = match task.operation {
        Operation::List { planned } => {
            let listed = operate::among(site, &planned).await;
            Carried::Listed(listed.ok().flatten().and_then(bounded))
        }
        Operation::Create {
            planned,
            config,
            former,
        } => {
            let now = since_1970(task.started, &*task.machine);
            let in_time = task.begun.as_ref().is_none_or(|begun| begun.may_be_sent(now));
            let former = former.as_deref();
            let outcome = if in_time {
                operate::create(Site { former, ..site }, &planned, &config).await
            } else {
                too_late()
            };
            kept = Some(planned);
            Carried::Made(outcome)
        }
        Operation::Update {
            prior,
            planned,
            config,
            restores,
        } => {
            let outcome = changed(site, restores, (&prior, &planned, &config)).await;
            kept = Some(planned);
            Carried::Made(outcome)
        }
        Operation::Delete { .. } | Operation::Retire { .. } | Operation::Leave { .. } if back.is_err() => {
            Carried::Deleted(back)
        }
        Operation::Delete { prior, commands } => Carried::Deleted(
            match provision(&commands, &task.addr, &task.machine, &task.said).await {
                Ok(()) => operate::delete(site, &prior).await,
                Err(errors) => Err(errors),
            },
        ),
        Operation::Retire { prior } => Carried::Deleted(operate::retire(site, &prior).await),
        Operation::Leave { .. } => Carried::Deleted(Ok(())),
        Operation::Provision { commands } => {
            Carried::Provisioned(provision(&commands, &task.addr, &task.machine, &task.said).await)
        }
        Operation::Read { config } => {
            Carried::Read(operate::read_data(site, &Value::null(Type::Dynamic), &config).await)
        }
    };
    Finished {
        step: task.step,
        addr: task.addr,
        deposed: task.deposed,
        doing: task.doing,
        elapsed: task.machine.wall().saturating_sub(start),
        local: task.opened.cloud.is_none(),
        planned: kept,
        result,
    }
}

/// An object that stays is changed, and called back first where it is pending deletion.
async fn changed(
    site: Site<'_>,
    restores: bool,
    (prior, planned, config): (&Value, &Value, &Value),
) -> Outcome {
    if restores {
        operate::restore(site, prior, planned, config).await
    } else {
        operate::update(site, prior, planned, config).await
    }
}

/// What goes has been called back, where it was pending deletion.
async fn recalled(site: Site<'_>, task: &Task) -> Result<()> {
    match task.operation.goes().filter(|_| task.recalls) {
        Some(prior) => operate::call_back(site, prior).await,
        None => Ok(()),
    }
}

/// Seconds since 1970, by the machine's clock, or by the time at the start of the run.
pub(super) fn since_1970(started: (Timestamp, Duration), machine: &dyn Machine) -> i64 {
    machine.since_1970().unwrap_or_else(|| {
        let passed = machine.wall().saturating_sub(started.1);
        started.0.as_second() + i64::try_from(passed.as_secs()).unwrap_or_default()
    })
}

/// The run stood still between noting that an object is about to be made and asking for it. Others may have looked for the
/// object meanwhile.
fn too_late() -> Outcome {
    let detail = "This run was stopped for minutes after it had noted that the object is about to be created, so the object was not asked for: another run may believe by now that nothing comes any more. Run apply again.";
    Outcome {
        object: None,
        problems: Diagnostic::error("Too late to create", detail).into(),
        unclear: false,
    }
}
