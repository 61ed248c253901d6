//! `get`: installs modules, and says where all of them are.

use std::process::ExitCode;

use clap::Args;

use super::args::Variables;
use super::install::install;
use super::project::Project;
use super::ui::Ui;
use crate::config::Module;
use crate::diag::Result;

/// The arguments of `get`.
#[derive(Args, Debug)]
pub struct GetArgs {
    #[arg(long, hide = true)]
    update: bool,
    #[arg(long, hide = true)]
    test_directory: Option<String>,
    #[command(flatten)]
    variables: Variables,
}

/// Runs the command.
pub fn run(args: &GetArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    install(project, ui, &args.variables, args.update)?;
    let (configuration, problems) = project.configuration(&args.variables, &mut ui.sources);
    ui.warn_or(problems, ())?;
    list(&configuration.root, ui);
    Ok(ExitCode::SUCCESS)
}

fn list(module: &Module, ui: &mut Ui) {
    for call in module.calls.values() {
        ui.line(&format!(
            "- {} in {}",
            names(&call.module),
            call.module.dir.display()
        ));
        list(&call.module, ui);
    }
}

/// The calls that lead to a module: `a.b`.
pub fn names(module: &Module) -> String {
    module
        .path
        .iter()
        .map(|name| &**name)
        .collect::<Vec<_>>()
        .join(".")
}
