//! `plan`

use fs_err::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use crate::diag::{Diagnostic, Ending, Result};
use crate::eval::Inputs;
use crate::plan::Made;
use crate::value::Text;

use super::args::PlanArgs;
use super::engine::{Access, Answer, Engine, options};
use super::exit_code;
use super::neighbours;
use super::plan_file::{self, SavedPlan};
use super::planning::{Prepared, make, prepare, settle_input, show, tell_open};
use super::project::{Project, Wanted};
use super::ui::Ui;

/// Runs the command.
pub fn run(args: &PlanArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    no_stream_yet(args.json)?;
    args.out.as_deref().map_or(Ok(()), plan_file::check_place)?;
    settle_input(args.input, ui);
    ui.set_compact_warnings(args.planning.compact_warnings);
    let options = options(&args.planning, args.generate_config_out.is_some())?;
    let state = (&args.state, &args.lock, neighbours::PLAN);
    let mut prepared = prepare(project, ui, &args.planning.variables, state, Wanted::by(&options))?;
    let mut engine = Engine::open(project, args.sandbox.sandbox, Access::Read)?;
    engine.runner.listen()?;
    let result = make(&mut engine, project, ui, &prepared, options.clone());
    engine.close()?;
    prepared.store.unlock()?;
    let mut answer = result?;
    show(&answer, ui);
    write_generated(&answer.made, args.generate_config_out.as_deref(), ui)?;
    let applyable = answer.made.plan.is_applyable();
    match &args.out {
        Some(path) => {
            save(path, project, ui, (&prepared, args.sandbox.sandbox), &mut answer, options)?;
            if applyable {
                let path = path.display();
                ui.line(&format!("\n{}\n\nSaved the plan to: {path}\n\nTo perform exactly these actions, run the following command to apply:\n    keyform apply \"{path}\"", rule(ui)));
            }
        }
        None if applyable => ui.line(&format!(
            "\n{}\n\nNote: You didn't use the -out option to save this plan, so keyform can't\nguarantee to take exactly these actions if you run \"keyform apply\" now.",
            rule(ui)
        )),
        None => {}
    }
    let is_open = tell_open(&prepared.left.open_after(&answer.made), ui);
    // The process ends here: taking the big trees apart would only cost time.
    std::mem::forget((prepared, answer));
    Ok(match args.detailed_exitcode {
        true if is_open => exit_code(Ending::Unsettled),
        true if applyable => ExitCode::from(2),
        _ => ExitCode::SUCCESS,
    })
}

/// The line under a plan.
fn rule(ui: &Ui) -> String {
    "─".repeat(
        ui.width()
            .map_or(77, |width| usize::from(width).saturating_sub(1).clamp(20, 200)),
    )
}

/// Event streams are not there yet; silence would be worse than an error.
pub fn no_stream_yet(wanted: bool) -> Result<()> {
    if wanted {
        return Err(Diagnostic::error(
            "Unsupported option",
            "The stream of JSON events is not supported yet. For a plan as one JSON document, save it with plan -out=FILE and print it with show -json FILE.",
        )
        .into());
    }
    Ok(())
}

fn save(
    path: &Path,
    project: &Project,
    ui: &Ui,
    prepared: (&Prepared, bool),
    answer: &mut Answer,
    options: crate::plan::Options,
) -> Result<()> {
    let seal = plan_file::Seal::of(project, true)?;
    let (prepared, sandbox) = prepared;
    let (inputs, ephemeral) = declared_inputs(prepared, &answer.made);
    let plan = SavedPlan {
        workspace: project.workspace()?.to_string(),
        sandbox,
        sources: Project::source_files(&ui.sources),
        // What no variable takes was reported already.
        inputs,
        ephemeral,
        options: prepared.left.completed(options),
        timestamp: answer.made.plan.timestamp,
        state: if prepared.found {
            prepared.state.to_text()
        } else {
            String::new()
        },
        digest: plan_file::digest(&answer.made),
        record: std::mem::take(&mut answer.record),
    };
    plan_file::save(path, &plan, &seal)
}

/// The inputs that the root module has a variable for, and the names of those that are not kept: ephemeral ones.
fn declared_inputs(prepared: &Prepared, made: &Made) -> (Inputs, Vec<Text>) {
    let graph = made.evaluator.graph();
    let root = &graph.module(graph.root()).config;
    let declared = prepared.inputs.iter();
    let declared = declared.filter(|(name, _)| root.variables.contains_key(*name));
    let (ephemeral, kept): (Vec<_>, Vec<_>) = declared.partition(|(name, _)| root.variables[*name].ephemeral);
    let kept = kept
        .into_iter()
        .map(|(name, input)| (name.clone(), input.clone()));
    let ephemeral = ephemeral.into_iter().map(|(name, _)| name.clone());
    (kept.collect(), ephemeral.collect())
}

/// Writes the configuration of imported objects that have none.
fn write_generated(made: &Made, path: Option<&Path>, ui: &mut Ui) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    let blocks: Vec<&str> = made
        .plan
        .changes
        .iter()
        .filter_map(|planned| planned.generated.as_deref())
        .collect();
    if blocks.is_empty() {
        return Ok(());
    }
    let text = format!(
        "# __generated__ by keyform\n# Please review these resources and move them into your main configuration files.\n\n{}",
        blocks.join("\n")
    );
    let text = crate::lang::syntax::format::format(&text).unwrap_or(text);
    let write = || {
        let mut file = fs_err::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        std::io::Write::write_all(&mut file, text.as_bytes())
    };
    write().map_err(|error| {
        Diagnostic::error(
            "Target generated file already exists or cannot be written",
            format!("{error}. keyform only writes generated configuration to a new file."),
        )
    })?;
    ui.talk(&format!(
        "Configuration was written to {}: review it before you apply.",
        path.display()
    ));
    Ok(())
}
