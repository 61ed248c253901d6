//! `state mv`

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;

use super::{matching, open, target};
use crate::addr::{InstanceAddr, InstanceKey, ModulePath, Target};
use crate::cli::args::{LockArgs, StateArgs};
use crate::cli::project::Project;
use crate::cli::store;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::state::State;
use crate::state::store::Session;

/// The arguments of `state mv`.
#[derive(Args, Debug)]
pub struct MvArgs {
    /// What it is called
    #[arg(value_name = "SOURCE")]
    source: String,
    /// What it is to be called
    #[arg(value_name = "DESTINATION")]
    destination: String,
    /// Only say what would be moved
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs the command.
pub fn run(args: &MvArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let (from, to) = (target(&args.source)?, target(&args.destination)?);
    let mut held = open(&args.state, &args.lock, "state-mv", project, ui)?;
    let before = held.state.clone();
    let begun: Vec<InstanceAddr> = held
        .store
        .unsettled()
        .iter()
        .map(|intent| intent.address.clone())
        .collect();
    let moves = moves((&held.state, &begun), &from, &to)?;
    check_free((&held.state, &begun), &moves)?;
    let word = if args.dry_run { "Would move" } else { "Move" };
    let told: Vec<String> = moves
        .iter()
        .map(|(old, new)| format!("{word} \"{old}\" to \"{new}\""))
        .collect();
    if args.dry_run {
        ui.line(&told.join("\n"));
        return Ok(ExitCode::SUCCESS);
    }
    held.state.rename_all(&moves);
    held.state
        .rename_dependencies(moves.iter().map(|(old, new)| (old, new)));
    if moves.iter().any(|(old, _)| begun.contains(old)) {
        // State and journal move in one step.
        let mut session = Session::begin(&mut *held.store, &before);
        session.starts_from(&held.state);
        session.record_moved(&moves)?;
        session.finish(&held.state).whole()?;
    } else {
        store::save(&mut *held.store, Some(&before), held.state)?;
    }
    held.store.unlock()?;
    ui.line(&told.join("\n"));
    ui.line(&format!("Successfully moved {} object(s).", moves.len()));
    Ok(ExitCode::SUCCESS)
}

/// What is recorded, and the instances for which an earlier run has left something open.
type Known<'a> = (&'a State, &'a [InstanceAddr]);

/// Every instance concerned with its new address.
fn moves(known: Known<'_>, from: &Target, to: &Target) -> Result<Vec<(InstanceAddr, InstanceAddr)>> {
    let found = exactly(known, from);
    if found.is_empty() {
        let detail = format!("Cannot move {from}: does not match anything in the current state.");
        return Err(Diagnostic::error("Invalid source address", detail).into());
    }
    found
        .into_iter()
        .map(|old| Ok((old.clone(), renamed(&old, from, to)?)))
        .collect()
}

/// The known instances at the address as it is written: a step without a key is one without, not all of them.
fn exactly((state, begun): Known<'_>, from: &Target) -> Vec<InstanceAddr> {
    let mut found = matching(state, from);
    let unrecorded = begun.iter().filter(|address| state.instances(address).is_none());
    found.extend(unrecorded.filter(|address| from.contains(address)).cloned());
    found.retain(|address| match from {
        Target::Module(path) => address.module.0.starts_with(&path.0),
        Target::Resource(resource) => address.module == resource.module,
        Target::Instance(instance) => address == instance,
    });
    found
}

/// Nothing may stand where something is to go, and nothing may go where it is.
fn check_free((state, begun): Known<'_>, moves: &[(InstanceAddr, InstanceAddr)]) -> Result<()> {
    let leaving: BTreeSet<&InstanceAddr> = moves.iter().map(|(old, _)| old).collect();
    let mut taken = BTreeSet::new();
    for (old, new) in moves {
        let known = state.instances(new).is_some() || begun.contains(new);
        let occupied = known && (old == new || !leaving.contains(new));
        if occupied || !taken.insert(new) {
            let detail = format!(
                "Cannot move to {new}: there is already a resource instance at that address in the current state."
            );
            return Err(Diagnostic::error("Invalid destination address", detail).into());
        }
    }
    Ok(())
}

fn renamed(old: &InstanceAddr, from: &Target, to: &Target) -> Result<InstanceAddr> {
    let mut new = old.clone();
    match (from, to) {
        (Target::Module(from), Target::Module(to)) if to.0.starts_with(&from.0) => {
            let detail = format!("Cannot move {from} to {to}: a module cannot go into itself.");
            return Err(Diagnostic::error("Invalid destination address", detail).into());
        }
        (Target::Module(from), Target::Module(to)) => {
            let rest = old.module.0.iter().skip(from.0.len()).cloned();
            new.module = ModulePath(to.0.iter().cloned().chain(rest).collect());
        }
        (Target::Resource(_) | Target::Instance(_), Target::Resource(to)) => {
            new.module = to.module.clone();
            new.resource = to.resource.clone();
            if matches!(from, Target::Instance(_)) {
                new.key = InstanceKey::None;
            }
        }
        (Target::Resource(_), Target::Instance(to)) if old.key == InstanceKey::None => new = to.clone(),
        (Target::Instance(_), Target::Instance(to)) => new = to.clone(),
        (Target::Resource(_), Target::Instance(to)) => {
            let detail = format!("Cannot move to {to}: the whole of {from} cannot become one instance.");
            return Err(Diagnostic::error("Invalid destination address", detail).into());
        }
        (Target::Module(_), _) | (_, Target::Module(_)) => {
            let detail = format!(
                "Cannot move {from} to {to}: a module can only become a module, and a resource a resource."
            );
            return Err(Diagnostic::error("Invalid destination address", detail).into());
        }
    }
    if new.resource.ty != old.resource.ty || new.resource.mode != old.resource.mode {
        let detail = format!("Cannot move {old} to {new}: resource types don't match.");
        return Err(Diagnostic::error("Invalid state move request", detail).into());
    }
    Ok(new)
}
