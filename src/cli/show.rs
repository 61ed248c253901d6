//! `show`

use std::path::Path;
use std::process::ExitCode;

use crate::diag::Result;
use crate::plan::find_type;
use crate::plan::json::{plan_json, state_json, to_text};
use crate::plan::render::{release_outputs, render_state};
use crate::state::State;

use super::apply::{load, reopen};
use super::args::{ShowArgs, StateArgs};
use super::engine::{Access, Engine};
use super::plan_file;
use super::planning::show;
use super::project::Project;
use super::store::meet_secrets;
use super::ui::Ui;

/// Runs the command.
pub fn run(args: &ShowArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    match &args.file {
        None => {
            let state = project.state(&StateArgs::default())?;
            show_state(state.as_ref(), args.json, ui);
            Ok(ExitCode::SUCCESS)
        }
        Some(path) => {
            let bytes = plan_file::read(path)?;
            if plan_file::is_plan_file(&bytes) || bytes.starts_with(b"PK") {
                return show_plan(path, args.json, ui, project);
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let keeping = project.place_and_keeping(None)?.1;
            let state = keeping.manner(path).open(text, &path.display().to_string())?;
            show_state(Some(&state), args.json, ui);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn show_state(state: Option<&State>, json: bool, ui: &mut Ui) {
    let find = |name: &crate::addr::ResourceName| find_type(name).ok();
    if json {
        let json = state_json(state.unwrap_or(&State::default()), &find);
        ui.entrusted_json(&to_text(&json));
        // The process ends here: taking the big tree apart would only cost time.
        std::mem::forget(json);
        return;
    }
    match state {
        Some(state) if !state.is_empty() => {
            meet_secrets(state);
            release_outputs(state);
            ui.result(&render_state(state, &find));
        }
        Some(_) => ui.line("The state file is empty. No resources are represented."),
        None => ui.line("No state."),
    }
}

fn show_plan(path: &Path, json: bool, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let mut engine = Engine::open(project, false, Access::Read)?;
    let answer = reopen(load(path, project)?, &mut engine, project, ui, None);
    engine.close()?;
    let answer = answer?;
    if json {
        ui.entrusted_json(&to_text(&plan_json(&answer.made)));
    } else {
        show(&answer, ui);
    }
    Ok(ExitCode::SUCCESS)
}
