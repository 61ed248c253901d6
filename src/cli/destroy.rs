//! `destroy`: `apply -destroy`.

use std::process::ExitCode;

use crate::diag::Result;

use super::args::{ApplyArgs, DestroyArgs, PlanningArgs};
use super::project::Project;
use super::ui::Ui;

/// Runs the command.
pub fn run(args: &DestroyArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let args = args.clone();
    let apply = ApplyArgs {
        plan: None,
        planning: PlanningArgs {
            destroy: true,
            ..args.planning
        },
        is_destroy: true,
        auto_approve: args.auto_approve,
        json: args.json,
        state: args.state,
        lock: args.lock,
        input: args.input,
        sandbox: args.sandbox,
    };
    super::apply::run(&apply, ui, project)
}
