//! `state settle`

use std::process::ExitCode;

use clap::Args;

use super::target;
use crate::addr::InstanceAddr;
use crate::cli::args::{LockArgs, StateArgs};
use crate::cli::project::Project;
use crate::cli::recover::place_back;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::state::store::abandon;

/// The arguments of `state settle`.
#[derive(Args, Debug)]
pub struct SettleArgs {
    /// Modules, resources or instances whose creation was interrupted
    #[arg(value_name = "ADDRESS", required = true)]
    addresses: Vec<String>,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs the command.
pub fn run(args: &SettleArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let targets = args
        .addresses
        .iter()
        .map(|text| target(text))
        .collect::<Result<Vec<_>>>()?;
    let (mut store, snapshot) = project.locked(&args.state, &args.lock, "state-settle", ui)?;
    let open = store.unsettled().iter().map(|intent| intent.address.clone());
    let settled: Vec<InstanceAddr> = open
        .filter(|address| targets.iter().any(|target| target.contains(address)))
        .collect();
    if settled.is_empty() {
        let detail = "No operation of an interrupted run is open there. The plan command names all that are.";
        return Err(Diagnostic::error("Nothing to settle", detail).into());
    }
    let state = snapshot.map(|snapshot| snapshot.state).unwrap_or_default();
    let back = abandon(&mut *store, &state, &settled)?;
    store.unlock()?;
    for address in &settled {
        ui.line(&format!("Settled {address}{}", place_back(address, &back)));
    }
    Ok(ExitCode::SUCCESS)
}
