//! The log that `KEYFORM_LOG` or `TF_LOG` asks for: lines of named fields, to stderr or to a file.
//!
//! What may stand in it is a list: messages are words of this program, fields are named here, and no field is a body, a
//! header or a query. The register of secrets is asked all the same.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::rc::Rc;

use fs_err::os::unix::fs::OpenOptionsExt as _;
use fs_err::{File, OpenOptions};
use rustix::fs::OFlags;
use serde_json::{Map, Value as Json};

use super::disk::reason;
use super::environment::Environment;
use super::ui::tame;
use crate::clouds::{Hearing, Sent};
use crate::diag::{Diagnostic, Result};
use crate::secret;

/// How much is told, the least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    #[default]
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

const NAMES: [(&str, Level); 6] = [
    ("OFF", Level::Off),
    ("ERROR", Level::Error),
    ("WARN", Level::Warn),
    ("INFO", Level::Info),
    ("DEBUG", Level::Debug),
    ("TRACE", Level::Trace),
];

/// A log, or none.
#[derive(Debug, Default)]
pub struct Log {
    level: Level,
    json: bool,
    /// Stderr where there is none.
    file: Option<RefCell<File>>,
}

impl Log {
    /// The log that the environment asks for.
    pub fn open(environment: &Environment) -> Result<Self> {
        let Some(wanted) = environment.option("LOG") else {
            return Ok(Self::default());
        };
        let json = wanted.eq_ignore_ascii_case("JSON");
        let named = NAMES.iter().find(|(name, _)| wanted.eq_ignore_ascii_case(name));
        let level = match named {
            Some((_, level)) => *level,
            None if json => Level::Trace,
            None => return Err(unknown(wanted).into()),
        };
        let path = environment.option("LOG_PATH").filter(|_| level > Level::Off);
        let file = path.map(|path| appended(Path::new(path)).map_err(|error| refused(path, &error)));
        Ok(Self {
            level,
            json,
            file: file.transpose()?.map(RefCell::new),
        })
    }

    /// Tells something, if so much is wanted.
    pub fn tell(&self, level: Level, message: &'static str, fields: &[(&'static str, String)]) {
        if level > self.level {
            return;
        }
        let line = if self.json {
            json(level, message, fields)
        } else {
            text(level, message, fields)
        };
        let line = format!("{}\n", tame(&secret::hidden(&line), false));
        // Where the log cannot be written there is nowhere to say so.
        let _ = match &self.file {
            Some(file) => file.borrow_mut().write_all(line.as_bytes()),
            None => io::stderr().lock().write_all(line.as_bytes()),
        };
    }

    /// What hears of requests, if the log tells of them.
    pub fn of_requests(self: &Rc<Self>) -> Option<Hearing> {
        let log = self.clone();
        let hearing: Hearing = Rc::new(move |sent| log.request(sent));
        (self.level >= Level::Warn).then_some(hearing)
    }

    fn request(&self, sent: &Sent) {
        let (level, message) = match &sent.error {
            Some(_) => (Level::Warn, "request failed"),
            None => (Level::Debug, "request"),
        };
        let number = |number: Option<usize>| number.map(|number| number.to_string());
        let fields = [
            ("method", Some(sent.method.clone())),
            ("host", Some(sent.host.clone())),
            ("service", Some(sent.service.clone())),
            ("action", Some(sent.action.clone())),
            ("attempt", Some(sent.attempt.to_string())),
            ("status", number(sent.status.map(usize::from))),
            ("error", sent.error.clone()),
            ("request_id", sent.request_id.clone()),
            ("sent_bytes", number(Some(sent.sent))),
            ("received_bytes", number(sent.received)),
            ("duration_ms", Some(sent.took.as_millis().to_string())),
        ];
        let told = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        self.tell(level, message, &told.collect::<Vec<_>>());
    }
}

/// `2026-01-01T00:00:00.000Z [DEBUG] request: host=kms.eu-west-1.amazonaws.com:443 status=200`
fn text(level: Level, message: &str, fields: &[(&'static str, String)]) -> String {
    let mut line = format!("{} [{}] {message}", now(), name(level));
    for (at, (name, value)) in fields.iter().enumerate() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "-_.:/[]@+".contains(c);
        let _ = write!(line, "{} {name}=", if at == 0 { ":" } else { "" });
        let _ = if !value.is_empty() && value.chars().all(is_word) {
            write!(line, "{value}")
        } else {
            write!(line, "{value:?}")
        };
    }
    line
}

fn json(level: Level, message: &str, fields: &[(&'static str, String)]) -> String {
    let head = [
        ("@level", name(level).to_lowercase()),
        ("@message", message.to_owned()),
        ("@module", "keyform".to_owned()),
        ("@timestamp", now()),
    ];
    let all = head.iter().chain(fields);
    let all: Map<String, Json> = all
        .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
        .collect();
    Json::Object(all).to_string()
}

fn name(level: Level) -> &'static str {
    NAMES
        .iter()
        .find(|(_, known)| *known == level)
        .map_or("", |(name, _)| name)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a log tells when it was written, whatever the run believes"
)]
fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
        .to_string()
}

/// The file at a path, to append to: made for its owner alone, or a file of ours that is made so.
fn appended(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(i32::try_from(flags).unwrap_or_default())
        .open(path);
    let file = file.map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
            io::Error::other("it is a symbolic link, which is not followed")
        }
        _ => error,
    })?;
    let data = file.metadata()?;
    let why = if !data.is_file() {
        "it is not a regular file"
    } else if data.nlink() > 1 {
        "it has other names, too"
    } else if data.uid() != rustix::process::geteuid().as_raw() {
        "it belongs to somebody else"
    } else {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        return Ok(file);
    };
    Err(io::Error::other(why))
}

fn unknown(wanted: &str) -> Diagnostic {
    Diagnostic::error(
        "Invalid log level",
        format!("The environment asks for a log of the level {wanted:?}, which there is not."),
    )
    .hint("Set KEYFORM_LOG, or else TF_LOG, to TRACE, DEBUG, INFO, WARN, ERROR, OFF or JSON.")
}

fn refused(path: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(
        "Failed to open the log",
        format!("The log {path} cannot be written: {}.", reason(error)),
    )
    .hint(
        "Set KEYFORM_LOG_PATH, or else TF_LOG_PATH, to a file of your own, or to one that is not there yet.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> [(&'static str, String); 3] {
        [
            ("host", "127.0.0.1:80".to_owned()),
            ("error", "a \"b\" c".to_owned()),
            ("id", String::new()),
        ]
    }

    #[test]
    fn lines_have_a_time_a_level_and_fields() {
        let line = text(Level::Warn, "request failed", &fields());
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{line}");
        assert_eq!(
            rest,
            r#"[WARN] request failed: host=127.0.0.1:80 error="a \"b\" c" id="""#
        );
        let line = json(Level::Warn, "request failed", &fields());
        let read: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&read["@level"], &read["error"]),
            (&"warn".into(), &"a \"b\" c".into())
        );
    }

    #[track_caller]
    fn check_level(wanted: &[(&str, &str)], level: Option<Level>) {
        let environment = Environment::from_pairs(wanted.iter().copied());
        assert_eq!(
            Log::open(&environment).ok().map(|log| log.level),
            level,
            "{wanted:?}"
        );
    }

    #[test]
    fn levels_are_those_of_terraform_and_our_own_variable_wins() {
        check_level(&[], Some(Level::Off));
        check_level(&[("TF_LOG", "")], Some(Level::Off));
        check_level(&[("TF_LOG", "debug")], Some(Level::Debug));
        check_level(&[("TF_LOG", "json")], Some(Level::Trace));
        check_level(&[("TF_LOG", "TRACE"), ("KEYFORM_LOG", "off")], Some(Level::Off));
        check_level(&[("TF_LOG", "loud")], None);
        check_level(
            &[("TF_LOG", "off"), ("TF_LOG_PATH", "/nowhere/log")],
            Some(Level::Off),
        );
        check_level(&[("TF_LOG", "warn"), ("TF_LOG_PATH", "/nowhere/log")], None);
    }

    #[test]
    fn only_a_file_of_ours_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mode = |name: &str| fs_err::metadata(path(name)).unwrap().permissions().mode() & 0o777;
        appended(&path("new")).unwrap().write_all(b"a").unwrap();
        fs_err::set_permissions(path("new"), std::fs::Permissions::from_mode(0o644)).unwrap();
        appended(&path("new")).unwrap().write_all(b"b").unwrap();
        assert_eq!(
            (fs_err::read(path("new")).unwrap(), mode("new")),
            (b"ab".to_vec(), 0o600)
        );
        fs_err::os::unix::fs::symlink(path("new"), path("link")).unwrap();
        fs_err::hard_link(path("new"), path("other")).unwrap();
        for (name, why) in [
            ("link", "symbolic link"),
            ("other", "other names"),
            (".", "directory"),
        ] {
            let error = appended(&path(name)).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        assert_eq!(fs_err::read(path("new")).unwrap(), b"ab");
    }
}
