//! What a step needs, and what is noted before it starts.

use std::collections::BTreeSet;

use crate::addr::{InstanceAddr, InstanceKey, Mode, OnDestroy, ProviderConfig};
use crate::config::Resource;
use crate::diag::{Diagnostic, Diagnostics, Ending, Result};
use crate::eval::{Evaluator, Expanded, Repetition};
use crate::graph::{NodeId, Object as Block};
use crate::lang::decode::decode;
use crate::plan::live::{Opened, site};
use crate::plan::{Planned, Source, StepId, StepKind, check_lockout_now, open_provider};
use crate::resource::operate::{Machine, id_by_name};
use crate::resource::{self, Action, Wish};
use crate::state::journal::Intent;
use crate::state::protocol::Begun;
use crate::state::{Object, marker};
use crate::value::{Text, Type, Value};

use super::carry::{Operation, Task, since_1970};
use super::consistent::consistent;
use super::progress::Doing;
use super::run::{Executor, change_of, id_of};

/// Room for what the record of a new object holds beside what is planned.
const ROOM: u64 = 8 << 10;

impl Executor<'_> {
    /// What a step needs; none when it is done on the spot. An error names the instance at fault.
    pub(super) async fn start(
        &mut self,
        step: StepId,
    ) -> std::result::Result<Option<Task>, (Option<InstanceAddr>, Diagnostics)> {
        let (i, started) = match self.steps[step].kind {
            StepKind::Join => return Ok(None),
            StepKind::Evaluate(node) => {
                let evaluated = self.evaluate(node).await;
                return evaluated.map(|()| None).map_err(|errors| (None, errors));
            }
            StepKind::Check(i) => (i, self.check_again(i).map(|()| None)),
            StepKind::Forget(i) => (i, self.forget(i).map(|()| None)),
            StepKind::Create(i) | StepKind::Update(i) => (i, self.make(step, i).await.map(Some)),
            StepKind::Read(i) => (i, self.read(step, i).await.map(Some)),
            StepKind::Delete(i) => {
                let deposed = self.planned(i).deposed.clone();
                (i, self.delete(step, i, deposed).await)
            }
            StepKind::DeleteOld(i) => {
                let aside = self.aside.get(&i).cloned();
                (i, self.delete(step, i, aside).await)
            }
        };
        started.map_err(|errors| self.blame(i, errors))
    }

    fn blame(&self, i: usize, errors: Diagnostics) -> (Option<InstanceAddr>, Diagnostics) {
        let addr = self.planned(i).addr.clone();
        let errors = errors.into_iter().map(|error| error.about(&addr)).collect();
        (Some(addr), errors)
    }

    pub(super) fn planned(&self, i: usize) -> &Planned {
        &self.made.plan.changes[i]
    }

    async fn evaluate(&mut self, node: NodeId) -> Result<()> {
        if !matches!(self.made.evaluator.graph().node(node).object, Block::Provider(_)) {
            let found = self.made.evaluator.evaluate_node(node);
            if found.has_errors() {
                return Err(found);
            }
            self.problems.extend(found);
            return Ok(());
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
            self.open(&config).await?;
        }
        Ok(())
    }

    async fn open(&mut self, config: &ProviderConfig) -> Result<Opened> {
        let arguments = open_provider(&mut self.made.evaluator, config)?;
        let opened = self.connector.open(config, arguments).await?;
        self.providers.insert(config.clone(), opened.clone());
        Ok(opened)
    }

    async fn opened(&mut self, config: &ProviderConfig) -> Result<Opened> {
        match self.providers.get(config) {
            Some(opened) => Ok(opened.clone()),
            None => self.open(config).await,
        }
    }

    pub(super) fn object_type(&mut self, i: usize) -> Type {
        let ty = self.planned(i).ty;
        let mode = self.planned(i).addr.resource.mode;
        let key: Text = format!("{} {}", mode.word(), ty.name).into();
        self.types.entry(key).or_insert_with(|| ty.spec.ty()).clone()
    }

    /// The conditions of an object that is left alone.
    fn check_again(&mut self, i: usize) -> Result<()> {
        let source = self.source(i)?;
        self.preconditions(i, &source)?;
        let value = self.planned(i).change.after.clone();
        self.postconditions(i, &source, &value).or(())
    }

    /// The block and the instance of it that a change is about, with what is known by now.
    pub(super) fn source(&self, i: usize) -> Result<Source> {
        let source = self.planned(i).source.clone();
        let source = source.expect("what is created, updated, read or checked has a block");
        let repetition = self.repetition(block_of(&self.made.evaluator, &source), &source)?;
        Ok(Source { repetition, ..source })
    }

    /// The block's configuration, with what is known by now.
    fn config(&self, i: usize) -> Result<(Value, Source)> {
        let source = self.source(i)?;
        let block = block_of(&self.made.evaluator, &source);
        let scope = self
            .made
            .evaluator
            .scope(source.module)
            .with_repetition(&source.repetition);
        let config = decode(&block.body, &self.planned(i).ty.spec, &scope)?;
        let config = crate::eval::storable(config, block.span)?;
        let planned = self.planned(i);
        let config = match planned.addr.resource.mode {
            Mode::Ephemeral => config,
            Mode::Data | Mode::Managed => crate::eval::persistable(config, &planned.ty.spec)?,
        };
        Ok((config, source))
    }

    /// What `each` and `count` stand for; `each.value` may be known only by now.
    fn repetition(&self, block: &Resource, source: &Source) -> Result<Repetition> {
        let planned = source.repetition.clone();
        if planned.value.as_ref().is_none_or(Value::is_wholly_known) {
            return Ok(planned);
        }
        // What a block refers to is done before its first instance starts, so it is expanded once.
        let place = (source.node, source.module);
        if !self.expanded.borrow().contains_key(&place) {
            let expanded = self.made.evaluator.expand(source.module, &block.expand)?;
            self.expanded.borrow_mut().insert(place, expanded);
        }
        let expanded = self.expanded.borrow();
        let now = match (expanded.get(&place), &planned.key) {
            (Some(Expanded::ForEach(all)), InstanceKey::Text(key)) => all.get(key).cloned(),
            _ => None,
        };
        Ok(Repetition {
            value: now.or(planned.value),
            ..planned
        })
    }

    /// A creation or an update, planned again with what is known by now.
    async fn make(&mut self, step: StepId, i: usize) -> Result<Task> {
        let provider = self.planned(i).provider.clone();
        let opened = self.opened(&provider).await?;
        self.check_account(&provider, &opened).await?;
        let (config, source) = self.config(i)?;
        self.preconditions(i, &source)?;
        let update = matches!(self.steps[step].kind, StepKind::Update(_));
        let object_type = self.object_type(i);
        let (addr, ty) = (self.planned(i).addr.clone(), self.planned(i).ty);
        let prior = match self.state.get(&addr) {
            Some(object) if update => {
                let prior = resource::recorded(ty, &object_type, object)?;
                let before = &self.planned(i).change.before;
                Some(resource::withheld::fill_from(&prior, before, object))
            }
            _ => None,
        };
        let config = if update {
            let before = &self.planned(i).change.before;
            let lifecycle = &block_of(&self.made.evaluator, &source).lifecycle;
            resource::ignore_changes(&config, before, &lifecycle.ignore_changes)
        } else {
            config
        };
        let proposal = resource::propose(&Wish {
            ty,
            config: &config,
            prior: prior.as_ref(),
            provider: &opened.value,
            forced: false,
        })?;
        let planned = proposal.change.after;
        consistent(&self.planned(i).change.after, &planned)?;
        if let Some(cloud) = opened.cloud.as_deref() {
            check_lockout_now(self.planned(i), &planned, cloud).await?;
        }
        let id = prior.as_ref().and_then(id_of);
        let doing = if update { Doing::Modifying } else { Doing::Creating };
        let operation = if let Some(prior) = prior {
            Operation::Update {
                prior,
                planned,
                config,
                restores: self.planned(i).restores,
            }
        } else if opened.cloud.is_some() && ty.among.is_some() && !self.before.contains_key(&step) {
            return Ok(self.task(
                step,
                i,
                (Doing::Listing, Operation::List { planned }),
                (opened, None),
            ));
        } else {
            let before = self.before.remove(&step).flatten();
            let account = self.account(&provider, &opened).await;
            self.intend(i, &planned, &opened, (account, before))?;
            Operation::Create {
                planned,
                config,
                former: self.planned(i).former(),
            }
        };
        let open = self.session.unsettled().iter();
        let intent = open.rev().find(|intent| intent.address == addr);
        let marker = intent.and_then(|intent| intent.marker.clone());
        let begun = intent.map(|intent| intent.begun.clone());
        let task = self.task(step, i, (doing, operation), (opened, id));
        let again = self.made.strays.absent.contains_key(&task.addr);
        Ok(Task {
            again,
            marker,
            begun,
            ..task
        })
    }

    pub(super) fn task(
        &self,
        step: StepId,
        i: usize,
        (doing, operation): (Doing, Operation),
        (opened, id): (Opened, Option<String>),
    ) -> Task {
        Task {
            step,
            addr: self.planned(i).addr.clone(),
            deposed: None,
            doing,
            id,
            operation,
            ty: self.planned(i).ty,
            opened,
            machine: self.machine.clone(),
            made: self.births.0.clone(),
            recalls: false,
            marker: None,
            begun: None,
            started: self.started,
            again: false,
            said: self.said.0.clone(),
        }
    }

    /// Notes that an object is about to be made, and makes room for it.
    fn intend(
        &mut self,
        i: usize,
        planned: &Value,
        opened: &Opened,
        (account, before): (Option<Text>, Option<Vec<Text>>),
    ) -> Result<()> {
        let addr = self.planned(i).addr.clone();
        if opened.cloud.is_some() {
            let ty = self.planned(i).ty;
            self.check_same_name(i, planned, opened)?;
            let wished = resource::without_secrets(ty, planned);
            let intent = Intent {
                address: addr.clone(),
                marker: self.marker(i),
                begun: Begun {
                    since: self.now(),
                    aside: None,
                },
                before,
                provider: self.planned(i).provider.clone(),
                region: opened.value.get("region").and_then(Value::as_text).cloned(),
                account,
                wished: Object::new(&wished, &self.object_type(i), ty.version, [].into())?.into(),
            };
            self.session.record_intent(intent, ROOM + 2 * room(planned))?;
        }
        if self.planned(i).change.action == Action::ReplaceCreateFirst {
            let aside = self.put_aside(i);
            if aside.is_err() {
                // Nothing was sent.
                self.session.record_settled(&addr)?;
            }
            aside?;
        }
        Ok(())
    }

    /// What an earlier run asked for without an answer may be asked for again at once, because its name cannot be there twice.
    /// Under another name it can.
    fn check_same_name(&self, i: usize, planned: &Value, opened: &Opened) -> Result<()> {
        let (addr, ty) = (&self.planned(i).addr, self.planned(i).ty);
        let Some(earlier) = self.made.strays.absent.get(addr) else {
            return Ok(());
        };
        let wished = resource::recorded(ty, &ty.spec.ty(), &earlier.wished)?;
        let name = |object: &Value| id_by_name(site(opened, ty, &*self.machine), object);
        let (Some(before), Some(now)) = (name(&wished), name(planned)) else {
            return Ok(());
        };
        if before == now || earlier.begun.is_over(self.now()) {
            return Ok(());
        }
        let detail = format!(
            "An earlier run was about to create this object under the name {before} and heard no answer. That request may still arrive, and then nobody would know of it, were the object made under another name now. Nothing was sent."
        );
        Err(Diagnostic::error("Unsettled operation", detail)
            .hint("Run apply again in twenty minutes.")
            .hint(format!(
                "If you know that it will not come: keyform recover -abandon '{addr}'"
            ))
            .ends_as(Ending::Unsettled)
            .into())
    }

    /// A text that no other object carries, where the type has a place for it.
    fn marker(&self, i: usize) -> Option<Text> {
        if !self.marks || self.planned(i).ty.find.is_none() {
            return None;
        }
        Some(marker::marker(self.session.lineage(), &self.machine.uuid()))
    }

    /// Seconds since 1970.
    fn now(&self) -> i64 {
        since_1970(self.started, &*self.machine)
    }

    /// What was about to be done is not done after all, and nothing of it was sent.
    pub(super) fn drop_task(&mut self, task: &Task) {
        let addr = task.addr.clone();
        let i = change_of(self.steps[task.step].kind).expect("only steps with a change have a task");
        let recorded = match task.operation {
            // The old object is back in the state even where the journal takes no more lines.
            Operation::Create { .. } => {
                let back = self.bring_back(i, &addr);
                back.and(self.session.record_settled(&addr))
            }
            _ => Ok(()),
        };
        let problems = recorded
            .err()
            .map_or_else(Diagnostics::new, |error| error.about(&addr).into());
        self.fail(task.step, Some(addr), problems);
    }

    /// Makes room for a replacement: the object there is becomes a deposed one.
    fn put_aside(&mut self, i: usize) -> Result<()> {
        let addr = self.planned(i).addr.clone();
        if self.state.get(&addr).is_none() {
            return Ok(());
        }
        let mut key: Text = short_key(&*self.machine);
        while self.state.get_deposed(&addr, &key).is_some() {
            key = short_key(&*self.machine);
        }
        self.session.record_deposed(&addr, &key)?;
        self.state.depose(&addr, key.clone());
        self.aside.insert(i, key);
        Ok(())
    }

    async fn read(&mut self, step: StepId, i: usize) -> Result<Task> {
        let provider = self.planned(i).provider.clone();
        let opened = self.opened(&provider).await?;
        let (config, source) = self.config(i)?;
        self.preconditions(i, &source)?;
        let doing = match self.planned(i).addr.resource.mode {
            Mode::Ephemeral => Doing::Opening,
            Mode::Data | Mode::Managed => Doing::Reading,
        };
        let operation = Operation::Read { config };
        Ok(self.task(step, i, (doing, operation), (opened, None)))
    }

    async fn delete(&mut self, step: StepId, i: usize, deposed: Option<Text>) -> Result<Option<Task>> {
        let provider = self.planned(i).provider.clone();
        let object_type = self.object_type(i);
        let (addr, ty) = (self.planned(i).addr.clone(), self.planned(i).ty);
        let object = match &deposed {
            Some(key) => self.state.get_deposed(&addr, key),
            None => self.state.get(&addr),
        };
        let Some(object) = object else { return Ok(None) };
        let (retains, recalls) = (
            self.planned(i).guard.on_destroy == OnDestroy::Retain,
            self.planned(i).restores,
        );
        if retains && !recalls {
            self.leave(&addr, deposed.as_ref())?;
            return Ok(None);
        }
        let prior = resource::recorded(ty, &object_type, object)?;
        let id = id_of(&prior);
        if let Some(key) = &deposed
            && let Some(current) = self.state.get(&addr)
            && id.is_some()
            && id_of(&resource::recorded(ty, &object_type, current)?) == id
        {
            // Recorded twice: the one entry must not cost the other its object.
            self.session.record_removed(&addr, Some(key))?;
            self.state.remove_deposed(&addr, key);
            return Ok(None);
        }
        let opened = self.opened(&provider).await?;
        self.check_account(&provider, &opened).await?;
        let left = if retains {
            Some((Doing::Modifying, Operation::Leave { prior: prior.clone() }))
        } else if self.planned(i).retires() {
            Some((Doing::Disabling, Operation::Retire { prior: prior.clone() }))
        } else {
            None
        };
        if let Some(left) = left {
            let task = self.task(step, i, left, (opened, id));
            return Ok(Some(Task {
                deposed,
                recalls,
                ..task
            }));
        }
        let commands = match deposed {
            Some(_) => Vec::new(),
            None => self.farewell(&addr, &prior)?,
        };
        let operation = Operation::Delete { prior, commands };
        let task = self.task(step, i, (Doing::Destroying, operation), (opened, id));
        Ok(Some(Task {
            deposed,
            recalls,
            ..task
        }))
    }

    fn forget(&mut self, i: usize) -> Result<()> {
        let (addr, deposed) = (self.planned(i).addr.clone(), self.planned(i).deposed.clone());
        self.leave(&addr, deposed.as_ref())
    }

    /// Takes an object out of the state and leaves it where it is.
    fn leave(&mut self, addr: &InstanceAddr, deposed: Option<&Text>) -> Result<()> {
        self.session.record_removed(addr, deposed)?;
        self.state.forget(addr, deposed);
        self.counts.forget += 1;
        Ok(())
    }
}

/// How much room the record of a value takes, and its copy with what the cloud adds.
fn room(value: &Value) -> u64 {
    let own = 64 + 2 * value.as_str().map_or(0, str::len) as u64;
    own + value.children().map(room).sum::<u64>()
}

/// Whether the provider block serves the resource that a change is about.
fn serves(evaluator: &Evaluator, provider: NodeId, source: &Source) -> bool {
    evaluator
        .graph()
        .served_by(source.node)
        .is_some_and(|served| served.node == Some(provider))
}

/// The block that declares a resource.
pub(super) fn block_of<'a>(evaluator: &'a Evaluator, source: &Source) -> &'a Resource {
    let node = evaluator.graph().node(source.node);
    let Block::Resource(index) = node.object else {
        unreachable!("a source is a resource block")
    };
    &evaluator.graph().module(node.module).config.resources[index as usize]
}

fn short_key(machine: &dyn Machine) -> Text {
    marker::hex_digits(&machine.uuid())
        .take(8)
        .collect::<String>()
        .into()
}
