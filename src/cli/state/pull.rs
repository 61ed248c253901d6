//! `state pull`

use std::process::ExitCode;

use crate::cli::args::StateArgs;
use crate::cli::project::Project;
use crate::cli::ui::Ui;
use crate::diag::Result;

/// Prints the state; nothing when there is none.
pub fn run(ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    if let Some(state) = project.state(&StateArgs::default())? {
        ui.entrusted_text(&state.to_text());
    }
    Ok(ExitCode::SUCCESS)
}
