//! One step on its way: everything that it needs, taken out of the loop's hands, and what it gives back.

use std::rc::Rc;
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostics, Result};
use crate::plan::StepId;
use crate::plan::live::{Opened, site};
use crate::resource::operate::{self, Machine, Outcome, Site, Turn};
use crate::schema::ResourceType;
use crate::value::{Text, Value};

use super::progress::Doing;

/// An operation on one object.
pub(super) struct Task {
    pub(super) step: StepId,
    pub(super) addr: InstanceAddr,
    pub(super) deposed: Option<Text>,
    pub(super) doing: Doing,
    pub(super) operation: Operation,
    pub(super) ty: &'static ResourceType,
    pub(super) opened: Opened,
    pub(super) machine: Rc<dyn Machine>,
}

/// What is done, with the values that it is done with.
pub(super) enum Operation {
    Create {
        planned: Value,
        config: Value,
    },
    Update {
        prior: Value,
        planned: Value,
        config: Value,
    },
    Delete {
        prior: Value,
    },
    Read {
        config: Value,
    },
}

/// What came of it.
pub(super) struct Finished {
    pub(super) step: StepId,
    pub(super) addr: InstanceAddr,
    pub(super) deposed: Option<Text>,
    pub(super) doing: Doing,
    pub(super) elapsed: Duration,
    pub(super) ty: &'static ResourceType,
    /// Nothing outside has changed: there is no cloud behind the type.
    pub(super) local: bool,
    /// The planned value, whose marks the object takes over.
    pub(super) planned: Option<Value>,
    pub(super) result: Carried,
}

pub(super) enum Carried {
    Made(Outcome),
    Deleted(Result<()>),
    Read(Result<Value>),
}

impl Carried {
    pub(super) fn problems(&self) -> Option<&Diagnostics> {
        match self {
            Self::Made(outcome) => outcome.problems.has_errors().then_some(&outcome.problems),
            Self::Deleted(result) => result.as_ref().err(),
            Self::Read(result) => result.as_ref().err(),
        }
    }
}

/// Carries a task out while its turn lasts.
pub(super) async fn carry(task: Task, turn: Turn) -> Finished {
    let start = task.machine.wall();
    let site = Site {
        turn: Some(&turn),
        ..site(&task.opened, task.ty, &*task.machine)
    };
    let mut kept = None;
    let result = match task.operation {
        Operation::Create { planned, config } => {
            let outcome = operate::create(site, &planned, &config).await;
            kept = Some(planned);
            Carried::Made(outcome)
        }
        Operation::Update {
            prior,
            planned,
            config,
        } => {
            let outcome = operate::update(site, &prior, &planned, &config).await;
            kept = Some(planned);
            Carried::Made(outcome)
        }
        Operation::Delete { prior } => Carried::Deleted(operate::delete(site, &prior).await),
        Operation::Read { config } => Carried::Read(operate::read_data(site, &config).await),
    };
    Finished {
        step: task.step,
        addr: task.addr,
        deposed: task.deposed,
        doing: task.doing,
        elapsed: task.machine.wall().saturating_sub(start),
        ty: task.ty,
        local: task.opened.cloud.is_none(),
        planned: kept,
        result,
    }
}
