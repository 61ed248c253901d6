//! `taint` and `untaint`: the mark by which an instance is replaced at the next apply.

use std::process::ExitCode;

use clap::Args;

use super::args::{LockArgs, StateArgs};
use super::project::Project;
use super::store;
use super::ui::Ui;
use crate::addr::{InstanceAddr, parse_instance};
use crate::diag::{Diagnostic, Result};
use crate::state::Status;

/// The arguments of `taint` and `untaint`.
#[derive(Args, Debug)]
pub struct TaintArgs {
    /// The instance
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Succeed although the instance is missing
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    state: StateArgs,
}

/// Marks an instance.
pub fn taint(args: &TaintArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    set(args, ui, project, Status::Tainted)
}

/// Takes the mark off.
pub fn untaint(args: &TaintArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    set(args, ui, project, Status::Ready)
}

fn set(args: &TaintArgs, ui: &mut Ui, project: &Project, status: Status) -> Result<ExitCode> {
    let (operation, past) = match status {
        Status::Tainted => ("taint", "tainted"),
        Status::Ready => ("untaint", "untainted"),
    };
    let address = instance(&args.address)?;
    if !address.resource.is_managed() {
        let detail = format!("Only managed resources can be {past}, and {address} is a data source.");
        return Err(Diagnostic::error("Invalid resource address", detail).into());
    }
    let (mut store, before) = project.locked(&args.state, &args.lock, operation, ui)?;
    let before = before.map(|snapshot| snapshot.state);
    let mut after = before.clone().unwrap_or_default();
    let Some(object) = after.get_mut(&address) else {
        return missing(args, ui, &address, past);
    };
    if status == Status::Ready && object.status == Status::Ready {
        let detail =
            format!("Resource instance {address} is not currently tainted, and so it cannot be untainted.");
        return Err(Diagnostic::error("Resource instance is not tainted", detail).into());
    }
    object.status = status;
    store::save(&mut *store, before.as_ref(), after)?;
    store.unlock()?;
    ui.line(&match status {
        Status::Tainted => format!("Resource instance {address} has been marked as tainted."),
        Status::Ready => format!("Resource instance {address} has been successfully untainted."),
    });
    Ok(ExitCode::SUCCESS)
}

fn missing(args: &TaintArgs, ui: &mut Ui, address: &InstanceAddr, past: &str) -> Result<ExitCode> {
    if args.allow_missing {
        ui.diagnostics(
            &Diagnostic::warning(
                "No such resource instance",
                format!("Resource instance {address} was not found, but this is not an error because -allow-missing was set."),
            )
            .into(),
        );
        return Ok(ExitCode::SUCCESS);
    }
    let detail = format!(
        "There is no resource instance in the state with the address {address}. If the resource configuration has just been added, you must run \"keyform apply\" once to create the corresponding instance(s) before they can be {past}."
    );
    Err(Diagnostic::error("No such resource instance", detail).into())
}

/// Reads the address of an instance from the command line.
pub fn instance(text: &str) -> Result<InstanceAddr> {
    parse_instance(text).map_err(|error| Diagnostic::error("Invalid address", error.to_string()).into())
}
