//! Regular files: what is read whole from outside, and where another file may be put in the place of one.
//!
//! Who opens a pipe waits for whoever writes to it, a device may have no end, and a file that is renamed over either takes
//! it from all who use it.

use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use fs_err as fs;
use fs_err::os::unix::fs::OpenOptionsExt as _;
use rustix::fs::OFlags;

/// The bytes of a regular file that has at most so many. Anything else is refused without waiting.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::CLOEXEC).bits()).unwrap_or_default();
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(irregular("read", path));
    }
    let mut bytes = Vec::new();
    if data.len() <= most {
        bytes.reserve_exact(usize::try_from(data.len()).unwrap_or_default());
        file.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= most {
            return Ok(bytes);
        }
    }
    let why = format!(
        "failed to read `{}`: it is larger than {} MiB",
        path.display(),
        most >> 20
    );
    Err(io::Error::new(io::ErrorKind::FileTooLarge, why))
}

/// Whether another file may be put there: nothing is, or a regular file, or a link to one, which is not followed.
pub fn may_replace(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    // A link that leads nowhere is in nobody's way.
    let is_in_use = if found.is_symlink() {
        fs::metadata(path).is_ok_and(|target| !target.is_file())
    } else {
        !found.is_file()
    };
    if is_in_use {
        return Err(irregular("replace", path));
    }
    Ok(())
}

/// Whether others may read a file of the user, who can help it.
pub fn readable_by_others(path: &Path) -> bool {
    let is_own = |data: &std::fs::Metadata| data.uid() == rustix::process::geteuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|data| data.is_file() && data.mode() & 0o044 != 0 && is_own(&data))
}

fn irregular(what: &str, path: &Path) -> io::Error {
    io::Error::other(format!(
        "failed to {what} `{}`: it is not a regular file",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, mknodat};

    use super::*;

    #[track_caller]
    fn check(path: &Path, replaced: bool, read_as: Result<&str, &str>) {
        assert_eq!(may_replace(path).is_ok(), replaced, "{}", path.display());
        match (read(path, 1 << 20), read_as) {
            (Ok(found), Ok(wanted)) => assert_eq!(found, wanted.as_bytes()),
            (Err(error), Err(wanted)) => assert!(error.to_string().contains(wanted), "{error}"),
            (found, _) => panic!("{}: {found:?}", path.display()),
        }
    }

    #[test]
    fn pipes_devices_and_folders_are_neither_read_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "text").unwrap();
        fs::write(path("large"), vec![b'#'; (1 << 20) + 1]).unwrap();
        fs::create_dir(path("folder")).unwrap();
        mknodat(CWD, path("pipe"), FileType::Fifo, 0o600.into(), 0).unwrap();
        for name in ["file", "folder", "pipe", "none"] {
            symlink(path(name), path(&format!("to-{name}"))).unwrap();
        }
        symlink("/dev/null", path("to-null")).unwrap();
        for name in ["file", "to-file"] {
            check(&path(name), true, Ok("text"));
        }
        for name in ["none", "to-none"] {
            check(&path(name), true, Err("No such file"));
        }
        check(&path("large"), true, Err("it is larger than 1 MiB"));
        for name in ["folder", "to-folder", "pipe", "to-pipe", "to-null"] {
            check(&path(name), false, Err("it is not a regular file"));
        }
        check(Path::new("/dev/null"), false, Err("it is not a regular file"));
    }
}
