//! This machine behind the door of the clouds: files, the clock, and letting time pass.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fs_err as fs;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::Clock;
use crate::cloud::{Answer, ApiError, Call, Class, Cloud, Effect};
use crate::regular;
use crate::value::{Type, Value};

/// The largest file that is read.
const LARGEST: u64 = 64 << 20;
/// The longest time that is let pass: a year.
const LONGEST: f64 = 366.0 * 24.0 * 3600.0;

/// See the head of this file. Relative paths start at the folder of the run.
pub(super) struct Local {
    pub(super) clock: Clock,
    /// Refuse what changes something.
    pub(super) read_only: bool,
}

/// What went wrong: a code, and a sentence without full stop.
type Wrong = (&'static str, String);

impl Cloud for Local {
    fn call(&self, call: Call) -> Answer<'_> {
        Box::pin(async move {
            if self.read_only && call.effect != Effect::Read {
                return Err(failed(&call, ("ReadOnly", "this run changes nothing".to_owned())));
            }
            let answer = self.answer(&call).await;
            answer.map_err(|wrong| failed(&call, wrong))
        })
    }

    fn facts(&self) -> Answer<'_> {
        Box::pin(std::future::ready(Ok(Value::object(BTreeMap::new()))))
    }
}

impl Local {
    async fn answer(&self, call: &Call) -> Result<Value, Wrong> {
        let params = Params(call.params.unmark_deep().0);
        match &*call.action {
            "Now" => {
                let now = (self.clock)().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                Ok(Value::object_of([("Time", Value::string(&now))]))
            }
            "Sleep" => {
                let seconds = params.number("Seconds")?;
                if !(0.0..=LONGEST).contains(&seconds) {
                    return Err(("InvalidDuration", "nobody waits for so long".to_owned()));
                }
                tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
                Ok(Value::object(BTreeMap::new()))
            }
            "ReadFile" => read(params.text("Path")?).map(|bytes| content(&bytes)),
            "WriteFile" => {
                let bytes = STANDARD
                    .decode(params.text("Base64")?)
                    .map_err(|why| ("InvalidContent", format!("the content is no base64: {why}")))?;
                let (mode, folder_mode) = (params.mode("Mode")?, params.mode("FolderMode")?);
                let path = params.text("Path")?;
                write(Path::new(path), &bytes, (mode, folder_mode))
                    .map_err(|why| ("Unwritable", format!("{path} cannot be written: {why}")))?;
                Ok(content(&bytes))
            }
            "DeleteFile" => {
                let path = params.text("Path")?;
                let removed = regular::may_replace(Path::new(path)).and_then(|()| fs::remove_file(path));
                removed.map_err(|why| match why.kind() {
                    io::ErrorKind::NotFound => ("NotFound", format!("there is no file {path}")),
                    _ => ("Undeletable", format!("{path} cannot be deleted: {why}")),
                })?;
                Ok(Value::object(BTreeMap::new()))
            }
            other => Err(("UnknownAction", format!("this machine has no action {other}"))),
        }
    }
}

fn failed(call: &Call, (code, message): Wrong) -> ApiError {
    ApiError {
        class: if code == "NotFound" {
            Class::Gone
        } else {
            Class::Refused
        },
        code: code.to_owned(),
        message,
        service: call.service.clone(),
        action: call.action.clone(),
        status: None,
        request_id: None,
        after_unclear: false,
    }
}

/// The parameters of a call.
struct Params(Value);

impl Params {
    fn text(&self, name: &str) -> Result<&str, Wrong> {
        let found = self.0.get(name).and_then(Value::as_str);
        found.ok_or_else(|| ("MissingParameter", format!("the parameter {name} is missing")))
    }

    fn number(&self, name: &str) -> Result<f64, Wrong> {
        let found = self.0.get(name).and_then(Value::as_number);
        let found = found.and_then(|number| number.to_string().parse().ok());
        found.ok_or_else(|| ("MissingParameter", format!("the parameter {name} is missing")))
    }

    /// Permissions in octal digits.
    fn mode(&self, name: &str) -> Result<u32, Wrong> {
        let text = self.text(name)?;
        u32::from_str_radix(text, 8)
            .ok()
            .filter(|mode| *mode <= 0o7777)
            .ok_or_else(|| {
                (
                    "InvalidMode",
                    format!("{text} are no permissions in octal digits"),
                )
            })
    }
}

fn read(path: &str) -> Result<Vec<u8>, Wrong> {
    let unreadable = |why: &dyn std::fmt::Display| ("Unreadable", format!("{path} cannot be read: {why}"));
    regular::read(Path::new(path), LARGEST).map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => ("NotFound", format!("there is no file {path}")),
        _ => unreadable(&why),
    })
}

/// Writes a file whole or not at all, with just these permissions. A link in its place is replaced, not followed.
fn write(path: &Path, content: &[u8], (mode, folder_mode): (u32, u32)) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    regular::may_replace(path)?;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(folder_mode)
        .create(folder)?;
    let mut file = tempfile::Builder::new().prefix(".keyform-").tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// What is told of a file's content.
fn content(bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).map_or_else(|_| Value::null(Type::String), Value::string);
    let (sha256, sha512) = (Sha256::digest(bytes), Sha512::digest(bytes));
    Value::object_of([
        ("Content", text),
        ("Base64", Value::string(&STANDARD.encode(bytes))),
        ("Md5", Value::string(&hex::encode(Md5::digest(bytes)))),
        ("Sha1", Value::string(&hex::encode(Sha1::digest(bytes)))),
        ("Sha256", Value::string(&hex::encode(sha256))),
        ("Sha512", Value::string(&hex::encode(sha512))),
        ("Base64Sha256", Value::string(&STANDARD.encode(sha256))),
        ("Base64Sha512", Value::string(&STANDARD.encode(sha512))),
    ])
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::clouds::stub::{call, run};

    fn local(read_only: bool) -> Local {
        Local {
            clock: Rc::new(|| jiff::Timestamp::from_second(1_700_000_000).expect("a time")),
            read_only,
        }
    }

    fn ask(action: &str, effect: Effect, params: &[(&'static str, &str)]) -> Result<Value, ApiError> {
        let params = params
            .iter()
            .map(|(name, value)| ((*name).into(), Value::string(value)));
        let call = call(action, effect, Value::object(params.collect()));
        run(async { local(false).call(call).await })
    }

    #[test]
    fn a_file_is_written_read_and_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/file");
        let at = ("Path", path.to_str().expect("text"));
        let modes = [("Mode", "0640"), ("FolderMode", "0750")];
        let written = ask(
            "WriteFile",
            Effect::Repeatable,
            &[&[at, ("Base64", "aGk=")], &modes[..]].concat(),
        )
        .expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o640);
        let read = ask("ReadFile", Effect::Read, &[at]).expect("read");
        assert!(crate::value::raw_equal(&read, &written));
        let part = |name: &str| read.get(name).and_then(Value::as_str).expect("text").to_owned();
        assert_eq!(part("Content"), "hi");
        assert_eq!(part("Sha1"), "c22b5f9178342609428d6f51b2c5af4c0bde6a42");
        assert_eq!(
            part("Base64Sha256"),
            "j0NDRmSPa5bfid2pAcUXaxCm2Dlh3TwayItZstwyeqQ="
        );
        ask("DeleteFile", Effect::Repeatable, &[at]).expect("deleted");
        for action in ["ReadFile", "DeleteFile"] {
            let gone = ask(action, Effect::Read, &[at]).expect_err("gone");
            assert_eq!(gone.class, Class::Gone);
        }
    }

    #[test]
    fn what_is_no_file_is_not_read_and_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = ("Path", folder.path().to_str().expect("text"));
        let read = ask("ReadFile", Effect::Read, &[at]).expect_err("a folder");
        assert_eq!((read.class, &*read.code), (Class::Refused, "Unreadable"));
        let params = [at, ("Base64", ""), ("Mode", "0600"), ("FolderMode", "0700")];
        let write = ask("WriteFile", Effect::Repeatable, &params).expect_err("a folder");
        assert_eq!(write.code, "Unwritable");
    }

    #[test]
    fn the_clock_is_that_of_the_run_and_nothing_is_changed_where_that_is_forbidden() {
        let now = ask("Now", Effect::Read, &[]).expect("a time");
        assert_eq!(
            now.get("Time").and_then(Value::as_str),
            Some("2023-11-14T22:13:20Z")
        );
        let delete = call("DeleteFile", Effect::Repeatable, Value::object(BTreeMap::new()));
        let refused = run(async { local(true).call(delete).await });
        assert_eq!(refused.expect_err("refused").code, "ReadOnly");
    }
}
