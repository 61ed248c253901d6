//! `init`: installs modules. There are no providers to download, so the rest of it only checks that all would work.

use std::process::ExitCode;

use clap::{ArgAction, Args};

use super::args::{InputArgs, LockArgs, Variables};
use super::install::install;
use super::project::Project;
use super::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::graph;

/// Most options have a meaning only for programs that download providers; they are accepted for scripts.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Whether to look at the backend
    #[arg(long, action = ArgAction::SetFalse)]
    backend: bool,
    #[arg(long, hide = true, action = ArgAction::SetFalse)]
    cloud: bool,
    #[arg(long, hide = true)]
    backend_config: Vec<String>,
    #[arg(long, hide = true)]
    force_copy: bool,
    #[arg(long, hide = true)]
    from_module: Option<String>,
    #[arg(long, hide = true, action = ArgAction::SetFalse)]
    get: bool,
    #[arg(long, hide = true)]
    plugin_dir: Vec<String>,
    #[arg(long, hide = true)]
    reconfigure: bool,
    #[arg(long, hide = true)]
    migrate_state: bool,
    #[arg(long, hide = true)]
    upgrade: bool,
    #[arg(long, hide = true)]
    lockfile: Option<String>,
    #[arg(long, hide = true)]
    json: bool,
    #[arg(long, hide = true)]
    test_directory: Option<String>,
    #[arg(long, hide = true)]
    ignore_remote_version: bool,
    #[command(flatten)]
    variables: Variables,
    #[command(flatten)]
    _input: InputArgs,
    #[command(flatten)]
    _lock: LockArgs,
}

/// Runs the command.
pub fn run(args: &InitArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    if args.from_module.is_some() {
        return Err(Diagnostic::error(
            "Unsupported option",
            "-from-module is not supported: copy the files of the module into this folder, then run init.",
        )
        .into());
    }
    if args.json {
        return Err(Diagnostic::error(
            "Unsupported option",
            "init has no JSON output yet: leave -json out.",
        )
        .into());
    }
    if !args.backend_config.is_empty() {
        return Err(Diagnostic::error(
            "Unsupported option",
            "-backend-config is not supported: nothing is kept between runs but the configuration and the state. Write path and workspace_dir into the block backend \"local\".",
        )
        .into());
    }
    if !project.has_configuration() {
        ui.line("keyform initialized in an empty folder!\n\nThe folder has no configuration files. Write some, then run \"keyform plan\".");
        return Ok(ExitCode::SUCCESS);
    }
    if args.get {
        install(project, ui, &args.variables, args.upgrade)?;
    }
    let (configuration, problems) = project.configuration(&args.variables, &mut ui.sources);
    ui.warn_or(problems, ())?;
    graph::build(&configuration)?;
    if args.backend && args.cloud {
        let place = project.place(Some(&configuration.root))?;
        ui.line(&format!(
            "The state is kept in {}.",
            place.of(&project.workspace()?).display()
        ));
    }
    ui.line("Every resource type is built in: there are no providers to download.\n\nkeyform has been successfully initialized!\n\nYou may now begin working with keyform. Try running \"keyform plan\" to see\nany changes that are required for your infrastructure.");
    Ok(ExitCode::SUCCESS)
}
