//! Words in, words and exit codes out; the only place that wires clouds to the engine.
//!
//! One file per subcommand. A command gets its arguments, the terminal and the project, and says how the process
//! ends; what it could not do comes back as diagnostics, which are told here.

mod apply;
pub mod args;
mod check;
mod complaint;
mod completion;
mod connector;
mod console;
mod destroy;
mod discreet;
pub mod disk;
mod drift;
mod engine;
pub mod environment;
mod ephemeral;
mod fmt;
mod force_unlock;
mod get;
mod graph;
mod guard;
mod hidden;
mod import;
mod init;
mod install;
mod keeping;
mod log;
mod lost;
mod machine;
mod memory;
mod metadata;
mod modules;
mod neighbours;
mod output;
mod plan;
pub mod plan_file;
mod planning;
mod process;
mod progress;
pub mod project;
mod providers;
mod real;
mod rebuild;
mod recover;
mod refresh;
mod runner;
mod sandbox;
mod schema;
mod show;
mod state;
pub mod store;
mod supplied;
mod taint;
pub mod ui;
mod validate;
pub mod variables;
mod vault;
mod version;
mod words;
mod workspace;

use std::io::Write as _;
use std::process::ExitCode;
use std::rc::Rc;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::diag::{Diagnostics, Ending, Result};
use crate::secret;
use complaint::{not_understood, one_dash, wrong_line};
use environment::Environment;
use log::{Level, Log};
use project::Project;
use ui::Ui;

/// The whole command line.
#[derive(Parser, Debug)]
#[command(
    name = "keyform",
    about = "Plan and apply encryption keys as they are described in configuration files",
    args_override_self = true,
    disable_version_flag = true,
    subcommand_required = true,
    after_help = "Options before the command:\n  --chdir=DIR  Work in another folder\n  --help       Show this text, or that of a command\n  --version    The same as the version command\n\nOptions of every command:\n  --no-color   Plain text\n  --color=WHEN auto, always or never\n\nEvery option may be written with one dash or two."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// What can be asked for.
#[derive(Subcommand, Debug)]
enum Command {
    /// Prepare a folder: install modules and check the configuration
    Init(init::InitArgs),
    /// Check whether the configuration is valid
    Validate(validate::ValidateArgs),
    /// Show what would change
    Plan(args::PlanArgs),
    /// Make it so
    Apply(args::ApplyArgs),
    /// Destroy everything that is managed
    Destroy(args::DestroyArgs),
    /// Evaluate expressions
    Console(console::ConsoleArgs),
    /// Report what was changed outside
    Drift(args::DriftArgs),
    /// Bring configuration files into the usual form
    Fmt(fmt::FmtArgs),
    /// Remove a lock that its holder left behind
    ForceUnlock(force_unlock::ForceUnlockArgs),
    /// Look for modules; local ones need no installing
    Get(get::GetArgs),
    /// Print the dependencies between resources in DOT
    Graph(graph::GraphArgs),
    /// Take an existing object under management
    Import(args::ImportArgs),
    /// Tell other programs about this one
    #[command(subcommand)]
    Metadata(metadata::MetadataCommand),
    /// List the modules of the configuration
    Modules(modules::ModulesArgs),
    /// Show the outputs of the root module
    Output(output::OutputArgs),
    /// Show which providers the configuration needs
    Providers(providers::ProvidersArgs),
    /// Settle what an interrupted run may have made
    Recover(recover::RecoverArgs),
    /// Record in the state what has changed outside
    Refresh(args::RefreshArgs),
    /// Run local emulations of the clouds
    Sandbox(sandbox::SandboxArgs),
    /// Look after the schema files of this program
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
    /// Show the state or a saved plan
    Show(args::ShowArgs),
    /// Look into the state and change it
    #[command(subcommand)]
    State(state::StateCommand),
    /// Mark an instance to be replaced
    Taint(taint::TaintArgs),
    /// Take the mark of an instance off
    Untaint(taint::TaintArgs),
    /// Show the version of this program
    Version(version::VersionArgs),
    /// Look after workspaces
    #[command(subcommand)]
    Workspace(workspace::WorkspaceCommand),
    /// Print a script that completes command lines
    Completion(completion::CompletionArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    memory::seal();
    speak_discreetly();
    let environment = Environment::of_process();
    environment.secrets().for_each(secret::meet);
    #[cfg(debug_assertions)]
    crash_if_asked(&environment);
    let mut arguments = Vec::new();
    for argument in std::env::args_os().skip(1) {
        let Ok(argument) = argument.into_string() else {
            let mut ui = Ui::new(None, &environment);
            return wrong_line(&mut ui, "an argument is no valid Unicode text", &[]);
        };
        arguments.push(argument);
    }
    let clap = CommandLine::command();
    let line = match words::sort(arguments.clone(), &clap, &environment) {
        Ok(line) => line,
        Err(problem) => return wrong_line(&mut Ui::new(None, &environment), &problem, &arguments),
    };
    let mut ui = Ui::new(line.colour, &environment);
    let code = match Log::open(&environment) {
        Ok(log) => obey(&line, clap, &mut ui, (environment, Rc::new(log))),
        Err(problems) => failed(&mut ui, &problems),
    };
    if ui.finish() { code } else { ExitCode::FAILURE }
}

/// The last words of this program, should it have to give up, show no secret either.
fn speak_discreetly() {
    std::panic::set_hook(Box::new(|panic| {
        let said = format!("{panic}");
        let _ = writeln!(std::io::stderr(), "{}", ui::tame(&secret::hidden(&said), false));
    }));
}

/// How a crash ends, and what it says, can be seen where this program is tested. What users get knows nothing of it.
#[cfg(debug_assertions)]
fn crash_if_asked(environment: &Environment) {
    if let Some(words) = environment.get("KEYFORM_TEST_CRASH") {
        panic!("{words}");
    }
}

/// Does what the sorted words say.
fn obey(
    line: &words::Line,
    clap: clap::Command,
    ui: &mut Ui,
    (environment, log): (Environment, Rc<Log>),
) -> ExitCode {
    if line.help && line.words.is_empty() {
        let mut clap = clap;
        ui.result(&one_dash(&clap.render_help().to_string()));
        return ExitCode::SUCCESS;
    }
    if line.version {
        return match Project::open(line.chdir.as_deref(), environment, log) {
            Ok(_) => version::run(&version::VersionArgs::default(), ui),
            Err(problems) => failed(ui, &problems),
        };
    }
    let mut words = vec!["keyform".to_owned()];
    words.extend(line.words.iter().cloned());
    if line.help {
        words.push("--help".into());
    }
    let parsed = clap
        .try_get_matches_from(words)
        .and_then(|matches| CommandLine::from_arg_matches(&matches));
    let command = match parsed {
        Ok(line) => line.command,
        Err(error) => return not_understood(ui, &error, &line.words),
    };
    let name = line.words.first().cloned().unwrap_or_default();
    log.tell(
        Level::Info,
        "run begins",
        &[
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("command", name),
        ],
    );
    let project = Project::open(line.chdir.as_deref(), environment, log.clone());
    match project.and_then(|project| run(command, ui, &project)) {
        Ok(code) => {
            log.tell(Level::Info, "run ends", &[]);
            code
        }
        Err(problems) => {
            for problem in problems.iter().filter(|problem| problem.is_error()) {
                log.tell(Level::Error, "run fails", &[("summary", problem.summary.clone())]);
            }
            failed(ui, &problems)
        }
    }
}

fn failed(ui: &mut Ui, problems: &Diagnostics) -> ExitCode {
    ui.diagnostics(problems);
    exit_code(problems.ending())
}

/// The exit code that an error has; README.md lists them all.
fn exit_code(ending: Ending) -> ExitCode {
    match ending {
        Ending::Failure => ExitCode::FAILURE,
        Ending::Unsettled => ExitCode::from(3),
        Ending::Locked => ExitCode::from(4),
        Ending::Refused => ExitCode::from(5),
    }
}

fn run(command: Command, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    match command {
        Command::Init(args) => init::run(&args, ui, project),
        Command::Validate(args) => Ok(validate::run(&args, ui, project)),
        Command::Plan(args) => plan::run(&args, ui, project),
        Command::Apply(args) => apply::run(&args, ui, project),
        Command::Destroy(args) => destroy::run(&args, ui, project),
        Command::Console(args) => console::run(&args, ui, project),
        Command::Drift(args) => drift::run(&args, ui, project),
        Command::Fmt(args) => Ok(fmt::run(&args, ui)),
        Command::ForceUnlock(args) => force_unlock::run(&args, ui, project),
        Command::Get(args) => get::run(&args, ui, project),
        Command::Graph(args) => graph::run(&args, ui, project),
        Command::Import(args) => import::run(&args, ui, project),
        Command::Metadata(command) => metadata::run(&command, ui),
        Command::Modules(args) => modules::run(&args, ui, project),
        Command::Output(args) => output::run(&args, ui, project),
        Command::Providers(args) => providers::run(&args, ui, project),
        Command::Recover(args) => recover::run(&args, ui, project),
        Command::Refresh(args) => refresh::run(&args, ui, project),
        Command::Sandbox(args) => sandbox::run(&args, ui),
        Command::Schema(command) => schema::run(&command, ui),
        Command::Show(args) => show::run(&args, ui, project),
        Command::State(command) => state::run(&command, ui, project),
        Command::Taint(args) => taint::taint(&args, ui, project),
        Command::Untaint(args) => taint::untaint(&args, ui, project),
        Command::Version(args) => Ok(version::run(&args, ui)),
        Command::Workspace(command) => workspace::run(&command, ui, project),
        Command::Completion(args) => completion::run(&args, ui, &CommandLine::command()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
