//! `import`

use std::process::ExitCode;

use super::args::ImportArgs;
use super::project::Project;
use super::ui::Ui;
use crate::diag::{Diagnostic, Result};

/// Runs the command.
pub fn run(_args: &ImportArgs, _ui: &mut Ui, _project: &Project) -> Result<ExitCode> {
    Err(Diagnostic::error(
        "Command not ready",
        "The command import is not part of this build.",
    )
    .into())
}
