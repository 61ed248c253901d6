//! Where a module that is no local folder comes from: a repository, an archive, a page that names one, or a registry.

use super::source::{Git, decoded, forced, is_git_host, split_folder, split_query};

/// The registry of addresses that name none.
pub const PUBLIC_REGISTRY: &str = "registry.terraform.io";

/// A source, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remote {
    Git(Git),
    Archive(Archive),
    Page(Page),
    Published(Published),
}

/// A file that holds the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// A URL, or a path.
    pub place: String,
    pub form: ArchiveForm,
    /// The name of the function and what it comes to, in hexadecimal digits.
    pub checksum: Option<(String, String)>,
    pub folder: Option<String>,
}

/// How an archive is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveForm {
    Zip,
    Tar,
    TarGz,
}

/// A URL whose answer says where the module is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub url: String,
    pub folder: Option<String>,
}

/// A module in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub host: String,
    pub namespace: String,
    pub name: String,
    pub system: String,
    pub folder: Option<String>,
}

impl Remote {
    /// Reads a source that is no local folder. An error says in a sentence why nothing can be installed from there.
    pub fn parse(source: &str) -> Result<Self, String> {
        let (getter, address) = forced(source).map_or((None, source), |(getter, rest)| (Some(getter), rest));
        let is_web = address.starts_with("http://") || address.starts_with("https://");
        match getter {
            None if is_git_host(source) => Git::parse(source).map(Self::Git),
            None | Some("http" | "https") if is_web => Self::web(address),
            None | Some("file") if address.starts_with("file://") => Self::file(&address["file://".len()..]),
            None if ["/", "./", "../"].iter().any(|start| source.starts_with(start)) => Self::file(source),
            None if is_registry(source) => Published::parse(source).map(Self::Published),
            _ => Git::parse(source).map(Self::Git),
        }
    }

    fn web(address: &str) -> Result<Self, String> {
        let (place, query, folder) = parts(address)?;
        let (kept, named, checksum) = options(query)?;
        let url = if kept.is_empty() {
            place.to_owned()
        } else {
            format!("{place}?{}", kept.join("&"))
        };
        if url.chars().any(char::is_control) {
            return Err("The address holds characters that no address has".into());
        }
        Ok(match named.unwrap_or_else(|| ending(place)) {
            Some(form) => Self::Archive(Archive {
                place: url,
                form: form?,
                checksum,
                folder,
            }),
            None => Self::Page(Page { url, folder }),
        })
    }

    fn file(path: &str) -> Result<Self, String> {
        let (place, query, folder) = parts(path)?;
        let (_, named, checksum) = options(query)?;
        let form = named.unwrap_or_else(|| ending(place));
        let form = form.ok_or("A folder or file outside of the project is a module only if it is an archive: .zip, .tar.gz, .tgz or .tar")?;
        Ok(Self::Archive(Archive {
            place: place.to_owned(),
            form: form?,
            checksum,
            folder,
        }))
    }

    /// The source in full, as Terraform writes it down.
    pub fn recorded(&self, source: &str) -> String {
        match self {
            Self::Git(git) => git.to_string(),
            Self::Published(published) => published.to_string(),
            Self::Archive(_) if source.starts_with('/') => format!("file://{source}"),
            Self::Archive(_) | Self::Page(_) => source.to_owned(),
        }
    }

    /// The folder in it that the module is.
    pub fn folder(&self) -> Option<&str> {
        match self {
            Self::Git(git) => git.folder.as_deref(),
            Self::Archive(archive) => archive.folder.as_deref(),
            Self::Page(page) => page.folder.as_deref(),
            Self::Published(published) => published.folder.as_deref(),
        }
    }
}

impl Archive {
    /// Whether a local path names an archive, by its ending.
    pub(super) fn is_named_by(source: &str) -> bool {
        let (address, _) = split_query(source);
        ending(split_folder(address).0).is_some()
    }
}

impl Published {
    /// The address without the folder.
    pub fn package(&self) -> String {
        let Self {
            host,
            namespace,
            name,
            system,
            ..
        } = self;
        format!("{host}/{namespace}/{name}/{system}")
    }

    fn parse(source: &str) -> Result<Self, String> {
        let (address, folder) = split_folder(source);
        let mut names = address.split('/').rev();
        let mut next = || names.next().unwrap_or_default().to_owned();
        let (system, name, namespace, host) = (next(), next(), next(), next());
        let host = if host.is_empty() {
            PUBLIC_REGISTRY.into()
        } else {
            host.to_lowercase()
        };
        Ok(Self {
            host,
            namespace,
            name,
            system,
            folder: inside(folder)?,
        })
    }
}

/// In full, with its host.
impl std::fmt::Display for Published {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.package())?;
        self.folder.iter().try_for_each(|folder| write!(f, "//{folder}"))
    }
}

/// Whether two sources name the same: Terraform writes them down in full.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one == other
        || match (Remote::parse(one), Remote::parse(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
}

/// `namespace/name/provider`, or with a host before it.
pub fn is_registry(source: &str) -> bool {
    let (address, _) = split_folder(source);
    let parts: Vec<&str> = address.split('/').collect();
    let word = |part: &str, also: &[u8]| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
    };
    let name = |part: &&str| word(part, b"-_");
    match &*parts {
        names if names.len() == 3 => names.iter().all(name),
        [host, names @ ..] if names.len() == 3 => {
            let (bare, port) = host.split_once(':').unwrap_or((host, ""));
            let numbered = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            let is_host = word(bare, b"-.") && (bare.contains('.') || (bare == "localhost" && numbered));
            is_host && (numbered || !host.contains(':')) && names.iter().all(name)
        }
        _ => false,
    }
}

/// Address, query and folder.
fn parts(address: &str) -> Result<(&str, &str, Option<String>), String> {
    let (address, query) = split_query(address);
    let (place, folder) = split_folder(address);
    Ok((place, query.trim_start_matches('?'), inside(folder)?))
}

/// A folder that stays inside of what it is a folder of.
fn inside(folder: Option<&str>) -> Result<Option<String>, String> {
    if folder.is_some_and(|folder| folder.split('/').any(|part| part == "..")) {
        return Err("The folder behind // leads out of the module".into());
    }
    Ok(folder.map(str::to_owned))
}

/// How something is packed; none if it is no archive.
type Form = Option<Result<ArchiveForm, String>>;

/// What a query says: the options that are for somebody else, how the archive is packed if that is said, and its
/// checksum.
#[expect(clippy::type_complexity, reason = "the three kinds of options, each once")]
fn options(query: &str) -> Result<(Vec<&str>, Option<Form>, Option<(String, String)>), String> {
    let mut kept = Vec::new();
    let mut form = None;
    let mut checksum = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("archive", "false" | "0")) => form = Some(None),
            Some(("archive", name)) => {
                let ending = Endings::of(&format!(".{name}"));
                form = Some(Some(ending.unwrap_or_else(|| Err(unknown(name)))));
            }
            Some(("checksum", sum)) => {
                let sum = decoded(sum);
                let (function, digits) = sum
                    .split_once(':')
                    .ok_or("The checksum must be written as sha256: and the digits")?;
                if !["md5", "sha1", "sha256", "sha512"].contains(&function) {
                    return Err(format!(
                        "Checksums by {function} are not supported: md5, sha1, sha256 and sha512 are"
                    ));
                }
                checksum = Some((function.to_owned(), digits.to_lowercase()));
            }
            _ => kept.push(pair),
        }
    }
    Ok((kept, form, checksum))
}

/// How an archive of that name is packed.
fn ending(place: &str) -> Form {
    let name = place.rsplit('/').next().unwrap_or(place);
    Endings::of(name)
}

struct Endings;

impl Endings {
    const KNOWN: [(&'static str, ArchiveForm); 4] = [
        (".zip", ArchiveForm::Zip),
        (".tar.gz", ArchiveForm::TarGz),
        (".tgz", ArchiveForm::TarGz),
        (".tar", ArchiveForm::Tar),
    ];

    /// What Terraform unpacks and we do not.
    const OTHERS: [&'static str; 11] = [
        ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".gz", ".bz2", ".xz", ".zst", ".7z",
    ];

    fn of(name: &str) -> Form {
        let known = Self::KNOWN.iter().find(|(ending, _)| name.ends_with(ending));
        let other = || Self::OTHERS.iter().find(|ending| name.ends_with(**ending));
        known
            .map(|(_, form)| Ok(*form))
            .or_else(|| other().map(|ending| Err(unknown(&ending[1..]))))
    }
}

fn unknown(name: &str) -> String {
    format!("Archives of the form {name} are not supported: pack the module as .zip, .tar.gz, .tgz or .tar")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, place: &str, form: Option<ArchiveForm>, folder: Option<&str>) {
        let remote = Remote::parse(source).unwrap();
        assert_eq!(remote.folder(), folder, "{source}");
        let found = match &remote {
            Remote::Archive(archive) => (&*archive.place, Some(archive.form)),
            Remote::Page(page) => (&*page.url, None),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, (place, form), "{source}");
    }

    #[test]
    fn archives_are_known_by_their_endings_or_as_they_are_called() {
        use ArchiveForm::{Tar, TarGz, Zip};
        check("https://e.org/m.zip", "https://e.org/m.zip", Some(Zip), None);
        check(
            "https://e.org/m.tgz//a/b",
            "https://e.org/m.tgz",
            Some(TarGz),
            Some("a/b"),
        );
        check(
            "https://e.org/m.tar.gz//*?x=1",
            "https://e.org/m.tar.gz?x=1",
            Some(TarGz),
            Some("*"),
        );
        check(
            "http://e.org/m?archive=tar&y=2",
            "http://e.org/m?y=2",
            Some(Tar),
            None,
        );
        check(
            "http::https://e.org/m.zip",
            "https://e.org/m.zip",
            Some(Zip),
            None,
        );
        check("/srv/m.zip//a", "/srv/m.zip", Some(Zip), Some("a"));
        check("file:///srv/m.tar", "/srv/m.tar", Some(Tar), None);
        check("./m.zip", "./m.zip", Some(Zip), None);
        check("https://e.org/m", "https://e.org/m", None, None);
        check(
            "https://e.org/m.zip//a?archive=false",
            "https://e.org/m.zip",
            None,
            Some("a"),
        );
        check("https://e.org/zip//a", "https://e.org/zip", None, Some("a"));
    }

    #[track_caller]
    fn check_published(source: &str, expected: &str) {
        assert!(is_registry(source), "{source}");
        match Remote::parse(source).unwrap() {
            Remote::Published(published) => assert_eq!(published.to_string(), expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn registries_have_modules_by_name() {
        check_published("ns/name/aws", "registry.terraform.io/ns/name/aws");
        check_published("ns/name/aws//sub/x", "registry.terraform.io/ns/name/aws//sub/x");
        check_published("Host.example/ns/name/aws", "host.example/ns/name/aws");
        check_published("localhost:80/ns/name/aws", "localhost:80/ns/name/aws");
        check_published("127.0.0.1:80/ns/n_1/aws", "127.0.0.1:80/ns/n_1/aws");
        for other in [
            "ns/name",
            "a.b/ns/name/aws/more",
            "localhost/ns/name/aws",
            "localhost:x/a/b/c",
            "h.e:/a/b/c",
            "a//b/c",
            "a:b/c/d",
        ] {
            assert!(!is_registry(other), "{other}");
        }
    }

    #[test]
    fn sources_are_the_same_however_they_are_written() {
        assert!(is_same("registry.terraform.io/ns/name/aws", "ns/name/aws"));
        assert!(!is_same("registry.terraform.io/ns/name/aws", "ns/name/aws//sub"));
        assert!(!is_same("ns/name/aws", "ns/name/google"));
        assert!(is_same("file:///srv/m.zip", "/srv/m.zip"));
        assert!(!is_same(
            "https://e.org/m.zip?checksum=md5:00",
            "https://e.org/m.zip"
        ));
        assert!(is_same(
            "git::https://github.com/o/m.git//s?ref=v1",
            "github.com/o/m//s?ref=v1"
        ));
        assert!(!is_same(
            "git::https://github.com/o/m.git?ref=v1",
            "github.com/o/m?ref=v2"
        ));
    }

    #[track_caller]
    fn check_refused(source: &str, why: &str) {
        let said = Remote::parse(source).unwrap_err();
        assert!(said.contains(why), "{source}: {said}");
    }

    #[test]
    fn what_cannot_be_installed_is_refused_with_the_reason() {
        check_refused("https://e.org/m.tar.xz", "form tar.xz");
        check_refused("https://e.org/m?archive=rar", "form rar");
        check_refused("https://e.org/m.zip//../x", "leads out");
        check_refused("ns/name/aws//a/../../x", "leads out");
        check_refused("https://e.org/m.zip?checksum=00", "sha256:");
        check_refused("https://e.org/m.zip?checksum=crc:00", "by crc");
        check_refused("/srv/folder", "only if it is an archive");
        check_refused("s3::https://e.org/m.zip", "s3:: are not supported");
        check_refused("what is this", "neither");
    }
}
