//! Files beside a state: their names, how new ones are made, and what is said when that fails.

use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::diag::Diagnostic;

/// Files larger than this are no state.
pub(super) const LARGEST: u64 = 4 << 30;

/// How many characters of the name of a new file are by chance.
const CHANCE: usize = 6;

/// What a crash leaves of a line that was being written is shorter.
const ZEROS: usize = 16 << 20;

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Reads all of a state; what holds a zero is none, however long it goes on.
pub(super) fn read_text(file: &fs::File, text: &mut String) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut most = LARGEST;
    in_pieces(file, |piece| {
        if piece.contains(&0) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it holds zeros"));
        }
        most = most
            .checked_sub(piece.len() as u64)
            .ok_or_else(|| io::Error::other("the file is too large for a state"))?;
        let length = file.metadata()?.len().min(LARGEST);
        if bytes.is_empty() {
            bytes.try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))?;
        }
        bytes.try_reserve(piece.len())?;
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    let found = String::from_utf8(bytes);
    *text = found.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(())
}

fn in_pieces(mut file: &fs::File, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => take(&piece[..read?])?,
        }
    }
}

/// Reads all of a journal. One that goes on with zeros is none: it may have more of them than there is memory.
pub(super) fn read_journal(file: &fs::File, bytes: &mut Vec<u8>) -> io::Result<()> {
    let (mut zeros, mut most) = (0, LARGEST);
    in_pieces(file, |piece| {
        let is_empty = piece.iter().all(|byte| *byte == 0);
        zeros = if is_empty { zeros + piece.len() } else { 0 };
        if zeros > ZEROS {
            let why = "it holds nothing but zeros for more than 16 MiB";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        most = most
            .checked_sub(piece.len() as u64)
            .ok_or_else(|| io::Error::other("the file is too large for a journal"))?;
        bytes.try_reserve(piece.len())?;
        bytes.extend_from_slice(piece);
        Ok(())
    })
}

pub(super) fn identity(data: &std::fs::Metadata) -> (u64, u64, i64, i64) {
    (data.ino(), data.len(), data.mtime(), data.mtime_nsec())
}

/// A new file of ours alone, in the folder, gone again unless it is put in place.
pub(super) fn temporary(path: &Path, folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".tmp")
        .rand_bytes(CHANCE)
        .permissions(std::fs::Permissions::from_mode(0o600))
        .tempfile_in(folder)
}

/// Removes new files that runs which died never put in place. Nobody else makes any while we hold the lock.
pub(super) fn sweep(path: &Path, folder: &Path) {
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    let is_ours = |name: &str| {
        let rest = name
            .strip_prefix(&prefix)
            .and_then(|rest| rest.strip_suffix(".tmp"));
        // With more in its name it may belong to a state whose name begins like this one's.
        let chance = rest.map(|rest| rest.strip_prefix("journal.").unwrap_or(rest));
        chance.is_some_and(|text| text.len() == CHANCE && text.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if is_ours(&name) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes a folder for states, for its owner alone.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

pub(super) fn failed(what: &str, error: &io::Error) -> Diagnostic {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => " The disk is full.",
        io::ErrorKind::FileTooLarge => " Files may not grow that large here (ulimit -f).",
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => " The place is not writable.",
        _ => "",
    };
    Diagnostic::error(
        "Cannot keep the state",
        format!("Failed to {what}: {error}.{hint} The state file is as it was before."),
    )
}

/// The same after the state was written.
pub(super) fn in_place(error: Diagnostic) -> Diagnostic {
    Diagnostic {
        detail: error.detail.replace(
            "The state file is as it was before.",
            "The new state is in its place.",
        ),
        ..error
    }
}

pub(super) fn unflushed(error: &io::Error) -> Diagnostic {
    in_place(failed("flush the folder of the state", error)).hint(
        "Should the machine lose its power now, the former state may be back. The next run puts that right if a journal stands beside it.",
    )
}
