//! Which file holds the state: by the backend block, the workspace and the flags.

use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::StateArgs;
use serde_json::Value as Json;

use super::disk::{Disk, reason};
use super::keeping::Keeping;
use super::workspace::WorkspaceName;
use crate::config::{Backend, Files as _, Module, is_configuration_file, load_folder};
use crate::diag::{Diagnostic, Diagnostics, Result, Sources, nearest};
use crate::lang::syntax::static_string;
use crate::plan::find_type;
use crate::plan::render;
use crate::schema::Catalog;
use crate::state::State;
use crate::state::journal::{Intent, Record};
use crate::state::salvage::Salvage;
use crate::state::store::{self, Former, LocalStore, LockInfo, Snapshot, Store, some};

/// Where a configuration keeps its states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The state file of the default workspace.
    pub path: PathBuf,
    /// The folder with a folder for every other workspace.
    pub workspace_dir: PathBuf,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            path: "terraform.tfstate".into(),
            workspace_dir: "terraform.tfstate.d".into(),
        }
    }
}

impl Place {
    /// The state file of a workspace.
    pub fn of(&self, workspace: &WorkspaceName) -> PathBuf {
        if workspace.is_default() {
            return self.path.clone();
        }
        let folder = self.workspace_dir.join(workspace.as_str());
        folder.join("terraform.tfstate")
    }
}

/// The place that the backend block of the root module names.
pub fn place(root: &Module) -> Result<Place> {
    let mut place = Place::default();
    if let Some(span) = root.settings.cloud {
        return Err(Diagnostic::error(
            "Unsupported cloud block",
            "keyform keeps state in files: hosted workspaces are not supported. Remove the cloud block, or use backend \"local\".",
        )
        .at(span)
        .into());
    }
    let Some(backend) = &root.settings.backend else {
        return Ok(place);
    };
    if &*backend.ty != "local" {
        let detail = format!(
            "The state cannot be kept in backend \"{}\" yet: keyform keeps it in a file of the local disk. Use backend \"local\", or leave the block out.",
            backend.ty
        );
        return Err(Diagnostic::error("Unsupported backend", detail)
            .at(backend.span)
            .into());
    }
    let mut problems = Diagnostics::new();
    for attribute in &backend.body.attributes {
        let slot = match &*attribute.name {
            "path" => &mut place.path,
            "workspace_dir" => &mut place.workspace_dir,
            other => {
                let guess = nearest(other, ["path", "workspace_dir"]);
                let guess = guess.map_or(String::new(), |near| format!(" Did you mean \"{near}\"?"));
                let detail = format!("An argument named \"{other}\" is not expected here.{guess}");
                problems.push(Diagnostic::error("Unsupported argument", detail).at(attribute.name_span));
                continue;
            }
        };
        match static_string(&attribute.expr) {
            Some(text) if !text.is_empty() => *slot = text.into(),
            Some(_) => problems.push(
                Diagnostic::error("Invalid backend configuration", "The name of a file or folder may not be empty.")
                    .at(attribute.expr.span),
            ),
            None => problems.push(
                Diagnostic::error(
                    "Variables not allowed",
                    "A backend is opened before anything is evaluated, so only a plain string may stand here.",
                )
                .at(attribute.expr.span),
            ),
        }
    }
    for block in &backend.body.blocks {
        let detail = format!("Blocks of type \"{}\" are not expected here.", block.kind);
        problems.push(Diagnostic::error("Unsupported block type", detail).at(block.header));
    }
    problems.or(place)
}

/// What is wrong with the settings of a backend that is served here. Others may be meant for whoever keeps the
/// state of a configuration that is only checked.
pub fn check_settings(root: &Module) -> Result<()> {
    let served = |backend: &Backend| &*backend.ty == "local";
    match &root.settings.backend {
        Some(backend) if served(backend) && root.settings.cloud.is_none() => place(root).map(drop),
        _ => Ok(()),
    }
}

/// The root module of the working folder, if it may say where states are and how they are kept. It is understood only
/// then, so that states can be looked after beside a configuration with errors; read it must be, since a guessed place
/// would hold another state.
pub fn settings_of_folder() -> Result<Option<Module>> {
    let here = Path::new(".");
    let names = Disk.list(here).map_err(|why| {
        let detail = format!("The working folder cannot be read: {why}.");
        Diagnostic::error("Failed to read the folder", detail)
    })?;
    let mut problems = Diagnostics::new();
    let mut may_name_one = false;
    for name in names.iter().filter(|name| is_configuration_file(name)) {
        match Disk.read(Path::new(name)) {
            Ok(text) => may_name_one |= SETTINGS.iter().any(|word| has_word(&text, word)),
            Err(why) => problems.push(Diagnostic::error(
                "Failed to read file",
                format!("{name}: {why}. It may say where the state is kept."),
            )),
        }
    }
    problems.or(())?;
    if !may_name_one {
        return Ok(None);
    }
    let (root, problems) = load_folder(here, &Disk, Catalog::get(), &mut Sources::new());
    problems.or(())?;
    Ok(Some(root))
}

/// What says where states are and how they are kept.
const SETTINGS: [&str; 4] = ["backend", "cloud", "secrets_in_state", "encryption"];

/// Whether a word stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(part_of_name) && !text[at + word.len()..].starts_with(part_of_name)
    })
}

/// What `terraform init` has written down about the backend must be what the configuration says: settings given
/// to it by `-backend-config` stand nowhere else, and without them the state would be another one.
pub fn check_initialised(place: &Place, record: &Path) -> Result<()> {
    let invalid = |why: &str| {
        let detail = format!(
            "{}, in which terraform init keeps where the state is, {why}.",
            record.display()
        );
        Diagnostics::from(Diagnostic::error("Invalid backend record", detail))
    };
    let bytes = match super::disk::read(record) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        read => read.map_err(|error| invalid(&format!("cannot be read: {}", reason(&error))))?,
    };
    let json: Json =
        serde_json::from_slice(&bytes).map_err(|error| invalid(&format!("is malformed: {error}")))?;
    let Some(ty) = json["backend"]["type"].as_str() else {
        return Ok(());
    };
    let config = &json["backend"]["config"];
    let path = |name: &str, default: PathBuf| config[name].as_str().map_or(default, PathBuf::from);
    let recorded = Place {
        path: path("path", Place::default().path),
        workspace_dir: path("workspace_dir", Place::default().workspace_dir),
    };
    if ty == "local" && recorded == *place {
        return Ok(());
    }
    let kept = if ty == "local" {
        format!(
            "in {} (workspaces in {})",
            recorded.path.display(),
            recorded.workspace_dir.display()
        )
    } else {
        format!("in backend \"{ty}\"")
    };
    let detail = format!(
        "According to {} the state is kept {kept}, according to the configuration in {} (workspaces in {}). With the wrong one everything would be created again.",
        record.display(),
        place.path.display(),
        place.workspace_dir.display(),
    );
    Err(Diagnostic::error("Backend configuration changed", detail)
        .hint(format!("Write path and workspace_dir into the block backend \"local\"; or, if the configuration is right, run terraform init -migrate-state or remove {}.", record.display()))
        .into())
}

/// Opens the state of a workspace, or the files that the flags name.
pub fn open(
    place: &Place,
    workspace: &WorkspaceName,
    args: &StateArgs,
    keeping: &Keeping,
) -> Result<Box<dyn Store>> {
    let path = args.state.clone().unwrap_or_else(|| place.of(workspace));
    let out = args.state_out.clone().unwrap_or_else(|| path.clone());
    let mut store = LocalStore::new(&out).kept(keeping.manner(&out));
    if args.state.is_some() || args.state_out.is_some() {
        store = store.found_by(format!("-state={}", out.display()));
    }
    if let Some(backup) = &args.backup {
        let is_none = backup == Path::new("-") || is_device(backup);
        store = store.with_backup((!is_none).then(|| backup.clone()));
    }
    if is_one_file(&path, &out)? {
        return Ok(Box::new(store));
    }
    Ok(Box::new(Split {
        from: LocalStore::new(&path)
            .with_backup(None)
            .kept(keeping.manner(&path)),
        to: store,
    }))
}

/// Whether whatever is written there is gone: `-backup=/dev/null` says that no backup is wanted.
fn is_device(path: &Path) -> bool {
    fs_err::metadata(path).is_ok_and(|found| found.file_type().is_char_device())
}

/// Whether two paths are one place, however they are spelled. Reading it twice would end the lock on it.
fn is_one_file(path: &Path, out: &Path) -> Result<bool> {
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs_err::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    };
    if path == out || place(path).is_some_and(|one| place(out) == Some(one)) {
        return Ok(true);
    }
    let inode = |path: &Path| {
        let data = fs_err::metadata(path).ok()?;
        Some((data.dev(), data.ino()))
    };
    if inode(path).is_none_or(|one| inode(out) != Some(one)) {
        return Ok(false);
    }
    let (path, out) = (path.display(), out.display());
    let detail = format!(
        "{path}, which is read, and {out}, which is to be written, are two names of one file. What is locked under the one name would be free under the other. Nothing was changed."
    );
    Err(Diagnostic::error("State file has two names", detail)
        .hint(format!(
            "To read it and to write it, use -state={path} and leave -state-out away."
        ))
        .into())
}

/// Reads from one file and writes to another (`-state` with `-state-out`).
struct Split {
    from: LocalStore,
    to: LocalStore,
}

impl Split {
    /// What only the file to be written records would be forgotten, and made a second time.
    fn refuse_loss(&self, target: &State, source: &State) -> store::Result<()> {
        let missing = target.missing_in(source);
        if missing.is_empty() {
            return Ok(());
        }
        let (from, to) = (self.from.describe(), self.to.describe());
        Err(Diagnostic::error(
            "State would lose entries",
            format!(
                "{to}, which is to be written, records objects that {from}, which is read, does not: {}. They would be forgotten, and made a second time. Nothing was changed in the cloud.",
                some(&missing)
            ),
        )
        .hint(format!("To go on with what {to} records, use -state={to} and leave -state-out away."))
        .hint(format!("If nothing in {to} is of use, move it away.")))
    }
}

impl Store for Split {
    fn describe(&self) -> String {
        self.from.describe()
    }

    fn folder(&self) -> Option<&Path> {
        self.to.folder()
    }

    fn exposed(&self) -> Vec<PathBuf> {
        let mut files = self.from.exposed();
        files.extend(self.to.exposed());
        files
    }

    fn read(&mut self) -> store::Result<Option<Snapshot>> {
        let target = self.to.read()?;
        let snapshot = self.from.read()?;
        let Some(target) = target else {
            return Ok(snapshot);
        };
        let source = snapshot.as_ref().map(|snapshot| &snapshot.state);
        self.refuse_loss(&target.state, source.unwrap_or(&State::new()))?;
        let Some(mut snapshot) = snapshot else {
            // Nothing is recorded in either; what is open, or could not be put in its place, is told all the same.
            let state = State {
                lineage: target.state.lineage,
                ..State::new()
            };
            let is_open = !target.unsettled.is_empty() || !target.rescued.is_empty();
            return Ok(is_open.then_some(Snapshot { state, ..target }));
        };
        snapshot.unsettled.extend(target.unsettled);
        let others = target.rescued.into_iter();
        let others: Vec<_> = others
            .filter(|other| snapshot.rescued.iter().all(|one| one.path != other.path))
            .collect();
        snapshot.rescued.extend(others);
        Ok(Some(snapshot))
    }

    fn former(&self) -> Option<Former> {
        self.from.former()
    }

    fn is_outdated(&self) -> bool {
        self.to.is_outdated()
    }

    fn overrule(&mut self, next: &State) -> store::Result<Option<String>> {
        self.to.overrule(next)
    }

    fn give_up_lost(&mut self) -> store::Result<Option<String>> {
        self.to.give_up_lost()
    }

    fn repair(&mut self, agreed: &mut dyn FnMut(&Salvage) -> bool) -> store::Result<Option<String>> {
        self.to.repair(agreed)
    }

    fn option(&self) -> String {
        self.to.option()
    }

    fn write(&mut self, state: &State) -> store::Result<()> {
        self.to.write(state)
    }

    fn lock(&mut self, info: LockInfo, wait: Duration) -> store::Result<()> {
        self.to.lock(info, wait)
    }

    fn unlock(&mut self) -> store::Result<()> {
        self.to.unlock()
    }

    fn force_unlock(&mut self, id: &str) -> store::Result<()> {
        self.to.force_unlock(id)
    }

    fn begin_journal(&mut self, state: &State) -> store::Result<u64> {
        let serial = self.to.begin_journal(state)?;
        if state.is_empty() {
            return Ok(serial);
        }
        // A run that is killed is continued from this file and its journal: it must record by then what the other one does.
        let state = State {
            serial: serial + 1,
            ..state.clone()
        };
        if let Err(error) = self.to.write(&state) {
            // Nothing stands in the journal.
            drop(self.to.end_journal());
            return Err(error);
        }
        Ok(state.serial)
    }

    fn unsettled(&self) -> &[Intent] {
        self.to.unsettled()
    }

    fn is_untouched(&mut self) -> bool {
        self.to.is_untouched()
    }

    fn reserve(&mut self, room: u64) -> store::Result<()> {
        self.to.reserve(room)
    }

    fn append(&mut self, record: &Record) -> store::Result<()> {
        self.to.append(record)
    }

    fn sync_journal(&mut self) -> store::Result<()> {
        self.to.sync_journal()
    }

    fn journal_growth(&self) -> u64 {
        self.to.journal_growth()
    }

    fn end_journal(&mut self) -> store::Result<()> {
        self.to.end_journal()
    }

    fn rescue(&mut self, state: &State) -> store::Result<String> {
        self.to.rescue(state)
    }
}

/// Reads the state for a command that prints more of it than names. What is secret in it is not printed by anybody from
/// here on, and before anything is said of it.
pub fn read(store: &mut dyn Store) -> store::Result<Option<Snapshot>> {
    let snapshot = store.read()?;
    if let Some(snapshot) = &snapshot {
        meet_secrets(&snapshot.state);
    }
    Ok(snapshot)
}

/// Makes known what is secret in a state.
pub fn meet_secrets(state: &State) {
    render::meet_secrets(state, &|name| find_type(name).ok());
}

/// Writes a changed state with the next serial, if its content differs from what was read.
pub fn save(store: &mut dyn Store, before: Option<&State>, mut after: State) -> Result<State> {
    if let Some(before) = before
        && before.same_content(&after)
    {
        return Ok(after);
    }
    after.serial = before.map_or(0, |before| before.serial) + 1;
    if after.lineage.is_empty() {
        after.lineage = uuid::Uuid::new_v4().to_string().into();
    }
    store.write(&after)?;
    Ok(after)
}
