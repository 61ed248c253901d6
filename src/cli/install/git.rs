//! Repositories, cloned by the program git.

use std::path::Path;
use std::process::{Command, Stdio};

use super::package::without_passwords;
use crate::config::Git;

/// Protocols that git may speak: none that starts programs.
const PROTOCOLS: &str = "file:git:http:https:ssh";

/// Protocols of the submodules of a repository that lies elsewhere: it must not name folders of this machine.
const ELSEWHERE: &str = "git:http:https:ssh";

/// Clones into a folder that is not there yet. An error is a sentence.
pub(super) fn clone(repository: &Git, target: &Path) -> Result<(), String> {
    let depth = repository.depth.map(|depth| format!("--depth={depth}"));
    let mut clone = git();
    clone.args(["clone", "--quiet"]).args(&depth);
    if let (Some(_), Some(reference)) = (&depth, &repository.reference) {
        clone.arg(format!("--branch={reference}"));
    }
    run(clone.arg("--").arg(&repository.url).arg(target))?;
    if let (None, Some(reference)) = (&depth, &repository.reference) {
        run(git()
            .arg("-C")
            .arg(target)
            .args(["checkout", "--quiet", reference, "--"]))?;
    }
    let mut submodules = git();
    if repository.url.contains("://") && !repository.url.starts_with("file://") {
        submodules.env("GIT_ALLOW_PROTOCOL", ELSEWHERE);
    }
    run(submodules
        .arg("-C")
        .arg(target)
        .args(["submodule", "--quiet", "update", "--init", "--recursive"])
        .args(&depth))
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.env("GIT_ALLOW_PROTOCOL", PROTOCOLS);
    git
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("The program git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let said = without_passwords(&said.join(" "));
    Err(format!("git says: {}", said.trim_end_matches('.')))
}
