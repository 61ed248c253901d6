//! Packages: what is fetched as a whole, a module or a folder of modules.

use std::path::{Path, PathBuf};

use fs_err as fs;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::{Fetched, Installer, archive, git};
use crate::clouds::{self, Answer, Question};
use crate::config::{Archive, Git, Page, Remote};
use crate::regular;

/// How often a page may say that a module is on another page.
const PAGES: usize = 10;

/// The largest archive on the disk that is unpacked.
const FILE: u64 = 64 << 20;

/// The address of a package, for lines that tell what is done.
pub(super) fn shown(remote: &Remote) -> String {
    let address = match remote {
        Remote::Git(git) => git.url.clone(),
        Remote::Archive(archive) => archive.place.clone(),
        Remote::Page(page) => page.url.clone(),
        Remote::Published(published) => published.package(),
    };
    without_passwords(&address)
}

/// A text without the names and passwords, or tokens, that stand in addresses before their hosts.
pub(super) fn without_passwords(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        let end = after.find(|c: char| c == '/' || c == '\'' || c == '"' || c.is_whitespace());
        let host = after[..end.unwrap_or(after.len())]
            .rfind('@')
            .map_or(0, |at| at + 1);
        shown.push_str(before);
        let user = &after[..host];
        // The name alone, as of ssh://git@host, is no secret; a token may stand in its place for http.
        if before.ends_with("ssh://") && !user.contains(':') {
            shown.push_str(user);
        }
        rest = &after[host..];
    }
    shown + rest
}

impl Installer {
    /// Fetches a package to a folder that is not there yet, and gives the folder in it that is meant.
    pub(super) fn package(&self, from: &Remote, caller: &Path, to: &Path) -> Fetched<Option<String>> {
        let mut from = from.clone();
        let mut folders: Vec<String> = Vec::new();
        for _ in 0..PAGES {
            folders.extend(from.folder().map(str::to_owned));
            let page = match &from {
                Remote::Git(repository) => {
                    git::clone(repository, to)?;
                    return Ok(together(folders));
                }
                Remote::Archive(archive) => {
                    self.unpack(archive, caller, to)?;
                    return Ok(together(folders));
                }
                Remote::Published(_) => return Err("A page may not name a registry".into()),
                Remote::Page(page) => page,
            };
            from = self.follow(page)?;
        }
        Err("Pages name further pages without end".into())
    }

    fn unpack(&self, archive: &Archive, caller: &Path, to: &Path) -> Fetched<()> {
        let bytes = if is_web(&archive.place) {
            let answer = self.ask(&archive.place, None)?;
            match answer.status {
                200 => answer.body,
                status => return Err(format!("The server answers with the status {status}")),
            }
        } else {
            read(&caller.join(&archive.place))?
        };
        check_sum(&bytes, archive)?;
        fs::create_dir(to).map_err(|error| error.to_string())?;
        archive::unpack(&bytes, archive.form, to)
            .map_err(|why| format!("The archive cannot be unpacked. {why}"))
    }

    /// What a page says of where a module is.
    fn follow(&self, page: &Page) -> Fetched<Remote> {
        let separator = if page.url.contains('?') { '&' } else { '?' };
        let answer = self.ask(&format!("{}{separator}terraform-get=1", page.url), None)?;
        if !(200..300).contains(&answer.status) {
            return Err(format!("The server answers with the status {}", answer.status));
        }
        let named = answer.module.clone().or_else(|| in_page(&answer.body));
        let named = named.ok_or("The address names neither an archive, by its ending or with ?archive=zip, nor does the answer say where a module is, in a header X-Terraform-Get or a meta tag terraform-get")?;
        named_by(&answer, &named)
    }

    /// Asks a server, with credentials if there are any for it.
    pub(super) fn ask(&self, address: &str, token: Option<String>) -> Fetched<Answer> {
        let question = Question {
            address: address.to_owned(),
            token,
            allow_plain: address.starts_with("http://"),
        };
        let answer = self
            .runner
            .run(clouds::fetch(question, &self.environment))
            .map_err(|_| "It was interrupted".to_owned())?;
        answer.map_err(|why| upper(&why))
    }
}

/// What a server names: never anything on this machine.
pub(super) fn named_by(answer: &Answer, source: &str) -> Fetched<Remote> {
    let refused = || format!("The server names {source:?}, which is no address that others may name");
    let remote = Remote::parse(source).map_err(|why| format!("The server names {source:?}. {why}"))?;
    let place = match &remote {
        Remote::Git(Git { url, .. }) | Remote::Page(Page { url, .. }) => url,
        Remote::Archive(Archive { place, .. }) => place,
        Remote::Published(_) => return Err(refused()),
    };
    let Some((scheme, _)) = place.split_once("://") else {
        return Err(refused());
    };
    let is_worse = answer.url.scheme() == "https" && matches!(scheme, "http" | "git");
    let parsed = reqwest::Url::parse(place).map_err(|_| refused())?;
    let reaches_in = clouds::is_loopback(&parsed) && !clouds::is_loopback(&answer.url);
    if is_worse || reaches_in || !matches!(scheme, "http" | "https" | "git" | "ssh") {
        return Err(refused());
    }
    Ok(remote)
}

/// The folder in a package that its parts name, one inside the other. A part `*` stands for the only folder there.
pub(super) fn folder(package: &Path, parts: &[Option<&str>]) -> Fetched<PathBuf> {
    let mut inside = PathBuf::new();
    for part in parts.iter().flatten().flat_map(|folder| folder.split('/')) {
        match part {
            "" | "." => {}
            "*" => inside.push(only_folder(&package.join(&inside))?),
            part => inside.push(part),
        }
    }
    let path = package.join(&inside);
    let stays = |path: &Path| {
        let (real, top) = (fs::canonicalize(path).ok()?, fs::canonicalize(package).ok()?);
        Some(real.is_dir() && real.starts_with(top))
    };
    if stays(&path) == Some(true) {
        Ok(inside)
    } else {
        Err(format!("There is no folder {} in it", inside.display()))
    }
}

fn only_folder(path: &Path) -> Fetched<String> {
    let entries = fs::read_dir(path).map_err(|error| error.to_string())?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let names: Vec<String> = folders
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name != ".git")
        .collect();
    match &*names {
        [name] => Ok(name.clone()),
        names => Err(format!(
            "The * stands for one folder, and there are {}",
            names.len()
        )),
    }
}

fn together(folders: Vec<String>) -> Option<String> {
    // The last that was named is the innermost package, so its folder comes first.
    let folders: Vec<String> = folders.into_iter().rev().collect();
    Some(folders.join("/")).filter(|all| !all.is_empty())
}

fn read(path: &Path) -> Fetched<Vec<u8>> {
    let failed = |why: String| format!("The file {} cannot be read: {why}", path.display());
    regular::read(path, FILE).map_err(|error| failed(crate::cli::disk::reason(&error)))
}

fn check_sum(bytes: &[u8], archive: &Archive) -> Fetched<()> {
    let Some((function, expected)) = &archive.checksum else {
        return Ok(());
    };
    let found = match &**function {
        "md5" => hex::encode(Md5::digest(bytes)),
        "sha1" => hex::encode(Sha1::digest(bytes)),
        "sha256" => hex::encode(Sha256::digest(bytes)),
        _ => hex::encode(Sha512::digest(bytes)),
    };
    if found == *expected {
        return Ok(());
    }
    Err(format!(
        "Its checksum by {function} is {found}, and should be {expected}"
    ))
}

/// `<meta name="terraform-get" content="...">` in the head of a page.
fn in_page(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let tags = text
        .split('<')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('>')?.0));
    let named = |tag: &&str| {
        let is_meta = tag
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("meta "));
        is_meta && attribute(tag, "name").as_deref() == Some("terraform-get")
    };
    tags.take_while(|tag| !tag.eq_ignore_ascii_case("/head"))
        .find(named)
        .and_then(|tag| attribute(tag, "content"))
}

/// What an attribute of a tag says, in quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, next) = after[1..].split_once(quote)?;
        let own = before
            .trim()
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default();
        if own.eq_ignore_ascii_case(name) {
            return Some(value.replace("&amp;", "&"));
        }
        rest = next;
    }
    None
}

fn is_web(place: &str) -> bool {
    place.starts_with("http://") || place.starts_with("https://")
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        let table = [
            ("https://u:p@e.org/m.git", "https://e.org/m.git"),
            ("https://token@e.org", "https://e.org"),
            ("ssh://git@e.org/m", "ssh://git@e.org/m"),
            (
                "unable to access 'https://u:p@e.org/m/': no, ssh://u:p@f.org",
                "unable to access 'https://e.org/m/': no, ssh://f.org",
            ),
            ("https://e.org/a@b", "https://e.org/a@b"),
        ];
        for (text, expected) in table {
            assert_eq!(without_passwords(text), expected);
        }
    }

    #[track_caller]
    fn check_page(text: &str, expected: Option<&str>) {
        assert_eq!(in_page(text.as_bytes()).as_deref(), expected, "{text}");
    }

    #[test]
    fn pages_name_modules_in_their_head() {
        check_page(
            "<html><head><title>x</title><META content='https://e.org/m.zip?a=1&amp;b=2' name=\"terraform-get\" /></head>",
            Some("https://e.org/m.zip?a=1&b=2"),
        );
        check_page(
            "<meta name=\"other\" content=\"x\"><meta name=\"terraform-get\" content=\"y\">",
            Some("y"),
        );
        check_page("<head></head><meta name=\"terraform-get\" content=\"y\">", None);
        check_page("<meta name=\"terraform-get\">", None);
        check_page("<meta name=terraform-get content=y>", None);
        check_page("no page < at = all", None);
    }

    #[track_caller]
    fn check_named(from: &str, source: &str, allowed: bool) {
        let answer = Answer {
            url: reqwest::Url::parse(from).unwrap(),
            status: 200,
            body: Vec::new(),
            module: None,
        };
        assert_eq!(named_by(&answer, source).is_ok(), allowed, "{source}");
    }

    #[test]
    fn servers_name_nothing_on_this_machine() {
        check_named("https://e.org", "https://f.org/m.zip", true);
        check_named("https://e.org", "git::https://f.org/m?ref=v1", true);
        check_named("https://e.org", "git::ssh://git@f.org/m", true);
        check_named("http://e.org", "http://f.org/m.zip", true);
        check_named("http://127.0.0.1", "http://127.0.0.1:80/m.zip", true);
        check_named("https://e.org", "http://f.org/m.zip", false);
        check_named("https://e.org", "https://localhost/m.zip", false);
        check_named("https://e.org", "git::https://127.0.0.1/m", false);
        check_named("https://e.org", "/etc/m.zip", false);
        check_named("https://e.org", "./m.zip", false);
        check_named("https://e.org", "git::file:///srv/m", false);
        check_named("https://e.org", "git::/srv/m", false);
        check_named("https://e.org", "a/b/c", false);
    }
}
