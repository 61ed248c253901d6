//! `completion`: a script for the user's shell.

use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use super::ui::Ui;
use crate::diag::{Diagnostic, Result};

/// The arguments of `completion`.
#[derive(Args, Debug)]
pub struct CompletionArgs {
    /// bash, zsh, fish, powershell or elvish
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Runs the command.
pub fn run(args: &CompletionArgs, ui: &mut Ui, clap: &clap::Command) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut clap.clone(), "keyform", &mut script);
    match String::from_utf8(script) {
        Ok(script) => {
            ui.data(&script);
            Ok(ExitCode::SUCCESS)
        }
        Err(_) => {
            Err(Diagnostic::error("No completion", "The script for this shell could not be made.").into())
        }
    }
}
