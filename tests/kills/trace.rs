//! Programs under strace: which system calls touch a folder, and what happens at the n-th of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use fs_err as fs;

use crate::program;

/// The system calls by which files come to be, change or go.
pub const CALLS: &str = "openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate,fallocate,link,linkat,copy_file_range,sendfile";

/// The n-th call of a kind that a thread makes.
#[derive(Clone, Debug)]
pub struct Point {
    pub call: String,
    pub nth: usize,
}

/// One call as strace wrote it down.
#[derive(Debug)]
pub struct Line {
    pub call: String,
    /// The line without its process.
    pub text: String,
}

/// Whether there is a strace that may trace; if not, so it is said.
pub fn is_possible() -> bool {
    static POSSIBLE: LazyLock<bool> = LazyLock::new(|| {
        let tried = Command::new("strace").args(["-f", "-y", "true"]).output();
        let possible = tried.is_ok_and(|output| output.status.success());
        if !possible {
            eprintln!(
                "SKIPPED: no strace that may trace on this machine, so nothing is killed or failed at its system calls"
            );
        }
        possible
    });
    *POSSIBLE
}

/// A command line under strace, which does something else than the kernel at some calls.
pub fn traced(command: &Command, calls: &str, inject: Option<&str>, log: &Path) -> Command {
    let mut strace = program::start("strace", command.get_current_dir().unwrap());
    strace
        .args(["-f", "-y", "-s", "16", "-o"])
        .arg(log)
        .args(["-e", &format!("trace={calls}")]);
    if let Some(inject) = inject {
        strace.args(["-e", &format!("inject={inject}")]);
    }
    strace
        .arg("--")
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    strace
}

/// The calls in a log, each with its place among those of its kind in its thread.
pub fn numbered(log: &Path) -> Vec<(Line, usize)> {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let text = String::from_utf8_lossy(&fs::read(log).unwrap()).into_owned();
    let mut all = Vec::new();
    for line in text.lines() {
        let Some((process, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        let Some((call, _)) = rest.split_once('(') else {
            continue;
        };
        if !call
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        {
            continue;
        }
        let nth = seen.entry((process.to_owned(), call.to_owned())).or_default();
        *nth += 1;
        let line = Line {
            call: call.to_owned(),
            text: rest.to_owned(),
        };
        all.push((line, *nth));
    }
    all
}

impl Line {
    /// Whether the call makes, changes or removes something in a folder in which the program runs.
    pub fn touches(&self, folder: &Path) -> bool {
        let folder = folder.display().to_string();
        let described = self.text.contains(&format!("<{folder}/"));
        match &*self.call {
            "openat" => self.text.contains("O_CREAT") && self.names_in(&folder),
            "rename" | "renameat" | "renameat2" | "unlink" | "unlinkat" | "link" | "linkat" => {
                self.names_in(&folder)
            }
            // The folder itself is made durable, too.
            "fsync" | "fdatasync" => described || self.text.contains(&format!("<{folder}>")),
            _ => described,
        }
    }

    /// Whether a path among the arguments leads into the folder: one that is relative does.
    fn names_in(&self, folder: &str) -> bool {
        let quoted = self.text.split('"').skip(1).step_by(2);
        quoted
            .filter(|path| !path.is_empty())
            .any(|path| !path.starts_with('/') || path.starts_with(folder))
    }

    /// Whether the line tells of a call that strace made fail.
    pub fn is_injected(&self) -> bool {
        self.text.contains("(INJECTED)")
    }

    /// Whether the call was the last of a process that was killed in it. Where another of its threads was seen to die first, the
    /// line is left unfinished.
    pub fn is_last(&self) -> bool {
        self.text.ends_with("= ?") || self.text.ends_with("<unfinished ...>")
    }

    /// How many bytes a call has written.
    pub fn result(&self) -> u64 {
        let result = self.text.rsplit_once(" = ").map_or("0", |(_, result)| result);
        result
            .split(' ')
            .next()
            .unwrap_or_default()
            .parse()
            .unwrap_or_default()
    }
}

/// The points at which a command touches its folder.
pub fn points(command: &Command, log: &Path) -> Vec<Point> {
    let folder: PathBuf = command.get_current_dir().unwrap().to_owned();
    let output = traced(command, CALLS, None, log).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let touching = numbered(log)
        .into_iter()
        .filter(|(line, _)| line.touches(&folder));
    touching
        .map(|(line, nth)| Point { call: line.call, nth })
        .collect()
}
