//! `recover`: what earlier runs may have made without recording it, and what to make of it.

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;

use super::args::{ImportArgs, InputArgs, LockArgs, SandboxArgs, StateArgs, Variables};
use super::engine::instance;
use super::exit_code;
use super::import::Word;
use super::project::Project;
use super::ui::Ui;
use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Ending, Result};
use crate::plan::find_type;
use crate::state::journal::Intent;
use crate::state::marker::operation_of;
use crate::state::salvage::Damaged;
use crate::state::store::abandon;

/// The arguments of `recover`.
#[derive(Args, Clone, Debug)]
pub struct RecoverArgs {
    /// List the operations of which nothing more was heard; the exit code is 3 where there are some
    #[arg(long)]
    list: bool,
    /// This operation made the object with this id: take it under management. With -from-cloud: this address has the
    /// object with this id (may be repeated)
    #[arg(long, value_name = "ADDRESS=ID")]
    adopt: Vec<String>,
    /// This operation made nothing: forget it. It is named by its address, or by the marker that -list shows (may be
    /// repeated)
    #[arg(long, value_name = "OPERATION")]
    abandon: Vec<String>,
    /// The state is lost: make it again from the tags of keys, from names and from what the configuration declares
    #[arg(long, group = "remade", conflicts_with_all = ["list", "abandon"])]
    pub from_cloud: bool,
    /// The journal is damaged: go on with what can be read of it, and put the damaged file aside
    #[arg(long, group = "remade", conflicts_with_all = ["list", "abandon", "adopt"])]
    repair: bool,
    /// With -from-cloud: which state was lost, by the first part of the tag keyform:id
    #[arg(long, value_name = "TEXT", requires = "from_cloud")]
    pub lineage: Option<String>,
    /// With -from-cloud and -repair: do not ask before something is written
    #[arg(long, requires = "remade")]
    pub auto_approve: bool,
    /// How many operations may run at the same time
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    parallelism: u16,
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub sandbox: SandboxArgs,
}

/// Runs the command.
pub fn run(args: &RecoverArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    project.give(&args.variables);
    let adopted = args.adopt.iter().map(|text| adopted(text));
    let adopted = adopted.collect::<Result<Vec<_>>>()?;
    if args.repair {
        return repair(args, ui, project);
    }
    if args.from_cloud {
        return super::rebuild::run(args, &adopted, ui, project);
    }
    let open = open(args, project)?;
    let abandoned = args.abandon.iter().map(|text| abandoned(text, &open));
    let abandoned = abandoned.collect::<Result<Vec<_>>>()?;
    let mut named = adopted.iter().map(|(addr, _)| addr).chain(&abandoned);
    named.try_for_each(|addr| is_open(addr, &open))?;
    for (addr, id) in adopted {
        let import = ImportArgs {
            address: addr.to_string(),
            id,
            config: None,
            parallelism: args.parallelism,
            variables: args.variables.clone(),
            state: args.state.clone(),
            lock: args.lock.clone(),
            input: args.input,
            sandbox: args.sandbox,
        };
        super::import::run_as(&import, Word::Adopt, ui, project)?;
    }
    if !abandoned.is_empty() {
        let (mut store, snapshot) = project.locked(&args.state, &args.lock, "recover", ui)?;
        let now = store.unsettled().to_vec();
        // Another run may have ended in between.
        let same = |addr: &&InstanceAddr| begun(addr, &now) == begun(addr, &open);
        if let Some(addr) = abandoned.iter().find(|addr| !same(addr)) {
            is_open(addr, &[])?;
        }
        let state = snapshot.map(|snapshot| snapshot.state).unwrap_or_default();
        let back = abandon(&mut *store, &state, &abandoned)?;
        store.unlock()?;
        for addr in &abandoned {
            ui.line(&format!("Abandoned {addr}{}", place_back(addr, &back)));
        }
    }
    list(args, ui, project)
}

/// Goes on with what can be read of a damaged journal.
fn repair(args: &RecoverArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    super::planning::settle_input(args.input, ui);
    let mut store = project.locked_unread(&args.state, &args.lock, "recover")?;
    let (mut asked, mut nobody) = (false, false);
    let kept = store.repair(&mut |salvage| {
        asked = true;
        for damaged in &salvage.damaged {
            ui.talk(&told(damaged));
        }
        nobody = !args.auto_approve && !ui.is_interactive();
        args.auto_approve
            || ui.confirm(
                "Do you want to go on with what can be read of the journal?",
                "What stays open is looked for by the next plan. Of what is not gone on with, nothing is known any more: compare what exists with the state afterwards, and import what is missing there.\n\nOnly 'yes' will be accepted to confirm. Nothing is changed in the cloud.",
            )
    });
    store.unlock()?;
    match kept? {
        Some(kept) => ui.talk(&format!("The damaged journal was put aside: {kept}.")),
        None if nobody => {
            return Err(Diagnostic::error(
                "Approval needed",
                "Nobody can answer the question whether to go on with what can be read of the journal, so nothing was changed.",
            )
            .hint("Use -auto-approve.")
            .into());
        }
        None if asked => return Ok(ExitCode::FAILURE),
        None => ui.talk("No journal is damaged."),
    }
    list(args, ui, project)
}

fn told(damaged: &Damaged) -> String {
    let at = damaged.at.map_or_else(
        || "does not go with the state".to_owned(),
        |at| format!("damaged at byte {at}"),
    );
    let kept = if damaged.is_kept {
        "stays open"
    } else {
        "not gone on with"
    };
    format!("{}: {at}, {kept}", damaged.about)
}

/// `ADDRESS=ID`. Keys of addresses may hold the sign too, so it is the first one behind the address.
fn adopted(text: &str) -> Result<(InstanceAddr, String)> {
    let places = text.match_indices('=').map(|(at, _)| at);
    let mut found = places.filter_map(|at| Some((instance(&text[..at], "-adopt").ok()?, &text[at + 1..])));
    match found.next() {
        Some((addr, id)) if !id.is_empty() => Ok((addr, id.to_owned())),
        _ => Err(Diagnostic::error(
            "Invalid option",
            format!("-adopt {text:?}: write the address of an instance, an equals sign and the id: -adopt 'aws_kms_key.k=1234abcd-12ab-34cd-56ef-1234567890ab'."),
        )
        .into()),
    }
}

/// What is open. Reading it needs no lock.
fn open(args: &RecoverArgs, project: &Project) -> Result<Vec<Intent>> {
    let mut store = project.store(&args.state, None)?;
    super::store::read(&mut *store)?;
    Ok(store.unsettled().to_vec())
}

/// The address of an operation that is named by it, or by its marker, or by the part of it that tells the operation.
fn abandoned(text: &str, open: &[Intent]) -> Result<InstanceAddr> {
    let is_meant = |intent: &&Intent| {
        let marker = intent.marker.as_deref();
        marker.is_some_and(|marker| marker == text || operation_of(marker) == text && !text.is_empty())
    };
    match open.iter().find(is_meant) {
        Some(intent) => Ok(intent.address.clone()),
        None => instance(text, "-abandon"),
    }
}

/// By what an operation for an address is told from a later one.
fn begun<'a>(addr: &InstanceAddr, open: &'a [Intent]) -> Option<(i64, Option<&'a str>)> {
    let found = open.iter().find(|intent| intent.address == *addr);
    found.map(|intent| (intent.begun.since, intent.marker.as_deref()))
}

/// What is said where a former object is the current one again.
pub fn place_back(addr: &InstanceAddr, back: &BTreeSet<InstanceAddr>) -> &'static str {
    if back.contains(addr) {
        ": its former object has its place back"
    } else {
        ""
    }
}

/// Nothing is done where a name is wrong.
fn is_open(addr: &InstanceAddr, open: &[Intent]) -> Result<()> {
    if open.iter().any(|intent| intent.address == *addr) {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Nothing to recover",
        format!("No operation of an earlier run is open for {addr}. Nothing was changed. \"recover -list\" tells what is open; what exists and was never open is taken under management with import."),
    )
    .into())
}

/// Lists what is open now, a line each.
fn list(args: &RecoverArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let open = open(args, project)?;
    if open.is_empty() {
        ui.line("Nothing is open: all that earlier runs began is recorded.");
        return Ok(ExitCode::SUCCESS);
    }
    for intent in &open {
        let since = jiff::Timestamp::from_second(intent.begun.since).map_or_else(
            |_| String::new(),
            |since| since.strftime(", %Y-%m-%d %H:%M UTC").to_string(),
        );
        let marker = intent
            .marker
            .as_ref()
            .map_or_else(String::new, |marker| format!(", {}", mark(intent, marker)));
        ui.line(&format!("{}: create{since}{marker}", intent.address));
    }
    Ok(exit_code(Ending::Unsettled))
}

/// What the object carries, as it is listed.
fn mark(intent: &Intent, marker: &str) -> String {
    let ty = find_type(&intent.address.resource);
    let told = ty.map(|ty| crate::resource::mark(ty, marker));
    told.unwrap_or_else(|_| marker.to_owned()).replace('"', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = adopted(text).ok().map(|(addr, id)| (addr.to_string(), id));
        assert_eq!(found, expected.map(|(addr, id)| (addr.to_owned(), id.to_owned())));
    }

    #[test]
    fn an_operation_is_named_by_its_address_or_its_marker() {
        let address = instance("aws_kms_key.k", "-abandon").unwrap();
        let open = [Intent {
            marker: Some("0a1b2c3d.fedcba9876544321".into()),
            ..Intent::of(&address)
        }];
        for name in ["aws_kms_key.k", "0a1b2c3d.fedcba9876544321", "fedcba9876544321"] {
            assert_eq!(abandoned(name, &open).unwrap(), address, "{name}");
        }
        let other = abandoned("aws_kms_key.other", &open).unwrap();
        is_open(&other, &open).unwrap_err();
        is_open(&address, &open).unwrap();
        for wrong in ["", "fedcba98", "0a1b2c3d"] {
            abandoned(wrong, &open).unwrap_err();
        }
    }

    #[test]
    fn an_address_and_an_id_are_told_apart() {
        check("aws_kms_key.k=1234", Some(("aws_kms_key.k", "1234")));
        check(
            r#"aws_kms_key.k["a=b"]=alias/x=y"#,
            Some((r#"aws_kms_key.k["a=b"]"#, "alias/x=y")),
        );
        check("aws_kms_key.k", None);
        check("aws_kms_key.k=", None);
        check("=1234", None);
    }
}
