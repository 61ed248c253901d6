//! The steps that plan, apply and their relatives share: configuration, inputs, state, plan, and how it is shown.

use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, Ending, Result, Severity};
use crate::eval::Inputs;
use crate::graph::Graph;
use crate::plan::render::{RenderOptions, render};
use crate::plan::{Made, Mode, Options};
use crate::resource::Action;
use crate::state::State;
use crate::state::journal::Intent;
use crate::state::store::{Snapshot, Store};

use super::args::{InputArgs, LockArgs, PlanningArgs, StateArgs, Variables};
use super::engine::{Answer, Engine, Question, warn_of_targets};
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

/// After so many seconds no cloud carries out a request any more: its signature has expired long ago. An object that
/// is not there by then was never made.
const LATEST: i64 = 20 * 60;

/// What earlier runs have left open, and what must be dealt with before the next one.
#[derive(Debug, Default)]
pub struct Left {
    /// Objects that may exist without being recorded.
    unsettled: Vec<Intent>,
    /// A newer state that could not be put in its place.
    rescued: Option<String>,
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
    let graph = project.load_as(wanted, variables, ui)?;
    let root = graph.module(graph.root()).config.clone();
    let inputs = project.inputs(&root, variables, ui)?;
    let (args, lock, operation) = state;
    let mut store = project.store(args, Some(&root))?;
    project.lock(&mut *store, lock, operation)?;
    let snapshot = store.read()?;
    let found = snapshot.is_some();
    let (state, left) = Left::of(snapshot, ui);
    Ok(Prepared {
        graph,
        inputs,
        store,
        state,
        found,
        left,
    })
}

impl Left {
    /// Takes a state apart from what earlier runs have left open, and tells of that.
    pub fn of(snapshot: Option<Snapshot>, ui: &mut Ui) -> (State, Self) {
        let Some(snapshot) = snapshot else {
            return (State::new(), Self::default());
        };
        if snapshot.recovered {
            ui.talk("An earlier run was interrupted; what it had done was recovered from its journal.");
        }
        let left = Self {
            unsettled: snapshot.unsettled,
            rescued: snapshot.rescued,
        };
        let problems = left.problems(&snapshot.state, |_| true);
        let warnings = problems.into_iter().map(|problem| Diagnostic {
            severity: Severity::Warning,
            ..problem
        });
        ui.diagnostics(&warnings.collect());
        (snapshot.state, left)
    }

    /// The options with that by which objects are found that an earlier run may have made.
    pub fn completed(&self, options: Options) -> Options {
        let open = self.unsettled.iter();
        let open = open.filter_map(|intent| Some((intent.address.clone(), intent.marker.clone()?)));
        Options {
            open: open.collect(),
            ..options
        }
    }

    /// Refuses to make again what may exist already, and to write beside a newer state.
    pub fn refuse(&self, made: &Made) -> Result<()> {
        let now = made.plan.timestamp.as_second();
        let creates = |intent: &Intent| {
            if intent.marker.is_some() && now - intent.since >= LATEST {
                // It was looked for, and is not there.
                return false;
            }
            let changes = made.plan.changes.iter();
            let mut of_it =
                changes.filter(|planned| planned.addr == intent.address && planned.deposed.is_none());
            of_it.any(|planned| planned.change.action == Action::Create || planned.change.action.is_replace())
        };
        self.problems(&made.prior, creates).or(())
    }

    fn problems(&self, state: &State, concerns: impl Fn(&Intent) -> bool) -> Diagnostics {
        let rescued = self.rescued.iter().map(|path| {
            let detail = format!(
                "The file {path} holds a newer state: an earlier run could not put it in its place, so what that run did is not recorded here."
            );
            Diagnostic::error("Recovery file left", detail)
                .hint(format!("keyform state push {path}"))
                .hint("If it is of no use, remove the file.")
        });
        let unsettled = self.unsettled.iter().filter(|intent| concerns(intent));
        rescued
            .chain(unsettled.map(|intent| unsettled_operation(intent, state)))
            .collect()
    }
}

/// What to do about an object that may exist without being recorded.
fn unsettled_operation(intent: &Intent, state: &State) -> Diagnostic {
    let address = &intent.address;
    if let Some(marker) = &intent.marker {
        return marked_operation(intent, marker, state);
    }
    let detail = "An earlier run was ended while it was about to create this object, and its outcome is not known: the object may exist without being in the state. Look in the cloud. To apply does not create it again, as that could make a second one.";
    let way = if state.get(address).is_some() {
        "The instance has its former object. If the new one is there, delete it by hand.".to_owned()
    } else {
        format!("If it is there, import it: keyform import '{address}' ID")
    };
    Diagnostic::error("Unsettled operation", detail)
        .about(address)
        .hint(way)
        .hint(format!(
            "If it is not there, say so: keyform recover -abandon '{address}'"
        ))
        .ends_as(Ending::Unsettled)
}

/// The same where a tag tells which object it is.
fn marked_operation(intent: &Intent, marker: &str, state: &State) -> Diagnostic {
    let address = &intent.address;
    let detail = if state.get(address).is_some() {
        format!(
            "An earlier run was ended while it was replacing this object, and the instance has its former one. If the new one was made, it carries the tag keyform:id = \"{marker}\": look for it in the cloud and delete it by hand."
        )
    } else {
        let after = jiff::Timestamp::from_second(intent.since + LATEST).map_or_else(
            |_| "a while".to_owned(),
            |after| after.strftime("%H:%M UTC").to_string(),
        );
        format!(
            "An earlier run was ended while it was about to create this object. If it was made, it carries the tag keyform:id = \"{marker}\": plan and apply find it by that and take it over. Where they do not find it, apply makes it anew after {after}, when the former request can no longer arrive; until then it refuses to, as that could make a second one."
        )
    };
    Diagnostic::error("Unsettled operation", detail)
        .about(address)
        .hint(format!(
            "If you know that it is not there, say so: keyform recover -abandon '{address}'"
        ))
        .ends_as(Ending::Unsettled)
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
            let first = if planned.retires() {
                ", which is disabled first"
            } else {
                ""
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

/// Prints the plan.
pub fn show(made: &Made, ui: &mut Ui) {
    let options = RenderOptions {
        colour: ui.colour(),
        width: ui.width().map_or(78, usize::from),
    };
    let text = render(&made.plan, &options);
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
        "OperationTypeRefresh"
    } else {
        "OperationTypeApply"
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
