//! Repositories of git, in the forms that Terraform knows.

/// A repository to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Git {
    pub url: String,
    /// A branch, a tag or a commit; none means the default branch.
    pub reference: Option<String>,
    /// How many commits of history are fetched; none means all.
    pub depth: Option<u32>,
    /// The folder in it that the module is.
    pub folder: Option<String>,
}

impl Git {
    /// Reads a source that is no local path. An error says in a sentence why it cannot be installed.
    pub fn parse(source: &str) -> Result<Self, String> {
        if let Some((getter, rest)) = forced(source) {
            return match getter {
                "git" => Self::of(rest),
                _ => Err(format!(
                    "Sources that begin with {getter}:: are not supported: modules come from local folders, git, archives and registries"
                )),
            };
        }
        if is_git_host(source) {
            return Self::hosted(source);
        }
        if is_scp(source) {
            return Self::of(source);
        }
        Err("It is neither a local path that starts with ./ or ../, nor a git repository such as git::https://example.com/modules.git, nor the address of an archive, nor NAMESPACE/NAME/PROVIDER in a registry".into())
    }

    /// `github.com/owner/repository/folder`
    fn hosted(source: &str) -> Result<Self, String> {
        let (path, query) = split_query(source);
        let mut parts = path.splitn(4, '/');
        let (Some(host), Some(owner), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("It names no repository: github.com/OWNER/REPOSITORY".into());
        };
        if owner.is_empty() || name.is_empty() {
            return Err("It names no repository: github.com/OWNER/REPOSITORY".into());
        }
        let name = name.strip_suffix(".git").unwrap_or(name);
        let folder = parts.next().map_or("", |folder| folder.trim_start_matches('/'));
        let folder = if folder.is_empty() {
            String::new()
        } else {
            format!("//{folder}")
        };
        Self::of(&format!("https://{host}/{owner}/{name}.git{folder}{query}"))
    }

    /// What stands behind `git::`.
    fn of(address: &str) -> Result<Self, String> {
        let (address, query) = split_query(address);
        let (address, folder) = split_folder(address);
        let mut reference = None;
        let mut depth = None;
        let mut kept = Vec::new();
        for pair in query
            .trim_start_matches('?')
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            match pair.split_once('=') {
                Some(("ref", name)) => reference = Some(decoded(name)),
                Some(("depth", count)) => {
                    let count = count.parse().ok().filter(|count| *count > 0);
                    depth = Some(count.ok_or("The depth must be a whole number above 0")?);
                }
                Some(("sshkey", _)) => {
                    return Err(
                        "A private key does not belong into the configuration: let the SSH agent hold it"
                            .into(),
                    );
                }
                _ => kept.push(pair),
            }
        }
        let mut url = if is_scp(address) {
            // user@host:path
            let (host, path) = address.split_once(':').unwrap_or((address, ""));
            format!("ssh://{host}/{}", path.trim_start_matches('/'))
        } else {
            address.to_owned()
        };
        if !kept.is_empty() {
            url = format!("{url}?{}", kept.join("&"));
        }
        let dangerous = |text: &str| text.starts_with('-') || text.chars().any(char::is_control);
        if url.is_empty() || dangerous(&url) || reference.as_deref().is_some_and(dangerous) {
            return Err("The address or its ref is none that git may be given".into());
        }
        let folder = folder.map(str::to_owned);
        if folder
            .as_deref()
            .is_some_and(|folder| folder.split('/').any(|part| part == ".."))
        {
            return Err("The folder behind // leads out of the repository".into());
        }
        Ok(Self {
            url,
            reference: reference.filter(|name| !name.is_empty()),
            depth,
            folder,
        })
    }
}

/// Whether a source names a repository by the host that has it.
pub(super) fn is_git_host(source: &str) -> bool {
    ["github.com/", "bitbucket.org/"]
        .iter()
        .any(|host| source.starts_with(host))
}

/// In full, as Terraform writes it down: `git::URL//folder?ref=v1`.
impl std::fmt::Display for Git {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (url, query) = split_query(&self.url);
        write!(f, "git::{url}")?;
        self.folder
            .iter()
            .try_for_each(|folder| write!(f, "//{folder}"))?;
        let depth = self.depth.map(|depth| format!("depth={depth}"));
        let reference = self.reference.as_ref().map(|name| format!("ref={name}"));
        let kept = Some(query.trim_start_matches('?').to_owned()).filter(|kept| !kept.is_empty());
        let query: Vec<String> = [kept, depth, reference].into_iter().flatten().collect();
        if query.is_empty() {
            return Ok(());
        }
        write!(f, "?{}", query.join("&"))
    }
}

/// `getter::rest`
pub(super) fn forced(source: &str) -> Option<(&str, &str)> {
    let (getter, rest) = source.split_once("::")?;
    let word = !getter.is_empty() && getter.bytes().all(|byte| byte.is_ascii_alphanumeric());
    word.then_some((getter, rest))
}

/// The part before the question mark, and the rest with it.
pub(super) fn split_query(address: &str) -> (&str, &str) {
    address.find('?').map_or((address, ""), |at| address.split_at(at))
}

/// What stands before and behind the `//` that is not part of the scheme.
pub(super) fn split_folder(address: &str) -> (&str, Option<&str>) {
    let start = address.find("://").map_or(0, |at| at + 3);
    match address[start..].find("//") {
        Some(at) => {
            let folder = address[start + at + 2..].trim_matches('/');
            (
                &address[..start + at],
                Some(folder).filter(|folder| !folder.is_empty()),
            )
        }
        None => (address, None),
    }
}

/// `user@host:path`, as SSH has it.
fn is_scp(address: &str) -> bool {
    let Some((user, rest)) = address.split_once('@') else {
        return false;
    };
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    rest.split_once(':')
        .is_some_and(|(host, path)| plain(user) && plain(host) && !path.starts_with("//"))
}

/// Percent signs resolved.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let pair = after.get(..2).filter(|_| byte == b'%');
        let pair = pair.and_then(|pair| std::str::from_utf8(pair).ok());
        let resolved = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(resolved.unwrap_or(byte));
        rest = if resolved.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, url: &str, reference: Option<&str>, folder: Option<&str>) {
        let git = Git::parse(source).unwrap();
        let found = (&*git.url, git.reference.as_deref(), git.folder.as_deref());
        assert_eq!(found, (url, reference, folder), "{source}");
    }

    #[test]
    fn repositories_are_named_in_many_ways() {
        check("git::https://e.org/m.git", "https://e.org/m.git", None, None);
        check(
            "git::https://e.org/m.git//a/b?ref=v1.2",
            "https://e.org/m.git",
            Some("v1.2"),
            Some("a/b"),
        );
        check(
            "git::https://e.org/m.git?ref=a%2Fb&x=1",
            "https://e.org/m.git?x=1",
            Some("a/b"),
            None,
        );
        check(
            "git::ssh://git@e.org/m.git//s",
            "ssh://git@e.org/m.git",
            None,
            Some("s"),
        );
        check(
            "git@e.org:o/m.git//s?ref=x",
            "ssh://git@e.org/o/m.git",
            Some("x"),
            Some("s"),
        );
        check("git::git@e.org:o/m.git", "ssh://git@e.org/o/m.git", None, None);
        check("github.com/o/m", "https://github.com/o/m.git", None, None);
        check(
            "github.com/o/m.git//s?ref=v1",
            "https://github.com/o/m.git",
            Some("v1"),
            Some("s"),
        );
        check(
            "github.com/o/m/s/t",
            "https://github.com/o/m.git",
            None,
            Some("s/t"),
        );
        check("git::file:///srv/m", "file:///srv/m", None, None);
        assert_eq!(Git::parse("git::https://e.org/m?depth=1").unwrap().depth, Some(1));
    }

    #[test]
    fn a_repository_is_written_down_in_full() {
        let full = Git::parse("github.com/o/m//s?ref=v1&depth=1")
            .unwrap()
            .to_string();
        assert_eq!(full, "git::https://github.com/o/m.git//s?depth=1&ref=v1");
    }

    #[track_caller]
    fn check_refused(source: &str, why: &str) {
        let said = Git::parse(source).unwrap_err();
        assert!(said.contains(why), "{source}: {said}");
    }

    #[test]
    fn what_cannot_be_installed_is_refused_with_the_reason() {
        check_refused("hg::https://e.org/m", "hg:: are not supported");
        check_refused("what is this", "neither");
        check_refused("github.com/o", "names no repository");
        check_refused("git::--upload-pack=x", "git may be given");
        check_refused("git::https://e.org/m?ref=--x", "git may be given");
        check_refused("git::https://e.org/m//../x", "leads out");
        check_refused("git::https://e.org/m?depth=0", "above 0");
        check_refused("git::https://e.org/m?sshkey=abc", "private key");
    }
}
