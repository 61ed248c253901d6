//! `state push`

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::cli::args::{LockArgs, ReadStateArgs};
use crate::cli::disk::reason;
use crate::cli::planning::tell_put_away;
use crate::cli::project::Project;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::state::State;
use crate::state::store::{Snapshot, some};

/// The arguments of `state push`.
#[derive(Args, Debug)]
pub struct PushArgs {
    /// A state file; "-" for the standard input
    #[arg(value_name = "PATH")]
    path: String,
    /// The state file whose place it takes
    #[arg(long, value_name = "PATH")]
    state: Option<PathBuf>,
    /// Do not compare lineage and serial
    #[arg(long)]
    force: bool,
    #[arg(long, hide = true)]
    ignore_remote_version: bool,
    #[command(flatten)]
    lock: LockArgs,
}

/// Runs the command.
pub fn run(args: &PushArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let pushed = read(&args.path, project)?;
    let place = ReadStateArgs {
        state: args.state.clone(),
    };
    let mut store = project.locked_unread(&place.full(), &args.lock, "state-push")?;
    let overruled = if args.force {
        store.overrule(&pushed)?
    } else {
        None
    };
    let present = match &overruled {
        Some(_) => None,
        None => store.read()?,
    };
    let told = present.as_ref().is_none_or(|present| !present.rescued.is_empty());
    let mut missing = Vec::new();
    if let Some(present) = present {
        tell_put_away(&present, ui);
        if !args.force {
            compare(&present, &pushed)?;
        }
        let present = present.state;
        missing = present.missing_in(&pushed);
        if present.serial == pushed.serial
            && present.lineage == pushed.lineage
            && present.same_content(&pushed)
        {
            return Ok(ExitCode::SUCCESS);
        }
    }
    store.write(&pushed)?;
    if !missing.is_empty() {
        ui.diagnostics(&no_longer_recorded(&missing, &store.describe()).into());
    }
    if let Some(kept) = overruled {
        ui.talk(&format!(
            "The journal did not fit the state that was there, so it was put aside: {kept}. What is open in it stays open where it belongs to the state that was pushed."
        ));
    }
    if told && let Some(now) = store.read()? {
        tell_put_away(&now, ui);
    }
    store.unlock()?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &str, project: &Project) -> Result<State> {
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        crate::cli::disk::read(Path::new(path))
    };
    let bytes = bytes.map_err(|error| {
        Diagnostic::error(
            "Failed to read the state to push",
            format!("{path}: {}.", reason(&error)),
        )
    })?;
    let Ok(text) = String::from_utf8(bytes) else {
        let detail = format!("{path} is not valid UTF-8.");
        return Err(Diagnostic::error("Failed to read the state to push", detail).into());
    };
    let keeping = project.place_and_keeping(None)?.1;
    Ok(keeping.manner(Path::new(path)).open(text, path)?)
}

/// What only the former state records is said: nobody else knows of it.
fn no_longer_recorded(missing: &[String], place: &str) -> Diagnostic {
    let detail = format!(
        "The state that was in its place records objects that the pushed one does not: {}. They may exist, and are no longer managed.",
        some(missing)
    );
    Diagnostic::warning("Objects are no longer recorded", detail)
        .hint(format!("The former state is in {place}.backup."))
}

/// Whether one state may take the place of the other.
fn compare(present: &Snapshot, pushed: &State) -> Result<()> {
    // What is open belongs to its lineage, though no state may have been written of it yet.
    let is_open = !present.unsettled.is_empty();
    let present = &present.state;
    let refused = |why: String| {
        let detail = format!(
            "The state was not pushed: {why}. With -force it takes the place of the other all the same."
        );
        Err(Diagnostic::error("Failed to write state", detail).into())
    };
    let (old, new) = (&present.lineage, &pushed.lineage);
    let is_new = present.is_empty() && present.serial == 0;
    if is_new && !is_open {
        return Ok(());
    }
    if !old.is_empty() && !new.is_empty() && old != new {
        return refused(format!(
            "cannot import state with lineage \"{new}\" over unrelated state with lineage \"{old}\""
        ));
    }
    if is_new {
        return Ok(());
    }
    if pushed.serial < present.serial {
        return refused(format!(
            "cannot import state with serial {} over newer state with serial {}",
            pushed.serial, present.serial
        ));
    }
    if pushed.serial == present.serial && !pushed.same_content(present) {
        return refused(format!(
            "cannot overwrite existing state with serial {} with a different state that has the same serial",
            present.serial
        ));
    }
    Ok(())
}
