//! `apply`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use crate::apply::{self, Outcome, Skipped, Work};
use crate::config::{Early, Files, MODULE_INDEX, Need, Origin, Policy, SourceFile};
use crate::diag::{Diagnostic, Diagnostics, Ending, Result};
use crate::eval::checks::is_of_assertion;
use crate::eval::inputs;
use crate::graph::Graph;
use crate::plan::Mode;
use crate::schema::Catalog;
use crate::state::State;
use crate::state::store::Session;

use super::args::{ApplyArgs, Variables};
use super::connector::AsTold;
use super::engine::{Access, Answer, Engine, Question, named_keys, options};
use super::ephemeral;
use super::exit_code;
use super::guard;
use super::lost;
use super::neighbours::check_folders;
use super::plan::no_stream_yet;
use super::plan_file::{self, SavedPlan};
use super::planning::{
    Prepared, attempt, lock_word, prepare, question, settle_input, show, show_elsewhere, taken_apart,
};
use super::progress::Lines;
use super::project::{Project, Wanted};
use super::store::meet_secrets;
use super::ui::{Ui, read_line};

/// Runs the command.
pub fn run(args: &ApplyArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    no_stream_yet(args.json)?;
    settle_input(args.input, ui);
    ui.set_compact_warnings(args.planning.compact_warnings);
    match &args.plan {
        Some(path) => run_saved(path, args, ui, project),
        None => run_new(args, ui, project),
    }
}

fn run_new(args: &ApplyArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    if !args.auto_approve && !ui.is_interactive() {
        return Err(Diagnostic::error(
            "Approval needed",
            "Nobody can answer the question whether the plan may be carried out, so nothing was planned.",
        )
        .hint("Use -auto-approve, or save a plan with plan -out=FILE and apply that.")
        .into());
    }
    let options = options(&args.planning, false)?;
    let state = (&args.state, &args.lock, lock_word(&args.planning));
    let mut prepared = prepare(project, ui, &args.planning.variables, state, Wanted::by(&options))?;
    let mut engine = Engine::open(project, args.sandbox.sandbox, Access::Change)?;
    engine.runner.listen()?;
    let fits = engine.refuse_real(&prepared.state);
    let attempt = fits.and_then(|()| attempt(&mut engine, project, ui, &prepared, options.clone()));
    let planned = attempt.and_then(|(answer, problems)| {
        let problems = worth_telling(problems, asks(args, &answer), &prepared.graph);
        let answer = ui.warn_or(problems, answer)?;
        show(&answer, ui);
        prepared.left.refuse(&answer.made)?;
        guard::check(&answer.made.plan, !args.auto_approve)?;
        Ok(answer)
    });
    let answer = match planned {
        Ok(answer) => answer,
        Err(errors) => return prepared.close(engine, Err(errors)),
    };
    if asks(args, &answer) {
        let (heading, explanation) = question(options.mode);
        let read = || engine.runner.wait_for(read_line).ok().flatten();
        if !ui.confirm_by(heading, explanation, read) {
            ui.line(if options.mode == Mode::Destroy {
                "Destroy cancelled."
            } else {
                "Apply cancelled."
            });
            return prepared.close(engine, Ok(ExitCode::FAILURE));
        }
        let read = || engine.runner.wait_for(read_line).ok().flatten();
        if let Err(refused) = guard::ask(&answer.made.plan, ui, read) {
            return prepared.close(engine, Err(refused));
        }
    }
    carry_out(engine, project, ui, answer, prepared, args)
}

/// Whether the user is asked before the plan is carried out.
fn asks(args: &ApplyArgs, answer: &Answer) -> bool {
    answer.made.plan.is_applyable() && !args.auto_approve
}

/// Without a question in between, the apply itself tells what came of the checks.
fn worth_telling(problems: Diagnostics, asks: bool, graph: &Graph) -> Diagnostics {
    let all = asks || problems.has_errors();
    problems
        .into_iter()
        .filter(|problem| all || !(is_of_assertion(problem) || graph.is_about_check(problem)))
        .collect()
}

/// The copy of the configuration inside a saved plan.
struct Copy(BTreeMap<String, String>);

impl Copy {
    /// Where the index of installed modules is in it, whatever folder for data is used now.
    fn module_index(&self) -> PathBuf {
        let mut names = self.0.keys().map(Path::new);
        names
            .find(|name| name.ends_with(MODULE_INDEX))
            .map_or_else(|| MODULE_INDEX.into(), Path::to_owned)
    }
}

impl Files for Copy {
    fn list(&self, dir: &Path) -> std::result::Result<Vec<String>, String> {
        let dir = dir
            .components()
            .filter(|part| *part != std::path::Component::CurDir)
            .collect::<PathBuf>();
        let names = self
            .0
            .keys()
            .filter(|name| Path::new(name).parent() == Some(&*dir));
        Ok(names
            .filter_map(|name| Path::new(name).file_name()?.to_str().map(str::to_owned))
            .collect())
    }

    fn read(&self, path: &Path) -> std::result::Result<String, String> {
        let path = path
            .components()
            .filter(|part| *part != std::path::Component::CurDir)
            .collect::<PathBuf>();
        self.0
            .get(&*path.to_string_lossy())
            .cloned()
            .ok_or_else(|| "it is not part of the saved plan".into())
    }
}

/// Reads a saved plan.
pub fn load(path: &Path, project: &Project) -> Result<SavedPlan> {
    let bytes = plan_file::read(path)?;
    plan_file::open(path, &bytes, &plan_file::Seal::of(project, false)?)
}

/// The state that a saved plan was made from.
fn state_of(saved: &SavedPlan, project: &Project) -> Result<State> {
    let state = if saved.state.is_empty() {
        State::new()
    } else {
        State::parse(saved.state.as_str(), "the saved plan")?
    };
    meet_secrets(&state);
    Ok(State {
        secrets: project.secrets()?,
        ..state
    })
}

/// Makes a saved plan again from what was seen then.
pub fn reopen(
    saved: SavedPlan,
    engine: &mut Engine,
    project: &Project,
    ui: &mut Ui,
    now: Option<(&State, &Variables)>,
) -> Result<Answer> {
    check_workspace(&saved, project)?;
    let state = state_of(&saved, project)?;
    if let Some((current, _)) = now {
        check_fresh(&state, current)?;
    }
    let sources = saved.sources.iter();
    let files = Copy(
        sources
            .map(|SourceFile { name, text }| (name.clone(), text.clone()))
            .collect(),
    );
    let mut run = project.run()?;
    let early = Early {
        host: &*run.host,
        workspace: &run.workspace,
        given: &|variable| inputs::given(&saved.inputs, variable, &*run.host),
        need: Need::Modules,
    };
    let index = files.module_index();
    let origin = Origin {
        dir: Path::new("."),
        index: &index,
        files: &files,
    };
    let (mut configuration, problems) =
        crate::config::load(origin, Catalog::get(), Some(early), &mut ui.sources);
    // Warnings were told when the plan was made.
    if problems.has_errors() {
        return Err(problems);
    }
    if saved.options.generate {
        configuration.declare_imported();
    }
    let inputs = match now {
        Some((_, given)) => ephemeral::complete(&saved, &configuration.root, given, project, ui)?,
        None => ephemeral::unknown(&saved),
    };
    let graph = std::sync::Arc::new(crate::graph::build(&configuration)?);
    run.host = Rc::new(super::disk::Machine {
        plan_time: Some(saved.timestamp),
        ..project.machine(None)
    });
    // Who only looks at a plan is told of it whatever the policy is by now.
    let policy = match now {
        Some(_) => project.policy(&mut ui.sources)?,
        None => Policy::default(),
    };
    let question = Question {
        graph,
        inputs,
        run,
        state,
        options: saved.options,
        timestamp: saved.timestamp,
        policy,
    };
    let mut answer = engine.plan_again(question, saved.record);
    let problems = std::mem::take(&mut answer.made.problems);
    if problems.has_errors() {
        return Err(problems);
    }
    if plan_file::digest(&answer.made) != saved.digest {
        return Err(Diagnostic::error(
            "Saved plan is stale",
            "Made again from the same configuration and state, the plan comes out differently: a file that the configuration reads has changed, or the program is another one. Make a new plan.",
        )
        .into());
    }
    Ok(answer)
}

fn check_workspace(saved: &SavedPlan, project: &Project) -> Result<()> {
    let workspace = project.workspace()?;
    if saved.workspace == workspace.as_str() {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Saved plan is for another workspace",
        format!(
            "The plan was made in the workspace \"{}\", and the current one is \"{workspace}\".",
            saved.workspace
        ),
    )
    .into())
}

/// The state must be the one that the plan was made from.
fn check_fresh(planned: &State, current: &State) -> Result<()> {
    let same = planned.lineage == current.lineage
        && planned.serial == current.serial
        && planned.same_content(current);
    if same {
        return Ok(());
    }
    let detail = if !planned.lineage.is_empty()
        && !current.lineage.is_empty()
        && planned.lineage != current.lineage
    {
        "The given plan file belongs to another state: its lineage is not that of the current state."
    } else {
        "The given plan file can no longer be applied because the state was changed by another operation after the plan was created."
    };
    Err(Diagnostic::error("Saved plan is stale", detail).into())
}

fn run_saved(path: &Path, args: &ApplyArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    refuse_planning_options(args)?;
    project.give(&args.planning.variables);
    let mut saved = load(path, project)?;
    let named = named_keys(&args.planning.destroy_key)?;
    saved.options.destroy_keys.extend(named);
    let named = named_keys(&args.planning.destroy_key_in_use)?;
    saved.options.destroy_keys_in_use.extend(named);
    let mut store = project.store(&args.state, None)?;
    ui.warn_or(check_folders(&*store, lock_word(&args.planning), project), ())?;
    project.lock(&mut *store, &args.lock, lock_word(&args.planning))?;
    let snapshot = super::store::read(&mut *store)?;
    ui.warn_or(lost::check(&*store, lock_word(&args.planning)), ())?;
    let found = snapshot.is_some();
    let (state, left) = taken_apart(snapshot, ui);
    let mut engine = Engine::open(project, args.sandbox.sandbox || saved.sandbox, Access::Change)?;
    engine.runner.listen()?;
    let given = &args.planning.variables;
    let fits = engine.refuse_real(&state);
    let fits = fits.and_then(|()| left.refuse_others(&saved.options.open));
    let opened = fits.and_then(|()| reopen(saved, &mut engine, project, ui, Some((&state, given))));
    let opened = opened.and_then(|answer| {
        left.refuse(&answer.made)?;
        guard::check(&answer.made.plan, false)?;
        Ok(answer)
    });
    let answer = match opened {
        Ok(answer) => answer,
        Err(errors) => {
            let mut problems = errors;
            problems.extend(store.unlock().err().into_iter().collect());
            problems.extend(engine.close().err().unwrap_or_default());
            return Err(problems);
        }
    };
    let graph = answer.made.evaluator.graph().clone();
    let inputs = answer.made.evaluator.inputs().clone();
    let prepared = Prepared {
        graph,
        inputs,
        store,
        state,
        found,
        left,
    };
    show_elsewhere(&answer, ui);
    carry_out(engine, project, ui, answer, prepared, args)
}

fn refuse_planning_options(args: &ApplyArgs) -> Result<()> {
    let planning = &args.planning;
    let asked = planning.destroy
        || planning.refresh_only
        || !planning.refresh
        || !planning.part.target.is_empty()
        || !planning.part.exclude.is_empty()
        || !planning.replace.is_empty();
    let mut problems = Diagnostics::new();
    if asked {
        problems.push(Diagnostic::error(
            "Can't change planning options when applying a saved plan",
            "A saved plan does what it was made for: options such as -target, -exclude, -replace and -destroy belong to the plan command.",
        ));
    }
    problems.or(())
}

/// Carries a plan out and tells what came of it.
#[expect(clippy::disallowed_methods, reason = "the terminal is where clocks are read")]
fn carry_out(
    mut engine: Engine,
    project: &Project,
    ui: &mut Ui,
    answer: Answer,
    mut prepared: Prepared,
    args: &ApplyArgs,
) -> Result<ExitCode> {
    let partial = answer.made.plan.is_partial;
    let runner = engine.runner.clone();
    let graph = answer.made.evaluator.graph().clone();
    let host = Rc::new(super::disk::Machine {
        plan_time: Some(answer.made.plan.timestamp),
        ..project.machine(Some(jiff::Timestamp::now()))
    });
    let mut lines = Lines::new(ui, &project.log);
    let mut connector = AsTold {
        inner: &mut engine.connector,
        told: answer.elsewhere,
        planned: answer.made.providers.clone(),
    };
    let outcome = runner.run_hearing(async |mut signals| {
        let work = Work {
            made: answer.made,
            providers: answer.providers,
            connector: &mut connector,
            machine: engine.machine.clone(),
            host,
            session: Session::begin(&mut *prepared.store, &prepared.state),
            progress: &mut lines,
            interrupts: &mut signals,
            at_once: usize::from(args.planning.parallelism),
            marks: project.environment.option("MARKERS") != Some("off"),
            now: jiff::Timestamp::now(),
        };
        apply::run(work).await
    });
    drop(lines);
    ui.diagnostics(&graph.locate(grouped(&outcome.problems)));
    let code = report(&outcome, partial, args, ui);
    prepared.close(engine, Ok(code))
}

fn report(outcome: &Outcome, partial: bool, args: &ApplyArgs, ui: &mut Ui) -> ExitCode {
    if partial {
        let warning = Diagnostic::warning(
            "Applied changes may be incomplete",
            "The plan was created with the -target or the -exclude option in effect, so some changes requested in the configuration may have been ignored and the output values may not be fully updated. Run plan to see whether other changes are pending.",
        );
        ui.diagnostics(&warning.into());
    }
    let counts = outcome.counts;
    let failed = outcome.problems.has_errors()
        || outcome.interrupted
        || !outcome.skipped.is_empty()
        || !outcome.unclear.is_empty();
    if failed {
        ui.talk(&summary_of_failure(outcome));
        let ending = match outcome.problems.ending() {
            // Refused is what changed nothing.
            Ending::Refused if outcome.has_changed() => Ending::Failure,
            ending => ending,
        };
        let ending = match ending {
            Ending::Failure if !outcome.unclear.is_empty() => Ending::Unsettled,
            ending => ending,
        };
        return exit_code(ending);
    }
    let imported = if counts.import > 0 {
        format!("{} imported, ", counts.import)
    } else {
        String::new()
    };
    ui.line(&if args.is_destroy {
        format!("\nDestroy complete! Resources: {} destroyed.", counts.remove)
    } else {
        format!(
            "\nApply complete! Resources: {imported}{} added, {} changed, {} destroyed.",
            counts.add, counts.change, counts.remove
        )
    });
    if !outcome.state.outputs.is_empty() {
        let outputs = crate::plan::render::render_outputs(&outcome.state.outputs);
        ui.line(&format!("\nOutputs:\n\n{}", outputs.trim_end()));
    }
    ExitCode::SUCCESS
}

/// The same trouble of many objects is told once.
fn grouped(problems: &Diagnostics) -> Diagnostics {
    let mut groups: Vec<(Diagnostic, usize)> = Vec::new();
    let mut places = BTreeMap::new();
    for problem in problems {
        let key = (problem.severity, problem.span, &problem.summary, &problem.detail);
        match places.get(&key) {
            Some(&at) if problem.address.is_some() => {
                let (_, more): &mut (Diagnostic, usize) = &mut groups[at];
                *more += 1;
            }
            _ => {
                if problem.address.is_some() {
                    places.insert(key, groups.len());
                }
                groups.push((problem.clone(), 0));
            }
        }
    }
    let told = groups.into_iter().map(|(mut problem, more)| {
        if let (Some(address), true) = (&problem.address, more > 0) {
            problem.address = Some(format!("{address} and {more} more"));
        }
        problem
    });
    told.collect()
}

/// What was done, what failed, and what was skipped because of what.
fn summary_of_failure(outcome: &Outcome) -> String {
    let counts = outcome.counts;
    let mut text = format!(
        "\nApply incomplete. Resources: {} added, {} changed, {} destroyed; {}.",
        counts.add,
        counts.change,
        counts.remove,
        if outcome.recorded {
            "all of it is recorded"
        } else {
            "not all of it is recorded, see above"
        }
    );
    if !outcome.failed.is_empty() {
        text.push_str("\n\nFailed:");
        for addr in &outcome.failed {
            let _ = write!(text, "\n  {addr}");
        }
    }
    if !outcome.unrecorded.is_empty() {
        text.push_str("\n\nMade in this run, and not recorded for sure:");
        for (addr, id) in &outcome.unrecorded {
            let _ = write!(text, "\n  {addr} [id={id}]");
        }
    }
    if !outcome.unclear.is_empty() {
        text.push_str("\n\nUnclear, may exist without being recorded:");
        for addr in &outcome.unclear {
            let _ = write!(text, "\n  {addr}");
        }
    }
    if !outcome.skipped.is_empty() {
        text.push_str("\n\nSkipped:");
        for skipped in &outcome.skipped {
            let _ = write!(text, "\n  {}", skipped_line(skipped));
        }
    }
    text
}

fn skipped_line(skipped: &Skipped) -> String {
    let deposed = skipped
        .deposed
        .as_ref()
        .map_or(String::new(), |key| format!(" (deposed object {key})"));
    let because = match &skipped.because {
        None => " (the run was ended before its turn)".to_owned(),
        Some(addr) if *addr == skipped.addr => " (the old object stays)".to_owned(),
        Some(addr) => format!(" (because of {addr})"),
    };
    format!("{}{deposed}{because}", skipped.addr)
}
