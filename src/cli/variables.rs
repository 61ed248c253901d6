//! Values for input variables from everywhere they may come from, the later over the earlier: the environment,
//! `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and `*.auto.tfvars.json` by name, then `-var` and `-var-file` in the order of the command line.

use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};
use zeroize::Zeroizing;

use super::disk::{Disk, Machine, reason};
use super::environment::Environment;
use super::ui::Ui;
use crate::config::{Files as _, Module};
use crate::diag::{Diagnostic, Diagnostics, Result, Sources};
use crate::eval::inputs::read_file;
use crate::eval::{Given, Input, Inputs};

/// What `-var` and `-var-file` say, in the order of the command line.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    pub given: Vec<Assignment>,
}

/// One `-var` or `-var-file`.
#[derive(Clone, PartialEq, Eq)]
pub enum Assignment {
    /// `name=value`
    Text(String),
    File(String),
}

/// A value may be a secret.
impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({})", text.split('=').next().unwrap_or_default()),
            Self::File(path) => write!(f, "File({path})"),
        }
    }
}

impl clap::Args for Variables {
    fn augment_args(command: Command) -> Command {
        let option = |name: &'static str, value: &'static str, help: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .help(help)
                .action(ArgAction::Append)
        };
        command
            .arg(option(
                "var",
                "NAME=VALUE",
                "Set a variable of the root module (may be repeated)",
            ))
            .arg(option(
                "var-file",
                "FILE",
                "Set variables from a file (may be repeated)",
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Variables {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let mut found = Vec::new();
        for (name, make) in [
            ("var", Assignment::Text as fn(String) -> Assignment),
            ("var-file", Assignment::File),
        ] {
            if let (Some(values), Some(places)) = (matches.get_many::<String>(name), matches.indices_of(name))
            {
                found.extend(
                    places
                        .zip(values)
                        .map(|(place, value)| (place, make(value.clone()))),
                );
            }
        }
        found.sort_by_key(|(place, _)| *place);
        Ok(Self {
            given: found.into_iter().map(|(_, assignment)| assignment).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Collects the values for the variables of the root module.
pub fn collect(
    root: &Module,
    given: &Variables,
    environment: &Environment,
    sources: &mut Sources,
) -> Result<Inputs> {
    let mut problems = Diagnostics::new();
    let mut inputs = from_environment(root, environment);
    for name in found_files(&mut problems) {
        add_file(&name, &name, sources, &mut inputs, &mut problems);
    }
    for assignment in &given.given {
        match assignment {
            Assignment::File(path) => {
                let shown = path.strip_prefix("./").unwrap_or(path);
                add_file(path, shown, sources, &mut inputs, &mut problems);
            }
            Assignment::Text(text) => match split(text) {
                Ok((name, value)) => {
                    let given = Given::Text(value.to_owned());
                    let origin = "the -var option on the command line".to_owned();
                    inputs.insert(
                        name.into(),
                        Input {
                            given,
                            origin,
                            span: None,
                        },
                    );
                }
                Err(errors) => problems.extend(errors),
            },
        }
    }
    problems.or(inputs)
}

/// The values that the environment has for declared variables; others are none of our business.
fn from_environment(root: &Module, environment: &Environment) -> Inputs {
    let all = environment.variables();
    let declared = all
        .into_iter()
        .filter(|(name, _)| root.variables.contains_key(*name));
    declared
        .map(|(name, (full, value))| {
            let origin = format!("the environment variable {full}");
            (
                name.into(),
                Input {
                    given: Given::Text(value.to_owned()),
                    origin,
                    span: None,
                },
            )
        })
        .collect()
}

/// The variable files that are read without being named, in order.
fn found_files(problems: &mut Diagnostics) -> Vec<String> {
    let names = match Disk.list(Path::new(".")) {
        Ok(names) => names,
        Err(why) => {
            problems.push(Diagnostic::error(
                "Failed to read the folder",
                format!("The working folder cannot be read: {why}."),
            ));
            Vec::new()
        }
    };
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"]
        .into_iter()
        .filter(|fixed| names.iter().any(|name| name == fixed));
    let automatic = names
        .iter()
        .filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
    fixed.map(str::to_owned).chain(automatic.cloned()).collect()
}

fn add_file(path: &str, shown: &str, sources: &mut Sources, inputs: &mut Inputs, problems: &mut Diagnostics) {
    let refused = |why: String| Diagnostic::error("Failed to read variables file", why);
    let bytes = match super::disk::read(Path::new(path)) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push(refused(format!(
                "The variables file {shown} cannot be read: {}.",
                reason(&error)
            )));
            return;
        }
    };
    let Ok(text) = String::from_utf8(bytes).map(Zeroizing::new) else {
        problems.push(refused(format!("The variables file {shown} is not valid UTF-8.")));
        return;
    };
    let machine = Machine {
        started_in: ".".into(),
        home: None,
        now: None,
        plan_time: None,
    };
    if let Some(found) = problems.take(read_file(shown, &text, sources, &machine)) {
        inputs.extend(found);
    }
}

/// Splits `name=value`; the value of a variable may hold anything.
fn split(text: &str) -> Result<(&str, &str)> {
    let invalid = |why: &str| {
        let name = text.split('=').next().unwrap_or_default();
        let detail = format!("The given -var option \"{name}\" is not correctly specified. {why}");
        Err(Diagnostic::error("Invalid -var option", detail).into())
    };
    match text.split_once('=') {
        None => {
            invalid("Must be a variable name and value separated by an equals sign, like -var=\"key=value\".")
        }
        Some((name, _)) if name.ends_with(' ') => invalid(
            "Must be a variable name and value separated by an equals sign without spaces around it, like -var=\"key=value\".",
        ),
        Some(("", _)) => invalid("The name of the variable is missing."),
        Some(pair) => Ok(pair),
    }
}

/// Asks for the required variables that have no value.
pub fn ask_missing(root: &Module, inputs: &mut Inputs, ui: &mut Ui) {
    let mut missing: Vec<_> = root
        .variables
        .values()
        .filter(|variable| variable.default.is_none() && !inputs.contains_key(&variable.name))
        .collect();
    missing.sort_by(|left, right| left.name.cmp(&right.name));
    for variable in missing {
        let Some(answer) = ui.ask_variable(variable) else {
            return;
        };
        let origin = "the answer to a question".to_owned();
        inputs.insert(
            variable.name.clone(),
            Input {
                given: Given::Text(answer),
                origin,
                span: None,
            },
        );
    }
}
