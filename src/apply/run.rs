//! The loop: starts what is ready, waits for one result at a time, records it, lets go of what waited.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::{Diagnostic, Diagnostics};
use crate::eval::{Expanded, ModuleInstanceId};
use crate::graph::NodeId;
use crate::plan::live::{Connector, Providers};
use crate::plan::{Made, Step, StepId, StepKind, steps};
use crate::resource::operate::{Machine, Turn, Turns};
use crate::state::State;
use crate::state::store::Session;
use crate::value::{Text, Type, Value};

use super::Outcome;
use super::carry::{Born, Task, carry};
use super::progress::{Doing, Progress, Report};
use super::provision::{Provisioning, Said, Waiting};
use super::queue::Queue;

/// How long finished work may wait for others to be made durable together with it.
const GROUP: Duration = Duration::from_millis(20);
/// How many journal bytes call for writing the state the first time.
const CHECKPOINT_BYTES: u64 = 1 << 20;
/// How often those who wait are told that work goes on.
const STILL: Duration = Duration::from_secs(10);

/// Requests to stop.
pub trait Interrupts {
    /// Comes to an end with the next request.
    fn next(&mut self) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

/// What an apply works with.
pub struct Work<'a> {
    pub made: Made,
    pub providers: Providers,
    pub connector: &'a mut dyn Connector,
    pub machine: Rc<dyn Machine>,
    /// What functions see of the machine while applying.
    pub host: Rc<dyn crate::lang::expr::Host>,
    pub session: Session<'a>,
    pub progress: &'a mut dyn Progress,
    pub interrupts: &'a mut dyn Interrupts,
    pub at_once: usize,
    /// Whether new objects carry a marker, by which they are found again.
    pub marks: bool,
    /// The time on the clock.
    pub now: Timestamp,
}

/// Carries out a plan.
pub async fn run(work: Work<'_>) -> Outcome {
    let steps = steps(&work.made);
    let Work {
        mut made,
        providers,
        connector,
        machine,
        host,
        mut session,
        progress,
        interrupts,
        at_once,
        marks,
        now,
    } = work;
    made.evaluator.start_applying(host);
    let started = (now, machine.wall());
    let mut problems = Diagnostics::new();
    session.starts_from(&made.prior);
    if !made.strays.moved.is_empty()
        && let Err(error) = session.record_moved(&made.strays.moved)
    {
        // The state must not have moved without what is open.
        problems.push(error);
    }
    if !problems.has_errors()
        && needs_rewriting(&made)
        && let Err(error) = session.checkpoint(&made.prior)
    {
        problems.push(error);
    }
    let acts = steps.iter().any(|step| change_of(step.kind).is_some());
    if !problems.has_errors() {
        // What was found is in the state by now; else it must stay open.
        problems.extend(settle(&made, &mut session));
    }
    if acts
        && !problems.has_errors()
        && let Err(error) = session.open()
    {
        // Before the first effect: what cannot be recorded must not be done.
        problems.push(error);
    }
    let mut executor = Executor {
        queue: Queue::new(&steps),
        state: made.prior.clone(),
        steps,
        made,
        providers,
        connector,
        machine,
        session,
        progress,
        problems,
        unsynced: Vec::new(),
        oldest: None,
        aside: BTreeMap::new(),
        done: BTreeSet::new(),
        failed: BTreeMap::new(),
        unclear: Vec::new(),
        stop: 0,
        types: BTreeMap::new(),
        counts: crate::plan::Counts::default(),
        broken: false,
        births: unbounded_channel(),
        said: unbounded_channel(),
        provisioning: Provisioning::default(),
        born: Vec::new(),
        begun: BTreeMap::new(),
        before: BTreeMap::new(),
        accounts: BTreeMap::new(),
        refused: BTreeMap::new(),
        listed: VecDeque::new(),
        marks,
        started,
        checkpoint_at: CHECKPOINT_BYTES,
        expanded: RefCell::default(),
    };
    executor.broken = executor.problems.has_errors();
    executor.work(interrupts, at_once.max(1)).await;
    executor.end()
}

/// Closes what earlier runs have left open and is not any more: what was found, and what no request can make any more and
/// is not there.
fn settle(made: &Made, session: &mut Session<'_>) -> Diagnostics {
    let open = session.unsettled().iter();
    let settled = open.filter(|intent| made.strays.settle(intent));
    let settled: Vec<InstanceAddr> = settled.map(|intent| intent.address.clone()).collect();
    let mut errors: Diagnostics = made
        .strays
        .back
        .iter()
        .filter_map(|(addr, key)| session.record_restored(addr, key).err())
        .collect();
    errors.extend(
        settled
            .iter()
            .filter_map(|addr| session.record_settled(addr).err())
            .collect(),
    );
    errors
}

/// Whether the state was rewritten before anything is done: moves, imports, and what was seen outside.
fn needs_rewriting(made: &Made) -> bool {
    !made.plan.drift.is_empty()
        || !made.strays.found.is_empty()
        || !made.strays.back.is_empty()
        || made
            .plan
            .changes
            .iter()
            .any(|planned| planned.moved_from.is_some() || planned.import.is_some())
}

pub(super) struct Executor<'a> {
    pub(super) steps: Vec<Step>,
    pub(super) queue: Queue,
    pub(super) made: Made,
    pub(super) state: State,
    pub(super) providers: Providers,
    pub(super) connector: &'a mut dyn Connector,
    pub(super) machine: Rc<dyn Machine>,
    pub(super) session: Session<'a>,
    pub(super) progress: &'a mut dyn Progress,
    pub(super) problems: Diagnostics,
    /// Finished and recorded, but not durable yet.
    pub(super) unsynced: Vec<Report>,
    pub(super) oldest: Option<Duration>,
    /// The key under which a replaced object was put aside, by change.
    pub(super) aside: BTreeMap<usize, Text>,
    pub(super) done: BTreeSet<StepId>,
    /// Steps that failed, and the instance that was at fault.
    pub(super) failed: BTreeMap<StepId, Option<InstanceAddr>>,
    pub(super) unclear: Vec<InstanceAddr>,
    /// How often the user has asked to stop.
    pub(super) stop: usize,
    pub(super) types: BTreeMap<Text, Type>,
    pub(super) counts: crate::plan::Counts,
    /// Nothing can be recorded any more, so nothing more is started.
    pub(super) broken: bool,
    /// Where those that make objects tell their ids, and where they are heard.
    pub(super) births: (UnboundedSender<Born>, UnboundedReceiver<Born>),
    /// Where commands are heard.
    pub(super) said: (UnboundedSender<Said>, UnboundedReceiver<Said>),
    pub(super) provisioning: Provisioning,
    /// What was made in this run, with its id.
    pub(super) born: Vec<(InstanceAddr, String)>,
    /// The ids of objects that exist and are not as planned yet.
    pub(super) begun: BTreeMap<InstanceAddr, String>,
    /// What was there before the object of a step is made, and the steps that wait with it for their turn.
    pub(super) before: BTreeMap<StepId, Option<Vec<Text>>>,
    /// In which accounts objects are made, where the clouds tell.
    pub(super) accounts: BTreeMap<ProviderConfig, Option<Text>>,
    /// Why nothing is done with a provider; none where it has been found to be right.
    pub(super) refused: BTreeMap<ProviderConfig, Option<Diagnostic>>,
    pub(super) listed: VecDeque<StepId>,
    pub(super) marks: bool,
    /// The time at the start of the run, and what the machine said of it.
    pub(super) started: (Timestamp, Duration),
    /// How many journal bytes call for writing the state next time: twice as many each time, so that all writing
    /// together stays in proportion.
    checkpoint_at: u64,
    /// Blocks whose `each.value` was not known while planning, expanded with what is known now.
    pub(super) expanded: RefCell<BTreeMap<(NodeId, ModuleInstanceId), Expanded>>,
}

struct Running {
    addr: InstanceAddr,
    deposed: Option<Text>,
    doing: Doing,
    since: Duration,
    told: Duration,
}

impl Running {
    fn new(task: &Task, now: Duration) -> Self {
        Self {
            addr: task.addr.clone(),
            deposed: task.deposed.clone(),
            doing: task.doing,
            since: now,
            told: now,
        }
    }
}

impl Executor<'_> {
    async fn work(&mut self, interrupts: &mut dyn Interrupts, at_once: usize) {
        let mut tasks = FuturesUnordered::new();
        let mut running: BTreeMap<StepId, Running> = BTreeMap::new();
        let turns = Turns::new(at_once);
        loop {
            for (task, turn) in self.ready(&turns).await {
                let now = self.machine.wall();
                if !task.goes_on() && !task.lists() {
                    self.progress
                        .started(&task.addr, task.deposed.as_ref(), task.doing, task.id.as_deref());
                }
                running.insert(task.step, Running::new(&task, now));
                tasks.push(carry(task, turn));
            }
            if self.is_due() || running.is_empty() {
                self.sync();
            }
            if running.is_empty() {
                break;
            }
            let tick = self.machine.tick();
            tokio::select! {
                biased;
                finished = tasks.next() => {
                    if let Ok(said) = self.said.1.try_recv() {
                        self.tell_said(said);
                    }
                    let mut next = finished;
                    while let Some(finished) = next {
                        running.remove(&finished.step);
                        self.hear_births();
                        self.record(finished);
                        next = tasks.next().now_or_never().flatten();
                    }
                }
                () = interrupts.next() => {
                    self.stop += 1;
                    self.progress.stopping(running.len(), self.stop > 1);
                    if self.stop > 1 {
                        self.abandon(&running);
                        break;
                    }
                }
                Some(said) = self.said.1.recv() => self.tell_said(said),
                Some(born) = self.births.1.recv() => self.announce(&born),
                () = tick => self.tell(&mut running),
            }
        }
        self.leave_commands();
        self.sync();
    }

    /// What can be started now. What was done and what is intended is durable, in one go, before any of it begins.
    async fn ready(&mut self, turns: &Turns) -> Vec<(Task, Turn)> {
        let mut batch: Vec<(Task, Turn)> = Vec::new();
        while self.stop == 0 && !self.provisioning.waiting.is_empty() {
            let Some(turn) = turns.take() else { break };
            if let Some(Waiting { task, report }) = self.provisioning.waiting.pop_front() {
                self.provisioning.running.insert(task.step, report);
                batch.push((task, turn));
            }
        }
        while self.stop == 0 && !self.broken && self.session.is_well() {
            let Some(turn) = turns.take() else { break };
            let listed = self.listed.pop_front();
            let Some(step) = listed.or_else(|| self.queue.take()) else {
                break;
            };
            match self.start(step).await {
                Ok(Some(task)) => batch.push((task, turn)),
                Ok(None) => self.finish_step(step),
                Err((addr, errors)) => self.fail(step, addr, errors),
            }
        }
        if batch.iter().any(|(task, _)| task.acts()) {
            self.sync();
        }
        if self.broken || !self.session.is_well() {
            for (task, _) in std::mem::take(&mut batch) {
                self.drop_task(&task);
            }
        }
        batch
    }

    /// Objects are born before they are finished, and must be recorded in that order.
    fn hear_births(&mut self) {
        while let Ok(born) = self.births.1.try_recv() {
            self.announce(&born);
        }
    }

    /// An object exists, though it is not yet as planned. It is recorded as it is, so that the next run goes on with it
    /// whatever becomes of this one.
    fn announce(&mut self, born: &Born) {
        if let Err(error) = self.enter_born(born) {
            self.broken = true;
            self.problems.push(error.about(&born.addr));
        }
        self.oldest.get_or_insert(self.machine.wall());
    }

    /// Unsynced work must not wait for long.
    fn is_due(&self) -> bool {
        self.oldest
            .is_some_and(|oldest| self.machine.wall().saturating_sub(oldest) >= GROUP)
    }

    fn tell(&mut self, running: &mut BTreeMap<StepId, Running>) {
        let now = self.machine.wall();
        for one in running.values_mut() {
            if now.saturating_sub(one.told) >= STILL {
                one.told = now;
                self.progress.still(
                    &one.addr,
                    one.deposed.as_ref(),
                    one.doing,
                    now.saturating_sub(one.since),
                );
            }
        }
        self.sync();
    }

    /// The user cannot wait: what runs is left alone, and may or may not have happened.
    fn abandon(&mut self, running: &BTreeMap<StepId, Running>) {
        self.hear_births();
        let after = |step: &StepId| self.provisioning.running.contains_key(step);
        let acts = |one: &Running| one.doing != Doing::Listing;
        let cut: Vec<(&StepId, &Running)> = running
            .iter()
            .filter(|(step, one)| !after(step) && acts(one))
            .collect();
        for (step, one) in cut {
            let creates = one.doing == Doing::Creating;
            let is_made = creates && self.state.get(&one.addr).is_some();
            let detail = match self.begun.get(&one.addr) {
                Some(id) if is_made => format!(
                    "The run was stopped while this object was being made. It exists under the id {id} and is recorded as far as it was made: the next apply goes on with it."
                ),
                _ => "The run was stopped while this operation was under way: whether it happened is not known. The next plan shows what there is; an object that was being created may exist without being in the state.".to_owned(),
            };
            self.problems
                .push(Diagnostic::error("Operation abandoned", detail).about(&one.addr));
            if creates && !is_made {
                self.unclear.push(one.addr.clone());
            }
            self.failed.insert(*step, None);
        }
    }

    pub(super) fn finish_step(&mut self, step: StepId) {
        self.done.insert(step);
        self.queue.done(step);
    }

    pub(super) fn fail(&mut self, step: StepId, addr: Option<InstanceAddr>, errors: Diagnostics) {
        self.problems.extend(errors);
        self.failed.insert(step, addr);
    }

    /// Makes what was recorded durable, then says so.
    pub(super) fn sync(&mut self) {
        let synced = self.session.sync();
        self.oldest = None;
        for report in std::mem::take(&mut self.unsynced) {
            match &synced {
                Ok(()) => self.progress.done(&report),
                Err(_) => self.progress.unrecorded(&report),
            }
        }
        if let Err(error) = synced {
            self.broken = true;
            self.problems.push(error);
        }
        if self.session.growth() > self.checkpoint_at && !self.broken {
            self.checkpoint_at *= 2;
            if let Err(error) = self.session.checkpoint(&self.state) {
                self.broken = true;
                self.problems.push(error);
            }
        }
    }
}

/// The change that a step carries out, by its place in the plan.
pub(super) fn change_of(kind: StepKind) -> Option<usize> {
    match kind {
        StepKind::Join | StepKind::Evaluate(_) | StepKind::Check(_) => None,
        StepKind::Create(i)
        | StepKind::Update(i)
        | StepKind::Read(i)
        | StepKind::Delete(i)
        | StepKind::DeleteOld(i)
        | StepKind::Forget(i) => Some(i),
    }
}

/// The id of an object, when it may be shown.
pub(super) fn id_of(object: &Value) -> Option<String> {
    object
        .get("id")
        .filter(|id| !id.is_sensitive())
        .and_then(Value::as_str)
        .map(str::to_owned)
}
