//! What to say of a command line that is not understood. The exit code is 1, as Terraform's scripts expect.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ErrorKind};

use super::CommandLine;
use super::ui::Ui;
use crate::diag::Diagnostic;

/// Help with the one dash that Terraform's users know.
pub fn one_dash(text: &str) -> String {
    text.replace(" --", " -")
        .replace("[--", "[-")
        .replace("<--", "<-")
}

/// Tells why clap did not take the words; or gives the help that was asked for.
pub fn not_understood(ui: &mut Ui, error: &clap::Error, words: &[String]) -> ExitCode {
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
            unknown_command(ui, words, &context(error, ContextKind::SuggestedSubcommand))
        }
        _ => wrong_line(ui, &problem(error), words),
    }
}

fn context(error: &clap::Error, kind: ContextKind) -> String {
    error.get(kind).map(ToString::to_string).unwrap_or_default()
}

/// The bare name in `--name <VALUE>`.
fn flag(text: &str) -> &str {
    text.trim_start_matches('-')
        .split([' ', '='])
        .next()
        .unwrap_or_default()
}

/// An option with one dash, or what stands for a word without.
fn called(text: &str) -> String {
    if text.starts_with('-') {
        format!("-{}", flag(text))
    } else {
        text.trim_matches(['[', ']', '<', '>']).to_owned()
    }
}

/// What is wrong, as a sentence.
fn problem(error: &clap::Error) -> String {
    let given = context(error, ContextKind::InvalidArg);
    let plain = given.replace(['<', '>'], "");
    match error.kind() {
        ErrorKind::UnknownArgument if given.starts_with('-') => {
            let near = context(error, ContextKind::SuggestedArg);
            let guess = if near.is_empty() {
                near
            } else {
                format!(". Did you mean -{}?", flag(&near))
            };
            format!("flag provided but not defined: -{}{guess}", flag(&given))
        }
        ErrorKind::UnknownArgument => format!("too many arguments: \"{given}\" is not expected here"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let name = if given.starts_with('-') {
                format!("flag -{}", flag(&given))
            } else {
                plain
            };
            let valid = context(error, ContextKind::ValidValue);
            let why = match std::error::Error::source(error) {
                Some(why) => format!(": {why}"),
                None if !valid.is_empty() => format!(": must be one of {valid}"),
                None => String::new(),
            };
            format!(
                "invalid value \"{}\" for {name}{why}",
                context(error, ContextKind::InvalidValue)
            )
        }
        ErrorKind::MissingRequiredArgument => {
            format!("not enough arguments: {} is missing", one_dash(&plain))
        }
        ErrorKind::ArgumentConflict => {
            let other = context(error, ContextKind::PriorArg);
            format!("{} and {} exclude each other", called(&given), called(&other))
        }
        _ => {
            let text = error.render().to_string();
            one_dash(
                text.lines()
                    .next()
                    .unwrap_or_default()
                    .trim_start_matches("error: "),
            )
        }
    }
}

fn unknown_command(ui: &mut Ui, words: &[String], near: &str) -> ExitCode {
    let depth = depth(words);
    let before = before(words, depth);
    let unknown = words.get(depth).map_or("", String::as_str);
    let guess = if near.is_empty() {
        String::new()
    } else {
        format!(" Did you mean \"{near}\"?")
    };
    ui.talk(&format!(
        "keyform has no {before}command named \"{unknown}\".{guess}\n\nTo see all of keyform's {before}commands, run:\n  keyform {before}-help\n"
    ));
    ExitCode::FAILURE
}

/// How many of the words name commands.
fn depth(words: &[String]) -> usize {
    let clap = CommandLine::command();
    let (mut command, mut depth) = (&clap, 0);
    while let Some(next) = words.get(depth).and_then(|word| command.find_subcommand(word)) {
        (command, depth) = (next, depth + 1);
    }
    depth
}

/// The first words, each with the space that follows it.
fn before(words: &[String], depth: usize) -> String {
    words[..depth]
        .iter()
        .flat_map(|word| [word.as_str(), " "])
        .collect()
}

/// Tells what is wrong with the words.
pub fn wrong_line(ui: &mut Ui, problem: &str, words: &[String]) -> ExitCode {
    let command = before(words, depth(words));
    ui.diagnostics(&Diagnostic::error("Failed to parse command-line flags", problem).into());
    ui.talk(&format!(
        "\nFor more help on using this command, run:\n  keyform {command}-help"
    ));
    ExitCode::FAILURE
}
