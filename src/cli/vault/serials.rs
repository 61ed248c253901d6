//! The highest serial of each state that was ever read here: an older one in its place was put back by somebody.
//!
//! Encryption alone does not tell: an old state is as well encrypted as a new one. A state may stand in several places,
//! as a new workspace begins with a copy: each place has its own serial.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fs_err as fs;

use super::Result;
use crate::cli::disk;
use crate::cli::engine::OWN_FOLDER;
use crate::diag::Diagnostic;

/// More states than this are not remembered.
const MOST: usize = 1000;

type Serials = BTreeMap<String, u64>;

/// Refuses a state that is older than one that was seen before in its place, and remembers it otherwise.
pub(super) fn check(place: &Path, (serial, lineage): (u64, &str)) -> Result<()> {
    let seen = seen();
    let name = name(place, lineage);
    let highest = seen.get(&name).copied().unwrap_or_default();
    if serial < highest {
        return Err(Diagnostic::error(
            "State is older than one that was seen before",
            format!(
                "Its serial is {serial}, and {highest} has been read here already: somebody may have put an old one back, and what was made since would be made again."
            ),
        )
        .hint(format!(
            "If you have put it back yourself, remove {} and run again.",
            path().display()
        )));
    }
    if serial > highest {
        remember(seen, name, serial);
    }
    Ok(())
}

/// Takes a state for the newest of its place, whatever was seen there before.
pub(super) fn set(place: &Path, (serial, lineage): (u64, &str)) {
    remember(seen(), name(place, lineage), serial);
}

fn seen() -> Serials {
    let text = disk::read(&path()).ok();
    text.and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

fn remember(mut seen: Serials, name: String, serial: u64) {
    if seen.len() >= MOST && !seen.contains_key(&name) {
        return;
    }
    seen.insert(name, serial);
    // Who may not write here is not kept from reading.
    let text = serde_json::to_vec(&seen).expect("it is plain text");
    let _ = disk::make_private_folder(Path::new(OWN_FOLDER))
        .and_then(|()| crate::cli::machine::write_secret(&path(), &text));
}

/// By what a state is remembered: its lineage, and where it stands as seen from the working folder.
fn name(place: &Path, lineage: &str) -> String {
    let whole = |path: &Path| fs::canonicalize(path).ok();
    let folder = match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let place = match (whole(folder), whole(Path::new(".")), place.file_name()) {
        (Some(folder), Some(here), Some(name)) => {
            let folder = folder
                .strip_prefix(here)
                .map_or(folder.clone(), Path::to_path_buf);
            folder.join(name)
        }
        _ => place.to_owned(),
    };
    format!("{lineage} {}", place.display())
}

fn path() -> PathBuf {
    Path::new(OWN_FOLDER).join("serials.json")
}
