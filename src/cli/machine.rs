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
    reserved: RefCell<BTreeMap<PathBuf, NamedTempFile>>,
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
        let path = self.place(path);
        let reserved = self.reserved.borrow_mut().remove(&path);
        match reserved {
            Some(file) => put(file, &path, content.as_bytes()),
            None => write_secret(&path, content.as_bytes()),
        }
    }

    fn reserve_secret_file(&self, path: &str) -> io::Result<()> {
        let path = self.place(path);
        if path.is_dir() {
            return Err(io::Error::other("it is a folder"));
        }
        let mut file = unnamed(&path)?;
        io::copy(&mut io::repeat(0).take(ROOM), &mut file)?;
        file.as_file().sync_all()?;
        self.reserved.borrow_mut().insert(path, file);
        Ok(())
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
fn put(mut file: NamedTempFile, path: &Path, content: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(content)?;
    let length = u64::try_from(content.len()).map_err(io::Error::other)?;
    file.as_file().set_len(length)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs_err::File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
