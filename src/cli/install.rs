//! Modules that are no local folders: cloned below `.terraform/modules` and written down in its index, as
//! `terraform init` does it, so that each takes over what the other has installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fs_err as fs;
use serde_json::json;

use super::args::Variables;
use super::project::Project;
use super::ui::Ui;
use crate::config::{Git, Missing, Module};
use crate::diag::{Diagnostic, Diagnostics, Result};

/// So often are modules looked for in what was just installed.
const ROUNDS: usize = 64;

/// Protocols that git may speak: none that starts programs.
const PROTOCOLS: &str = "file:git:http:https:ssh";

/// Installs what is called and not there yet; with `afresh`, everything again. Tells what it does.
pub fn install(project: &Project, ui: &mut Ui, given: &Variables, afresh: bool) -> Result<()> {
    let mut installed = Index::read(project);
    if afresh {
        installed.0.clear();
        installed.write(project)?;
    }
    for _ in 0..ROUNDS {
        let (configuration, problems) = project.configuration(given, &mut ui.sources);
        if configuration.missing.is_empty() {
            ui.warn_or(problems, ())?;
            installed.add_local(&configuration.root);
            return if installed.0.len() > 1 {
                installed.write(project)
            } else {
                Ok(())
            };
        }
        let mut failed = Diagnostics::new();
        for one in configuration.missing {
            let result = fetch(project, ui, &one);
            failed.extend(result.map_or_else(
                |error| error,
                |dir| {
                    installed.add(&one.key, &dir.1, &dir.0);
                    Diagnostics::new()
                },
            ));
        }
        installed.write(project)?;
        failed.or(())?;
    }
    Err(Diagnostic::error(
        "Modules nested too deep",
        "Modules call further modules without end, most likely in a circle.",
    )
    .into())
}

/// Clones a module, whole or not at all, and gives the folder that it is and its source in full.
fn fetch(project: &Project, ui: &mut Ui, missing: &Missing) -> Result<(PathBuf, String)> {
    let failed = |why: String| {
        Diagnostics::from(
            Diagnostic::error(
                "Failed to install module",
                format!(
                    "The module \"{}\" cannot be installed from {:?}. {why}.",
                    missing.key, missing.source
                ),
            )
            .at(missing.span),
        )
    };
    let git = Git::parse(&missing.source).map_err(failed)?;
    ui.line(&format!("Downloading {} for {}...", git.url, missing.key));
    let modules = project.data_dir().join("modules");
    fs::create_dir_all(&modules).map_err(|error| failed(error.to_string()))?;
    let fresh = tempfile::Builder::new()
        .prefix(".new-")
        .tempdir_in(&modules)
        .map_err(|error| failed(error.to_string()))?;
    let clone = fresh.path().join("clone");
    git.clone_to(&clone).map_err(failed)?;
    let inside = git
        .folder
        .as_ref()
        .map_or_else(|| clone.clone(), |folder| clone.join(folder));
    if !inside.is_dir() {
        return Err(failed(format!(
            "The repository has no folder {}",
            git.folder.as_deref().unwrap_or_default()
        )));
    }
    let target = modules.join(&missing.key);
    let replace = || {
        if fs::symlink_metadata(&target).is_ok() {
            fs::remove_dir_all(&target)?;
        }
        fs::rename(&clone, &target)
    };
    replace().map_err(|error| failed(error.to_string()))?;
    let source = git.to_string();
    let dir = git.folder.map_or(target.clone(), |folder| target.join(folder));
    ui.line(&format!("- {} in {}", missing.key, dir.display()));
    Ok((dir, source))
}

impl Git {
    /// Clones into a folder that is not there yet. An error is a sentence.
    fn clone_to(&self, target: &Path) -> std::result::Result<(), String> {
        let depth = self.depth.map(|depth| format!("--depth={depth}"));
        let mut clone = git();
        clone.args(["clone", "--quiet"]).args(&depth);
        if let (Some(_), Some(reference)) = (&depth, &self.reference) {
            clone.arg(format!("--branch={reference}"));
        }
        run(clone.arg("--").arg(&self.url).arg(target))?;
        if let (None, Some(reference)) = (&depth, &self.reference) {
            run(git()
                .arg("-C")
                .arg(target)
                .args(["checkout", "--quiet", reference, "--"]))?;
        }
        run(git()
            .arg("-C")
            .arg(target)
            .args(["submodule", "--quiet", "update", "--init", "--recursive"])
            .args(&depth))
    }
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.env("GIT_ALLOW_PROTOCOL", PROTOCOLS);
    git
}

fn run(command: &mut Command) -> std::result::Result<(), String> {
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
    Err(format!("git says: {}", said.join(" ").trim_end_matches('.')))
}

/// The index of installed modules: key, source, folder, and what else Terraform noted.
struct Index(Vec<serde_json::Map<String, serde_json::Value>>);

impl Index {
    /// What is there; nothing where it cannot be read, for then it is made anew.
    fn read(project: &Project) -> Self {
        let text = fs::read_to_string(project.module_index()).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let entries = json["Modules"].as_array().into_iter().flatten();
        Self(entries.filter_map(|entry| entry.as_object().cloned()).collect())
    }

    fn add(&mut self, key: &str, source: &str, dir: &Path) {
        self.0
            .retain(|entry| entry.get("Key").and_then(|key| key.as_str()) != Some(key));
        let entry = json!({"Key": key, "Source": source, "Dir": dir.to_string_lossy()});
        self.0.extend(entry.as_object().cloned());
    }

    /// Enters the modules in local folders and takes out what is called no longer.
    fn add_local(&mut self, root: &Module) {
        let mut called = vec![String::new()];
        let mut open = vec![root];
        self.add("", "", Path::new("."));
        while let Some(module) = open.pop() {
            for call in module.calls.values() {
                let key = call.module.path.join(".");
                if call.is_local() {
                    self.add(&key, &call.local_source(), &call.module.dir);
                }
                called.push(key);
                open.push(&call.module);
            }
        }
        let key = |entry: &serde_json::Map<String, serde_json::Value>| {
            entry
                .get("Key")
                .and_then(|key| key.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        self.0.retain(|entry| called.contains(&key(entry)));
        self.0.sort_by_key(key);
    }

    fn write(&self, project: &Project) -> Result<()> {
        let index = project.module_index();
        let text = json!({"Modules": self.0}).to_string();
        let write = || {
            fs::create_dir_all(index.parent().unwrap_or(Path::new(".")))?;
            fs::write(&index, text)
        };
        write().map_err(|error| {
            Diagnostic::error(
                "Failed to write the installed modules",
                format!("{}: {error}.", index.display()),
            )
            .into()
        })
    }
}
