//! `state rm`

use std::process::ExitCode;

use clap::Args;

use super::{matching, open, target};
use crate::cli::args::{LockArgs, StateArgs};
use crate::cli::project::Project;
use crate::cli::store;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Result};

/// The arguments of `state rm`.
#[derive(Args, Debug)]
pub struct RmArgs {
    /// Modules, resources or instances
    #[arg(value_name = "ADDRESS", required = true)]
    addresses: Vec<String>,
    /// Only say what would be forgotten
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs the command.
pub fn run(args: &RmArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let targets = args
        .addresses
        .iter()
        .map(|text| target(text))
        .collect::<Result<Vec<_>>>()?;
    let mut held = open(&args.state, &args.lock, "state-rm", project, ui)?;
    let before = held.state.clone();
    let mut removed = Vec::new();
    for target in &targets {
        for address in matching(&held.state, target) {
            held.state.remove_instance(&address);
            removed.push(address);
        }
    }
    if removed.is_empty() {
        return Err(Diagnostic::error(
            "Invalid target address",
            "No matching objects found. To view the available instances, use \"keyform state list\". Please modify the address to reference a specific instance.",
        )
        .into());
    }
    if args.dry_run {
        for address in &removed {
            ui.line(&format!("Would remove {address}"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    held.state.bridge(&before);
    store::save(&mut *held.store, Some(&before), held.state)?;
    held.store.unlock()?;
    for address in &removed {
        ui.line(&format!("Removed {address}"));
    }
    ui.line(&format!(
        "Successfully removed {} resource instance(s).",
        removed.len()
    ));
    Ok(ExitCode::SUCCESS)
}
