//! The loop: starts what is ready, waits for one result at a time, records it, lets go of what waited.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::{Evaluator, Repetition};
use crate::graph::{NodeId, Object as Block};
use crate::lang::decode::decode;
use crate::plan::live::{Connector, Opened, Providers};
use crate::plan::{Made, Planned, Source, Step, StepId, StepKind, open_provider, steps};
use crate::resource::operate::Machine;
use crate::resource::{self, Action, Wish};
use crate::state::State;
use crate::state::store::Session;
use crate::value::{Marks, Text, Type, Value, path};

use super::carry::{Carried, Finished, Operation, Task, carry};
use super::end;
use super::progress::{Doing, Progress};
use super::queue::Queue;
use super::{Outcome, Skipped};

/// How long finished work may wait for others to be made durable together with it.
const GROUP: Duration = Duration::from_millis(20);
/// How many journal bytes call for writing the state.
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
    } = work;
    made.evaluator.start_applying(host);
    let mut problems = Diagnostics::new();
    if needs_rewriting(&made)
        && let Err(error) = session.checkpoint(&made.prior)
    {
        problems.push(error);
    }
    let acts = steps.iter().any(|step| change_of(step.kind).is_some());
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
        lost: false,
    };
    executor.broken = executor.problems.has_errors();
    executor.work(interrupts, at_once.max(1)).await;
    executor.end()
}

/// Whether the state was rewritten before anything is done: moves, imports, and what was seen outside.
fn needs_rewriting(made: &Made) -> bool {
    !made.plan.drift.is_empty()
        || made
            .plan
            .changes
            .iter()
            .any(|planned| planned.moved_from.is_some() || planned.import.is_some())
}

pub(super) struct Executor<'a> {
    steps: Vec<Step>,
    queue: Queue,
    pub(super) made: Made,
    pub(super) state: State,
    providers: Providers,
    connector: &'a mut dyn Connector,
    machine: Rc<dyn Machine>,
    session: Session<'a>,
    progress: &'a mut dyn Progress,
    pub(super) problems: Diagnostics,
    /// Finished and recorded, but not durable yet.
    unsynced: Vec<Report>,
    oldest: Option<Duration>,
    /// The key under which a replaced object was put aside, by change.
    aside: BTreeMap<usize, Text>,
    done: BTreeSet<StepId>,
    /// Steps that failed, and the instance that was at fault.
    failed: BTreeMap<StepId, Option<InstanceAddr>>,
    unclear: Vec<InstanceAddr>,
    /// How often the user has asked to stop.
    stop: usize,
    types: BTreeMap<Text, Type>,
    counts: crate::plan::Counts,
    /// Nothing can be recorded any more, so nothing more is started.
    broken: bool,
    /// Something was done that the journal does not hold.
    lost: bool,
}

struct Report {
    step: StepId,
    addr: InstanceAddr,
    deposed: Option<Text>,
    doing: Doing,
    elapsed: Duration,
    id: Option<String>,
}

struct Running {
    addr: InstanceAddr,
    deposed: Option<Text>,
    doing: Doing,
    since: Duration,
    told: Duration,
    /// It only waits for the cloud to catch up, and takes no part of the work.
    waiting: Rc<Cell<bool>>,
}

/// How many operations take part of the work right now.
fn working(running: &BTreeMap<StepId, Running>) -> usize {
    running.values().filter(|one| !one.waiting.get()).count()
}

impl<'a> Executor<'a> {
    async fn work(&mut self, interrupts: &mut dyn Interrupts, at_once: usize) {
        let mut tasks = FuturesUnordered::new();
        let mut running: BTreeMap<StepId, Running> = BTreeMap::new();
        loop {
            while working(&running) < at_once && self.stop == 0 && !self.broken {
                let Some(step) = self.queue.take() else { break };
                match self.start(step) {
                    Ok(Some(task)) => {
                        let now = self.machine.wall();
                        running.insert(
                            step,
                            Running {
                                addr: task.addr.clone(),
                                deposed: task.deposed.clone(),
                                doing: task.doing,
                                since: now,
                                told: now,
                                waiting: task.waiting.clone(),
                            },
                        );
                        tasks.push(carry(task));
                    }
                    Ok(None) => self.finish_step(step),
                    Err((addr, errors)) => self.fail(step, addr, errors),
                }
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
                    let mut next = finished;
                    while let Some(finished) = next {
                        running.remove(&finished.step);
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
                () = tick => self.tell(&mut running),
            }
        }
        self.sync();
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
        for one in running.values() {
            self.problems.push(
                Diagnostic::error(
                    "Operation abandoned",
                    "The run was stopped while this operation was under way: whether it happened is not known. The next plan shows what there is; an object that was being created may exist without being in the state.",
                )
                .about(&one.addr),
            );
            if one.doing == Doing::Creating {
                self.unclear.push(one.addr.clone());
            }
        }
    }

    // ---- starting --------------------------------------------------------------------------------------

    /// What a step needs; none when it is done on the spot. An error names the instance at fault.
    fn start(
        &mut self,
        step: StepId,
    ) -> std::result::Result<Option<Task>, (Option<InstanceAddr>, Diagnostics)> {
        match self.steps[step].kind {
            StepKind::Join => Ok(None),
            StepKind::Evaluate(node) => self
                .evaluate(node)
                .map(|()| None)
                .map_err(|errors| (None, errors)),
            StepKind::Forget(i) => self
                .forget(i)
                .map(|()| None)
                .map_err(|errors| self.blame(i, errors)),
            StepKind::Create(i) | StepKind::Update(i) => self
                .make(step, i)
                .map(Some)
                .map_err(|errors| self.blame(i, errors)),
            StepKind::Read(i) => self
                .read(step, i)
                .map(Some)
                .map_err(|errors| self.blame(i, errors)),
            StepKind::Delete(i) => {
                let deposed = self.planned(i).deposed.clone();
                self.delete(step, i, deposed)
                    .map_err(|errors| self.blame(i, errors))
            }
            StepKind::DeleteOld(i) => {
                let aside = self.aside.get(&i).cloned();
                self.delete(step, i, aside)
                    .map_err(|errors| self.blame(i, errors))
            }
        }
    }

    fn blame(&self, i: usize, errors: Diagnostics) -> (Option<InstanceAddr>, Diagnostics) {
        let addr = self.planned(i).addr.clone();
        let errors = errors.into_iter().map(|error| error.about(&addr)).collect();
        (Some(addr), errors)
    }

    fn planned(&self, i: usize) -> &Planned {
        &self.made.plan.changes[i]
    }

    fn evaluate(&mut self, node: NodeId) -> Result<()> {
        if !matches!(self.made.evaluator.graph().node(node).object, Block::Provider(_)) {
            return self.made.evaluator.evaluate_node(node).or(());
        }
        let affected: Vec<ProviderConfig> = self
            .made
            .plan
            .changes
            .iter()
            .filter(|planned| {
                planned
                    .source
                    .as_ref()
                    .is_some_and(|source| serves(&self.made.evaluator, node, source))
            })
            .map(|planned| planned.provider.clone())
            .collect();
        for config in affected.into_iter().collect::<BTreeSet<_>>() {
            self.open(&config)?;
        }
        Ok(())
    }

    fn open(&mut self, config: &ProviderConfig) -> Result<Opened> {
        let arguments = open_provider(&mut self.made.evaluator, config)?;
        let opened = self.connector.open(config, arguments)?;
        self.providers.insert(config.clone(), opened.clone());
        Ok(opened)
    }

    fn opened(&mut self, config: &ProviderConfig) -> Result<Opened> {
        match self.providers.get(config) {
            Some(opened) => Ok(opened.clone()),
            None => self.open(config),
        }
    }

    fn object_type(&mut self, i: usize) -> Type {
        let ty = self.planned(i).ty;
        let managed = self.planned(i).addr.resource.is_managed();
        let key: Text = format!("{}{}", if managed { "" } else { "data." }, ty.name).into();
        self.types.entry(key).or_insert_with(|| ty.spec.ty()).clone()
    }

    /// The block's configuration, with what is known by now.
    fn config(&self, i: usize) -> Result<(Value, Source)> {
        let planned = self.planned(i);
        let source = planned
            .source
            .clone()
            .expect("what is created, updated or read has a block");
        let graph = self.made.evaluator.graph().clone();
        let node = graph.node(source.node);
        let Block::Resource(index) = node.object else {
            unreachable!("a source is a resource block")
        };
        let block = &graph.module(node.module).config.resources[index as usize];
        let repetition = self.repetition(block, &source)?;
        let scope = self
            .made
            .evaluator
            .scope(source.module)
            .with_repetition(&repetition);
        let config = decode(&block.body, &planned.ty.spec, &scope)?;
        Ok((config, Source { repetition, ..source }))
    }

    /// What `each` and `count` stand for; `each.value` may be known only by now.
    fn repetition(&self, block: &crate::config::Resource, source: &Source) -> Result<Repetition> {
        let planned = source.repetition.clone();
        if planned.value.as_ref().is_none_or(Value::is_wholly_known) {
            return Ok(planned);
        }
        let expanded = self.made.evaluator.expand(source.module, &block.expand)?;
        let now = expanded
            .repetitions()
            .into_iter()
            .find(|now| now.key == planned.key);
        Ok(now.unwrap_or(planned))
    }

    /// A creation or an update, planned again with what is known by now.
    fn make(&mut self, step: StepId, i: usize) -> Result<Task> {
        let provider = self.planned(i).provider.clone();
        let opened = self.opened(&provider)?;
        let (config, source) = self.config(i)?;
        self.preconditions(i, &source)?;
        let update = matches!(self.steps[step].kind, StepKind::Update(_));
        let object_type = self.object_type(i);
        let (addr, ty) = (self.planned(i).addr.clone(), self.planned(i).ty);
        let prior = match self.state.get(&addr) {
            Some(object) if update => Some(resource::recorded(ty, &object_type, object)?),
            _ => None,
        };
        let config = match &self.planned(i).change.before {
            before if before.is_null() => config,
            before => resource::ignore_changes(&config, before, &ignored(&self.made.evaluator, &source)),
        };
        let proposal = resource::propose(&Wish {
            ty,
            config: &config,
            prior: prior.as_ref(),
            provider: &opened.value,
        })?;
        let planned = proposal.change.after;
        consistent(&self.planned(i).change.after, &planned)?;
        let id = prior.as_ref().and_then(|prior| id_of(prior));
        if self.planned(i).change.action == Action::ReplaceCreateFirst {
            self.put_aside(i)?;
        }
        let doing = if update { Doing::Modifying } else { Doing::Creating };
        self.progress.started(&addr, None, doing, id.as_deref());
        let operation = match prior {
            Some(prior) => Operation::Update {
                prior,
                planned,
                config,
            },
            None => {
                self.intend(i, opened.cloud.is_some())?;
                Operation::Create { planned, config }
            }
        };
        Ok(Task {
            step,
            addr,
            deposed: None,
            doing,
            operation,
            ty,
            opened,
            machine: self.machine.clone(),
            waiting: Rc::default(),
        })
    }

    /// Notes, durably, that an object is about to be made.
    fn intend(&mut self, i: usize, matters: bool) -> std::result::Result<(), Diagnostic> {
        if !matters {
            return Ok(());
        }
        let intent = crate::state::journal::Intent {
            address: self.planned(i).addr.clone(),
            action: "create".into(),
            notes: BTreeMap::new(),
        };
        self.session.record_intent(intent)?;
        self.session.sync()?;
        Ok(())
    }

    /// Makes room for a replacement: the object there is becomes a deposed one.
    fn put_aside(&mut self, i: usize) -> Result<()> {
        let (addr, provider) = (self.planned(i).addr.clone(), self.planned(i).provider.clone());
        let Some(object) = self.state.get(&addr).cloned() else {
            return Ok(());
        };
        let mut key: Text = short_key(&*self.machine);
        while self.state.get_deposed(&addr, &key).is_some() {
            key = short_key(&*self.machine);
        }
        self.session.record_done(&addr, Some(&key), &provider, &object)?;
        self.session.record_removed(&addr, None)?;
        self.state.depose(&addr, key.clone());
        self.aside.insert(i, key);
        Ok(())
    }

    fn read(&mut self, step: StepId, i: usize) -> Result<Task> {
        let provider = self.planned(i).provider.clone();
        let opened = self.opened(&provider)?;
        let (config, source) = self.config(i)?;
        self.preconditions(i, &source)?;
        let (addr, ty) = (self.planned(i).addr.clone(), self.planned(i).ty);
        self.progress.started(&addr, None, Doing::Reading, None);
        let operation = Operation::Read { config };
        Ok(Task {
            step,
            addr,
            deposed: None,
            doing: Doing::Reading,
            operation,
            ty,
            opened,
            machine: self.machine.clone(),
            waiting: Rc::default(),
        })
    }

    fn delete(&mut self, step: StepId, i: usize, deposed: Option<Text>) -> Result<Option<Task>> {
        let provider = self.planned(i).provider.clone();
        let object_type = self.object_type(i);
        let (addr, ty) = (self.planned(i).addr.clone(), self.planned(i).ty);
        let object = match &deposed {
            Some(key) => self.state.get_deposed(&addr, key),
            None => self.state.get(&addr),
        };
        let Some(object) = object else { return Ok(None) };
        let prior = resource::recorded(ty, &object_type, object)?;
        let opened = self.opened(&provider)?;
        self.progress.started(
            &addr,
            deposed.as_ref(),
            Doing::Destroying,
            id_of(&prior).as_deref(),
        );
        let operation = Operation::Delete { prior };
        Ok(Some(Task {
            step,
            addr,
            deposed,
            doing: Doing::Destroying,
            operation,
            ty,
            opened,
            machine: self.machine.clone(),
            waiting: Rc::default(),
        }))
    }

    fn forget(&mut self, i: usize) -> Result<()> {
        let addr = self.planned(i).addr.clone();
        self.session.record_removed(&addr, None)?;
        self.state.remove(&addr);
        self.counts.forget += 1;
        Ok(())
    }

    // ---- recording -------------------------------------------------------------------------------------

    fn record(&mut self, finished: Finished) {
        let id = match self.enter(&finished) {
            Ok(id) => id,
            Err(error) => {
                // What cannot be recorded must not go on: the next effect would be lost as well.
                self.broken = true;
                self.lost = true;
                self.problems.push(error.about(&finished.addr));
                None
            }
        };
        let Finished {
            step,
            addr,
            deposed,
            doing,
            elapsed,
            result,
            ..
        } = finished;
        if let Carried::Made(outcome) = &result {
            let warnings = outcome
                .problems
                .iter()
                .filter(|problem| !problem.is_error())
                .cloned();
            self.problems
                .extend(warnings.map(|warning| warning.about(&addr)).collect());
        }
        let errors_about = |errors: &Diagnostics| -> Diagnostics {
            let errors = errors.iter().filter(|problem| problem.is_error()).cloned();
            errors.map(|error| error.about(&addr)).collect()
        };
        if let Some(errors) = result.problems().map(errors_about) {
            self.progress.failed(&addr, deposed.as_ref(), doing, elapsed);
            return self.fail(step, Some(addr), errors);
        }
        let broken = self
            .broken_conditions(step, &addr, &result)
            .as_ref()
            .map(errors_about);
        self.count(step);
        self.oldest.get_or_insert(self.machine.wall());
        self.unsynced.push(Report {
            step,
            addr: addr.clone(),
            deposed,
            doing,
            elapsed,
            id,
        });
        match broken {
            Some(errors) => self.fail(step, Some(addr), errors),
            None => self.finish_step(step),
        }
    }

    /// The postconditions that an object does not meet; it is recorded all the same.
    fn broken_conditions(
        &mut self,
        step: StepId,
        addr: &InstanceAddr,
        result: &Carried,
    ) -> Option<Diagnostics> {
        if matches!(result, Carried::Deleted(_)) || result.problems().is_some() {
            return None;
        }
        let i = change_of(self.steps[step].kind)?;
        let source = self.planned(i).source.clone()?;
        let value = self.made.evaluator.instance_value(addr)?.clone();
        let found = self.postconditions(i, &source, &value);
        found.has_errors().then_some(found)
    }

    fn count(&mut self, step: StepId) {
        match self.steps[step].kind {
            StepKind::Create(_) => self.counts.add += 1,
            StepKind::Update(_) => self.counts.change += 1,
            StepKind::Delete(_) | StepKind::DeleteOld(_) => self.counts.remove += 1,
            StepKind::Join | StepKind::Evaluate(_) | StepKind::Read(_) | StepKind::Forget(_) => {}
        }
    }

    /// Enters what is there now into state, journal and evaluator; gives the object's id.
    fn enter(&mut self, finished: &Finished) -> std::result::Result<Option<String>, Diagnostic> {
        let i = change_of(self.steps[finished.step].kind).expect("only steps with a change are carried out");
        let addr = &finished.addr;
        match &finished.result {
            Carried::Deleted(Ok(())) => {
                let recorded = self.session.record_removed(addr, finished.deposed.as_ref());
                match &finished.deposed {
                    Some(key) => drop(self.state.remove_deposed(addr, key)),
                    None => drop(self.state.remove(addr)),
                }
                recorded.map(|()| None)
            }
            Carried::Deleted(Err(_)) | Carried::Read(Err(_)) => Ok(None),
            Carried::Read(Ok(value)) => self.enter_object(i, finished, value),
            Carried::Made(outcome) => match &outcome.object {
                Some(value) => self.enter_object(i, finished, value),
                None => {
                    self.bring_back(i, addr)?;
                    if outcome.unclear {
                        // Once more: bringing the old object back has settled what was intended.
                        self.intend(i, true)?;
                        self.unclear.push(addr.clone());
                    } else {
                        self.session.record_failed(addr)?;
                    }
                    Ok(None)
                }
            },
        }
    }

    fn enter_object(
        &mut self,
        i: usize,
        finished: &Finished,
        value: &Value,
    ) -> std::result::Result<Option<String>, Diagnostic> {
        let object_type = self.object_type(i);
        let value = match &finished.planned {
            Some(planned) => take_marks(value, planned),
            None => value.clone(),
        };
        let mut object = crate::state::Object::new(
            &resource::to_record(finished.ty, value.clone()),
            &object_type,
            finished.ty.version,
        )?;
        let managed = finished.addr.resource.is_managed();
        if let Some(old) = self.state.get(&finished.addr).filter(|_| managed) {
            crate::plan::inherit(&mut object, old);
        }
        if managed {
            object.status = crate::state::Status::Ready;
            let planned = self.planned(i);
            if let Some(source) = &planned.source {
                object.dependencies = self.made.dependencies(source.node);
                object.create_before_destroy = self.made.creates_first(source.node);
            }
        }
        let provider = self.planned(i).provider.clone();
        let recorded = self
            .session
            .record_done(&finished.addr, None, &provider, &object);
        // Whatever became of the record: the object exists, and the state may still be written in the end.
        self.state.insert(&finished.addr, &provider, object);
        let id = id_of(&value);
        self.made.evaluator.set_instance(&finished.addr, value);
        recorded.map(|()| id)
    }

    /// A replacement that was not made leaves the old object in its place.
    fn bring_back(&mut self, i: usize, addr: &InstanceAddr) -> std::result::Result<(), Diagnostic> {
        let Some(key) = self.aside.remove(&i) else {
            return Ok(());
        };
        if !self.state.restore(addr, &key) {
            return Ok(());
        }
        if let Some(object) = self.state.get(addr).cloned() {
            let provider = self.planned(i).provider.clone();
            self.session.record_done(addr, None, &provider, &object)?;
            self.session.record_removed(addr, Some(&key))?;
        }
        Ok(())
    }

    fn finish_step(&mut self, step: StepId) {
        self.done.insert(step);
        self.queue.done(step);
    }

    fn fail(&mut self, step: StepId, addr: Option<InstanceAddr>, errors: Diagnostics) {
        self.problems.extend(errors);
        self.failed.insert(step, addr);
    }

    /// Makes what was recorded durable, then says so.
    fn sync(&mut self) {
        if self.unsynced.is_empty() {
            return;
        }
        if let Err(error) = self.session.sync() {
            self.broken = true;
            self.problems.push(error);
        }
        self.oldest = None;
        for report in std::mem::take(&mut self.unsynced) {
            let Report {
                step: _,
                addr,
                deposed,
                doing,
                elapsed,
                id,
            } = report;
            self.progress
                .done(&addr, deposed.as_ref(), doing, elapsed, id.as_deref());
        }
        if self.session.growth() > CHECKPOINT_BYTES
            && !self.broken
            && let Err(error) = self.session.checkpoint(&self.state)
        {
            self.broken = true;
            self.problems.push(error);
        }
    }

    // ---- the end ---------------------------------------------------------------------------------------

    fn end(mut self) -> Outcome {
        let skipped = self.skipped();
        let imports = self
            .made
            .plan
            .changes
            .iter()
            .filter(|planned| planned.import.is_some())
            .count();
        self.counts.import = imports;
        let whole = self.failed.is_empty() && skipped.is_empty() && self.stop == 0;
        end::outputs(&mut self.state, &self.made, whole);
        end::checks(&mut self.state, &self.made);
        end::dependencies(&mut self.state, &self.made);
        let Self {
            state,
            session,
            mut problems,
            counts,
            failed,
            unclear,
            stop,
            lost,
            ..
        } = self;
        let mut recorded = true;
        let state = match session.finish(&state) {
            Ok(written) => written,
            Err(error) => {
                recorded = !lost;
                problems.push(error);
                state
            }
        };
        let failed = failed.into_values().flatten().collect();
        Outcome {
            state,
            problems,
            counts,
            failed,
            skipped,
            unclear,
            recorded,
            interrupted: stop > 0,
        }
    }

    /// Changes whose turn never came, each with the failure that was in the way.
    fn skipped(&self) -> Vec<Skipped> {
        let mut because: BTreeMap<StepId, Option<InstanceAddr>> = BTreeMap::new();
        let mut from: Vec<(StepId, Option<InstanceAddr>)> = self
            .failed
            .iter()
            .map(|(step, addr)| (*step, addr.clone()))
            .collect();
        while let Some((step, addr)) = from.pop() {
            for &dependant in self.queue.dependants(step) {
                if !self.failed.contains_key(&dependant) && !because.contains_key(&dependant) {
                    because.insert(dependant, addr.clone());
                    from.push((dependant, addr.clone()));
                }
            }
        }
        let untouched =
            (0..self.steps.len()).filter(|step| !self.done.contains(step) && !self.failed.contains_key(step));
        untouched
            .filter_map(|step| {
                let planned = self.planned(change_of(self.steps[step].kind)?);
                let because = because.get(&step).cloned().flatten();
                Some(Skipped {
                    addr: planned.addr.clone(),
                    deposed: planned.deposed.clone(),
                    because,
                })
            })
            .collect()
    }
}

fn change_of(kind: StepKind) -> Option<usize> {
    match kind {
        StepKind::Join | StepKind::Evaluate(_) => None,
        StepKind::Create(i)
        | StepKind::Update(i)
        | StepKind::Read(i)
        | StepKind::Delete(i)
        | StepKind::DeleteOld(i)
        | StepKind::Forget(i) => Some(i),
    }
}

/// Whether the provider block serves the resource that a change is about.
fn serves(evaluator: &Evaluator, provider: NodeId, source: &Source) -> bool {
    evaluator
        .graph()
        .served_by(source.node)
        .is_some_and(|served| served.node == Some(provider))
}

fn ignored(evaluator: &Evaluator, source: &Source) -> crate::config::IgnoreChanges {
    let graph = evaluator.graph();
    let node = graph.node(source.node);
    let Block::Resource(index) = node.object else {
        unreachable!("a source is a resource block")
    };
    graph.module(node.module).config.resources[index as usize]
        .lifecycle
        .ignore_changes
        .clone()
}

fn id_of(object: &Value) -> Option<String> {
    object
        .get("id")
        .filter(|id| !id.is_sensitive())
        .and_then(Value::as_str)
        .map(str::to_owned)
}

fn short_key(machine: &dyn Machine) -> Text {
    machine
        .uuid()
        .chars()
        .filter(char::is_ascii_hexdigit)
        .take(8)
        .collect::<String>()
        .into()
}

/// The object with the marks that its planned value had.
fn take_marks(object: &Value, planned: &Value) -> Value {
    let paths = path::marked_paths(planned, Marks::SENSITIVE);
    path::with_marks_at(object, &paths, Marks::SENSITIVE)
}

/// What was planned and known must be so; only what was unknown may be filled in.
fn consistent(planned: &Value, now: &Value) -> Result<()> {
    match difference(planned, now) {
        None => Ok(()),
        Some(place) => Err(Diagnostic::error(
            "Inconsistent final plan",
            format!("When the values that were unknown became known, the planned value of {place} changed as well. Nothing was done with this object; plan again to see what would happen now."),
        )
        .into()),
    }
}

/// The first place where a known planned value is another one now.
fn difference(planned: &Value, now: &Value) -> Option<String> {
    if !planned.is_known() {
        return None;
    }
    match (planned.as_entries(), now.as_entries()) {
        (Some(left), Some(right)) => left.iter().find_map(|(name, value)| match right.get(name) {
            Some(other) => difference(value, other).map(|rest| {
                if rest.is_empty() {
                    name.to_string()
                } else {
                    format!("{name}.{rest}")
                }
            }),
            None => Some(name.to_string()),
        }),
        _ if planned.is_wholly_known() => {
            (!crate::value::raw_equal(&planned.reveal(), &now.reveal())).then(String::new)
        }
        _ => match (planned.as_items(), now.as_items()) {
            (Some(left), Some(right))
                if left.len() == right.len() && !matches!(planned.data(), crate::value::Data::Set(_)) =>
            {
                left.iter()
                    .zip(right)
                    .find_map(|(left, right)| difference(left, right))
            }
            _ => None,
        },
    }
}
