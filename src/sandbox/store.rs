//! What the emulated clouds remember, and the file that it is kept in.

use std::io::{self, Write as _};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{alicloud, aws};
use crate::regular;

/// No world is larger.
const LARGEST: u64 = 1 << 30;

/// The state of both clouds and of their clock.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct World {
    /// How far the emulated clock is ahead of the real one.
    #[serde(default)]
    pub ahead_seconds: i64,
    #[serde(default)]
    pub aws: aws::Aws,
    #[serde(default)]
    pub alicloud: alicloud::Alicloud,
}

impl World {
    /// What the emulated clock shows when the real one shows `real`.
    pub fn now(&self, real: Timestamp) -> Timestamp {
        real.checked_add(SignedDuration::from_secs(self.ahead_seconds))
            .unwrap_or(Timestamp::MAX)
    }
}

impl World {
    /// Whether time or a read has changed anything since this was asked last.
    pub fn take_changed(&mut self) -> bool {
        let aws = std::mem::take(&mut self.aws.changed);
        std::mem::take(&mut self.alicloud.changed) || aws
    }
}

/// The right to write a data file, until it is dropped.
#[derive(Debug)]
pub struct Claim(#[expect(dead_code, reason = "closing it ends the claim")] fs_err::File);

/// Claims a data file: two sandboxes that write one would undo each other's work.
pub fn claim(path: &Path) -> io::Result<Claim> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = Path::new(&name);
    fs_err::create_dir_all(folder_of(path))?;
    let file = fs_err::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(lock)?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(|why| {
        if why == rustix::io::Errno::WOULDBLOCK {
            let text = format!(
                "another keyform uses the sandbox in {}: let it end first, or point the providers at its address",
                path.display()
            );
            io::Error::new(io::ErrorKind::ResourceBusy, text)
        } else {
            why.into()
        }
    })?;
    Ok(Claim(file))
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Reads the world from its file; a file that is not there is an empty world.
pub fn load(path: &Path) -> io::Result<World> {
    let bytes = match regular::read(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(World::default()),
        Err(why) => return Err(why),
    };
    serde_json::from_slice(&bytes).map_err(|why| {
        let text = format!(
            "{} is not a sandbox data file ({why}); it was left as it is: move it away to start afresh",
            path.display()
        );
        io::Error::new(io::ErrorKind::InvalidData, text)
    })
}

/// The world as the bytes of its file.
pub fn encode(world: &World) -> io::Result<Vec<u8>> {
    serde_json::to_vec(world).map_err(io::Error::other)
}

/// Writes the file so that at any moment either the old or the new content is there, for the owner alone.
pub fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs_err::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".sandbox-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/sandbox.json");
        let world = World {
            ahead_seconds: 5,
            ..World::default()
        };
        save(&path, &encode(&world).unwrap()).unwrap();
        assert_eq!(load(&path).unwrap().ahead_seconds, 5);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        save(&path, b"{}").unwrap();
        assert_eq!(
            fs_err::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_file_has_one_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/sandbox.json");
        let first = claim(&path).unwrap();
        assert!(claim(&path).unwrap_err().to_string().contains("another keyform"));
        drop(first);
        claim(&path).unwrap();
    }

    #[test]
    fn a_missing_file_is_an_empty_world() {
        assert_eq!(load(Path::new("/nowhere/sandbox.json")).unwrap().ahead_seconds, 0);
    }

    #[test]
    fn a_corrupt_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        fs_err::write(&path, "{\"aws\":").unwrap();
        let why = load(&path).err().unwrap().to_string();
        assert!(why.contains("is not a sandbox data file"), "{why}");
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "{\"aws\":");
    }
}
