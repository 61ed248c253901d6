//! `state`: the recorded objects, one by one.

mod list;
mod mv;
mod pull;
mod push;
mod replace_provider;
mod rm;
mod settle;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::args::{LockArgs, StateArgs};
use super::project::Project;
use super::ui::Ui;
use crate::addr::{InstanceAddr, Target, parse_target};
use crate::diag::{Diagnostic, Result};
use crate::state::State;
use crate::state::store::Store;

/// The commands below `state`.
#[derive(Subcommand, Debug)]
pub enum StateCommand {
    /// List the recorded instances
    List(list::ListArgs),
    /// Give an instance, a resource or a module another address
    Mv(mv::MvArgs),
    /// Print the state as it is
    Pull(pull::PullArgs),
    /// Put a state file in the place of the state
    Push(push::PushArgs),
    /// Let another provider serve the recorded objects
    ReplaceProvider(replace_provider::ReplaceProviderArgs),
    /// Forget objects without destroying them
    Rm(rm::RmArgs),
    /// Say that nothing is left to look for of an interrupted creation
    Settle(settle::SettleArgs),
    /// Show one recorded instance
    Show(show::ShowArgs),
}

/// Runs the command.
pub fn run(command: &StateCommand, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    match command {
        StateCommand::List(args) => list::run(args, ui, project),
        StateCommand::Mv(args) => mv::run(args, ui, project),
        StateCommand::Pull(args) => pull::run(args, ui, project),
        StateCommand::Push(args) => push::run(args, ui, project),
        StateCommand::ReplaceProvider(args) => replace_provider::run(args, ui, project),
        StateCommand::Rm(args) => rm::run(args, ui, project),
        StateCommand::Settle(args) => settle::run(args, ui, project),
        StateCommand::Show(args) => show::run(args, ui, project),
    }
}

/// A state under lock, to be changed.
struct Held {
    store: Box<dyn Store>,
    state: State,
}

/// Opens the state to change it. What it was is kept in a file of its own, unless the flags say otherwise.
fn open(args: &StateArgs, lock: &LockArgs, operation: &str, project: &Project, ui: &mut Ui) -> Result<Held> {
    if args.state_out.is_some() {
        let detail = "Objects cannot be taken from one state file to another yet, and a whole state is never written over another one.";
        return Err(Diagnostic::error("Unsupported option", detail)
            .hint("Leave -state-out away; state pull and state push copy whole states.")
            .into());
    }
    let mut args = args.clone();
    if args.backup.is_none() {
        let place = project.place(None)?;
        let path = args.state.clone();
        let path = path.map_or_else(|| Ok(place.of(&project.workspace()?)), Result::Ok)?;
        args.backup = Some(backup(path, project));
    }
    let (store, snapshot) = project.locked(&args, lock, operation, ui)?;
    match snapshot {
        Some(snapshot) => Ok(Held {
            store,
            state: snapshot.state,
        }),
        None => Err(no_state()),
    }
}

/// Where the state goes as it was: beside it, with the time in its name, and never over another one.
fn backup(path: PathBuf, project: &Project) -> PathBuf {
    let second = project.started.as_second();
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let free = |number: u32| {
        let more = if number == 0 {
            String::new()
        } else {
            format!(".{number}")
        };
        let path = path.with_file_name(format!("{name}.{second}{more}.backup"));
        (!path.exists()).then_some(path)
    };
    (0..).find_map(free).unwrap_or(path)
}

fn no_state() -> crate::diag::Diagnostics {
    Diagnostic::error(
        "No state file was found!",
        "State management commands require a state file. Run this command in a directory where keyform has been run or use the -state flag to point the command to a specific state location.",
    )
    .into()
}

/// Reads an address that may name a module, a resource or an instance.
fn target(text: &str) -> Result<Target> {
    parse_target(text).map_err(|error| Diagnostic::error("Invalid target address", error.to_string()).into())
}

/// The recorded instances that an address picks out, in order.
fn matching(state: &State, target: &Target) -> Vec<InstanceAddr> {
    let instances = state.resources.iter().flat_map(|(resource, recorded)| {
        recorded
            .instances
            .keys()
            .map(|key| resource.instance(key.clone()))
    });
    instances.filter(|address| target.contains(address)).collect()
}
