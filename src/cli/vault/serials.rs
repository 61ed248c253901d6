//! The highest serial of each state that was ever read here: an older one in its place was put back by somebody.
//!
//! Encryption alone does not tell: an old state is as well encrypted as a new one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Result;
use crate::cli::disk;
use crate::cli::engine::OWN_FOLDER;
use crate::diag::Diagnostic;

/// More states than this are not remembered.
const MOST: usize = 1000;

/// Refuses a state that is older than one that was seen before, and remembers it otherwise.
pub(super) fn check((serial, lineage): (u64, &str)) -> Result<()> {
    let path = path();
    let mut seen: BTreeMap<String, u64> = disk::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let highest = seen.get(lineage).copied().unwrap_or_default();
    if serial < highest {
        return Err(Diagnostic::error(
            "State is older than one that was seen before",
            format!(
                "Its serial is {serial}, and {highest} has been read here already: somebody may have put an old one back, and what was made since would be made again."
            ),
        )
        .hint(format!(
            "If you have put it back yourself, remove {} and run again.",
            path.display()
        )));
    }
    if serial > highest && (seen.len() < MOST || seen.contains_key(lineage)) {
        seen.insert(lineage.to_owned(), serial);
        // Who may not write here is not kept from reading.
        let text = serde_json::to_vec(&seen).expect("it is plain text");
        let _ = disk::make_private_folder(Path::new(OWN_FOLDER))
            .and_then(|()| crate::cli::machine::write_secret(&path, &text));
    }
    Ok(())
}

fn path() -> PathBuf {
    Path::new(OWN_FOLDER).join("serials.json")
}
