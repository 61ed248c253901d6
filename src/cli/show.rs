//! `show`

use std::process::ExitCode;

use super::args::ShowArgs;
use super::project::Project;
use super::ui::Ui;
use crate::diag::{Diagnostic, Result};

/// Runs the command.
pub fn run(_args: &ShowArgs, _ui: &mut Ui, _project: &Project) -> Result<ExitCode> {
    Err(Diagnostic::error("Command not ready", "The command show is not part of this build.").into())
}
