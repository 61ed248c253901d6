//! Provisioners: commands beside an object, once it is made and recorded, or before it goes.
//!
//! A failure after the making taints what has no cloud behind it. An object of a cloud is never tainted for it:
//! keys are not replaced because a command has failed.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::addr::InstanceAddr;
use crate::config::{Provisioner, Resource, local_exec};
use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::eval::InstanceScope;
use crate::lang::decode::decode;
use crate::plan::{StepId, StepKind};
use crate::resource::operate::{Machine, Process};
use crate::state::Status;
use crate::value::{Marks, Value};

use super::carry::{Carried, Operation, Task};
use super::progress::{Doing, Report};
use super::run::{Executor, change_of};
use super::start::block_of;

/// How much of what a command has printed stands in the error when it fails.
const EXCERPT: usize = 8 << 10;

/// A command, ready to run.
#[derive(Clone)]
pub(super) struct Prepared {
    process: Process,
    command: String,
    quiet: bool,
    /// The configuration holds what must not be shown.
    hidden: bool,
    may_fail: bool,
    span: Span,
}

/// What is heard of a command: that it begins, or a line.
pub(super) struct Said {
    addr: InstanceAddr,
    line: Option<String>,
}

/// An object that is made and recorded, and whose commands are still to run.
pub(super) struct Waiting {
    pub(super) task: Task,
    /// What is told when all is done.
    pub(super) report: Report,
}

/// Objects whose commands wait, and those whose commands run.
#[derive(Default)]
pub(super) struct Provisioning {
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) running: BTreeMap<StepId, Report>,
}

/// The commands of a block that run at one time, with what `self` is worth then.
pub(super) fn prepare(
    block: &Resource,
    scope: &InstanceScope<'_>,
    on_destroy: bool,
) -> Result<Vec<Prepared>> {
    let spec = local_exec();
    let wanted = block
        .provisioners
        .iter()
        .filter(|one| one.on_destroy == on_destroy);
    wanted
        .map(|one| prepared(one, &decode(&one.body, &spec, scope)?))
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "commands are run with what they are given"
)]
fn prepared(provisioner: &Provisioner, config: &Value) -> Result<Prepared> {
    if !config.is_wholly_known() {
        let detail =
            "Something in the configuration of this provisioner is not known even now, so it was not run.";
        return Err(Diagnostic::error("Invalid provisioner configuration", detail)
            .at(provisioner.span)
            .into());
    }
    let marks = config.marks_deep();
    let config = config.reveal();
    let text = |name: &str| config.get(name).and_then(Value::as_str).map(str::to_owned);
    let command = text("command").unwrap_or_default();
    if command.is_empty() {
        let detail = "local-exec provisioner command must be a non-empty string";
        return Err(
            Diagnostic::error("Invalid local-exec provisioner command", detail)
                .at(provisioner.span)
                .into(),
        );
    }
    let words = |value: &Value| {
        value.as_items().map(|items| {
            items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        })
    };
    let mut all: Vec<String> = config
        .get("interpreter")
        .and_then(words)
        .filter(|words: &Vec<String>| !words.is_empty())
        .unwrap_or_else(|| vec!["/bin/sh".into(), "-c".into()]);
    all.push(command.clone());
    let entries = config.get("environment").and_then(Value::as_entries);
    let environment = entries.into_iter().flatten();
    let environment =
        environment.filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned())));
    Ok(Prepared {
        process: Process {
            words: all,
            working_dir: text("working_dir").filter(|folder| !folder.is_empty()),
            environment: environment.collect(),
        },
        command,
        quiet: config.get("quiet").and_then(Value::as_bool) == Some(true),
        hidden: marks.contains(Marks::SENSITIVE) || marks.contains(Marks::EPHEMERAL),
        may_fail: provisioner.may_fail,
        span: provisioner.span,
    })
}

/// Runs commands one after the other, until one fails that may not.
pub(super) async fn provision(
    commands: &[Prepared],
    addr: &InstanceAddr,
    machine: &Rc<dyn Machine>,
    said: &UnboundedSender<Said>,
) -> Result<()> {
    let say = |line: Option<String>| {
        // Nobody listens any more when the run is ended at once.
        let _ = said.send(Said {
            addr: addr.clone(),
            line,
        });
    };
    for command in commands {
        say(None);
        let printed = RefCell::new(String::new());
        let told = |line: &str| {
            keep(&mut printed.borrow_mut(), line);
            say(Some(command.shown(line)));
        };
        say(Some(command.announced()));
        let result = machine.run(&command.process, &told).await;
        if let Err(why) = result
            && !command.may_fail
        {
            return Err(command.failure(&why, &printed.borrow()).about(addr).into());
        }
    }
    Ok(())
}

/// Adds a line to the end of what was printed, as far as there is room.
fn keep(printed: &mut String, line: &str) {
    printed.push_str(line);
    printed.push('\n');
    if printed.len() > EXCERPT {
        let mut from = printed.len() - EXCERPT;
        while !printed.is_char_boundary(from) {
            from += 1;
        }
        printed.drain(..from);
    }
}

impl Prepared {
    fn shown(&self, line: &str) -> String {
        if self.hidden {
            return "(output suppressed due to sensitive value in config)".into();
        }
        line.to_owned()
    }

    fn announced(&self) -> String {
        if self.quiet {
            return self.shown("local-exec: Executing: Suppressed by quiet=true");
        }
        let words: Vec<String> = self
            .process
            .words
            .iter()
            .map(|word| crate::value::go_quote(word))
            .collect();
        self.shown(&format!("Executing: [{}]", words.join(" ")))
    }

    fn failure(&self, why: &str, printed: &str) -> Diagnostic {
        let detail = if self.hidden {
            format!(
                "A command failed: {why}. The command and what it has printed are not shown, because its configuration holds sensitive values."
            )
        } else {
            format!(
                "Error running command '{}': {why}. Output: {printed}",
                self.command
            )
        };
        Diagnostic::error("local-exec provisioner error", detail).at(self.span)
    }
}

impl Executor<'_> {
    /// Tells what commands have said.
    pub(super) fn tell_said(&mut self, first: Said) {
        let mut next = Some(first);
        while let Some(Said { addr, line }) = next {
            match line {
                Some(line) => self.progress.said(&addr, &line),
                None => self.progress.provisioning(&addr),
            }
            next = self.said.1.try_recv().ok();
        }
    }

    /// The commands that run before an object goes. What is tainted was never finished, so nothing of it is undone.
    pub(super) fn farewell(&self, addr: &InstanceAddr, prior: &Value) -> Result<Vec<Prepared>> {
        let evaluator = &self.made.evaluator;
        let tainted = self
            .state
            .get(addr)
            .is_some_and(|object| object.status == Status::Tainted);
        let block = evaluator.graph().block_of(addr);
        let Some(block) =
            block.filter(|block| !tainted && block.provisioners.iter().any(|one| one.on_destroy))
        else {
            return Ok(Vec::new());
        };
        let Some(module) = evaluator.instance_at(&addr.module) else {
            return Ok(Vec::new());
        };
        let repetition = crate::eval::Repetition {
            key: addr.key.clone(),
            // Only the key may be referred to.
            value: Some(Value::dynamic()),
            ..crate::eval::Repetition::default()
        };
        let scope = evaluator
            .scope(module)
            .with_repetition(&repetition)
            .with_self(&addr.resource, prior);
        prepare(block, &scope, true)
    }

    /// Whether commands run beside an object that a step makes.
    pub(super) fn has_commands(&self, step: StepId) -> bool {
        let StepKind::Create(i) = self.steps[step].kind else {
            return false;
        };
        let source = self.planned(i).source.as_ref();
        let block = source.map(|source| block_of(&self.made.evaluator, source));
        block.is_some_and(|block| block.provisioners.iter().any(|one| !one.on_destroy))
    }

    /// Puts an object that was made and recorded in line for its commands.
    pub(super) fn line_up(&mut self, step: StepId, report: Report) {
        match self.commands(step, &report) {
            Ok(task) => self.provisioning.waiting.push_back(Waiting { task, report }),
            Err(errors) => self.unprovisioned(step, &report, errors),
        }
    }

    fn commands(&self, step: StepId, report: &Report) -> Result<Task> {
        let i = change_of(self.steps[step].kind).expect("what is made is a change");
        let source = self.source(i)?;
        let evaluator = &self.made.evaluator;
        let nothing = Value::dynamic();
        let value = evaluator.instance_value(&report.addr).unwrap_or(&nothing);
        let scope = evaluator
            .scope(source.module)
            .with_repetition(&source.repetition)
            .with_self(&report.addr.resource, value);
        let commands = prepare(block_of(evaluator, &source), &scope, false)?;
        let opened = self.providers.get(&self.planned(i).provider).cloned();
        let opened = opened.expect("what was made has an opened provider");
        let operation = Operation::Provision { commands };
        Ok(self.task(step, i, (Doing::Creating, operation), (opened, report.id.clone())))
    }

    /// What came of the commands beside an object.
    pub(super) fn provisioned(&mut self, step: StepId, elapsed: Duration, result: Result<()>) {
        let Some(mut report) = self.provisioning.running.remove(&step) else {
            return;
        };
        report.elapsed += elapsed;
        if let Err(errors) = result {
            return self.unprovisioned(step, &report, errors);
        }
        let broken = self.broken_conditions(step, &report.addr, &Carried::Provisioned(Ok(())));
        let addr = report.addr.clone();
        // What was made was durable before its commands began.
        self.progress.done(&report);
        match broken {
            Some(errors) => {
                let errors = errors.into_iter().map(|error| error.about(&addr)).collect();
                self.fail(step, Some(addr), errors);
            }
            None => self.finish_step(step),
        }
    }

    /// The commands beside an object have failed, or never ran.
    pub(super) fn unprovisioned(&mut self, step: StepId, report: &Report, errors: Diagnostics) {
        let addr = report.addr.clone();
        self.progress.failed(&addr, None, report.doing, report.elapsed);
        let i = change_of(self.steps[step].kind).expect("what is made is a change");
        let provider = self.planned(i).provider.clone();
        let of_cloud = self
            .providers
            .get(&provider)
            .is_some_and(|opened| opened.cloud.is_some());
        let mut told: Diagnostics = errors.into_iter().map(|error| error.about(&addr)).collect();
        if of_cloud {
            let detail = "The object was made and is recorded as it is. It is not marked to be replaced because of its commands: what only this object can decrypt would be lost. Run the command by hand, or ask for a replacement with -replace.";
            told.push(Diagnostic::warning("Object kept after a failed provisioner", detail).about(&addr));
        } else if let Some(object) = self.state.get_mut(&addr) {
            object.status = Status::Tainted;
            let object = object.clone();
            if let Err(error) = self.session.record_done(&addr, false, &provider, &object) {
                self.broken = true;
                told.push(error.about(&addr));
            }
            self.oldest.get_or_insert(self.machine.wall());
        }
        self.fail(step, Some(addr), told);
    }

    /// The run ends before the commands of some objects have.
    pub(super) fn leave_commands(&mut self) {
        let waiting = std::mem::take(&mut self.provisioning.waiting);
        let waiting = waiting.into_iter().map(|one| (one.task.step, one.report));
        let running = std::mem::take(&mut self.provisioning.running);
        let left: Vec<(StepId, Report)> = waiting.chain(running).collect();
        for (step, report) in left {
            let detail = "The run was stopped before the provisioners of this object had come to their end.";
            let error = Diagnostic::error("Provisioners not finished", detail);
            self.unprovisioned(step, &report, error.into());
        }
    }
}
