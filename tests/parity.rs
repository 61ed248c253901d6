//! keyform beside the real `terraform`, on configurations of the built-in `terraform_data`: what they print, the
//! state they leave, the outputs they show, and whether each takes the other's state for its own. Skipped, and
//! said so, where there is no `terraform`.
//!
//! A case is a folder `tests/parity/FAMILY/CASE`:
//!
//! * `first/`: applied by terraform, or, where it holds a `terraform.tfstate`, taken with it; may be missing;
//! * `then/`: the configuration that both plan and, where planning succeeds, apply from there;
//! * `options`: words for the commands on `then/`; `environment`: lines `NAME=VALUE`; both may be missing;
//! * `meant`: what is meant to differ, and why; see `parity/meant.rs`.
//!
//! `KEYFORM_PARITY=word` runs only the cases whose path has the word in it. `KEYFORM_TEST=bless` writes what differs
//! into the files `meant`; read it before you keep it.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::files::{copy, folders};
use crate::program;

mod json;
mod meant;
mod text;

use json::{plan_json, pretty, state_json};
use meant::Meant;
use text::{apply_text, headlines, plain, plan_text, without_warnings};

/// What one program did.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Which program.
#[derive(Clone, Copy, PartialEq)]
enum Engine {
    Terraform,
    Keyform,
}

impl Engine {
    fn run(self, folder: &Path, case: &Case, arguments: &[&str]) -> Run {
        let mut command = match self {
            Self::Terraform => program::terraform(folder).unwrap(),
            Self::Keyform => program::keyform(folder),
        };
        command
            .args(arguments)
            .envs(case.environment.iter().map(|(name, value)| (name, value)));
        let output = command.output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

struct Case {
    name: String,
    folder: PathBuf,
    options: Vec<String>,
    environment: Vec<(String, String)>,
}

/// Something that is not the same: what was compared, terraform's and ours.
struct Difference {
    what: &'static str,
    theirs: String,
    ours: String,
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn both_engines_agree() {
    if program::terraform(Path::new(env!("CARGO_MANIFEST_DIR"))).is_none() {
        return;
    }
    let only = std::env::var("KEYFORM_PARITY").unwrap_or_default();
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| case.name.contains(&only))
        .collect();
    let next = AtomicUsize::new(0);
    let results: Mutex<BTreeMap<usize, Vec<Difference>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let found = compare(case);
                    results.lock().unwrap().insert(at, found);
                }
            });
        }
    });
    report(&cases, &results.into_inner().unwrap());
}

/// Prints how many cases agree in each family, and fails when one differs that is not meant to.
fn report(cases: &[Case], results: &BTreeMap<usize, Vec<Difference>>) {
    let mut families: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut failed = String::new();
    for (case, differences) in cases.iter().zip(results.values()) {
        let family = families.entry(case.name.split('/').next().unwrap()).or_default();
        family.0 += 1;
        family.1 += usize::from(!differences.is_empty());
        failed.push_str(&Meant::read(&case.folder).check(&case.name, differences));
    }
    for (family, (all, meant)) in &families {
        eprintln!("parity {family}: {all} cases, {meant} with differences");
    }
    assert!(
        failed.is_empty(),
        "terraform (-) and keyform (+) differ otherwise than the files `meant` say. Mend keyform; what is meant is \
         written down by KEYFORM_TEST=bless, and its reason by you.\n{failed}"
    );
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity");
    let mut found = Vec::new();
    for family in folders(&root) {
        for folder in folders(&family) {
            let text = |name: &str| fs_err::read_to_string(folder.join(name)).unwrap_or_default();
            let environment = text("environment");
            let pair = |line: &str| {
                line.split_once('=')
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
            };
            found.push(Case {
                name: folder.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(),
                options: text("options").lines().map(str::to_owned).collect(),
                environment: environment.lines().filter_map(pair).collect(),
                folder,
            });
        }
    }
    found
}

/// Only what calls modules must be prepared.
fn prepare(folder: &Path, case: &Case) {
    let calls = |path: PathBuf| fs_err::read_to_string(path).is_ok_and(|text| text.contains("source"));
    let mut files = fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    if files.any(|path| {
        path.extension()
            .is_some_and(|ending| ending == "tf" || ending == "json")
            && calls(path)
    }) {
        Engine::Terraform.run(folder, case, &["init", "-input=false"]);
    }
}

/// A fresh folder, and in it the state that both start from.
fn start(case: &Case) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let theirs = scratch.path().join("theirs/work");
    let ours = scratch.path().join("ours/work");
    let before = scratch.path().join("before/work");
    for folder in [&theirs, &ours, &before] {
        fs_err::create_dir_all(folder).unwrap();
    }
    let first = case.folder.join("first");
    if first.is_dir() {
        copy(&first, &before);
        if !before.join("terraform.tfstate").exists() {
            prepare(&before, case);
            let run = Engine::Terraform.run(
                &before,
                case,
                &["apply", "-auto-approve", "-no-color", "-input=false"],
            );
            assert_eq!(run.code, 0, "{}: {}", case.name, run.stderr);
        }
    }
    for folder in [&theirs, &ours] {
        if first.is_dir() {
            let state = folder.join("terraform.tfstate");
            fs_err::copy(before.join("terraform.tfstate"), &state).unwrap();
            // Who lets others read secrets is told so here, and not by Terraform: `secrets::neighbours`.
            let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs_err::set_permissions(state, own).unwrap();
        }
        copy(&case.folder.join("then"), folder);
    }
    prepare(&theirs, case);
    if theirs.join(".terraform").exists() {
        fs_err::create_dir(ours.join(".terraform")).unwrap();
        copy(&theirs.join(".terraform"), &ours.join(".terraform"));
    }
    (scratch, theirs, ours)
}

fn compare(case: &Case) -> Vec<Difference> {
    let (_scratch, theirs, ours) = start(case);
    let state = |folder: &Path| fs_err::read_to_string(folder.join("terraform.tfstate")).unwrap_or_default();
    let before = state(&ours);
    let mut found = Vec::new();
    let options: Vec<&str> = case.options.iter().map(String::as_str).collect();
    let plan = [&["plan", "-no-color", "-input=false", "-out=p"][..], &options].concat();
    let planned = both(case, &theirs, &ours, &plan);
    if planned.0.code != 0 && planned.1.code != 0 {
        push(&mut found, "errors", headlines(&planned.0), headlines(&planned.1));
        let code = |run: &Run| format!("exit {}\n", run.code);
        push(&mut found, "exit codes", code(&planned.0), code(&planned.1));
        return found;
    }
    note(&mut found, "plan", &planned, plan_text);
    if planned.0.code != 0 || planned.1.code != 0 {
        return found;
    }
    let shown = both(case, &theirs, &ours, &["show", "-json", "p"]);
    note(&mut found, "show -json PLAN", &shown, |run, _| {
        plan_json(&run.stdout)
    });
    fs_err::remove_file(theirs.join("p")).unwrap();
    fs_err::remove_file(ours.join("p")).unwrap();
    let apply = [
        &["apply", "-no-color", "-input=false", "-auto-approve"][..],
        &options,
    ]
    .concat();
    let applied = both(case, &theirs, &ours, &apply);
    note(&mut found, "apply", &applied, apply_text);
    push(
        &mut found,
        "state",
        state_json(&before, &state(&theirs)),
        state_json(&before, &state(&ours)),
    );
    let listed = both(case, &theirs, &ours, &["state", "list"]);
    note(&mut found, "state list", &listed, |run, _| run.stdout.clone());
    let outputs = both(case, &theirs, &ours, &["output", "-json"]);
    note(&mut found, "output -json", &outputs, |run, _| plain(&run.stdout));
    let outputs = both(case, &theirs, &ours, &["output", "-no-color"]);
    note(&mut found, "output", &outputs, |run, _| {
        plain(&without_warnings(&run.stdout))
    });
    let shown = both(case, &theirs, &ours, &["show", "-json"]);
    note(&mut found, "show -json", &shown, |run, _| pretty(&run.stdout));
    crosswise(case, &theirs, &ours, &mut found);
    found
}

/// Each plans on the state the other left: as it does on its own.
fn crosswise(case: &Case, theirs: &Path, ours: &Path, found: &mut Vec<Difference>) {
    let again = ["plan", "-no-color", "-input=false", "-detailed-exitcode"];
    let options: Vec<&str> = case
        .options
        .iter()
        .map(String::as_str)
        .filter(|word| word.starts_with("-var"))
        .collect();
    let again = [&again[..], &options].concat();
    let own = Engine::Terraform.run(theirs, case, &again);
    let other = Engine::Terraform.run(ours, case, &again);
    push(
        found,
        "terraform on our state",
        summary(&own, theirs),
        summary(&other, ours),
    );
    let other = Engine::Keyform.run(theirs, case, &again);
    let own = Engine::Keyform.run(ours, case, &again);
    push(
        found,
        "keyform on their state",
        summary(&other, theirs),
        summary(&own, ours),
    );
}

fn summary(run: &Run, folder: &Path) -> String {
    format!("{}\nexit {}", plan_text(run, folder), run.code)
}

fn both(case: &Case, theirs: &Path, ours: &Path, arguments: &[&str]) -> (Run, Run) {
    (
        Engine::Terraform.run(theirs, case, arguments),
        Engine::Keyform.run(ours, case, arguments),
    )
}

fn note(
    found: &mut Vec<Difference>,
    what: &'static str,
    runs: &(Run, Run),
    text: impl Fn(&Run, &Path) -> String,
) {
    let whole = |run: &Run| {
        format!(
            "{}\n{}exit {}\n",
            text(run, Path::new("")),
            headlines(run),
            run.code
        )
    };
    push(found, what, whole(&runs.0), whole(&runs.1));
}

fn push(found: &mut Vec<Difference>, what: &'static str, theirs: String, ours: String) {
    if theirs != ours {
        found.push(Difference { what, theirs, ours });
    }
}
