//! The lock on a local state file: the record lock that Terraform takes too, and the file that names the holder.
//!
//! Record locks belong to the process and fall when *any* descriptor of the file is closed. So nothing in this
//! process may open the state file again while the lock is held: it is read through the descriptor kept here.

use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fs_err::os::unix::fs::OpenOptionsExt as _;
use fs_err::{self as fs, File};
use rustix::fs::{FlockOperation, OFlags, fcntl_lock};

use super::{LockInfo, Result};
use crate::diag::{Diagnostic, Ending};

/// No file that names a holder is longer.
const LARGEST_INFO: u64 = 64 << 10;

/// How long a holder may take to note its name.
const NOTED: Duration = Duration::from_secs(2);

/// A lock that is held.
#[derive(Debug)]
pub(super) struct Held {
    /// The state file, locked.
    pub file: File,
    /// The files that were the state file before it was replaced. They stay locked as well: another program may
    /// have opened one of them and be waiting for it.
    pub former: Vec<File>,
    /// The state file did not exist; it is empty until the first write.
    pub created: bool,
}

/// Why the lock was not taken.
enum Busy {
    Locked,
    Failed(io::Error),
}

/// Takes the lock of a state file, waiting so long at most.
pub(super) fn acquire(path: &Path, mut info: LockInfo, wait: Duration) -> Result<Held> {
    let start = Instant::now();
    loop {
        match attempt(path) {
            Ok(held) => {
                info.path = path.display().to_string();
                if let Err(error) = write_info(path, &info) {
                    // Nothing half-made stays; what went wrong first is what is told.
                    let _ = release(path, held);
                    return Err(error);
                }
                return Ok(held);
            }
            Err(Busy::Locked) if start.elapsed() < wait => {
                std::thread::sleep(Duration::from_millis(100).min(wait));
            }
            Err(Busy::Locked) => return Err(busy(path)),
            Err(Busy::Failed(error)) => return Err(cannot_lock(&error)),
        }
    }
}

fn attempt(path: &Path) -> std::result::Result<Held, Busy> {
    loop {
        let created = fs::symlink_metadata(path).is_err();
        let file = open(path, true).map_err(Busy::Failed)?;
        match fcntl_lock(file.file(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => return Err(Busy::Locked),
            Err(error) => return Err(Busy::Failed(error.into())),
        }
        // Between opening and locking, the last holder may have put another file there.
        if same_file(&file, path) {
            return Ok(Held {
                file,
                former: Vec::new(),
                created,
            });
        }
    }
}

/// Opens a state file without following a link; only regular files pass.
pub(super) fn open(path: &Path, create: bool) -> io::Result<File> {
    open_with(fs::OpenOptions::new().write(create).create(create), path)
}

/// The same for a file that must exist, to write to it.
pub(super) fn open_to_write(path: &Path) -> io::Result<File> {
    open_with(fs::OpenOptions::new().write(true), path)
}

fn open_with(options: &mut fs::OpenOptions, path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    options
        .read(true)
        .mode(0o600)
        .custom_flags(i32::try_from(flags).unwrap_or_default());
    let file = options.open(path).map_err(|error| {
        // The system's own words for it are "too many levels of symbolic links".
        if fs::symlink_metadata(path).is_ok_and(|data| data.is_symlink()) {
            io::Error::other(format!(
                "{} is a symbolic link, which is not followed",
                path.display()
            ))
        } else {
            error
        }
    })?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other(format!(
            "{} is not a regular file",
            path.display()
        )))
    }
}

pub(super) fn same_file(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => open.ino() == there.ino() && open.dev() == there.dev(),
        _ => false,
    }
}

/// Gives the lock back: a state file that was made for locking only goes with it.
pub(super) fn release(path: &Path, held: Held) -> Result<()> {
    let removed = fs::remove_file(info_path(path));
    if held.created && held.file.metadata().is_ok_and(|data| data.len() == 0) && same_file(&held.file, path) {
        fs::remove_file(path).map_err(|error| unlocked_with(&error))?;
    }
    drop(held);
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unlocked_with(&error)),
        _ => Ok(()),
    }
}

/// Removes what a holder that is gone left behind.
pub(super) fn force(path: &Path, id: &str) -> Result<()> {
    let refused = |why: String| Diagnostic::error("Failed to unlock state", why);
    let Some(info) = read_info(path) else {
        return Err(refused("The state is not locked.".into()));
    };
    if info.id != id {
        return Err(refused(format!("The lock has the ID {:?}, not {id:?}.", info.id)));
    }
    match attempt(path) {
        Ok(held) => release(path, held),
        Err(Busy::Failed(error)) => Err(cannot_lock(&error)),
        Err(Busy::Locked) => Err(refused(format!(
            "A running process of {} holds the lock, and a local state cannot be unlocked from outside. End that process, and the lock is free.",
            info.who
        ))
        .ends_as(Ending::Locked)),
    }
}

#[expect(clippy::disallowed_methods, reason = "the age of a lock is a real one")]
fn busy(path: &Path) -> Diagnostic {
    let info = holder(path).unwrap_or_default();
    Diagnostic::error(
        "Error acquiring the state lock",
        format!(
            "Error message: resource temporarily unavailable\n{}\nThe lock keeps several runs from writing the state at the same time. Wait until the holder is done, with -lock-timeout=60s for example, or see what became of it. For most commands -lock=false works without the lock, at the risk of losing what the other run does.",
            info.lines(jiff::Timestamp::now())
        ),
    )
    .ends_as(Ending::Locked)
}

fn cannot_lock(error: &io::Error) -> Diagnostic {
    Diagnostic::error(
        "Error acquiring the state lock",
        format!("The state file cannot be opened for locking: {error}."),
    )
}

fn unlocked_with(error: &io::Error) -> Diagnostic {
    Diagnostic::error(
        "Error releasing the state lock",
        format!("The state is written and no longer locked, but a file of the lock remains: {error}."),
    )
    .ends_as(Ending::Locked)
}

/// Where Terraform keeps the holder's name: `.NAME.lock.info` beside the state.
fn info_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.lock.info"))
}

/// Who holds the lock. Its note is written a moment after the lock was taken.
fn holder(path: &Path) -> Option<LockInfo> {
    let begun = Instant::now();
    loop {
        let info = read_info(path);
        if info.is_some() || begun.elapsed() > NOTED {
            return info;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn read_info(path: &Path) -> Option<LockInfo> {
    let mut text = Vec::new();
    let file = open(&info_path(path), false).ok()?;
    file.take(LARGEST_INFO).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

fn write_info(path: &Path, info: &LockInfo) -> Result<()> {
    let path = info_path(path);
    let write = || -> io::Result<()> {
        // A planted link must not be written through: what is there goes first, and the new file must be new.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(&serde_json::to_vec(info)?)
    };
    write().map_err(|error| {
        Diagnostic::error(
            "Error acquiring the state lock",
            format!("The note that names the lock's holder cannot be written: {error}. Nothing was changed."),
        )
        .hint("Make room beside the state, or see who may write there.")
    })
}
