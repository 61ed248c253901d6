//! Credentials: their cache, and what credential chains may touch (files, metadata services).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

// The request types of reqsign's interface.
use axum::body::Bytes;
use axum::http;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::Environment;
use super::http::{Http, Request};
use super::retry::Failure;
use crate::{regular, secret};

/// Where one path stands for several files, they are separated so.
pub const FILE_SEPARATOR: char = '\u{1f}';

/// How often a place is asked for credentials where its answers are lost, and the pause between.
const TRIES: u32 = 3;
const TRY_PAUSE: Duration = Duration::from_millis(100);
/// The largest credentials or configuration file we read.
const FILE_LIMIT: u64 = 1 << 20;

/// What a request is signed with.
#[derive(Clone)]
pub struct Credentials {
    pub access_key: String,
    pub secret_key: SecretString,
    pub token: Option<SecretString>,
    pub expires: Option<Timestamp>,
    /// Where they come from, for who is told that they are wrong; empty where nobody need be told.
    pub origin: String,
}

impl Credentials {
    /// Credentials that do not expire. From now on nobody prints their secret parts.
    pub fn fixed(access_key: &str, secret_key: &str, token: Option<String>) -> Self {
        let token = token.filter(|token| !token.is_empty());
        secret::meet(secret_key);
        if let Some(token) = &token {
            secret::meet(token);
        }
        Self {
            access_key: access_key.to_owned(),
            secret_key: secret_key.into(),
            token: token.map(SecretString::from),
            expires: None,
            origin: String::new(),
        }
    }

    /// The same, known to come from a place.
    #[must_use]
    pub fn of(self, origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            ..self
        }
    }

    /// The same, as a role gave them to who came with others.
    #[must_use]
    pub fn of_role(self, role: &str, source: &str) -> Self {
        let with = if source.is_empty() {
            String::new()
        } else {
            format!(", assumed with those of {source}")
        };
        self.of(format!("the role {role}{with}"))
    }

    /// Names these credentials without telling them.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.access_key.clone(), self.expires)
    }
}

/// Never the secret parts.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &self.access_key)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Which credentials a request was signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String, Option<Timestamp>);

/// How long before they expire credentials are renewed, if they live long.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_mins(5);
/// How long credentials that could not be renewed are used before the next try.
const RENEWED_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Credentials in use, renewed some time before they expire, by one caller while the others wait.
pub struct Cache {
    held: RefCell<Option<Held>>,
    renewing: tokio::sync::Semaphore,
}

struct Held {
    credentials: Credentials,
    /// When to look for new ones; never where they do not expire.
    renewed_at: Option<Timestamp>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            held: RefCell::default(),
            renewing: tokio::sync::Semaphore::new(1),
        }
    }
}

impl Cache {
    /// The held credentials, or new ones from `fetch`. Where there are no new ones, those held serve while they last.
    pub async fn get(
        &self,
        now: Timestamp,
        fetch: impl AsyncFnOnce() -> Result<Credentials, Failure>,
    ) -> Result<Credentials, Failure> {
        if let Some(held) = self.fresh(now) {
            return Ok(held);
        }
        let _turn = self
            .renewing
            .acquire()
            .await
            .expect("the semaphore is never closed");
        if let Some(held) = self.fresh(now) {
            return Ok(held);
        }
        match fetch().await {
            Ok(new) => {
                let renewed_at = new.expires.map(|expires| renewal(now, expires));
                *self.held.borrow_mut() = Some(Held {
                    credentials: new.clone(),
                    renewed_at,
                });
                Ok(new)
            }
            Err(failure) => self.put_off(now).ok_or(failure),
        }
    }

    /// Drops credentials that a service no longer takes.
    pub fn forget(&self, used: Option<&Fingerprint>) {
        let mut held = self.held.borrow_mut();
        if held.as_ref().map(|held| held.credentials.fingerprint()).as_ref() == used {
            *held = None;
        }
    }

    fn fresh(&self, now: Timestamp) -> Option<Credentials> {
        let held = self.held.borrow();
        held.as_ref()
            .filter(|held| held.renewed_at.is_none_or(|time| now < time))
            .map(|held| held.credentials.clone())
    }

    /// The held credentials, if they have not expired; they are not renewed for a while.
    fn put_off(&self, now: Timestamp) -> Option<Credentials> {
        let mut held = self.held.borrow_mut();
        let held = held.as_mut()?;
        let expires = held.credentials.expires.filter(|expires| *expires > now)?;
        let later = now.checked_add(RENEWED_AGAIN_AFTER).unwrap_or(expires);
        held.renewed_at = Some(later.min(expires));
        Some(held.credentials.clone())
    }
}

/// When to renew credentials that are new now: in the last fifth of their life, and no earlier than need be.
fn renewal(now: Timestamp, expires: Timestamp) -> Timestamp {
    let early = (expires.duration_since(now) / 5).min(RENEWED_BEFORE);
    expires.checked_sub(early).unwrap_or(expires)
}

/// What reqsign's chains may touch.
pub fn context(environment: &Environment, http: &Arc<Http>) -> reqsign::Context {
    let variables = Variables {
        variables: environment.variables.clone(),
        home: environment.home.clone(),
    };
    reqsign::Context::new()
        .with_file_read(Files)
        .with_http_send(Sender(Arc::clone(http)))
        .with_env(variables)
}

#[derive(Clone)]
struct Variables {
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Variables")
    }
}

impl reqsign::Env for Variables {
    fn var(&self, key: &str) -> Option<String> {
        self.variables.get(key).filter(|value| !value.is_empty()).cloned()
    }

    #[expect(clippy::disallowed_types, reason = "the interface is reqsign's")]
    fn vars(&self) -> std::collections::HashMap<String, String> {
        self.variables.clone().into_iter().collect()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.home.clone()
    }
}

#[derive(Debug)]
struct Files;

impl reqsign::FileRead for Files {
    async fn file_read(&self, path: &str) -> reqsign::Result<Vec<u8>> {
        let content = if path.contains(FILE_SEPARATOR) {
            read_files(path, |_, _| {})
        } else {
            read_file(path)
        };
        content.map_err(|error| reqsign::Error::config_invalid(error.to_string()))
    }
}

/// Reads those of these files that there are, as one; each is shown on the way.
pub fn read_files(paths: &str, mut shown: impl FnMut(&str, &[u8])) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    for path in paths.split(FILE_SEPARATOR) {
        match read_file(path) {
            Ok(text) => {
                shown(path, &text);
                content.extend(text);
            }
            Err(error) if is_absent(path, &error) => {}
            Err(error) => return Err(error),
        }
        content.push(b'\n');
    }
    Ok(content)
}

/// Reads a file whole. `/dev/null` is how some say that there is none.
pub fn read_file(path: &str) -> io::Result<Vec<u8>> {
    if path == "/dev/null" {
        return Ok(Vec::new());
    }
    regular::read(Path::new(path), FILE_LIMIT).map_err(|error| {
        let is_pipe = fs_err::metadata(path).is_ok_and(|found| found.file_type().is_fifo());
        if is_pipe {
            io::Error::other(format!(
                "{error}, but a pipe, for which nobody waits; write what it gives to a file, or name the program that gives it by credential_process"
            ))
        } else {
            error
        }
    })
}

/// Whether an error means that there is no such file, or none that this user can know of: the home folder may be
/// somebody else's.
fn is_absent(path: &str, error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => true,
        io::ErrorKind::PermissionDenied => fs_err::metadata(path).is_err(),
        _ => false,
    }
}

#[derive(Debug)]
struct Sender(Arc<Http>);

impl reqsign::HttpSend for Sender {
    async fn http_send(&self, request: http::Request<Bytes>) -> reqsign::Result<http::Response<Bytes>> {
        let failed = |text: &str| reqsign::Error::unexpected(text.to_owned());
        let (parts, body) = request.into_parts();
        let url =
            reqwest::Url::parse(&parts.uri.to_string()).map_err(|_| failed("the address is not valid"))?;
        let repeatable = matches!(parts.method, http::Method::GET | http::Method::PUT);
        let mut tries = if repeatable { TRIES } else { 1 };
        let reply = loop {
            let request = Request {
                method: parts.method.clone(),
                url: url.clone(),
                headers: Vec::new(),
                body: body.to_vec().into(),
            };
            let result = self.0.send_for_credentials(request, parts.headers.clone()).await;
            tries -= 1;
            let is_lost = match &result {
                Ok(reply) => reply.status >= 500,
                Err(failure) => failure.unclear,
            };
            if !is_lost || tries == 0 {
                break result.map_err(|failure| failed(&failure.message))?;
            }
            tokio::time::sleep(TRY_PAUSE).await;
        };
        let mut response = http::Response::new(Bytes::from_owner(reply.body));
        *response.status_mut() =
            http::StatusCode::from_u16(reply.status).map_err(|_| failed("the status is not valid"))?;
        *response.headers_mut() = reply.headers;
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expiring(seconds: i64) -> Credentials {
        Credentials {
            expires: Timestamp::from_second(seconds).ok(),
            ..Credentials::fixed("key", "hidden", None)
        }
    }

    /// Which fetches of credentials that live so long serve calls at these times. Fetches with these numbers fail.
    #[track_caller]
    fn check(lifetime: i64, failing: &[usize], expected: &[(i64, Option<usize>)]) {
        let cache = Cache::default();
        let fetches = std::cell::Cell::new(0);
        let served = |time: i64| {
            let fetch = async || {
                fetches.set(fetches.get() + 1);
                let number = fetches.get();
                if failing.contains(&number) {
                    return Err(Failure::denied("", ""));
                }
                Ok(Credentials {
                    access_key: number.to_string(),
                    ..expiring(time + lifetime)
                })
            };
            let got = crate::clouds::stub::run(cache.get(Timestamp::from_second(time).unwrap(), fetch));
            got.ok().map(|got| got.access_key.parse().unwrap())
        };
        let found: Vec<_> = expected.iter().map(|(time, _)| (*time, served(*time))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn credentials_are_renewed_five_minutes_early() {
        check(3600, &[], &[(0, Some(1)), (3299, Some(1)), (3300, Some(2))]);
    }

    #[test]
    fn credentials_that_live_shortly_are_used_for_most_of_their_life() {
        check(100, &[], &[(0, Some(1)), (79, Some(1)), (80, Some(2))]);
    }

    #[test]
    fn credentials_that_cannot_be_renewed_serve_while_they_last() {
        check(
            3600,
            &[2, 3],
            &[
                (0, Some(1)),
                (3300, Some(1)),
                (3329, Some(1)),
                (3330, Some(1)),
                (3360, Some(4)),
            ],
        );
        check(
            100,
            &[2, 3],
            &[(0, Some(1)), (99, Some(1)), (100, None), (100, Some(4))],
        );
    }

    #[track_caller]
    fn check_read(path: &Path, expected: Result<&str, &str>) {
        let read = read_files(&path.to_string_lossy(), |_, _| {});
        let read = read.map(|text| String::from_utf8(text).unwrap());
        match (read, expected) {
            (Ok(text), Ok(expected)) => assert_eq!(text, expected),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (read, _) => panic!("{read:?}"),
        }
    }

    #[test]
    fn only_missing_files_are_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        check_read(&path, Ok("\n"));
        fs_err::write(&path, "text").unwrap();
        check_read(&path, Ok("text\n"));
        check_read(&path.join("below"), Ok("\n"));
        check_read(folder.path(), Err(&folder.path().to_string_lossy()));
        fs_err::write(&path, vec![b'#'; (1 << 20) + 1]).unwrap();
        check_read(&path, Err("larger than 1 MiB"));
    }

    #[test]
    fn secrets_do_not_show() {
        let shown = format!(
            "{:?}",
            Credentials::fixed("key", "hidden", Some("hidden".to_owned()))
        );
        assert!(!shown.contains("hidden"), "{shown}");
    }
}
