//! The words of a command line, before clap sees them.
//!
//! Terraform's flags have one dash or two, `-x=v` or `-x v`, and booleans may be given as `-x=false`; the
//! environment may insert words. All of that becomes what clap understands.

use std::collections::BTreeMap;

use clap::{ArgAction, Command};

use super::environment::Environment;

/// What the words say beside the command itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// `-chdir=DIR`
    pub chdir: Option<String>,
    /// `-help` before the command, or nothing at all.
    pub help: bool,
    /// `-version` before the command.
    pub version: bool,
    /// Colours as asked for: none means that the terminal decides.
    pub colour: Option<bool>,
    /// The command and its arguments, as clap wants them.
    pub words: Vec<String>,
}

/// What is wrong with the words, as a sentence.
pub type Problem = String;

/// Sorts the words that follow the program's name.
pub fn sort(arguments: Vec<String>, clap: &Command, environment: &Environment) -> Result<Line, Problem> {
    let mut line = Line::default();
    let mut rest = arguments.into_iter().peekable();
    while let Some(word) = rest.next_if(|word| word.starts_with('-') && word.len() > 1) {
        let name = word.trim_start_matches('-');
        let (name, value) = name
            .split_once('=')
            .map_or((name, None), |(name, value)| (name, Some(value)));
        match (name, value) {
            ("chdir", Some(dir)) if !dir.is_empty() => line.chdir = Some(dir.to_owned()),
            ("chdir", _) => {
                let problem =
                    "The -chdir option must be followed by an equals sign and a folder name: -chdir=DIR";
                return Err(problem.into());
            }
            ("help" | "h", None) => line.help = true,
            ("version" | "v", None) => line.version = true,
            _ if colour(&word, &mut line)? => {}
            _ => return Err(format!("flag provided but not defined: -{name}")),
        }
    }
    let words: Vec<String> = rest.collect();
    if words.is_empty() {
        line.help |= !line.version;
        return Ok(line);
    }
    let (command, depth) = find(clap, &words);
    let inserted = inserted(&words[..depth], environment)?;
    let arguments = inserted.into_iter().chain(words[depth..].iter().cloned());
    let mut words = words[..depth].to_vec();
    words.extend(double_dashes(arguments, command, &mut line)?);
    line.words = words;
    Ok(line)
}

/// The command that the first words name, and how many words that takes.
fn find<'c>(clap: &'c Command, words: &[String]) -> (&'c Command, usize) {
    let mut command = clap;
    let mut depth = 0;
    while let Some(next) = words.get(depth).and_then(|word| command.find_subcommand(word)) {
        command = next;
        depth += 1;
    }
    (command, depth.max(1))
}

/// The words of `TF_CLI_ARGS_<command>` and `TF_CLI_ARGS`.
fn inserted(command: &[String], environment: &Environment) -> Result<Vec<String>, Problem> {
    let suffix = command.join("_").replace('-', "_");
    let mut words = Vec::new();
    for name in [format!("CLI_ARGS_{suffix}"), "CLI_ARGS".to_owned()] {
        if let Some(text) = environment.option(&name) {
            let more = split(text).ok_or_else(|| {
                format!("Error parsing extra CLI args from TF_{name}: a quote is not closed")
            })?;
            words.extend(more);
        }
    }
    Ok(words)
}

/// Splits a text as a shell does: quotes and backslashes; none when a quote stays open.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Whether the word is about colours; if so it is noted.
fn colour(word: &str, line: &mut Line) -> Result<bool, Problem> {
    let name = word.trim_start_matches('-');
    let (name, value) = name
        .split_once('=')
        .map_or((name, None), |(name, value)| (name, Some(value)));
    match (name, value) {
        ("no-color", value) => {
            if value.map_or(Ok(true), |value| truth("no-color", value))? {
                line.colour = Some(false);
            }
        }
        ("color", Some("always")) => line.colour = Some(true),
        ("color", Some("never")) => line.colour = Some(false),
        ("color", Some("auto")) => line.colour = None,
        ("color", _) => return Err("invalid value for flag -color: must be auto, always or never".into()),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Gives every flag two dashes, and turns `-x=false` into the presence or absence of `--x`.
fn double_dashes(
    arguments: impl Iterator<Item = String>,
    command: &Command,
    line: &mut Line,
) -> Result<Vec<String>, Problem> {
    let mut words: Vec<Option<String>> = Vec::new();
    let mut switches: BTreeMap<String, usize> = BTreeMap::new();
    let mut arguments = arguments;
    while let Some(word) = arguments.next() {
        let is_flag = word.len() > 1 && word.starts_with('-') && word != "--";
        if !is_flag {
            let ends = word == "--";
            words.push(Some(word));
            if ends {
                words.extend(arguments.by_ref().map(Some));
            }
            continue;
        }
        if colour(&word, line)? {
            continue;
        }
        let body = word.trim_start_matches('-');
        let (name, value) = body
            .split_once('=')
            .map_or((body, None), |(name, value)| (name, Some(value)));
        let known = command.get_arguments().find(|arg| arg.get_long() == Some(name));
        let action = known.map(clap::Arg::get_action);
        match action {
            Some(action @ (ArgAction::SetTrue | ArgAction::SetFalse)) => {
                if let Some(before) = switches.insert(name.to_owned(), words.len()) {
                    words[before] = None;
                }
                let given = value.map_or(Ok(true), |value| truth(name, value))?;
                let present = given == matches!(action, ArgAction::SetTrue);
                words.push(present.then(|| format!("--{name}")));
            }
            Some(ArgAction::Set | ArgAction::Append) => {
                let value = match value {
                    Some(value) => value.to_owned(),
                    None => arguments
                        .next()
                        .ok_or_else(|| format!("flag needs an argument: -{name}"))?,
                };
                words.push(Some(format!("--{name}={value}")));
            }
            _ => words.push(Some(if name == "h" {
                "--help".into()
            } else {
                format!("--{body}")
            })),
        }
    }
    Ok(words.into_iter().flatten().collect())
}

/// A boolean as Go reads it.
fn truth(name: &str, value: &str) -> Result<bool, Problem> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!(
            "invalid boolean value \"{value}\" for -{name}: parse error"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Arg;

    fn clap() -> Command {
        let flag = |name: &'static str, action| Arg::new(name).long(name).action(action);
        let plan = Command::new("plan").args([
            flag("lock", ArgAction::SetFalse),
            flag("destroy", ArgAction::SetTrue),
            flag("out", ArgAction::Set),
        ]);
        let state = Command::new("state").subcommand(Command::new("replace-provider"));
        Command::new("keyform").subcommand(plan).subcommand(state)
    }

    #[track_caller]
    fn check(words: &str, environment: &[(&str, &str)], expected: &str) {
        let words = split(words).unwrap();
        let environment = Environment::from_pairs(environment.iter().copied());
        let found = match sort(words, &clap(), &environment) {
            Ok(line) => line.words.join(" "),
            Err(problem) => problem,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn one_dash_or_two_are_the_same() {
        check("plan -destroy", &[], "plan --destroy");
        check("plan --destroy", &[], "plan --destroy");
        check("plan -out=f -destroy x", &[], "plan --out=f --destroy x");
    }

    #[test]
    fn a_value_may_follow_as_a_word_of_its_own() {
        check("plan -out f", &[], "plan --out=f");
        check("plan -out -f", &[], "plan --out=-f");
        check("plan -out", &[], "flag needs an argument: -out");
    }

    #[test]
    fn booleans_may_be_spelt_out_and_the_last_one_counts() {
        check("plan -lock=false", &[], "plan --lock");
        check("plan -lock=true", &[], "plan");
        check("plan -destroy=false", &[], "plan");
        check("plan -destroy -destroy=false", &[], "plan");
        check(
            "plan -lock=maybe",
            &[],
            "invalid boolean value \"maybe\" for -lock: parse error",
        );
    }

    #[test]
    fn what_follows_two_dashes_alone_is_left_as_it_is() {
        check("plan -- -destroy", &[], "plan -- -destroy");
        check("plan -", &[], "plan -");
    }

    #[test]
    fn the_environment_inserts_words_after_the_command() {
        check(
            "plan x",
            &[("TF_CLI_ARGS", "-destroy"), ("TF_CLI_ARGS_plan", "-out 'a b'")],
            "plan --out=a b --destroy x",
        );
        check(
            "state replace-provider",
            &[("TF_CLI_ARGS_state_replace_provider", "y")],
            "state replace-provider y",
        );
        check(
            "plan",
            &[("TF_CLI_ARGS", "-destroy"), ("KEYFORM_CLI_ARGS", "-out=k")],
            "plan --out=k",
        );
    }

    #[test]
    fn the_folder_stands_before_the_command() {
        let line = sort(
            vec!["-chdir=d".into(), "plan".into()],
            &clap(),
            &Environment::default(),
        )
        .unwrap();
        assert_eq!(
            (line.chdir.as_deref(), line.words),
            (Some("d"), vec!["plan".to_owned()])
        );
        check("-nonsense plan", &[], "flag provided but not defined: -nonsense");
    }
}
