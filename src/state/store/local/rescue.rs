//! States that could not be put in their place: where they go, and whether one is left.

use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::super::{Rescued, Result, Worth, lock};
use super::LocalStore;
use super::files::{beside, failed, folder_of, read_text, shown, temporary};
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

impl LocalStore {
    /// The states that earlier runs could not put in their place, as far as they are worth something beside this one.
    /// Whoever holds the lock puts those away that are not.
    pub(super) fn rescued(&self, present: &State) -> Vec<Rescued> {
        let worth = |place: &PathBuf| match read(place, &self.manner) {
            Err(why) => Some(Worth::Unreadable(why)),
            Ok(state) => Worth::of(&state, present).or_else(|| {
                let put_away = self.held.as_ref().and_then(|_| put_away(place));
                put_away.map(Worth::Spent)
            }),
        };
        let found = names(&self.path).filter(|place| exists(place));
        let rescued = found.filter_map(|place| {
            Some(Rescued {
                path: shown(&place),
                option: self.option.clone(),
                worth: worth(&place)?,
            })
        });
        rescued.collect()
    }
}

/// Reads a recovery file, or says why it cannot be read.
fn read(place: &Path, manner: &Manner) -> std::result::Result<State, String> {
    let mut text = String::new();
    let read = lock::open(place, false).and_then(|file| read_text(&file, &mut text));
    read.map_err(|error| format!("{error}."))?;
    manner.open(text, &shown(place)).map_err(|error| error.detail)
}

/// Gives a recovery file a name under which nobody looks for it, and says which.
fn put_away(place: &Path) -> Option<String> {
    let free = (0..MOST).map(|number| match number {
        0 => beside(place, ".recorded"),
        _ => beside(place, &format!(".recorded.{number}")),
    });
    let to = free.into_iter().find(|to| !exists(to))?;
    // One that stays is looked at again.
    fs_err::rename(place, &to).ok()?;
    Some(shown(&to))
}
