//! `refresh`: `apply -refresh-only -auto-approve`.

use std::process::ExitCode;

use crate::diag::Result;

use super::args::{ApplyArgs, PlanningArgs, RefreshArgs};
use super::project::Project;
use super::ui::Ui;

/// Runs the command.
pub fn run(args: &RefreshArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let args = args.clone();
    let planning = PlanningArgs {
        destroy: false,
        refresh_only: true,
        refresh: true,
        replace: Vec::new(),
        destroy_key: Vec::new(),
        destroy_key_in_use: Vec::new(),
        part: args.part,
        parallelism: args.parallelism,
        compact_warnings: args.compact_warnings,
        variables: args.variables,
    };
    let apply = ApplyArgs {
        plan: None,
        planning,
        is_destroy: false,
        auto_approve: true,
        json: args.json,
        state: args.state,
        lock: args.lock,
        input: args.input,
        sandbox: args.sandbox,
    };
    super::apply::run(&apply, ui, project)
}
