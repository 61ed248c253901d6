//! Other users of the machine: whether they may change the folders that a run trusts, and what they can read of a state.
//!
//! Groups may write: on many systems each user has one of their own, and folders are made so. Folders of another owner
//! pass too, since containers work in them.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use fs_err as fs;
use rustix::process::geteuid;

use super::engine::OWN_FOLDER;
use super::environment::Environment;
use super::plan_file::PLAN_KEY;
use super::project::Project;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::regular::readable_by_others;
use crate::state::State;
use crate::state::store::Store;

/// The operation of a run that changes nothing.
pub const PLAN: &str = "OperationTypePlan";
/// Those of runs that go on from the state.
pub const APPLY: &str = "OperationTypeApply";
pub const REFRESH: &str = "OperationTypeRefresh";

/// What others could exchange in a folder.
const CONFIGURATION: &str = "a state or a configuration";
const KEYS: &str = "a key of saved plans";
const CHOICES: &str = "a module, or the choice of a workspace,";

const ALL_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// What is wrong with the folders that a run trusts: an error for a run that changes something, unless its user knows that
/// nobody else is there.
pub fn check_folders(store: &dyn Store, operation: &str, project: &Project) -> Diagnostics {
    let data = project.data_dir();
    let modules = data.join("modules");
    let places = [
        (Some(Path::new(".")), CONFIGURATION),
        (store.folder(), CONFIGURATION),
        (Some(Path::new(OWN_FOLDER)), KEYS),
        (Some(Path::new(PLAN_KEY)), KEYS),
        (Some(&*data), CHOICES),
        (Some(&*modules), CHOICES),
    ];
    let open = places.iter().find(|(place, _)| place.is_some_and(is_open));
    let Some((Some(place), what)) = open else {
        return warn_of_key();
    };
    let place = fs::canonicalize(place).unwrap_or_else(|_| (*place).to_owned());
    let place = place.display();
    let why = format!(
        "Everybody on this machine can write to {place}: others could put {what} of theirs in the place of yours."
    );
    if operation == PLAN || is_alone(&project.environment) {
        return Diagnostic::warning("Others can change this folder", why)
            .hint(format!("Keep it to yourself: chmod o-w {place}"))
            .into();
    }
    Diagnostic::error(
        "Others can change this folder",
        format!("{why} Nothing was changed."),
    )
    .hint(format!(
        "Keep it to yourself: chmod o-w {place}. Where that cannot be, and no others are there (some shared drives, containers), set KEYFORM_SHARED_FOLDER=allow."
    ))
    .into()
}

/// Says that others can read the key with which saved plans are opened.
fn warn_of_key() -> Diagnostics {
    if !readable_by_others(Path::new(PLAN_KEY)) {
        return Diagnostics::new();
    }
    let detail = format!(
        "{PLAN_KEY} opens every plan that is saved here, with the secrets in it, and other users of this machine may read it."
    );
    Diagnostic::warning("Others can read the key of saved plans", detail)
        .hint(format!("Keep it to yourself: chmod 600 {PLAN_KEY}"))
        .hint("Where somebody may have read it, remove it and the plans that were saved with it: the next run makes another one. Secrets that the state knows by a digest only are then set once more.")
        .into()
}

/// The same as a result; what is no error is not told.
pub fn refuse_folders(store: &dyn Store, operation: &str, project: &Project) -> Result<()> {
    let problems = check_folders(store, operation, project);
    if problems.has_errors() {
        Err(problems)
    } else {
        Ok(())
    }
}

/// Whether everybody may put files in a folder and take those of others away, or change a file.
fn is_open(folder: &Path) -> bool {
    let Ok(found) = fs::metadata(folder) else {
        return false;
    };
    let owner = found.uid();
    let guarded = found.mode() & STICKY != 0 && (owner == 0 || owner == geteuid().as_raw());
    found.mode() & ALL_WRITE != 0 && !guarded
}

/// Whether the user says that nobody else is there, or a builder does: several make their folders open to all.
fn is_alone(environment: &Environment) -> bool {
    let says = |name: &str, word: &str| {
        environment
            .get(name)
            .is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    says("KEYFORM_SHARED_FOLDER", "allow") || says("CI", "true")
}

/// Says which files with secrets of a state others can read.
pub fn warn_of_readable(store: &dyn Store, state: &State) -> Diagnostics {
    let files = store.exposed();
    if files.is_empty() || !holds_secret(state) {
        return Diagnostics::new();
    }
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let detail = format!(
        "There are secrets in {}, which other users of this machine may read. What keyform writes is for its owner alone, so the next change ends that for the state; the secrets should count as known.",
        files.join(" and ")
    );
    Diagnostic::warning("Others can read the state", detail)
        .hint(format!("At once: chmod 600 {}", files.join(" ")))
        .into()
}

fn holds_secret(state: &State) -> bool {
    let secret_outputs = state.outputs.values().any(|output| output.sensitive);
    secret_outputs
        || state
            .objects()
            .any(|(_, _, object)| !object.sensitive_paths.is_empty())
}
