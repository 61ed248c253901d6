//! keyform beside the real `terraform`, on configurations of the built-in `terraform_data`: what they print, the
//! state they leave, the outputs they show, and whether each takes the other's state for its own. Skipped, and
//! said so, where there is no `terraform`.
//!
//! A case is a folder `tests/parity/FAMILY/CASE`:
//!
//! * `first/`: applied by terraform, or, where it holds a `terraform.tfstate`, taken with it; may be missing;
//! * `then/`: the configuration that both plan and, where planning succeeds, apply from there;
//! * `options`: words for the commands on `then/`; `environment`: lines `NAME=VALUE`; both may be missing.
//!
//! `KEYFORM_PARITY=word` runs only the cases whose path has the word in it, and prints what differs.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::Regex;
use serde_json::Value as Json;

mod meant;

use meant::MEANT;

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
        let mut command = Command::new(match self {
            Self::Terraform => "terraform",
            Self::Keyform => env!("CARGO_BIN_EXE_keyform"),
        });
        command
            .current_dir(folder)
            .args(arguments)
            .envs(case.environment.iter().map(|(name, value)| (name, value)))
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("CHECKPOINT_DISABLE", "1")
            .env("GOMAXPROCS", "2")
            .stdin(Stdio::null());
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
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("SKIPPED: there is no terraform on the path, so nothing is compared with it");
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
    let mut families: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    let mut failed = String::new();
    for (case, differences) in cases.iter().zip(results.values()) {
        let family = families.entry(case.name.split('/').next().unwrap()).or_default();
        family.0 += 1;
        let meant = |what: &str| {
            let mut rows = MEANT.iter().filter(|(name, ..)| *name == case.name);
            rows.any(|(_, parts, _)| parts.contains(&what))
        };
        let (meant, real): (Vec<_>, Vec<_>) = differences.iter().partition(|found| meant(found.what));
        family.1 += usize::from(real.is_empty());
        family.2 += usize::from(!meant.is_empty());
        for found in real {
            let lines = lines_apart(&found.theirs, &found.ours);
            let _ = write!(failed, "\n=== {}: {}\n{lines}", case.name, found.what);
        }
    }
    for (family, (all, same, meant)) in &families {
        eprintln!("parity {family}: {same} of {all} agree, {meant} of them but for what is meant to differ");
    }
    assert!(
        failed.is_empty(),
        "terraform (-) and keyform (+) differ:\n{failed}"
    );
}

fn lines_apart(theirs: &str, ours: &str) -> String {
    let diff = similar::TextDiff::from_lines(theirs, ours);
    diff.unified_diff().context_radius(2).to_string()
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

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs_err::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs_err::copy(entry.path(), target).unwrap();
        }
    }
}

/// Only what calls modules must be prepared.
fn prepare(folder: &Path, case: &Case) {
    let calls = |path: PathBuf| fs_err::read_to_string(path).is_ok_and(|text| text.contains("source"));
    let mut files = fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    if files.any(|path| path.extension().is_some_and(|ending| ending == "tf") && calls(path)) {
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
            fs_err::copy(before.join("terraform.tfstate"), folder.join("terraform.tfstate")).unwrap();
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
    let mut found = Vec::new();
    let options: Vec<&str> = case.options.iter().map(String::as_str).collect();
    let plan = [&["plan", "-no-color", "-input=false", "-out=p"][..], &options].concat();
    let planned = both(case, &theirs, &ours, &plan);
    if planned.0.code == 1 && planned.1.code == 1 {
        refusals(&mut found, &planned);
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
    let state = |folder: &Path| {
        state_json(&fs_err::read_to_string(folder.join("terraform.tfstate")).unwrap_or_default())
    };
    push(&mut found, "state", state(&theirs), state(&ours));
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

/// Both refuse: each error that terraform names must be among ours, which go on where terraform's end early.
fn refusals(found: &mut Vec<Difference>, runs: &(Run, Run)) {
    let (theirs, ours) = (headlines(&runs.0), headlines(&runs.1));
    if !theirs.lines().all(|line| ours.lines().any(|own| own == line)) {
        push(found, "errors", theirs, ours);
    }
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

/// The first lines of all errors and warnings, sorted: where they stand and how they go on is each one's own.
fn headlines(run: &Run) -> String {
    let mut found: Vec<String> = run
        .stdout
        .lines()
        .chain(run.stderr.lines())
        .filter(|line| line.starts_with("Error: ") || line.starts_with("Warning: "))
        .map(|line| format!("{}\n", nameless(line)))
        .collect();
    found.sort();
    found.dedup();
    found.concat()
}

/// Summaries of ours never name names, so that they can be recognised.
fn nameless(line: &str) -> String {
    let known = [
        ("Error: Cycle: ", "Error: Cycle"),
        ("Error: Invalid target \"", "Error: Invalid target address"),
        (
            "Error: Duplicate resource \"",
            "Error: Duplicate resource configuration",
        ),
        (
            "Error: Duplicate import configuration for",
            "Error: Duplicate import configuration",
        ),
    ];
    let found = known.iter().find(|(start, _)| line.starts_with(start));
    found.map_or(line, |(_, plain)| *plain).to_owned()
}

/// The text without what is never the same: ids, durations, blank lines.
fn plain(text: &str) -> String {
    let uuid = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let elapsed = Regex::new(r"after \d+s").unwrap();
    let stamp = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
    let deposed = Regex::new(r"\(deposed object [0-9a-f]{8}\)").unwrap();
    let text = uuid.replace_all(text, "ID");
    let text = elapsed.replace_all(&text, "after 0s");
    let text = stamp.replace_all(&text, "TIME");
    let text = deposed.replace_all(&text, "(deposed object KEY)");
    // The program that is recommended is named by its own name.
    let text = text
        .replace(" \n", "\n")
        .replace("keyform apply", "terraform apply")
        .replace("so keyform can't", "so Terraform can't");
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// What a plan prints, without the lines about reading, without warnings, and without how it was saved.
fn plan_text(run: &Run, _: &Path) -> String {
    let text = without_warnings(&run.stdout);
    let kept = text
        .lines()
        .filter(|line| !line.contains("Refreshing state...") && !line.contains("Preparing import..."));
    plain(&kept.flat_map(|line| [line, "\n"]).collect::<String>())
}

/// What an apply prints; lines about operations are sorted, since their order is free where nothing waits.
fn apply_text(run: &Run, folder: &Path) -> String {
    // Terraform does not say which of an instance's objects it has deleted.
    let text = plan_text(run, folder).replace(" (deposed object KEY): Destruction", ": Destruction");
    // What was imported was there before: terraform tells of it twice, keyform once, at the end.
    let importing = Regex::new(r"(?m)^.*: Import(ing\.\.\.| complete) \[id=.*\]\n").unwrap();
    let text = importing.replace_all(&text, "");
    // All that an apply of a plan to destroy does is to destroy.
    let destroyed = Regex::new(r"Apply complete! Resources: 0 added, 0 changed, (\d+) destroyed").unwrap();
    let text = destroyed.replace_all(&text, "Destroy complete! Resources: $1 destroyed");
    let progress = |line: &&str| {
        line.contains(": ")
            && (line.ends_with("...") || line.contains("... [id=") || line.contains(" complete after "))
    };
    let (mut steps, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(progress);
    steps.sort_unstable();
    [rest, steps].concat().join("\n")
}

fn without_warnings(text: &str) -> String {
    let mut kept = String::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("Warning: ") {
            inside = true;
        } else if line.starts_with("───")
            || line.starts_with("Apply complete")
            || line.starts_with("Destroy complete")
            || ((line.ends_with("...") || line.contains("... [id=")) && line.contains(": "))
        {
            inside = false;
        }
        if !inside {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn pretty(text: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<Json>(text) else {
        return plain(text);
    };
    sort_checks(&mut json);
    drop_unsettled(&mut json);
    plain(&serde_json::to_string_pretty(&json).unwrap())
}

/// Terraform records what something depends on in the end; keyform names only what it refers to.
fn drop_unsettled(json: &mut Json) {
    match json {
        Json::Array(all) => all.iter_mut().for_each(drop_unsettled),
        Json::Object(all) => {
            all.shift_remove("depends_on");
            all.values_mut().for_each(drop_unsettled);
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn sort_checks(json: &mut Json) {
    for name in ["checks", "check_results", "relevant_attributes"] {
        if let Some(Json::Array(all)) = json.get_mut(name) {
            for check in all.iter_mut() {
                for objects in ["objects", "instances"] {
                    if let Some(Json::Array(objects)) = check.get_mut(objects) {
                        objects.sort_by_key(ToString::to_string);
                    }
                }
            }
            all.sort_by_key(ToString::to_string);
        }
    }
}

fn plan_json(text: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<Json>(text) else {
        return plain(text);
    };
    sort_checks(&mut json);
    // Which resources are named there, and with which keys, is chosen by each: only drift depends on it.
    json.as_object_mut().unwrap().shift_remove("relevant_attributes");
    if let Some(prior) = json.get_mut("prior_state") {
        sort_checks(prior);
        drop_unsettled(prior);
    }
    plain(&serde_json::to_string_pretty(&json).unwrap())
}

/// The state without what is a program's own: its line, its count, the ids, and which dependencies are written.
fn state_json(text: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<Json>(text) else {
        return plain(text);
    };
    sort_checks(&mut json);
    let all = json.as_object_mut().unwrap();
    all.shift_remove("lineage");
    all.shift_remove("serial");
    // Terraform keeps resources of which there was never an object.
    if let Some(Json::Array(resources)) = json.get_mut("resources") {
        resources.retain(|resource| resource["instances"] != serde_json::json!([]));
    }
    for resource in json["resources"].as_array_mut().into_iter().flatten() {
        for instance in resource["instances"].as_array_mut().into_iter().flatten() {
            let instance = instance.as_object_mut().unwrap();
            instance.shift_remove("dependencies");
            if let Some(Json::Array(paths)) = instance.get_mut("sensitive_attributes") {
                paths.sort_by_key(ToString::to_string);
            }
            if let Some(key) = instance.get_mut("deposed") {
                *key = "KEY".into();
            }
        }
    }
    plain(&serde_json::to_string_pretty(&json).unwrap())
}
