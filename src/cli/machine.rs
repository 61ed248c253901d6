//! This machine, for operations: time, random ids, and files that only their owner may read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::disk;
use crate::clouds;
use crate::regular;
use crate::resource::operate::{Download, Downloading, Machine, Process, Running};

/// The real machine. Against the sandbox time runs faster: its clouds are consistent at once, so waiting proves
/// nothing.
pub struct LocalMachine {
    start: Instant,
    /// What every sleep is divided by.
    haste: u32,
    working_dir: PathBuf,
    /// How the network is reached.
    environment: clouds::Environment,
    /// Files with room for what only the answer to a request will hold, by where they will stand.
    reserved: RefCell<BTreeMap<PathBuf, Reserved>>,
}

/// A file without a name, and the id of the object whose file it may replace.
struct Reserved {
    file: NamedTempFile,
    former: Option<String>,
}

/// How much room is kept for such a file, in bytes: a private key in its container has a few thousand.
const ROOM: u64 = 64 << 10;

/// How much faster waits run against the sandbox.
const SANDBOX_HASTE: u32 = 1000;

impl LocalMachine {
    pub fn new(working_dir: &Path, sandbox: bool, environment: clouds::Environment) -> Self {
        Self {
            start: Instant::now(),
            haste: if sandbox { SANDBOX_HASTE } else { 1 },
            working_dir: working_dir.to_owned(),
            environment,
            reserved: RefCell::default(),
        }
    }
}

impl LocalMachine {
    /// Where a path leads that somebody wrote: below the working folder, or with `~` below the home folder.
    fn place(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), &self.environment.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.working_dir.join(path),
        }
    }
}

impl Machine for LocalMachine {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(tokio::time::sleep(time / self.haste))
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed() * self.haste
    }

    fn wall(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "the machine's clock is its own")]
    fn since_1970(&self) -> Option<i64> {
        Some(jiff::Timestamp::now().as_second())
    }

    fn tick(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(tokio::time::sleep(Duration::from_secs(1)))
    }

    fn write_secret_file(&self, path: &str, content: &str) -> io::Result<()> {
        let path = self.full_path(path);
        let reserved = self.reserved.borrow_mut().remove(&path);
        match reserved {
            Some(reserved) => keep(reserved, &path, content.as_bytes()),
            None => write_secret(&path, content.as_bytes()),
        }
    }

    fn reserve_secret_file(&self, path: &str, former: Option<&str>) -> io::Result<()> {
        self.may_reserve(path, former)?;
        let path = self.full_path(path);
        if self.reserved.borrow().contains_key(&path) {
            return Err(io::Error::other("another object of this run has it"));
        }
        let mut file = unnamed(&path)?;
        io::copy(&mut io::repeat(0).take(ROOM), &mut file)?;
        file.as_file().sync_all()?;
        let former = former.map(str::to_owned);
        self.reserved.borrow_mut().insert(path, Reserved { file, former });
        Ok(())
    }

    fn may_reserve(&self, path: &str, former: Option<&str>) -> io::Result<()> {
        let path = self.full_path(path);
        match fs_err::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io::Error::other(disk::reason(&error))),
            Ok(found) if found.is_dir() => Err(io::Error::other("it is a folder")),
            Ok(_) if is_of(&path, former) => Ok(()),
            Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, TAKEN)),
        }
    }

    /// Below the working folder, or with `~` below the home folder. Links among the folders are followed, not the last name:
    /// a link there is replaced.
    fn full_path(&self, path: &str) -> PathBuf {
        let place = self.place(path);
        let Some(name) = place.file_name() else {
            return place;
        };
        let folder = fs_err::canonicalize(folder_of(&place));
        folder.map_or_else(|_| place.components().collect(), |folder| folder.join(name))
    }

    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match disk::read(&self.working_dir.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk::reason(&error)),
        }
    }

    fn download<'a>(&'a self, download: &'a Download) -> Downloading<'a> {
        Box::pin(clouds::download(download, &self.environment))
    }

    fn run<'a>(&'a self, process: &'a Process, told: &'a dyn Fn(&str)) -> Running<'a> {
        Box::pin(super::process::run(process, &self.environment, told))
    }

    fn uuid(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }
}

/// Why nothing is written over a file.
const TAKEN: &str =
    "it is there already, and may be the only copy of what it holds; move it away, or name another file";

/// Whether a file is that of an object: it holds its id.
fn is_of(path: &Path, id: Option<&str>) -> bool {
    let is_file = fs_err::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let holds = |id: &str| {
        let found = disk::read(path).unwrap_or_default();
        found.windows(id.len()).any(|part| part == id.as_bytes())
    };
    is_file && id.is_some_and(|id| !id.is_empty() && holds(id))
}

/// Gives a file that was reserved its content and its name, which nobody else has taken meanwhile.
fn keep(reserved: Reserved, path: &Path, content: &[u8]) -> io::Result<()> {
    let Reserved { file, former } = reserved;
    if is_of(path, former.as_deref()) {
        return put(file, path, content);
    }
    let file = filled(file, content)?;
    if let Err(error) = file.persist_noclobber(path) {
        let (_, kept) = error.file.keep().map_err(|error| error.error)?;
        let detail = format!("{TAKEN}; what it was to hold is in {} now", kept.display());
        return Err(io::Error::other(detail));
    }
    fs_err::File::open(folder_of(path))?.sync_all()
}

/// Writes a file whole or not at all, readable by its owner only. A link in its place is replaced, not followed.
pub(super) fn write_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    put(unnamed(path)?, path, content)
}

/// A file beside another one, which has no name that anybody knows yet.
fn unnamed(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(".keyform-");
    builder
        .permissions(std::fs::Permissions::from_mode(0o600))
        .tempfile_in(folder_of(path))
}

/// Gives a file its content and its name.
fn put(file: NamedTempFile, path: &Path, content: &[u8]) -> io::Result<()> {
    regular::may_replace(path)?;
    let file = filled(file, content)?;
    file.persist(path).map_err(|error| error.error)?;
    fs_err::File::open(folder_of(path))?.sync_all()
}

/// The file with this content, durable.
fn filled(mut file: NamedTempFile, content: &[u8]) -> io::Result<NamedTempFile> {
    file.rewind()?;
    file.write_all(content)?;
    let length = u64::try_from(content.len()).map_err(io::Error::other)?;
    file.as_file().set_len(length)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use fs_err as fs;

    use super::*;

    /// A machine in a folder of its own, in which this file stands.
    fn machine(content: Option<&str>) -> (tempfile::TempDir, LocalMachine) {
        let folder = tempfile::tempdir().unwrap();
        if let Some(content) = content {
            fs::write(folder.path().join("key.txt"), content).unwrap();
        }
        let machine = LocalMachine::new(folder.path(), false, clouds::Environment::default());
        (folder, machine)
    }

    fn told(result: io::Result<()>) -> String {
        result.map_or_else(|error| error.to_string(), |()| "good".into())
    }

    #[test]
    fn only_the_file_of_the_former_object_is_replaced() {
        for (content, former, is_good) in [
            (None, None, true),
            (Some("{\"KeyId\":\"KAAP.1\"}"), Some("KAAP.1"), true),
            (Some("{\"KeyId\":\"KAAP.1\"}"), Some("KAAP.2"), false),
            (Some("{\"KeyId\":\"KAAP.1\"}"), None, false),
            (Some(""), Some(""), false),
        ] {
            let (folder, machine) = machine(content);
            let reserved = told(machine.reserve_secret_file("./key.txt", former));
            assert_eq!(reserved == "good", is_good, "{content:?} {former:?}: {reserved}");
            if is_good {
                machine.write_secret_file("key.txt", "new").unwrap();
                assert_eq!(fs::read_to_string(folder.path().join("key.txt")).unwrap(), "new");
            }
        }
    }

    #[test]
    fn a_file_is_reserved_once_however_its_path_is_written() {
        let (folder, machine) = machine(None);
        fs::create_dir(folder.path().join("a")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/here")).unwrap();
        machine.reserve_secret_file("key.txt", None).unwrap();
        for path in ["./key.txt", "a/../key.txt", "a/here/key.txt"] {
            let second = told(machine.reserve_secret_file(path, None));
            assert_eq!(second, "another object of this run has it", "{path}");
        }
    }

    #[test]
    fn what_is_no_file_makes_no_way() {
        let (folder, machine) = machine(None);
        let path = folder.path().join("key.txt");
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        let told = told(machine.write_secret_file("key.txt", "new"));
        assert!(told.contains("it is not a regular file"), "{told}");
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    }

    #[test]
    fn what_was_put_there_meanwhile_stays_and_nothing_is_lost() {
        let (folder, machine) = machine(None);
        machine.reserve_secret_file("key.txt", None).unwrap();
        let path = folder.path().join("key.txt");
        fs::write(&path, "somebody's").unwrap();
        let told = told(machine.write_secret_file("key.txt", "new"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "somebody's");
        let kept = told.split("is in ").nth(1).unwrap().trim_end_matches(" now");
        assert_eq!(fs::read_to_string(kept).unwrap(), "new");
    }
}
