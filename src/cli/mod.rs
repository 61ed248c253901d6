//! Words in, words and exit codes out; the only place that wires clouds to the engine.
//!
//! One file per subcommand. A command gets its arguments, the terminal and the project, and says how the process
//! ends; what it could not do comes back as diagnostics, which are told here.

mod apply;
pub mod args;
mod check;
mod completion;
mod connector;
mod console;
mod destroy;
pub mod disk;
mod drift;
mod engine;
pub mod environment;
mod fmt;
mod force_unlock;
mod get;
mod graph;
mod import;
mod init;
mod machine;
mod modules;
mod output;
mod plan;
mod plan_file;
mod planning;
mod progress;
pub mod project;
mod providers;
mod refresh;
mod sandbox;
mod schema;
mod show;
mod state;
pub mod store;
mod taint;
pub mod ui;
mod validate;
pub mod variables;
mod version;
mod words;
mod workspace;

use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::diag::{Diagnostic, Diagnostics, Result};
use environment::Environment;
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
    /// Prepare a folder: check the configuration; there is nothing to download
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
    /// List the modules of the configuration
    Modules(modules::ModulesArgs),
    /// Show the outputs of the root module
    Output(output::OutputArgs),
    /// Show which providers the configuration needs
    Providers(providers::ProvidersArgs),
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
    let environment = Environment::of_process();
    let mut arguments = Vec::new();
    for argument in std::env::args_os().skip(1) {
        match argument.into_string() {
            Ok(argument) => arguments.push(argument),
            Err(_) => {
                let mut ui = Ui::new(None, &environment);
                let problem = "an argument is no valid Unicode text".to_owned();
                return wrong_line(&mut ui, &problem, &[]);
            }
        }
    }
    let clap = CommandLine::command();
    let line = match words::sort(arguments.clone(), &clap, &environment) {
        Ok(line) => line,
        Err(problem) => return wrong_line(&mut Ui::new(None, &environment), &problem, &arguments),
    };
    let mut ui = Ui::new(line.colour, &environment);
    let code = obey(line, clap, &mut ui, environment);
    if ui.finish() { code } else { ExitCode::FAILURE }
}

/// Does what the sorted words say.
fn obey(line: words::Line, clap: clap::Command, ui: &mut Ui, environment: Environment) -> ExitCode {
    if line.help && line.words.is_empty() {
        ui.result(&help(clap));
        return ExitCode::SUCCESS;
    }
    if line.version {
        let project = match Project::open(line.chdir.as_deref(), environment) {
            Ok(project) => project,
            Err(problems) => return failed(ui, &problems),
        };
        return version::run(&version::VersionArgs::default(), ui, &project)
            .unwrap_or_else(|all| failed(ui, &all));
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
    match Project::open(line.chdir.as_deref(), environment).and_then(|project| run(command, ui, &project)) {
        Ok(code) => code,
        Err(problems) => failed(ui, &problems),
    }
}

fn failed(ui: &mut Ui, problems: &Diagnostics) -> ExitCode {
    ui.diagnostics(problems);
    ExitCode::FAILURE
}

fn run(command: Command, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    match command {
        Command::Init(args) => init::run(&args, ui, project),
        Command::Validate(args) => validate::run(&args, ui, project),
        Command::Plan(args) => plan::run(&args, ui, project),
        Command::Apply(args) => apply::run(&args, ui, project),
        Command::Destroy(args) => destroy::run(&args, ui, project),
        Command::Console(args) => console::run(&args, ui, project),
        Command::Drift(args) => drift::run(&args, ui, project),
        Command::Fmt(args) => fmt::run(&args, ui),
        Command::ForceUnlock(args) => force_unlock::run(&args, ui, project),
        Command::Get(args) => get::run(&args, ui, project),
        Command::Graph(args) => graph::run(&args, ui, project),
        Command::Import(args) => import::run(&args, ui, project),
        Command::Modules(args) => modules::run(&args, ui, project),
        Command::Output(args) => output::run(&args, ui, project),
        Command::Providers(args) => providers::run(&args, ui, project),
        Command::Refresh(args) => refresh::run(&args, ui, project),
        Command::Sandbox(args) => sandbox::run(&args, ui),
        Command::Schema(command) => schema::run(&command, ui),
        Command::Show(args) => show::run(&args, ui, project),
        Command::State(command) => state::run(&command, ui, project),
        Command::Taint(args) => taint::taint(&args, ui, project),
        Command::Untaint(args) => taint::untaint(&args, ui, project),
        Command::Version(args) => version::run(&args, ui, project),
        Command::Workspace(command) => workspace::run(&command, ui, project),
        Command::Completion(args) => completion::run(&args, ui, &CommandLine::command()),
    }
}

/// The help text, with the one dash that Terraform's users know.
fn help(mut clap: clap::Command) -> String {
    one_dash(&clap.render_help().to_string())
}

fn one_dash(text: &str) -> String {
    text.replace(" --", " -")
        .replace("[--", "[-")
        .replace("<--", "<-")
}

/// Tells why clap did not take the words.
fn not_understood(ui: &mut Ui, error: &clap::Error, words: &[String]) -> ExitCode {
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let flag = |text: String| {
        text.trim_start_matches('-')
            .split([' ', '='])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    match error.kind() {
        ErrorKind::DisplayHelp => {
            ui.result(&one_dash(&error.render().to_string()));
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            ui.talk(&one_dash(error.render().to_string().trim_end()));
            ExitCode::FAILURE
        }
        ErrorKind::InvalidSubcommand => {
            let guess = context(ContextKind::SuggestedSubcommand);
            unknown_command(ui, words, &guess)
        }
        ErrorKind::UnknownArgument => {
            let given = context(ContextKind::InvalidArg);
            if given.starts_with('-') {
                let guess = flag(context(ContextKind::SuggestedArg));
                let guess = if guess.is_empty() {
                    guess
                } else {
                    format!(". Did you mean -{guess}?")
                };
                return wrong_line(
                    ui,
                    &format!("flag provided but not defined: -{}{guess}", flag(given)),
                    words,
                );
            }
            wrong_line(
                ui,
                &format!("too many arguments: \"{given}\" is not expected here"),
                words,
            )
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let (name, value) = (
                flag(context(ContextKind::InvalidArg)),
                context(ContextKind::InvalidValue),
            );
            let valid = context(ContextKind::ValidValue);
            let why = match std::error::Error::source(error) {
                Some(why) => format!(": {why}"),
                None if !valid.is_empty() => format!(": must be one of {valid}"),
                None => String::new(),
            };
            wrong_line(
                ui,
                &format!("invalid value \"{value}\" for flag -{name}{why}"),
                words,
            )
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = context(ContextKind::InvalidArg).replace(['<', '>'], "");
            wrong_line(
                ui,
                &format!("not enough arguments: {} is missing", one_dash(&missing)),
                words,
            )
        }
        ErrorKind::ArgumentConflict => {
            let (one, other) = (
                flag(context(ContextKind::InvalidArg)),
                flag(context(ContextKind::PriorArg)),
            );
            wrong_line(ui, &format!("-{one} and -{other} exclude each other"), words)
        }
        _ => {
            let text = error.render().to_string();
            let first = text
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            wrong_line(ui, &one_dash(first), words)
        }
    }
}

fn unknown_command(ui: &mut Ui, words: &[String], guess: &str) -> ExitCode {
    let clap = CommandLine::command();
    let (mut command, mut depth) = (&clap, 0);
    while let Some(next) = words.get(depth).and_then(|word| command.find_subcommand(word)) {
        (command, depth) = (next, depth + 1);
    }
    let (before, unknown) = (
        words[..depth].join(" "),
        words.get(depth).map_or("", String::as_str),
    );
    let kind = if before.is_empty() {
        "command".to_owned()
    } else {
        format!("{before} command")
    };
    let guess = if guess.is_empty() {
        String::new()
    } else {
        format!(" Did you mean \"{guess}\"?")
    };
    let space = if before.is_empty() { "" } else { " " };
    ui.talk(&format!(
        "keyform has no {kind} named \"{unknown}\".{guess}\n\nTo see all of keyform's {before}{space}commands, run:\n  keyform {before}{space}-help\n"
    ));
    ExitCode::FAILURE
}

/// Tells what is wrong with the words.
fn wrong_line(ui: &mut Ui, problem: &str, words: &[String]) -> ExitCode {
    let mut clap = &CommandLine::command();
    let mut command = String::new();
    for word in words {
        let Some(next) = clap.find_subcommand(word) else {
            break;
        };
        command.push_str(word);
        command.push(' ');
        clap = next;
    }
    ui.diagnostics(&Diagnostic::error("Failed to parse command-line flags", problem).into());
    ui.talk(&format!(
        "\nFor more help on using this command, run:\n  keyform {command}-help"
    ));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
