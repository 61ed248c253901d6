//! This machine, for operations: time, random ids, and files that only their owner may read.

use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::{Duration, Instant};

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
}

/// How much faster waits run against the sandbox.
const SANDBOX_HASTE: u32 = 1000;

impl LocalMachine {
    pub fn new(working_dir: &Path, sandbox: bool, environment: clouds::Environment) -> Self {
        Self {
            start: Instant::now(),
            haste: if sandbox { SANDBOX_HASTE } else { 1 },
            working_dir: working_dir.to_owned(),
            environment,
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
        write_secret(&self.place(path), content.as_bytes())
    }

    fn check_writable(&self, path: &str) -> io::Result<()> {
        let path = self.place(path);
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        if path.is_dir() {
            return Err(io::Error::other("it is a folder"));
        }
        tempfile::tempfile_in(folder).map(drop)
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
        Box::pin(super::process::run(process, &self.environment.variables, told))
    }

    fn uuid(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }
}

/// Writes a file whole or not at all, readable by its owner only. A link in its place is replaced, not followed.
pub(super) fn write_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".keyform-")
        .permissions(std::fs::Permissions::from_mode(0o600))
        .tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs_err::File::open(folder)?.sync_all()
}
