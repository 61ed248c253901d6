//! The file of a journal: who writes it, room on the disk, and lines that are whole.
//!
//! Its writer holds a lock on it as long as the run lasts. That lock belongs to the open file: unlike the one on the
//! state it does not fall when somebody in this process opens and closes the file again.

use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use fs_err::{self as fs, File};

use super::super::{Result, lock};
use super::files::{LARGEST, failed, folder_of, remove, shown, temporary};
use crate::diag::{Diagnostic, Ending};

/// Room for what is recorded beside new objects.
pub(super) const RESERVE: u64 = 64 << 10;

/// By which the bytes of a journal are known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole(usize, u32);

impl Whole {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(bytes.len(), crc32fast::hash(bytes))
    }
}

/// An open journal that nobody else writes.
#[derive(Debug)]
pub(super) struct JournalFile {
    path: PathBuf,
    file: File,
    length: u64,
    /// Up to where room was asked for.
    reserved: u64,
    /// Up to where there is room on the disk: asked for in large pieces, since each one makes the next flush slower.
    kept: u64,
    /// Half a line stands at its end.
    pub(super) broken: bool,
    /// How much of it came after the state was last written.
    pub(super) growth: u64,
}

impl JournalFile {
    /// A new journal in its place. A former one makes way if it is given.
    pub(super) fn create(path: &Path, text: &str, former: Option<&Self>) -> Result<Self> {
        let length = text.len() as u64;
        let write = || -> io::Result<Option<Self>> {
            let mut file = temporary(path, folder_of(path))?;
            take(file.as_file())?;
            file.write_all(text.as_bytes())?;
            reserve(file.as_file(), length, RESERVE)?;
            // With a name it has its first line, and all that is open in a former one.
            file.as_file().sync_all()?;
            let placed = match former {
                Some(_) => file.persist(path),
                None => file.persist_noclobber(path),
            };
            let file = match placed {
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
                placed => placed.map_err(|error| error.error)?,
            };
            let synced = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
            if let (Err(error), None) = (synced, former) {
                remove(path)?;
                return Err(error);
            }
            Ok(Some(Self {
                path: path.to_owned(),
                file: File::from_parts(file, path.to_owned()),
                length,
                reserved: length + RESERVE,
                kept: length + RESERVE,
                broken: false,
                growth: 0,
            }))
        };
        write()
            .map_err(|error| failed("start the journal", &error))?
            .ok_or_else(|| under_way(path))
    }

    /// Goes on with the journal of a run that is gone: `length` of its bytes are whole lines.
    pub(super) fn adopt(path: &Path, length: u64, all: Whole) -> Result<Self> {
        let open = || -> io::Result<Option<Self>> {
            let mut file = match lock::open_to_write(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                file => file?,
            };
            match take(file.file()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                taken => taken?,
            }
            // It must be what was read before: its writer may have written more, and may have put it away. Another run may
            // have left one of the same length.
            let mut bytes = Vec::new();
            (&file).take(LARGEST).read_to_end(&mut bytes)?;
            if Whole::of(&bytes) != all || !lock::same_file(&file, path) {
                return Ok(None);
            }
            file.set_len(length)?;
            file.seek(io::SeekFrom::End(0))?;
            Ok(Some(Self {
                path: path.to_owned(),
                file,
                length,
                reserved: length,
                kept: length,
                broken: false,
                growth: 0,
            }))
        };
        open()
            .map_err(|error| failed("continue the journal", &error))?
            .ok_or_else(|| under_way(path))
    }

    /// Adds a line, whole or not at all.
    pub(super) fn append(&mut self, line: &str) -> Result<()> {
        if self.broken {
            let error = io::Error::other("it ends with half a line");
            return Err(failed("write the journal", &error));
        }
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // Half a line must not stay: later ones would stand behind damage. If it does stay, nothing follows.
            let cut = self.file.set_len(self.length);
            let back = self.file.seek(io::SeekFrom::Start(self.length));
            self.broken = cut.is_err() || back.is_err();
            return Err(failed("write the journal", &error));
        }
        self.length += line.len() as u64;
        self.growth += line.len() as u64;
        Ok(())
    }

    /// Keeps this much more room, beside all that was kept before.
    pub(super) fn reserve(&mut self, room: u64) -> io::Result<()> {
        let until = self.reserved.max(self.length) + room;
        if until > self.kept {
            let kept = until.next_multiple_of(RESERVE);
            reserve(self.file.file(), self.length, kept - self.length)?;
            self.kept = kept;
        }
        self.reserved = until;
        Ok(())
    }

    /// Makes all lines durable. A journal that is no longer in its place keeps nothing for anybody.
    pub(super) fn sync(&self) -> Result<()> {
        self.file
            .sync_data()
            .map_err(|error| failed("write the journal", &error))?;
        self.check_in_place()
    }

    /// Who has lost the journal has lost the state: somebody took this run for dead.
    pub(super) fn check_in_place(&self) -> Result<()> {
        if self.is_in_place() {
            return Ok(());
        }
        let error = io::Error::other("the file was removed or replaced by another program");
        Err(failed("write the journal", &error).ends_as(Ending::Locked))
    }

    fn is_in_place(&self) -> bool {
        lock::same_file(&self.file, &self.path)
    }

    /// Puts the journal away. What is open stays, in these lines.
    pub(super) fn end(self, open: Option<&str>) -> Result<()> {
        let former = self.is_in_place().then_some(&self);
        if let Some(lines) = open {
            return Self::create(&self.path, lines, former).map(drop);
        }
        let removed = former.map_or(Ok(()), |journal| remove(&journal.path));
        removed.map_err(|error| failed("remove the journal", &error))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Keeps room on the disk behind what is written.
pub(super) fn reserve(file: &std::fs::File, from: u64, room: u64) -> io::Result<()> {
    // The disk may have room that this process may not use.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    if limit.is_some_and(|limit| from.saturating_add(room) > limit) {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::KEEP_SIZE, from, room) {
        Err(rustix::io::Errno::NOSPC | rustix::io::Errno::DQUOT) => Err(io::ErrorKind::StorageFull.into()),
        Err(rustix::io::Errno::FBIG) => Err(io::ErrorKind::FileTooLarge.into()),
        // Not every file system can; then a full disk shows when writing.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Takes the lock. Where the file system knows no locks, there is none.
fn take(file: &std::fs::File) -> io::Result<()> {
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
        Ok(()) | Err(std::fs::TryLockError::Error(_)) => Ok(()),
    }
}

/// Refuses to touch the journal of a run that is alive.
pub(super) fn under_way(path: &Path) -> Diagnostic {
    Diagnostic::error(
        "A run is under way",
        format!(
            "Another process is writing {}: it is changing what the state records. Nothing was changed by this command. Wait until that run is done; -lock=false does not help here.",
            shown(path)
        ),
    )
    .ends_as(Ending::Locked)
}

/// Whether a journal stands there.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
