//! Modules that are no local folders: fetched to below `.terraform/modules` and written down in its index, as
//! `terraform init` does it, so that each takes over what the other has installed.

mod archive;
mod credentials;
mod git;
mod index;
mod package;
mod registry;

use std::path::{Path, PathBuf};

use fs_err as fs;

use super::args::Variables;
use super::disk::Guarded;
use super::project::Project;
use super::runner::Runner;
use super::ui::Ui;
use crate::clouds;
use crate::config::{Missing, Remote};
use crate::diag::{Diagnostic, Diagnostics, Result};
use index::Index;
use registry::Registries;

/// So often are modules looked for in what was just installed.
const ROUNDS: usize = 64;

/// Installs what is called and not there yet; with `afresh`, everything again. Tells what it does.
pub fn install(project: &Project, ui: &mut Ui, given: &Variables, afresh: bool) -> Result<()> {
    let _guarded = Guarded::new();
    let mut index = Index::read(project);
    if !afresh {
        return complete(project, ui, given, &mut index);
    }
    let before = index.take();
    index.write(project)?;
    let done = complete(project, ui, given, &mut index);
    if done.is_err() {
        // What was there before is there still, unless another took its place.
        index.restore(before);
        index.write(project)?;
    }
    done
}

/// Installs what the index lacks.
fn complete(project: &Project, ui: &mut Ui, given: &Variables, index: &mut Index) -> Result<()> {
    let mut installer = Installer::new(project)?;
    for _ in 0..ROUNDS {
        let (configuration, problems) = project.configuration(given, &mut ui.sources);
        if configuration.missing.is_empty() {
            ui.warn_or(problems, ())?;
            index.add_local(&configuration.root);
            return if index.is_needed() {
                index.write(project)
            } else {
                Ok(())
            };
        }
        let mut failed = Diagnostics::new();
        for one in configuration.missing {
            match installer.fetch(ui, &one) {
                Ok(found) => index.add(&one.key, &found.source, found.version.as_deref(), &found.dir),
                Err(why) => failed.push(refused(&one, &why)),
            }
        }
        index.write(project)?;
        failed.or(())?;
    }
    Err(Diagnostic::error(
        "Modules nested too deep",
        "Modules call further modules without end, most likely in a circle.",
    )
    .into())
}

fn refused(missing: &Missing, why: &str) -> Diagnostic {
    Diagnostic::error(
        "Failed to install module",
        format!(
            "The module \"{}\" cannot be installed from {:?}. {why}.",
            missing.key,
            package::without_passwords(&missing.source)
        ),
    )
    .at(missing.span)
}

/// What has become of a module that was missing.
struct Installed {
    dir: PathBuf,
    /// Where it came from, in full.
    source: String,
    version: Option<String>,
}

/// Where packages are put, and what fetches them.
struct Installer {
    modules: PathBuf,
    runner: Runner,
    environment: clouds::Environment,
    registries: Registries,
}

/// An error is a sentence without full stop.
type Fetched<T> = std::result::Result<T, String>;

impl Installer {
    fn new(project: &Project) -> Result<Self> {
        Ok(Self {
            modules: project.data_dir().join("modules"),
            runner: Runner::new()?,
            environment: clouds::Environment {
                variables: project.environment.all().clone(),
                home: project.environment.home(),
            },
            registries: Registries::default(),
        })
    }

    /// Fetches a module, whole or not at all.
    fn fetch(&mut self, ui: &mut Ui, missing: &Missing) -> Fetched<Installed> {
        let remote = Remote::parse(&missing.source)?;
        let source = remote.recorded(&missing.source);
        let (from, outer, version) = match &remote {
            Remote::Published(published) => {
                let found = self.find(published, missing.version.as_deref())?;
                ui.line(&format!(
                    "Downloading {} {} for {}...",
                    published.package(),
                    found.version,
                    missing.key
                ));
                (found.package, published.folder.as_deref(), Some(found.version))
            }
            other => {
                ui.line(&format!(
                    "Downloading {} for {}...",
                    package::shown(other),
                    missing.key
                ));
                (remote.clone(), None, None)
            }
        };
        let text = |error: std::io::Error| error.to_string();
        super::disk::make_folder(&self.modules).map_err(text)?;
        let fresh = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(&self.modules)
            .map_err(text)?;
        let place = fresh.path().join("package");
        let inner = self.package(&from, &missing.caller, &place)?;
        let inside = package::folder(&place, &[inner.as_deref(), outer])?;
        let target = self.modules.join(&missing.key);
        if fs::symlink_metadata(&target).is_ok() {
            fs::remove_dir_all(&target).map_err(text)?;
        }
        fs::rename(&place, &target).map_err(text)?;
        let dir = joined(&target, &inside);
        ui.line(&format!("- {} in {}", missing.key, dir.display()));
        Ok(Installed { dir, source, version })
    }
}

/// A path and what is below, without a slash at its end.
fn joined(path: &Path, below: &Path) -> PathBuf {
    if below.as_os_str().is_empty() {
        path.to_owned()
    } else {
        path.join(below)
    }
}
