//! Who else on the machine may read or write the files that credentials come from.
//!
//! Tokens of identities that others put there are not looked at: those of Kubernetes are readable by all.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::process::geteuid;

/// What stands before a secret in files of profiles, and of who is signed in.
const SECRET: [&str; 3] = ["secret_access_key", "access_key_secret", "accessToken"];

const OTHERS_READ: u32 = 0o044;
const ALL_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// Whether others may read the secrets in a file, and the user can help it: files of others and those on read-only
/// file systems, as containers have them, are as they were given.
pub fn is_exposed(path: &str, content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    let metadata = fs_err::metadata(path);
    SECRET.iter().any(|word| text.contains(word))
        && metadata.is_ok_and(|file| file.mode() & OTHERS_READ != 0 && file.uid() == geteuid().as_raw())
        && !statvfs(path).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// The first of these files that everybody may write, or put another in the place of. Groups may: where each user has
/// one, its right to write is usual and means nobody else.
pub fn open_to_all(paths: &[String]) -> Option<String> {
    let is_open = |path: &&String| {
        let Ok(path) = fs_err::canonicalize(path) else {
            return false;
        };
        let mode = |path: &Path| fs_err::metadata(path).map_or(0, |found| found.mode());
        let folder = path.parent().map_or(0, mode);
        mode(&path) & ALL_WRITE != 0 || (folder & ALL_WRITE != 0 && folder & STICKY == 0)
    };
    paths.iter().find(is_open).cloned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn file(mode: u32, folder_mode: u32) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        fs_err::write(&path, "").unwrap();
        let set = |path: &Path, mode| {
            fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set(&path, mode);
        set(folder.path(), folder_mode);
        (folder, path.to_string_lossy().into_owned())
    }

    #[track_caller]
    fn check_exposed(mode: u32, content: &str, exposed: bool) {
        let (_folder, path) = file(mode, 0o755);
        assert_eq!(is_exposed(&path, content.as_bytes()), exposed, "{mode:o}");
    }

    #[test]
    fn secrets_are_for_their_owner() {
        let keys = "[default]\naws_secret_access_key = s\n";
        for mode in [0o600, 0o400, 0o700] {
            check_exposed(mode, keys, false);
        }
        for mode in [0o640, 0o604, 0o644, 0o666, 0o444] {
            check_exposed(mode, keys, true);
        }
        check_exposed(0o644, r#"{"access_key_secret":"s"}"#, true);
        check_exposed(0o644, "[default]\nregion = eu-west-1\n", false);
    }

    #[track_caller]
    fn check_open(mode: u32, folder: u32, open: bool) {
        let (_folder, path) = file(mode, folder);
        let found = open_to_all(&["/no/such/file".to_owned(), path.clone()]);
        assert_eq!(found, open.then_some(path), "{mode:o} in {folder:o}");
    }

    #[test]
    fn a_file_is_open_to_all_where_everybody_can_write_or_replace_it() {
        check_open(0o600, 0o700, false);
        check_open(0o644, 0o755, false);
        check_open(0o664, 0o775, false);
        check_open(0o666, 0o700, true);
        check_open(0o602, 0o755, true);
        check_open(0o600, 0o777, true);
        check_open(0o600, 0o1777, false);
    }
}
