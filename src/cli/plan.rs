//! `plan`

use std::process::ExitCode;

use super::args::PlanArgs;
use super::project::Project;
use super::ui::Ui;
use crate::diag::{Diagnostic, Result};

/// Runs the command.
pub fn run(_args: &PlanArgs, _ui: &mut Ui, _project: &Project) -> Result<ExitCode> {
    Err(Diagnostic::error("Command not ready", "The command plan is not part of this build.").into())
}
