//! States that could not be put in their place: where they go, and whether one is left.

use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::super::{Result, lock};
use super::files::{failed, folder_of, read_text, shown, temporary};
use super::journal::exists;
use crate::state::{Manner, State};

/// How many recovery files may lie about.
const MOST: usize = 100;

/// `errored.tfstate` beside the state, or with a number if that is taken.
fn names(path: &Path) -> impl Iterator<Item = PathBuf> {
    (0..MOST).map(|number| match number {
        0 => path.with_file_name("errored.tfstate"),
        _ => path.with_file_name(format!("errored.{number}.tfstate")),
    })
}

/// Puts a state beside the place where it belongs, or where there is room, and says where.
pub(super) fn put(path: &Path, text: &str) -> Result<String> {
    let beside = |place: &Path| -> io::Result<()> {
        let mut file = temporary(place, folder_of(place))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(place).map_err(|error| error.error)?;
        Ok(())
    };
    let mut failure = io::Error::from(io::ErrorKind::AlreadyExists);
    for place in names(path) {
        match beside(&place) {
            Ok(()) => return Ok(shown(&place)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                failure = error;
                break;
            }
        }
    }
    elsewhere(text)
        .map(|place| shown(&place))
        .map_err(|_| failed("write the recovery file", &failure))
}

/// The disk may be full: the one for temporary files may have room.
fn elsewhere(text: &str) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new()
        .prefix("errored.")
        .suffix(".tfstate")
        .permissions(std::fs::Permissions::from_mode(0o600))
        .tempfile()?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file.keep()?.1)
}

/// A state that an earlier run could not put in its place, if it is newer than the one that is there.
pub(super) fn newer(path: &Path, present: Option<&State>, manner: &Manner) -> Option<String> {
    let (lineage, serial) = present.map_or(("", 0), |state| (&*state.lineage, state.serial));
    let is_newer = |place: &PathBuf| {
        let mut text = String::new();
        let read = lock::open(place, false).and_then(|file| read_text(&file, &mut text));
        let state = manner.open(text, &shown(place)).ok();
        read.is_ok()
            && state.is_some_and(|state| {
                (lineage.is_empty() || *lineage == *state.lineage) && state.serial > serial
            })
    };
    names(path)
        .take_while(|place| exists(place))
        .find(is_newer)
        .map(|place| shown(&place))
}
