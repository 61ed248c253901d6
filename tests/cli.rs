//! The program as its users meet it: one folder of `tests/cases/<command>/<case>/` each.
//!
//! | file | meaning |
//! |---|---|
//! | `args` | one argument a line; several commands are separated by a line `---` and run one after the other in the same folder |
//! | `in/**` | copied to a fresh folder, in which the commands run |
//! | `env` | `NAME=value` a line; nothing else of the environment reaches the program but what `program.rs` sets: an empty home, PATH, and a proxy that answers nothing |
//! | `stdin` | given to every command |
//! | `fifo` | names of pipes, one a line, made in the folder: nothing ever writes to them |
//! | `sandbox` | its being there starts one; `<CLOUD>` in files directly in `in` stands for its address |
//! | `reply` | the same for a server that answers everything with this |
//! | `room` | how many blocks of 512 bytes a file may have: what a full disk looks like |
//! | `expect/stdout`, `expect/stderr` | what was printed, of several commands put together; missing means nothing |
//! | `expect/exit` | the exit code of each command, one a line; missing means 0 |
//! | `expect/state` | the state file at the end; missing means that nothing is said about it |
//! | `expect/files` | the names of all files at the end; missing means that nothing is said about them |
//!
//! What differs from run to run or from machine to machine is replaced before comparing: the folder by `<DIR>`, the
//! address of a cloud by `<CLOUD>`, UUIDs
//! by `<UUID>` (the same one always by the same number), times by `<TIME>`, the number in names of backups by
//! `<SECOND>`, of temporary files by `<NAME>`, the tag of a new key by `<MARKER>`, the platform by `<PLATFORM>`, and the number of an error of the system by `<NUMBER>`.
//! `KEYFORM_TEST=bless cargo test` rewrites `expect/`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use fs_err as fs;
use keyform::sandbox;
use regex::Regex;

use crate::files::{copy, folders, lines, pipe};
use crate::imposter::{answer, imposter};
use crate::program;

/// What came of a case.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    stdout: String,
    stderr: String,
    exit: String,
    state: Option<String>,
    files: String,
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn every_case_is_as_expected() {
    let bless = std::env::var("KEYFORM_TEST").is_ok_and(|value| value == "bless");
    let cases = cases();
    assert!(cases.len() > 20, "the cases are missing");
    let mut wrong = Vec::new();
    for case in cases {
        let outcome = run(&case);
        if bless {
            write_expected(&case, &outcome);
        } else {
            wrong.extend(differences(&case, &outcome));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The folders of all cases, in order.
fn cases() -> Vec<PathBuf> {
    let root = Path::new("tests/cases");
    let mut found = Vec::new();
    for command in folders(root) {
        found.extend(
            folders(&command)
                .into_iter()
                .filter(|case| case.join("args").is_file()),
        );
    }
    found
}

fn run(case: &Path) -> Outcome {
    let (_home, dir) = program::folder();
    if case.join("in").is_dir() {
        copy(&case.join("in"), &dir);
    }
    for name in lines(&case.join("fifo")) {
        pipe(&dir.join(name));
    }
    let cloud = Cloud::of(case);
    if let Some(cloud) = &cloud {
        cloud.name_in(&dir);
    }
    let mut outcome = Outcome::default();
    let arguments = lines(&case.join("args"));
    for arguments in arguments.split(|line| line == "---") {
        let (stdout, stderr, exit) = execute(case, &dir, arguments);
        outcome.stdout.push_str(&stdout);
        outcome.stderr.push_str(&stderr);
        outcome.exit = outcome.exit + &exit.to_string() + "\n";
    }
    let mut names = Names {
        cloud: cloud.as_ref().map(|cloud| cloud.address.to_string()),
        ..Names::default()
    };
    outcome.stdout = names.normalise(&outcome.stdout, &dir);
    outcome.stderr = unbroken(&names.normalise(&outcome.stderr, &dir));
    let state = dir.join("terraform.tfstate");
    // A case may have put a pipe there.
    let text = if state.is_file() {
        fs::read_to_string(state).ok()
    } else {
        None
    };
    outcome.state = text.map(|text| names.normalise(&text, &dir));
    let mut files = BTreeSet::new();
    collect(&dir, &dir, &mut files);
    let files: String = files.into_iter().map(|name| name + "\n").collect();
    outcome.files = names.normalise(&files, &dir);
    if let Some(sandbox) = cloud.and_then(|cloud| cloud.sandbox) {
        sandbox.stop().unwrap();
    }
    outcome
}

/// What plays the clouds.
struct Cloud {
    address: SocketAddr,
    sandbox: Option<sandbox::Running>,
}

impl Cloud {
    fn of(case: &Path) -> Option<Self> {
        if let Ok(reply) = fs::read(case.join("reply")) {
            let address = imposter(answer("200 OK\r\ncontent-type: application/json", &reply), 1);
            return Some(Self {
                address,
                sandbox: None,
            });
        }
        if !case.join("sandbox").exists() {
            return None;
        }
        let sandbox = sandbox::start(sandbox::Options::default()).unwrap();
        Some(Self {
            address: sandbox.address,
            sandbox: Some(sandbox),
        })
    }

    /// Puts the address into the files of a folder.
    fn name_in(&self, dir: &Path) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let text = fs::read_to_string(&path).unwrap();
                fs::write(&path, text.replace("<CLOUD>", &self.address.to_string())).unwrap();
            }
        }
    }
}

/// The program, or a shell that gives it little room.
fn command(case: &Path, dir: &Path) -> Command {
    let Some(room) = lines(&case.join("room")).pop() else {
        return program::keyform(dir);
    };
    let mut shell = program::start("sh", dir);
    let script = format!("trap '' XFSZ; ulimit -f {room}; TMPDIR=. exec \"$keyform\" \"$@\"");
    shell
        .args(["-c", &script, "sh"])
        .env("keyform", env!("CARGO_BIN_EXE_keyform"));
    shell
}

fn execute(case: &Path, dir: &Path, arguments: &[String]) -> (String, String, i32) {
    let mut command = command(case, dir);
    command.args(arguments).stdin(Stdio::piped());
    for line in lines(&case.join("env")) {
        let (name, value) = line.split_once('=').unwrap();
        command.env(name, value);
    }
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    if let Ok(text) = fs::read(case.join("stdin")) {
        // A command that does not read is free not to.
        let _ = stdin.write_all(&text);
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        text(output.stdout),
        text(output.stderr),
        output.status.code().unwrap_or(-1),
    )
}

fn collect(root: &Path, dir: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().display().to_string());
        }
    }
}

/// Names for what differs from run to run.
#[derive(Default)]
struct Names {
    /// The UUIDs seen so far; the place is the number.
    ids: Vec<String>,
    cloud: Option<String>,
}

impl Names {
    fn normalise(&mut self, text: &str, dir: &Path) -> String {
        static UUID: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap()
        });
        let mut text = text.replace(&dir.display().to_string(), "<DIR>");
        if let Some(cloud) = &self.cloud {
            text = text.replace(cloud, "<CLOUD>");
        }
        let text = UUID.replace_all(&text, |found: &regex::Captures<'_>| {
            let known = self
                .ids
                .iter()
                .position(|name| *name == found[0])
                .unwrap_or_else(|| {
                    self.ids.push(found[0].to_owned());
                    self.ids.len() - 1
                });
            format!("<UUID {}>", known + 1)
        });
        OTHERWISE.iter().fold(text.into_owned(), |text, (found, name)| {
            found.replace_all(&text, *name).into_owned()
        })
    }
}

/// What is otherwise on another day or another machine, and its name.
static OTHERWISE: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
    [
        (
            r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|UTC|[+-]\d\d:?\d\d))*",
            "<TIME>",
        ),
        (r"tfstate\.\d{9,}(\.\d+)?", "tfstate.<SECOND>"),
        (r#"(?m)(^on |"platform": ")[a-z]+_[a-z0-9_]+"#, "$1<PLATFORM>"),
        (r"\(os error \d+\)", "(os error <NUMBER>)"),
        (r"\.[A-Za-z0-9]{6}\.tmp\b", ".<NAME>.tmp"),
        (r#""[0-9a-f]{8}\.[0-9a-f]{16}""#, "\"<MARKER>\""),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
});

/// Talk in which paragraphs that name the folder are one line: where they were broken depends on its length.
fn unbroken(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let lines = paragraph.trim_end_matches('\n');
        let ends = &paragraph[lines.len()..];
        if lines.contains("<DIR>") {
            lines.replace('\n', " ") + ends
        } else {
            paragraph.to_owned()
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn write_expected(case: &Path, outcome: &Outcome) {
    let expect = case.join("expect");
    fs::create_dir_all(&expect).unwrap();
    let write = |name: &str, text: &str, missing: &str| {
        let path = expect.join(name);
        if text == missing {
            let _ = fs::remove_file(path);
        } else {
            fs::write(path, text).unwrap();
        }
    };
    write("stdout", &outcome.stdout, "");
    write("stderr", &outcome.stderr, "");
    write("exit", &outcome.exit, &"0\n".repeat(outcome.exit.lines().count()));
    // These two are compared only where the case asks for it by having them.
    for (name, text) in [
        ("state", outcome.state.as_deref().unwrap_or("none\n")),
        ("files", &outcome.files),
    ] {
        if expect.join(name).is_file() {
            fs::write(expect.join(name), text).unwrap();
        }
    }
}

fn differences(case: &Path, outcome: &Outcome) -> Vec<String> {
    let expect = case.join("expect");
    let read = |name: &str| fs::read_to_string(expect.join(name)).ok();
    let mut wrong = Vec::new();
    let mut compare = |name: &str, found: &str, expected: String| {
        if found != expected {
            let difference = similar::TextDiff::from_lines(&*expected, found);
            let shown = difference.unified_diff().header("expected", "found").to_string();
            wrong.push(format!("{}: {name}\n{shown}", case.display()));
        }
    };
    compare("stdout", &outcome.stdout, read("stdout").unwrap_or_default());
    compare("stderr", &outcome.stderr, read("stderr").unwrap_or_default());
    let zeros = "0\n".repeat(outcome.exit.lines().count());
    compare("exit", &outcome.exit, read("exit").unwrap_or(zeros));
    if let Some(expected) = read("state") {
        compare("state", outcome.state.as_deref().unwrap_or("none\n"), expected);
    }
    if let Some(expected) = read("files") {
        compare("files", &outcome.files, expected);
    }
    wrong
}
