//! The disk and the clock, as the engine sees them.

use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;
use jiff::Timestamp;
use rustix::fs::Mode;
use rustix::process::umask;

use crate::config::Files;
use crate::lang::expr::{Entry, EntryKind, Folder, FolderId, Host};
use crate::regular;

/// The largest file that is read whole.
const LARGEST: u64 = 64 << 20;

/// Configuration files on the disk.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    fn list(&self, dir: &Path) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        let dir = if dir.as_os_str().is_empty() {
            Path::new(".")
        } else {
            dir
        };
        for entry in fs_err::read_dir(dir).map_err(|error| reason(&error))? {
            let entry = entry.map_err(|error| reason(&error))?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            match entry.file_name().into_string() {
                Ok(name) => names.push(name),
                Err(name) => refuse_unless_foreign(&name.to_string_lossy())?,
            }
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, path: &Path) -> Result<String, String> {
        let bytes = read(path).map_err(|error| reason(&error))?;
        String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = String::from_utf8_lossy(before).matches('\n').count();
            format!("the file is not valid UTF-8 (line {})", line + 1)
        })
    }
}

/// A file that would count but for its garbled name must not be passed over: what it declares would be destroyed.
fn refuse_unless_foreign(garbled: &str) -> Result<(), String> {
    let counts = crate::config::is_configuration_file(garbled)
        || [".tfvars", ".tfvars.json"]
            .iter()
            .any(|end| garbled.ends_with(end));
    if counts {
        return Err(format!("the name of the file {garbled:?} is not valid UTF-8"));
    }
    Ok(())
}

/// The bytes of a regular file. Anything else is refused without waiting: a pipe would block for ever.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    regular::read(path, LARGEST)
}

/// The same as text.
pub fn read_text(path: &Path) -> io::Result<String> {
    let text = String::from_utf8(read(path)?);
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not valid UTF-8"))
}

/// Makes a folder that only its owner may look into, if it is not there.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    make(folder, 0o700)
}

/// Makes a folder that others may look into, and not all may write to, whatever the umask.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    make(folder, 0o775)
}

fn make(folder: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(folder)
}

/// As long as this lives, nothing is made that everybody may write, whoever makes it: git and its helpers too.
pub struct Guarded(Mode);

impl Guarded {
    #[expect(clippy::new_without_default, reason = "it changes the process")]
    pub fn new() -> Self {
        let before = umask(Mode::RWXG | Mode::RWXO);
        umask(before | Mode::WOTH);
        Self(before)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        umask(self.0);
    }
}

/// Why an operation failed, in the words of the system, without path and number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once("`: ").map_or(&*text, |(_, reason)| reason);
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// What functions see of the machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The folder in which the program was started: `path.cwd`.
    pub started_in: PathBuf,
    /// What `~` stands for.
    pub home: Option<PathBuf>,
    /// For `timestamp()`; none while planning.
    pub now: Option<Timestamp>,
    /// For `plantimestamp()`.
    pub plan_time: Option<Timestamp>,
}

impl Host for Machine {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        read(Path::new(path)).map_err(|error| reason(&error))
    }

    fn file_exists(&self, path: &str) -> Result<bool, String> {
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => Err("it is a folder, not a file".into()),
            Ok(data) => Ok(data.is_file()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(reason(&error)),
        }
    }

    fn list_folder(&self, folder: &str) -> Result<Option<Folder>, String> {
        use std::io::ErrorKind::{NotADirectory, NotFound};
        use std::os::unix::fs::MetadataExt as _;
        let listing = match fs::read_dir(folder) {
            Ok(listing) => listing,
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(None),
            Err(error) => return Err(reason(&error)),
        };
        let data = fs::metadata(folder).map_err(|error| reason(&error))?;
        let mut entries = Vec::new();
        for entry in listing {
            let entry = entry.map_err(|error| reason(&error))?;
            if let Ok(name) = entry.file_name().into_string() {
                let kind = match entry.file_type() {
                    Ok(found) if found.is_file() => EntryKind::File,
                    Ok(found) if found.is_dir() => EntryKind::Folder,
                    _ => kind(&entry.path()),
                };
                entries.push(Entry { name, kind });
            }
        }
        Ok(Some(Folder {
            id: FolderId(data.dev(), data.ino()),
            entries,
        }))
    }

    fn home_dir(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    fn working_dir(&self) -> &Path {
        &self.started_in
    }

    fn now(&self) -> Option<Timestamp> {
        self.now
    }

    fn plan_time(&self) -> Option<Timestamp> {
        self.plan_time
    }
}

/// What an entry of a folder is, or what a link leads to.
fn kind(path: &Path) -> EntryKind {
    match fs::metadata(path) {
        Ok(data) if data.is_dir() => EntryKind::Folder,
        Ok(data) if data.is_file() => EntryKind::File,
        Ok(_) => EntryKind::Other,
        Err(error) => EntryKind::Unreachable(reason(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_garbled_name_is_no_reason_to_pass_over_a_configuration_file() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let dir = tempfile::tempdir().unwrap();
        let add = |name: &[u8]| fs_err::write(dir.path().join(OsStr::from_bytes(name)), "").unwrap();
        add(b"a.tf");
        add(b"notes-\xff.txt");
        assert_eq!(Disk.list(dir.path()), Ok(vec!["a.tf".to_owned()]));
        add(b"b\xff.tf");
        assert_eq!(
            Disk.list(dir.path()),
            Err("the name of the file \"b\u{fffd}.tf\" is not valid UTF-8".to_owned())
        );
    }

    #[test]
    fn only_regular_files_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            0o600.into(),
            0,
        )
        .unwrap();
        assert_eq!(reason(&read(&pipe).unwrap_err()), "it is not a regular file");
        assert_eq!(reason(&read(dir.path()).unwrap_err()), "it is not a regular file");
        assert_eq!(
            reason(&read(&dir.path().join("none")).unwrap_err()),
            "no such file or directory"
        );
    }
}
