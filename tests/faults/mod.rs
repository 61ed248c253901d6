//! What goes wrong goes wrong well: nothing is lost, nothing is done twice, and the message says what to do.

mod accounts;
mod approval;
mod clouds;
mod damaged;
mod endpoints;
mod eviction;
mod exits;
mod foreign;
mod grants;
mod hostile;
mod incomplete;
mod input;
mod intents;
mod interrupts;
mod irreversible;
mod lockout;
mod lost;
mod nodes;
mod only_copy;
mod outside;
mod pending;
mod plans;
mod policy;
mod preimages;
mod reborn;
mod rebuild;
mod recovery;
mod redirects;
mod regions;
mod replacements;
mod retire;
mod states;
mod twins;
mod usage;
mod within;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command};

use fs_err as fs;
use keyform::sandbox::{self, Faults, Options, Running, faults::Rule};
use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};

use crate::program;

/// The exit code where something may exist without being recorded.
pub const UNSETTLED: i32 = 3;
/// The exit code where another run is in the way.
pub const LOCKED: i32 = 4;
/// The exit code where a guard refuses.
pub const REFUSED: i32 = 5;

/// A folder in which the program runs.
pub struct Project {
    _home: tempfile::TempDir,
    pub dir: PathBuf,
    /// New objects carry a marker, by which they are found again.
    pub markers: bool,
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Project {
    /// A folder with this configuration.
    pub fn new(configuration: &str) -> Self {
        let (home, dir) = program::folder();
        let markers = true;
        let project = Self {
            _home: home,
            dir,
            markers,
        };
        project.write("main.tf", configuration);
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of all files in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.dir).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub fn command<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = program::keyform(&self.dir);
        command.args(arguments);
        if !self.markers {
            command.env("KEYFORM_MARKERS", "off");
        }
        command
    }

    /// A folder with this configuration, in which nothing carries a marker.
    pub fn without_markers(configuration: &str) -> Self {
        Self {
            markers: false,
            ..Self::new(configuration)
        }
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments))
    }

    /// Runs a script of the shell in which `$keyform` is the program.
    pub fn shell(&self, script: &str) -> Ran {
        let mut shell = program::start("sh", &self.dir);
        shell
            .args(["-c", script])
            .env("keyform", env!("CARGO_BIN_EXE_keyform"));
        ran(shell)
    }

    /// Starts such a script, and hands out the lines of its results.
    pub fn start_shell(&self, script: &str) -> Started {
        let mut shell = program::start("sh", &self.dir);
        shell
            .args(["-c", script])
            .env("keyform", env!("CARGO_BIN_EXE_keyform"));
        Started::of(shell)
    }

    /// terraform in the same folder; none, and said so, where there is none.
    pub fn terraform(&self, arguments: &[&str]) -> Option<Command> {
        let mut command = program::terraform(&self.dir)?;
        command.args(arguments);
        Some(command)
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub fn good(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.stdout
    }

    /// Runs a command that must fail, with a message that holds all of these.
    #[track_caller]
    pub fn bad(&self, arguments: &[&str], said: &[&str]) -> Ran {
        self.ends(1, arguments, said)
    }

    /// Runs a command that must end with this exit code, and a message that holds all of these.
    #[track_caller]
    pub fn ends(&self, code: i32, arguments: &[&str], said: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        ran.says(said);
        ran
    }

    /// Runs a command that is refused because one word names several objects, and again with each of them named by its id.
    #[track_caller]
    pub fn good_one_by_one(&self, arguments: &[&str]) -> String {
        let ran = self.ends(REFUSED, arguments, &["Keys must be named one by one"]);
        let option = Regex::new(r"-destroy-key(-in-use)?=[^\s=]+=\S+").unwrap();
        let named = option.find_iter(&ran.stderr).map(|found| found.as_str());
        let rest = arguments.iter().filter(|word| !word.starts_with("-destroy-key"));
        self.good(&rest.copied().chain(named).collect::<Vec<_>>())
    }

    /// Starts a command and hands out the lines of its results.
    pub fn start(&self, arguments: &[&str]) -> Started {
        Started::of(self.command(arguments))
    }

    /// Says that nothing is left to look for of what was interrupted; tells how many were open.
    pub fn settle(&self) -> usize {
        let plan = self.run(&["plan"]);
        if !plan.stderr.contains("Unsettled operation") {
            return 0;
        }
        let mut settle = vec!["state", "settle"];
        let journal = self.text("terraform.tfstate.journal");
        let named = Regex::new(r#""intent":\{"address":"((?:\\.|[^"])*)""#).unwrap();
        let open: Vec<String> = named
            .captures_iter(&journal)
            .map(|found| found[1].to_owned())
            .collect();
        settle.extend(open.iter().map(String::as_str));
        self.good(&settle).lines().count()
    }

    /// The addresses in the state.
    #[track_caller]
    pub fn recorded(&self) -> Vec<String> {
        let ran = self.run(&["state", "list"]);
        let none = ran.stderr.contains("No state file was found");
        assert!(none || ran.code == Some(0), "{ran:?}");
        ran.stdout.lines().map(str::to_owned).collect()
    }
}

pub fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

impl Ran {
    /// Holds all of these, however the lines are broken.
    #[track_caller]
    pub fn says(&self, said: &[&str]) {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let all = words(&format!("{} {}", self.stdout, self.stderr));
        for part in said {
            assert!(all.contains(&words(part)), "{part:?} is missing in {self:?}");
        }
    }
}

/// A command under way.
pub struct Started {
    child: Child,
    lines: BufReader<ChildStdout>,
    pub told: String,
}

impl Started {
    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            lines,
            told: String::new(),
        }
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has not ended yet.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end, whatever it still says.
    pub fn wait(mut self) -> std::process::ExitStatus {
        self.child.wait().unwrap()
    }

    /// Waits for so many lines of results that hold this text; says whether they came.
    pub fn wait_for(&mut self, text: &str, times: usize) -> bool {
        let mut seen = 0;
        while seen < times {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return false;
            }
            seen += usize::from(line.contains(text));
            self.told.push_str(&line);
        }
        true
    }

    /// Waits for talk beside the results that holds this text.
    pub fn hear(&mut self, text: &str) {
        let mut heard = BufReader::new(self.child.stderr.as_mut().unwrap());
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert_ne!(
                heard.read_line(&mut line).unwrap(),
                0,
                "nothing was said of {text:?}"
            );
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub fn end(mut self) -> Ran {
        self.lines.read_to_string(&mut self.told).unwrap();
        let mut stderr = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        let status = self.child.wait().unwrap();
        Ran {
            stdout: self.told,
            stderr,
            code: status.code(),
        }
    }
}

/// The ids that a run has reported as made.
pub fn reported(told: &str) -> BTreeSet<String> {
    let made = Regex::new(r"Creation (?:complete after \S+|done, but not recorded) \[id=(.*)\]").unwrap();
    made.captures_iter(told)
        .map(|found| found[1].to_owned())
        .collect()
}

/// Clouds that misbehave.
pub fn clouds(faults: Faults) -> Running {
    sandbox::start(Options {
        faults,
        ..Options::default()
    })
    .unwrap()
}

/// Clouds in which the next calls of an action fail.
pub fn failing(action: &str, error: &str, after: bool) -> Running {
    clouds(Faults {
        rules: vec![rule(action, error, after, 1)],
        ..Faults::default()
    })
}

pub fn rule(action: &str, error: &str, after: bool, times: u32) -> Rule {
    Rule {
        action: action.into(),
        error: error.into(),
        after,
        times,
        skip: 0,
    }
}

/// The provider block of a cloud at this address, and what follows it.
pub fn at(address: SocketAddr, rest: &str) -> String {
    with_keys(
        address,
        sandbox::AWS_ACCESS_KEY_ID,
        sandbox::AWS_SECRET_ACCESS_KEY,
        rest,
    )
}

/// A configuration with both clouds at this address.
pub fn at_both(address: SocketAddr, rest: &str) -> String {
    let (key, secret) = (
        sandbox::ALICLOUD_ACCESS_KEY_ID,
        sandbox::ALICLOUD_ACCESS_KEY_SECRET,
    );
    let other = format!(
        "provider \"alicloud\" {{\n  region     = \"cn-hangzhou\"\n  access_key = \"{key}\"\n  secret_key = \"{secret}\"\n  endpoints {{\n    kms = \"http://{address}\"\n    sts = \"http://{address}\"\n    bssopenapi = \"http://{address}\"\n  }}\n}}\n"
    );
    at(address, &(other + rest))
}

pub fn with_keys(address: SocketAddr, access_key: &str, secret_key: &str, rest: &str) -> String {
    format!(
        r#"
provider "aws" {{
  region     = "eu-west-1"
  access_key = "{access_key}"
  secret_key = "{secret_key}"
  endpoints {{
    kms = "http://{address}"
    sts = "http://{address}"
  }}
}}
{rest}
"#
    )
}

/// Asks the controls of a sandbox.
pub fn control(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /_keyform/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// How often an action was called in either cloud.
pub fn calls(address: SocketAddr, action: &str) -> u64 {
    let told: serde_json::Value = serde_json::from_str(&control(address, "GET", "calls", "")).unwrap();
    let of = |cloud: &str| told[cloud][action].as_u64().unwrap_or_default();
    of("aws") + of("alicloud")
}

/// Sets what goes wrong from now on.
pub fn misbehave(address: SocketAddr, rules: &str) {
    let body = format!(r#"{{"rules":{rules}}}"#);
    assert!(control(address, "PATCH", "faults", &body).contains("rules"));
}

pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}
