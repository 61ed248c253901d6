//! `force-unlock`: removes a lock whose holder is gone.

use std::process::ExitCode;

use clap::Args;

use super::args::StateArgs;
use super::project::Project;
use super::ui::Ui;
use crate::diag::{Diagnostic, Result};

/// The arguments of `force-unlock`.
#[derive(Args, Debug)]
pub struct ForceUnlockArgs {
    /// The ID that the message about the lock names
    #[arg(value_name = "LOCK_ID")]
    id: String,
    /// Do not ask
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub fn run(args: &ForceUnlockArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    if !args.force {
        if !ui.is_interactive() {
            return Err(Diagnostic::error(
                "Confirmation needed",
                "Nobody can be asked whether the lock is to be removed. Say it with -force.",
            )
            .into());
        }
        let explanation = "keyform will remove the lock on the state. This allows other runs to change it, so make sure that nobody does.\nOnly \"yes\" will be accepted to confirm.";
        if !ui.confirm("Do you really want to force-unlock?", explanation) {
            ui.talk("force-unlock cancelled.");
            return Ok(ExitCode::FAILURE);
        }
    }
    project
        .store(&StateArgs::default(), None)?
        .force_unlock(&args.id)?;
    ui.line(
        "The state has been unlocked, and keyform commands should now be able to\nobtain a new lock on it.",
    );
    Ok(ExitCode::SUCCESS)
}
