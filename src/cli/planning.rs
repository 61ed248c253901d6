//! The steps that plan, apply and their relatives share: configuration, inputs, state, plan, and how it is shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::apply::Left;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::Inputs;
use crate::graph::Graph;
use crate::plan::render::{RenderOptions, render};
use crate::plan::{Made, Mode, Options};
use crate::state::State;
use crate::state::store::{self, Rescued, Snapshot, Store, some};

use super::args::{InputArgs, LockArgs, PlanningArgs, StateArgs, Variables};
use super::engine::{Answer, Engine, Question, warn_of_targets};
use super::lost;
use super::neighbours::{self, check_folders, warn_of_readable};
use super::project::{Project, Wanted};
use super::ui::Ui;

/// What stands before a plan can be made.
pub struct Prepared {
    pub graph: Arc<Graph>,
    pub inputs: Inputs,
    /// Locked, unless the user waived it.
    pub store: Box<dyn Store>,
    pub state: State,
    /// Whether a state was there.
    pub found: bool,
    /// What earlier runs have left open.
    pub left: Left,
}

impl Prepared {
    /// Gives the lock back and ends the engine. What goes wrong with that is told beside what went wrong before.
    pub fn close<T>(&mut self, engine: Engine, result: Result<T>) -> Result<T> {
        let mut problems = Diagnostics::new();
        let value = problems.take(result);
        problems.extend(self.store.unlock().err().into_iter().collect());
        problems.extend(engine.close().err().unwrap_or_default());
        match value {
            Some(value) => problems.or(value),
            None => Err(problems),
        }
    }
}

/// Reads configuration, inputs and state, and takes the lock.
pub fn prepare(
    project: &Project,
    ui: &mut Ui,
    variables: &Variables,
    state: (&StateArgs, &LockArgs, &str),
    wanted: Wanted,
) -> Result<Prepared> {
    prepare_reading(project, ui, variables, state, (wanted, super::store::read))
}

/// The same, where the state is read otherwise.
pub fn prepare_reading(
    project: &Project,
    ui: &mut Ui,
    variables: &Variables,
    state: (&StateArgs, &LockArgs, &str),
    (wanted, read): (
        Wanted,
        impl FnOnce(&mut dyn Store) -> store::Result<Option<Snapshot>>,
    ),
) -> Result<Prepared> {
    let graph = project.load_as(wanted, variables, ui)?;
    let root = graph.module(graph.root()).config.clone();
    let inputs = project.inputs(&root, variables, ui)?;
    let (args, lock, operation) = state;
    let mut store = project.store(args, Some(&root))?;
    ui.warn_or(check_folders(&*store, operation, project), ())?;
    project.lock(&mut *store, lock, operation)?;
    let snapshot = read(&mut *store)?;
    ui.warn_or(lost::check(&*store, operation), ())?;
    let found = snapshot.is_some();
    if let Some(snapshot) = &snapshot {
        ui.diagnostics(&warn_of_readable(&*store, &snapshot.state));
    }
    let (state, left) = taken_apart(snapshot, ui);
    Ok(Prepared {
        graph,
        inputs,
        store,
        state,
        found,
        left,
    })
}

/// Takes a state apart from what earlier runs have left open, and tells of that.
pub fn taken_apart(snapshot: Option<Snapshot>, ui: &mut Ui) -> (State, Left) {
    let Some(snapshot) = snapshot else {
        return (State::new(), Left::default());
    };
    if snapshot.recovered {
        ui.talk("An earlier run was interrupted; what it had done was recovered from its journal.");
    }
    tell_put_away(&snapshot, ui);
    let (state, left) = Left::of(snapshot);
    ui.diagnostics(&left.warnings(&state));
    (state, left)
}

/// Says which recovery files were of no more use and were put away.
pub fn tell_put_away(snapshot: &Snapshot, ui: &mut Ui) {
    for farewell in snapshot.rescued.iter().filter_map(Rescued::farewell) {
        ui.talk(&farewell);
    }
}

/// Makes a plan. Errors are told here; none comes back with the plan then.
pub fn make(
    engine: &mut Engine,
    project: &Project,
    ui: &mut Ui,
    prepared: &Prepared,
    options: Options,
) -> Result<Answer> {
    let (answer, problems) = attempt(engine, project, ui, prepared, options)?;
    ui.warn_or(problems, answer)
}

/// Makes a plan, and gives what there is to say about it.
pub fn attempt(
    engine: &mut Engine,
    project: &Project,
    ui: &mut Ui,
    prepared: &Prepared,
    options: Options,
) -> Result<(Answer, Diagnostics)> {
    warn_of_targets(&options, ui);
    let question = Question {
        graph: prepared.graph.clone(),
        inputs: prepared.inputs.clone(),
        run: project.run()?,
        state: prepared.state.clone(),
        options: prepared.left.completed(options),
        timestamp: project.started,
        policy: project.policy(&mut ui.sources)?,
    };
    let mut answer = engine.plan(question);
    let mut problems = std::mem::take(&mut answer.made.problems);
    problems.extend(warn_of_forgotten(&answer.made));
    Ok((answer, problems))
}

/// What leaves the state and stays in the cloud is said once more.
fn warn_of_forgotten(made: &Made) -> Diagnostics {
    let forgotten: Vec<String> = made
        .plan
        .changes
        .iter()
        .filter(|planned| planned.forgets())
        .map(|planned| {
            let first = match (planned.restores, planned.retires()) {
                _ if planned.lets_die() => ", which is pending deletion and is not called back",
                (true, true) => ", which is called back from its deletion and disabled first",
                (true, false) => ", which is called back from its deletion first",
                (false, true) => ", which is disabled first",
                (false, false) => "",
            };
            format!(" - {}{first}", planned.addr)
        })
        .collect();
    if forgotten.is_empty() {
        return Diagnostics::new();
    }
    let detail = format!(
        "If you apply this plan, keyform will discard its tracking information for the following objects, but it will not delete them:\n{}\n\nAfter applying this plan, keyform will no longer manage these objects. You will need to import them to manage them again.",
        forgotten.join("\n")
    );
    Diagnostic::warning("Some objects will no longer be managed by Terraform", detail).into()
}

/// Tells what earlier runs have left open and no plan settles; says whether there is something.
pub fn tell_open(open: &[InstanceAddr], ui: &mut Ui) -> bool {
    if open.is_empty() {
        return false;
    }
    let names: Vec<String> = open.iter().map(InstanceAddr::to_string).collect();
    let detail = format!(
        "Earlier runs were about to create these objects, which may exist without being recorded: {}. Nothing here settles that.",
        some(&names)
    );
    let told = Diagnostic::warning("Operations are still open", detail);
    ui.diagnostics(
        &told
            .hint("See what is open, and settle it: keyform recover -list")
            .into(),
    );
    true
}

/// Says which services are asked at other addresses than their own.
pub fn show_elsewhere(answer: &Answer, ui: &mut Ui) {
    let lines: BTreeSet<&String> = answer.elsewhere.values().flatten().collect();
    if lines.is_empty() {
        return;
    }
    ui.line("\nServices asked at other addresses than their own:");
    for line in lines {
        ui.line(&format!("  {line}"));
    }
}

/// Prints the plan.
pub fn show(answer: &Answer, ui: &mut Ui) {
    show_elsewhere(answer, ui);
    let options = RenderOptions {
        colour: ui.colour(),
        width: ui.width().map_or(78, usize::from),
    };
    let text = render(&answer.made.plan, &options);
    ui.styled(&text);
}

/// Questions are refused when the flag says so.
pub fn settle_input(args: InputArgs, ui: &mut Ui) {
    if !args.input {
        ui.refuse_questions();
    }
}

/// The operation that a lock names.
pub fn lock_word(args: &PlanningArgs) -> &'static str {
    if args.refresh_only {
        neighbours::REFRESH
    } else {
        neighbours::APPLY
    }
}

/// The words of the question before anything is changed.
pub fn question(mode: Mode) -> (&'static str, &'static str) {
    match mode {
        Mode::Normal => (
            "Do you want to perform these actions?",
            "Terraform will perform the actions described above.\nOnly 'yes' will be accepted to approve.",
        ),
        Mode::Destroy => (
            "Do you really want to destroy all resources?",
            "Terraform will destroy all your managed infrastructure, as shown above.\nThere is no undo. Only 'yes' will be accepted to confirm.",
        ),
        Mode::RefreshOnly => (
            "Would you like to update the Terraform state to reflect these detected changes?",
            "Terraform will write these changes to the state without modifying any real infrastructure.\nThere is no undo. Only 'yes' will be accepted to confirm.",
        ),
    }
}
