//! `state pull`

use std::process::ExitCode;

use clap::Args;

use crate::cli::args::ReadStateArgs;
use crate::cli::project::Project;
use crate::cli::ui::Ui;
use crate::diag::Result;

/// The arguments of `state pull`.
#[derive(Args, Debug)]
pub struct PullArgs {
    #[command(flatten)]
    state: ReadStateArgs,
}

/// Prints the state; nothing when there is none.
pub fn run(args: &PullArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    if let Some(state) = project.state(&args.state.full())? {
        ui.entrusted_text(&state.to_text());
    }
    Ok(ExitCode::SUCCESS)
}
