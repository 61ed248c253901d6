//! What the two programs print, without what is never the same.

use std::path::Path;

use regex::Regex;

use super::Run;

/// The first lines of all errors and warnings, sorted: where they stand and how they go on is each one's own.
pub(super) fn headlines(run: &Run) -> String {
    let mut found: Vec<String> = run
        .stdout
        .lines()
        .chain(run.stderr.lines())
        .filter(|line| line.starts_with("Error: ") || line.starts_with("Warning: "))
        .map(|line| format!("{}\n", nameless(line)))
        .collect();
    found.sort();
    found.concat()
}

/// Summaries of ours never name names, so that they can be recognised.
pub(super) fn nameless(line: &str) -> String {
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
pub(super) fn plain(text: &str) -> String {
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

/// What a plan prints, without the lines about reading and waiting, and without warnings.
pub(super) fn plan_text(run: &Run, _: &Path) -> String {
    let text = without_warnings(&run.stdout);
    let passing = [
        "Refreshing state...",
        ": Reading...",
        ": Read complete after ",
        "Preparing import...",
        "ing state lock. This may take a few moments...",
    ];
    let kept = text
        .lines()
        .filter(|line| !passing.iter().any(|words| line.contains(words)));
    plain(&kept.flat_map(|line| [line, "\n"]).collect::<String>())
}

/// What an apply prints; lines about operations are sorted, since their order is free where nothing waits.
pub(super) fn apply_text(run: &Run, folder: &Path) -> String {
    // Terraform does not say which of an instance's objects it has deleted.
    let text = plan_text(run, folder).replace(" (deposed object KEY): Destruction", ": Destruction");
    // What was imported was there before: terraform tells of it twice, keyform once, at the end.
    let importing = Regex::new(r"(?m)^.*: Import(ing\.\.\.| complete) \[id=.*\]\n").unwrap();
    let text = importing.replace_all(&text, "");
    let progress = |line: &&str| {
        line.contains(": ")
            && (line.ends_with("...") || line.contains("... [id=") || line.contains(" complete after "))
    };
    let (mut steps, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(progress);
    steps.sort_unstable();
    [rest, steps].concat().join("\n")
}

pub(super) fn without_warnings(text: &str) -> String {
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
