//! The state before: where it goes when a new one takes its place.

use std::io::{self, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use fs_err as fs;
use fs_err::os::unix::fs::OpenOptionsExt as _;

use super::super::lock;
use super::LocalStore;
use super::files::{folder_of, shown, temporary};
use crate::regular;
use crate::state::State;
use crate::state::envelope::Envelope;

/// Whether the state may be put there as it was before. What is no folder makes way for it.
pub(super) fn try_place(path: &Path, backup: &Path) -> io::Result<()> {
    if fs::symlink_metadata(backup).is_ok_and(|data| data.is_dir()) {
        let why = format!("{} is a folder", shown(backup));
        return Err(io::Error::new(io::ErrorKind::IsADirectory, why));
    }
    may_replace(backup)?;
    temporary(path, folder_of(backup)).map(drop)
}

/// What is neither file nor link stays where it is.
fn may_replace(backup: &Path) -> io::Result<()> {
    regular::may_replace(backup)
        .map_err(|error| io::Error::new(error.kind(), format!("{error}. With -backup=- no backup is made")))
}

impl LocalStore {
    /// Puts the state that is about to be replaced where the backup belongs.
    pub(super) fn back_up(&mut self) -> io::Result<()> {
        let Some(backup) = self.backup.as_deref().filter(|_| !self.backed_up) else {
            return Ok(());
        };
        let present = fs::symlink_metadata(&self.path)
            .ok()
            .filter(|data| data.len() > 0);
        if let Some(present) = present {
            may_replace(backup)?;
            // The name is free a moment later; link and copy fail if somebody takes it.
            let place = temporary(&self.path, folder_of(backup))?.into_temp_path();
            fs::remove_file(&place)?;
            // A file that others may read, or that is not ours, is copied: the backup is for us alone.
            let ours = present.mode() & 0o777 == 0o600;
            if let Some(sealed) = self.sealed_backup()? {
                let mut options = fs::OpenOptions::new();
                let mut file = options.write(true).create_new(true).mode(0o600).open(&place)?;
                file.write_all(sealed.as_bytes())?;
                file.sync_all()?;
            } else if !ours || fs::hard_link(&self.path, &place).is_err() {
                self.copy_to(&place)?;
            }
            self.keep_backup_of_other(backup)?;
            fs::rename(&place, backup)?;
        }
        self.backed_up = true;
        Ok(())
    }

    /// A state in clear is backed up encrypted, once states are encrypted; none where it may stay as it is.
    fn sealed_backup(&self) -> io::Result<Option<String>> {
        if self.manner.vault.is_none() {
            return Ok(None);
        }
        let text = self.text_now()?;
        if text.is_empty() || Envelope::is_one(&text) {
            return Ok(None);
        }
        let state = State::parse(text, &shown(&self.path));
        let sealed = state.and_then(|state| self.manner.seal(&state));
        sealed.map(Some).map_err(|error| io::Error::other(error.detail))
    }

    fn copy_to(&self, place: &Path) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut copy = options.write(true).create_new(true).mode(0o600).open(place)?;
        match &self.held {
            Some(held) => {
                let mut file = &held.file;
                file.rewind()?;
                io::copy(&mut file, &mut copy)?;
            }
            None => {
                io::copy(&mut lock::open(&self.path, false)?, &mut copy)?;
            }
        }
        copy.sync_all()
    }
}
