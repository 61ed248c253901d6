//! Unpacks archives. Whoever packed one decides nothing outside of the folder that it is unpacked to, nor how much
//! of the machine that takes.

use std::io::{self, Cursor, Read};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use fs_err as fs;
use tar::EntryType;

use crate::config::ArchiveForm;

/// The most files, folders and links in an archive.
const ENTRIES: usize = 20_000;

/// The most bytes in all files of an archive together.
const BYTES: u64 = 128 << 20;

/// The longest name in a tar file, with what else is said of an entry.
const NAME: u64 = 64 << 10;

/// The longest text of a link.
const LINK: u64 = 4096;

/// What precedes every entry in the directory of a zip file.
const ZIP_ENTRY: &[u8] = b"PK\x01\x02";

/// What an entry is, beside its name.
enum Kind<'r> {
    Folder,
    File {
        content: &'r mut dyn Read,
        is_program: bool,
    },
    Link(String),
}

/// Unpacks an archive into a folder that is there and empty. An error is a sentence without full stop.
pub(super) fn unpack(bytes: &[u8], form: ArchiveForm, into: &Path) -> Result<(), String> {
    let mut unpacked = Unpacked {
        into,
        entries: ENTRIES,
        left: BYTES,
        links: Vec::new(),
    };
    match form {
        ArchiveForm::Zip => zip(bytes, &mut unpacked)?,
        ArchiveForm::Tar => tar(|| bytes, &mut unpacked)?,
        ArchiveForm::TarGz => tar(|| MultiGzDecoder::new(bytes), &mut unpacked)?,
    }
    unpacked.finish()
}

fn zip(bytes: &[u8], unpacked: &mut Unpacked<'_>) -> Result<(), String> {
    // The directory is read as a whole before its first entry is seen.
    let entries = bytes
        .windows(ZIP_ENTRY.len())
        .filter(|window| *window == ZIP_ENTRY);
    if entries.count() > ENTRIES {
        return Err(too_many());
    }
    let malformed = |error| format!("It is no zip file that can be read: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(malformed)?;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(malformed)?;
        let entry = file.entry();
        let name = entry.name().map_err(malformed)?.into_owned();
        let (is_folder, is_link) = (entry.is_dir(), entry.is_symlink());
        let is_program = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let kind = if is_folder {
            Kind::Folder
        } else if is_link {
            let mut target = String::new();
            (&mut file)
                .take(LINK)
                .read_to_string(&mut target)
                .map_err(|error| format!("The link {name:?} cannot be read: {error}"))?;
            Kind::Link(target)
        } else {
            Kind::File {
                content: &mut file,
                is_program,
            }
        };
        unpacked.add(&name, kind)?;
    }
    Ok(())
}

fn tar<R: Read>(content: impl Fn() -> R, unpacked: &mut Unpacked<'_>) -> Result<(), String> {
    let malformed = |error: io::Error| format!("It is no tar file that can be read: {error}");
    // Names and padding count too: the stream as a whole has an end.
    let open = || tar::Archive::new(content().take(2 * BYTES));
    for entry in open().entries().map_err(malformed)?.raw(true) {
        let entry = entry.map_err(malformed)?;
        // Such names are read as a whole before their entry is seen.
        let ty = entry.header().entry_type();
        let is_name = ty.is_gnu_longname() || ty.is_gnu_longlink() || ty.is_pax_local_extensions();
        if is_name && entry.size() > NAME {
            return Err(format!("A name in it is longer than {} KiB", NAME >> 10));
        }
    }
    let mut archive = open();
    for entry in archive.entries().map_err(malformed)? {
        let mut entry = entry.map_err(malformed)?;
        let name = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|_| "A name in it is no valid UTF-8".to_owned())?;
        let is_program = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
        let kind = match entry.header().entry_type() {
            EntryType::XGlobalHeader => continue,
            EntryType::Directory => Kind::Folder,
            EntryType::Regular | EntryType::Continuous => Kind::File {
                content: &mut entry,
                is_program,
            },
            EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap_or_default().into_owned();
                Kind::Link(String::from_utf8_lossy(&target).into_owned())
            }
            _ => {
                return Err(format!(
                    "The entry {name:?} is neither a file nor a folder nor a symbolic link"
                ));
            }
        };
        unpacked.add(&name, kind)?;
    }
    Ok(())
}

/// A folder that is being filled.
struct Unpacked<'a> {
    into: &'a Path,
    /// How many entries may still come.
    entries: usize,
    /// How many bytes may still come.
    left: u64,
    /// Made at the end: until then no name leads through one.
    links: Vec<(PathBuf, String)>,
}

impl Unpacked<'_> {
    fn add(&mut self, name: &str, kind: Kind<'_>) -> Result<(), String> {
        self.entries = self.entries.checked_sub(1).ok_or_else(too_many)?;
        let place = place(name)?;
        let path = self.into.join(&place);
        let failed = |error: io::Error| format!("The entry {name:?} cannot be unpacked: {error}");
        match kind {
            Kind::Folder => fs::create_dir_all(&path).map_err(failed),
            Kind::File { content, is_program } => {
                fs::create_dir_all(path.parent().unwrap_or(self.into)).map_err(failed)?;
                let mut file = fs::File::create(&path).map_err(failed)?;
                let written = io::copy(&mut content.take(self.left + 1), &mut file).map_err(failed)?;
                self.left = self
                    .left
                    .checked_sub(written)
                    .ok_or_else(|| format!("Its files have more than {} MiB in all", BYTES >> 20))?;
                if is_program {
                    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                    fs::set_permissions(&path, mode).map_err(failed)?;
                }
                Ok(())
            }
            Kind::Link(target) => {
                check_link(&place, &target)
                    .map_err(|why| format!("The link {name:?} leads to {target:?}: {why}"))?;
                self.links.push((place, target));
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<(), String> {
        for (place, target) in self.links {
            let path = self.into.join(&place);
            let parent = path.parent().unwrap_or(self.into);
            let make = || {
                fs::create_dir_all(parent)?;
                // Where another link has become the parent, the way up that was checked is another one.
                if fs::canonicalize(parent)?
                    != fs::canonicalize(self.into)?.join(place.parent().unwrap_or(Path::new("")))
                {
                    return Err(io::Error::other("its folder is a link itself"));
                }
                fs_err::os::unix::fs::symlink(&target, &path)
            };
            make().map_err(|error| format!("The link {:?} cannot be made: {error}", place.display()))?;
        }
        Ok(())
    }
}

/// Where an entry belongs: below the folder, and not the folder itself through the back door.
fn place(name: &str) -> Result<PathBuf, String> {
    let mut place = PathBuf::new();
    let windows = name.contains('\\') || name.as_bytes().get(1) == Some(&b':');
    for part in Path::new(name).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) if !windows && !name.contains('\0') => place.push(part),
            _ => {
                return Err(format!(
                    "The entry {name:?} would be written outside of the module's folder"
                ));
            }
        }
    }
    Ok(place)
}

/// A link goes up no further than to the top, and then only down: so it stays inside whatever it meets on the way.
fn check_link(place: &Path, target: &str) -> Result<(), &'static str> {
    let mut above = place.components().count().saturating_sub(1);
    let mut goes_down = false;
    for part in Path::new(target).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(_) => goes_down = true,
            Component::ParentDir if goes_down => return Err("ways up after ways down are not followed"),
            Component::ParentDir => {
                above = above
                    .checked_sub(1)
                    .ok_or("that is outside of the module's folder")?;
            }
            Component::RootDir | Component::Prefix(_) => {
                return Err("that is outside of the module's folder");
            }
        }
    }
    Ok(())
}

fn too_many() -> String {
    format!("It has more than {ENTRIES} entries")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    /// An entry of an archive that is made here.
    enum Made {
        File(&'static str),
        Folder,
        Link(&'static str),
    }
    use Made::{File, Folder, Link};

    fn zipped(entries: &[(&str, Made)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        for (name, made) in entries {
            match made {
                File(text) => {
                    archive.start_file(*name, options).unwrap();
                    archive.write_all(text.as_bytes()).unwrap();
                }
                Folder => archive.add_directory(*name, options).unwrap(),
                Link(target) => archive.add_symlink(*name, *target, options).unwrap(),
            }
        }
        archive.finish().unwrap().into_inner()
    }

    fn header(name: &str, kind: EntryType, size: usize) -> tar::Header {
        let mut header = tar::Header::new_ustar();
        // The library refuses to write what must be refused when it is read.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(size as u64);
        header.set_mode(0o755);
        header.set_cksum();
        header
    }

    fn tarred(entries: &[(&str, Made)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, made) in entries {
            match made {
                File(text) => archive.append(&header(name, EntryType::Regular, text.len()), text.as_bytes()),
                Folder => archive.append(&header(name, EntryType::Directory, 0), io::empty()),
                Link(target) => {
                    let mut header = header(name, EntryType::Symlink, 0);
                    header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
                    header.set_cksum();
                    archive.append(&header, io::empty())
                }
            }
            .unwrap();
        }
        archive.into_inner().unwrap()
    }

    #[track_caller]
    fn check(entries: &[(&str, Made)], expected: &[&str]) {
        for (bytes, form) in [
            (zipped(entries), ArchiveForm::Zip),
            (tarred(entries), ArchiveForm::Tar),
        ] {
            let folder = tempfile::tempdir().unwrap();
            unpack(&bytes, form, folder.path()).unwrap();
            for path in expected {
                assert!(folder.path().join(path).is_file(), "{path} {form:?}");
            }
        }
    }

    #[track_caller]
    fn check_refused(entries: &[(&str, Made)], why: &str) {
        for (bytes, form) in [
            (zipped(entries), ArchiveForm::Zip),
            (tarred(entries), ArchiveForm::Tar),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let inside = folder.path().join("a/b");
            fs::create_dir_all(&inside).unwrap();
            let said = unpack(&bytes, form, &inside).unwrap_err();
            assert!(said.contains(why), "{form:?}: {said}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{form:?}");
            assert_eq!(
                fs::read_dir(folder.path().join("a")).unwrap().count(),
                1,
                "{form:?}"
            );
        }
    }

    #[test]
    fn files_folders_and_links_inside_are_unpacked() {
        check(
            &[
                ("./main.tf", File("x")),
                ("sub/", Folder),
                ("sub/deep/a.tf", File("y")),
                ("sub/deep/link.tf", Link("../../main.tf")),
                ("also", Link("sub/deep")),
                ("twice", File("1")),
            ],
            &[
                "main.tf",
                "sub/deep/a.tf",
                "sub/deep/link.tf",
                "also/a.tf",
                "twice",
            ],
        );
    }

    #[test]
    fn nothing_is_written_outside() {
        check_refused(&[("../x", File("x"))], "outside");
        check_refused(&[("a/../../x", File("x"))], "outside");
        check_refused(&[("/tmp/x", File("x"))], "outside");
        check_refused(&[("..\\x", File("x"))], "outside");
        check_refused(&[("c:/x", File("x"))], "outside");
        check_refused(&[("x", Link("../x"))], "outside");
        check_refused(&[("x", Link("/etc/passwd"))], "outside");
        check_refused(&[("d/x", Link("../../x"))], "outside");
        check_refused(&[("x", Link("d/../../x"))], "ways up after ways down");
        check_refused(&[("x", Link("..")), ("x/y", File("x"))], "outside");
        // The folder that was checked is replaced by a link to a higher one.
        check_refused(
            &[("d/e/up", Link("..")), ("d/e/up/out", Link("../../x"))],
            "cannot be made",
        );
        check_refused(&[("l", Link("d")), ("l/x", File("x"))], "cannot be made");
    }

    #[test]
    fn what_is_unpacked_has_an_end() {
        let zeroes = "0".repeat(1 << 20).leak();
        let entries: Vec<(String, &'static str)> = (0..=128).map(|n| (n.to_string(), &*zeroes)).collect();
        let entries: Vec<(&str, Made)> = entries.iter().map(|(name, text)| (&**name, File(text))).collect();
        let folder = tempfile::tempdir().unwrap();
        let said = unpack(&zipped(&entries), ArchiveForm::Zip, folder.path()).unwrap_err();
        assert!(said.contains("more than 128 MiB"), "{said}");
        let many = ZIP_ENTRY.repeat(ENTRIES + 1);
        let said = unpack(&many, ArchiveForm::Zip, folder.path()).unwrap_err();
        assert!(said.contains("more than 20000 entries"), "{said}");
        for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
            let mut long = tar::Builder::new(Vec::new());
            let size = (64 << 10) + 1;
            long.append(&header("name", kind, size), io::repeat(b'a').take(size as u64))
                .unwrap();
            let said = unpack(&long.into_inner().unwrap(), ArchiveForm::Tar, folder.path()).unwrap_err();
            assert!(said.contains("longer than 64 KiB"), "{said}");
        }
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        for form in [ArchiveForm::Zip, ArchiveForm::Tar, ArchiveForm::TarGz] {
            let folder = tempfile::tempdir().unwrap();
            for bytes in [
                &b"no archive"[..],
                &[0x1f, 0x8b, 8, 0],
                &zipped(&[("a", File("x"))])[..40],
            ] {
                let refused = unpack(bytes, form, folder.path());
                assert!(
                    refused.is_err_and(|why| why.contains("that can be read")),
                    "{form:?}"
                );
            }
        }
        let mut pipe = tar::Builder::new(Vec::new());
        pipe.append(&header("pipe", EntryType::Fifo, 0), io::empty())
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let said = unpack(&pipe.into_inner().unwrap(), ArchiveForm::Tar, folder.path()).unwrap_err();
        assert!(said.contains("neither a file"), "{said}");
    }
}
