//! `workspace`: several states for one configuration.

mod name;

pub use name::WorkspaceName;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fs_err as fs;

use super::args::{LockArgs, StateArgs};
use super::disk::{make_private_folder, reason};
use super::project::Project;
use super::ui::Ui;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::plan::find_type;
use crate::state::State;
use crate::state::journal::Intent;

/// The commands below `workspace`.
#[derive(Subcommand, Debug)]
pub enum WorkspaceCommand {
    /// List the workspaces
    List,
    /// Print the name of the workspace in use
    Show,
    /// Make a workspace and use it
    New(NewArgs),
    /// Use another workspace
    Select(SelectArgs),
    /// Delete a workspace
    Delete(DeleteArgs),
}

/// The arguments of `workspace new`.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// What to call it
    #[arg(value_name = "NAME")]
    name: String,
    /// Copy this state file into the new workspace
    #[arg(long, value_name = "PATH")]
    state: Option<PathBuf>,
    #[command(flatten)]
    lock: LockArgs,
}

/// The arguments of `workspace select`.
#[derive(Args, Debug)]
pub struct SelectArgs {
    /// Which one
    #[arg(value_name = "NAME")]
    name: String,
    /// Make it if it does not exist
    #[arg(long)]
    or_create: bool,
}

/// The arguments of `workspace delete`.
#[derive(Args, Debug)]
pub struct DeleteArgs {
    /// Which one
    #[arg(value_name = "NAME")]
    name: String,
    /// Delete it although it still records objects, which are then forgotten
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    lock: LockArgs,
}

/// Runs the command.
pub fn run(command: &WorkspaceCommand, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    match command {
        WorkspaceCommand::List => list(ui, project)?,
        WorkspaceCommand::Show => ui.line(project.workspace()?.as_str()),
        WorkspaceCommand::New(args) => new(args, ui, project)?,
        WorkspaceCommand::Select(args) => select(args, ui, project)?,
        WorkspaceCommand::Delete(args) => delete(args, ui, project)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The names of all workspaces, the default one first.
fn names(project: &Project) -> Result<Vec<String>> {
    let folder = project.place(None)?.workspace_dir;
    let mut names = Vec::new();
    match fs::read_dir(&folder) {
        Ok(entries) => {
            for entry in entries.flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir())
                    && let Ok(name) = entry.file_name().into_string()
                {
                    names.push(name);
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(failed(&format!(
                "{} cannot be read: {}",
                folder.display(),
                reason(&error)
            )));
        }
    }
    names.sort();
    names.insert(0, WorkspaceName::default().to_string());
    Ok(names)
}

fn failed(why: &str) -> Diagnostics {
    Diagnostic::error("Workspace command failed", format!("{why}.")).into()
}

fn list(ui: &mut Ui, project: &Project) -> Result<()> {
    let current = project.workspace()?;
    for name in names(project)? {
        let mark = if name == current.as_str() { '*' } else { ' ' };
        ui.line(&format!("{mark} {name}"));
    }
    ui.line("");
    if project.workspace_is_fixed() {
        ui.talk("The active workspace is being overridden using the TF_WORKSPACE environment\nvariable.");
    }
    Ok(())
}

fn new(args: &NewArgs, ui: &mut Ui, project: &Project) -> Result<()> {
    let name = may_choose(&args.name, project)?;
    if names(project)?.contains(&args.name) {
        return Err(Diagnostic::error(
            "Workspace exists",
            format!("Workspace \"{}\" already exists.", args.name),
        )
        .into());
    }
    let copied = args
        .state
        .as_deref()
        .map(|path| read_state(path, project))
        .transpose()?;
    create(&name, project)?;
    if let Some(mut state) = copied {
        let (place, keeping) = project.place_and_keeping(None)?;
        let mut store = super::store::open(&place, &name, &StateArgs::default(), &keeping)?;
        project.lock(&mut *store, &args.lock, "workspace-new")?;
        store.read()?;
        // From here on these are two states: by its lineage each knows its serials, and the marks of what it has made.
        state.lineage = uuid::Uuid::new_v4().to_string().into();
        store.write(&state)?;
        store.unlock()?;
    }
    project.choose_workspace(&name)?;
    ui.line(&created(&name));
    Ok(())
}

fn created(name: &WorkspaceName) -> String {
    format!(
        "Created and switched to workspace \"{name}\"!\n\nYou're now on a new, empty workspace. Workspaces isolate their state,\nso if you run \"keyform plan\" keyform will not see any existing state\nfor this configuration."
    )
}

fn read_state(path: &Path, project: &Project) -> Result<State> {
    let bytes = super::disk::read(path)
        .map_err(|error| failed(&format!("{} cannot be read: {}", path.display(), reason(&error))))?;
    let text =
        String::from_utf8(bytes).map_err(|_| failed(&format!("{} is not valid UTF-8", path.display())))?;
    let keeping = project.place_and_keeping(None)?.1;
    Ok(keeping.manner(path).open(text, &path.display().to_string())?)
}

fn create(name: &WorkspaceName, project: &Project) -> Result<()> {
    let folder = project.place(None)?.workspace_dir.join(name.as_str());
    make_private_folder(&folder).map_err(|error| {
        failed(&format!(
            "{} cannot be made: {}",
            folder.display(),
            reason(&error)
        ))
    })
}

/// The name of a workspace as the command line gives it.
fn parse(name: &str) -> Result<WorkspaceName> {
    WorkspaceName::parse(name).ok_or_else(|| {
        let detail = format!(
            "The workspace name \"{name}\" is not allowed. The name must contain only URL safe characters, and no path separators."
        );
        Diagnostic::error("Invalid workspace name", detail).into()
    })
}

/// The name, if a workspace of that name can be made or chosen now.
fn may_choose(name: &str, project: &Project) -> Result<WorkspaceName> {
    let name = parse(name)?;
    if project.workspace_is_fixed() {
        return Err(Diagnostic::error(
            "Workspace is overridden",
            "The selected workspace is currently overridden by the TF_WORKSPACE environment variable. To select another one, either update this environment variable or unset it and then run this command again.",
        )
        .into());
    }
    Ok(name)
}

fn select(args: &SelectArgs, ui: &mut Ui, project: &Project) -> Result<()> {
    let name = may_choose(&args.name, project)?;
    let exists = names(project)?.contains(&args.name);
    if !exists && !args.or_create {
        return Err(unknown(&args.name, project));
    }
    if exists && project.workspace().is_ok_and(|current| current == name) {
        return Ok(());
    }
    if !exists {
        create(&name, project)?;
    }
    project.choose_workspace(&name)?;
    ui.line(&if exists {
        format!("Switched to workspace \"{}\".", args.name)
    } else {
        created(&name)
    });
    Ok(())
}

fn unknown(name: &str, project: &Project) -> Diagnostics {
    let error = Diagnostic::error(
        "No such workspace",
        format!(
            "Workspace \"{name}\" doesn't exist.\n\nYou can create this workspace with the \"new\" subcommand or include the \"-or-create\" flag with the \"select\" subcommand."
        ),
    );
    let names = names(project).unwrap_or_default();
    match crate::diag::nearest(name, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("Did you mean \"{near}\"?")).into(),
        None => error.into(),
    }
}

fn delete(args: &DeleteArgs, ui: &mut Ui, project: &Project) -> Result<()> {
    let name = &parse(&args.name)?;
    if !names(project)?.contains(&args.name) {
        return Err(unknown(&args.name, project));
    }
    if *name == project.workspace()? {
        let detail = format!(
            "Workspace \"{name}\" is your active workspace.\n\nYou cannot delete the currently active workspace. Please switch to another workspace and try again."
        );
        return Err(Diagnostic::error("Workspace is active", detail).into());
    }
    if name.is_default() {
        return Err(failed("the default workspace cannot be deleted"));
    }
    let (place, keeping) = project.place_and_keeping(None)?;
    let state = StateArgs {
        state: Some(place.of(name)),
        ..StateArgs::default()
    };
    let mut store = super::store::open(&place, name, &state, &keeping)?;
    project.lock(&mut *store, &args.lock, "workspace-delete")?;
    let snapshot = store.read()?;
    if !args.force {
        let rescued = snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.rescued);
        crate::state::store::problems(rescued).or(())?;
    }
    // What may exist counts as well: nobody else knows of it.
    let held = snapshot.as_ref().map_or(0, |snapshot| {
        snapshot.state.objects().count() + snapshot.unsettled.len()
    });
    if held > 0 && !args.force {
        let detail = format!(
            "Workspace \"{name}\" is currently tracking {held} resource instance(s). Deleting this workspace would cause keyform to lose track of them, and they would have to be cleaned up by hand. Destroy them first, or use the -force option to delete the workspace and let go of them."
        );
        return Err(Diagnostic::error("Workspace is not empty", detail).into());
    }
    let folder = place.workspace_dir.join(name.as_str());
    // Under the lock: nobody makes anything in it meanwhile.
    fs::remove_dir_all(&folder).map_err(|error| {
        failed(&format!(
            "{} cannot be removed: {}",
            folder.display(),
            reason(&error)
        ))
    })?;
    store.unlock()?;
    ui.line(&format!("Deleted workspace \"{name}\"!"));
    if held > 0 {
        let text = format!(
            "\"{name}\" was not empty. The objects it recorded may still exist, but are no longer under management."
        );
        let open = snapshot.iter().flat_map(|snapshot| &snapshot.unsettled);
        let told = Diagnostic::warning("Workspace was not empty", text);
        let told = open.fold(told, |told, intent| told.hint(may_exist(intent)));
        ui.diagnostics(&told.into());
    }
    Ok(())
}

/// How an object is found of which nobody knows any more.
fn may_exist(intent: &Intent) -> String {
    let mark = intent.marker.as_ref().and_then(|marker| {
        let ty = find_type(&intent.address.resource).ok()?;
        Some(format!(", with the {}", crate::resource::mark(ty, marker)))
    });
    format!(
        "{} may exist{}, though it was not recorded.",
        intent.address,
        mark.unwrap_or_default()
    )
}
