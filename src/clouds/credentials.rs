//! Credentials: their cache, and what credential chains may touch (files, metadata services, processes).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

// The request types of reqsign's interface.
use axum::body::Bytes;
use axum::http;
use jiff::{SignedDuration, Timestamp};

use super::Environment;
use super::http::{Http, Request};
use super::retry::Failure;

/// Where one path stands for several files, they are separated so.
pub const FILE_SEPARATOR: char = '\u{1f}';

/// How long a credential process may take.
const PROCESS_LIMIT: Duration = Duration::from_secs(10);
/// How much a credential process may write.
const PROCESS_OUTPUT: u64 = 64 << 10;
/// The largest credentials or configuration file we read.
const FILE_LIMIT: u64 = 1 << 20;

/// What a request is signed with.
#[derive(Clone)]
pub struct Credentials {
    pub access_key: String,
    pub secret_key: String,
    pub token: Option<String>,
    pub expires: Option<Timestamp>,
}

impl Credentials {
    /// Credentials that do not expire.
    pub fn fixed(access_key: &str, secret_key: &str, token: Option<String>) -> Self {
        Self {
            access_key: access_key.to_owned(),
            secret_key: secret_key.to_owned(),
            token: token.filter(|token| !token.is_empty()),
            expires: None,
        }
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

/// Credentials in use, renewed five minutes before they expire, by one caller while the others wait.
pub struct Cache {
    held: RefCell<Option<Credentials>>,
    renewing: tokio::sync::Semaphore,
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
    /// The held credentials, or new ones from `fetch`.
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
        let new = fetch().await?;
        *self.held.borrow_mut() = Some(new.clone());
        Ok(new)
    }

    /// Drops credentials that a service no longer takes.
    pub fn forget(&self, used: Option<&Fingerprint>) {
        let mut held = self.held.borrow_mut();
        if held.as_ref().map(Credentials::fingerprint).as_ref() == used {
            *held = None;
        }
    }

    fn fresh(&self, now: Timestamp) -> Option<Credentials> {
        let held = self.held.borrow();
        let limit = now
            .checked_add(SignedDuration::from_mins(5))
            .unwrap_or(Timestamp::MAX);
        held.as_ref()
            .filter(|held| held.expires.is_none_or(|expires| expires > limit))
            .cloned()
    }
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
        .with_command_execute(Processes(environment.clone()))
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
        read_files(path).map_err(|error| reqsign::Error::config_invalid(error.to_string()))
    }
}

/// Reads a file, or several as one; a missing one of several is empty.
pub fn read_files(paths: &str) -> std::io::Result<Vec<u8>> {
    let many = paths.contains(FILE_SEPARATOR);
    let mut content = Vec::new();
    for path in paths.split(FILE_SEPARATOR) {
        match fs_err::File::open(path) {
            Ok(file) => {
                file.take(FILE_LIMIT).read_to_end(&mut content)?;
                content.push(b'\n');
            }
            Err(error) if many && error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(content)
}

#[derive(Debug)]
struct Sender(Arc<Http>);

impl reqsign::HttpSend for Sender {
    async fn http_send(&self, request: http::Request<Bytes>) -> reqsign::Result<http::Response<Bytes>> {
        let failed = |text: &str| reqsign::Error::unexpected(text.to_owned());
        let (parts, body) = request.into_parts();
        let url =
            reqwest::Url::parse(&parts.uri.to_string()).map_err(|_| failed("the address is not valid"))?;
        let request = Request {
            method: parts.method,
            url,
            headers: Vec::new(),
            body: body.to_vec(),
        };
        let reply = self
            .0
            .send_for_credentials(request, parts.headers)
            .await
            .map_err(|failure| failed(&failure.message))?;
        let mut response = http::Response::new(Bytes::from(reply.body));
        *response.status_mut() =
            http::StatusCode::from_u16(reply.status).map_err(|_| failed("the status is not valid"))?;
        *response.headers_mut() = reply.headers;
        Ok(response)
    }
}

#[derive(Clone)]
struct Processes(Environment);

impl fmt::Debug for Processes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Processes")
    }
}

impl reqsign::CommandExecute for Processes {
    async fn command_execute<'a>(
        &'a self,
        program: &'a str,
        arguments: &'a [&'a str],
    ) -> reqsign::Result<reqsign::CommandOutput> {
        let failed = |text: String| reqsign::Error::unexpected(text);
        let child = std::process::Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(&self.0.variables)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .map_err(|error| failed(format!("the credential process {program} did not start: {error}")))?;
        let (status, stdout) = finish(child)
            .await
            .map_err(|why| failed(format!("the credential process {program} {why}")))?;
        Ok(reqsign::CommandOutput {
            status,
            stdout,
            stderr: Vec::new(),
        })
    }
}

/// Waits for a process within the limits; its status and output.
async fn finish(mut child: std::process::Child) -> Result<(i32, Vec<u8>), String> {
    let Some(output) = child.stdout.take() else {
        return Err("has no output".to_owned());
    };
    let (send, receive) = tokio::sync::oneshot::channel();
    // Not the runtime's own threads: those would be waited for at the end, however long the process hangs.
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let result = output.take(PROCESS_OUTPUT + 1).read_to_end(&mut text);
        let _ = send.send(result.map(|_| text));
    });
    let result = tokio::time::timeout(PROCESS_LIMIT, receive).await;
    let text = match result {
        Ok(Ok(Ok(text))) if text.len() as u64 <= PROCESS_OUTPUT => Ok(text),
        Ok(Ok(Ok(_))) => Err("wrote too much".to_owned()),
        Ok(Ok(Err(error))) => Err(format!("could not be read: {error}")),
        Ok(Err(_)) => Err("could not be read".to_owned()),
        Err(_) => Err(format!("took longer than {} seconds", PROCESS_LIMIT.as_secs())),
    };
    if text.is_err() {
        let _ = child.kill();
    }
    let status = child
        .wait()
        .map_err(|error| format!("could not be waited for: {error}"))?;
    Ok((status.code().unwrap_or(-1), text?))
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

    /// Whether credentials that expire so long after the time of asking are used again.
    #[track_caller]
    fn check(seconds_left: i64, used_again: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let cache = Cache::default();
            let now = Timestamp::UNIX_EPOCH;
            let fetches = std::cell::Cell::new(0);
            for _ in 0..2 {
                let fetch = async || {
                    fetches.set(fetches.get() + 1);
                    Ok(expiring(seconds_left))
                };
                cache.get(now, fetch).await.unwrap();
            }
            assert_eq!(fetches.get() == 1, used_again);
        });
    }

    #[test]
    fn credentials_are_renewed_five_minutes_early() {
        check(301, true);
        check(300, false);
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
