//! `validate`: whether the configuration makes sense, whatever the values of its variables.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value as Json, json};

use super::args::Variables;
use super::check;
use super::discreet::discreet;
use super::project::Project;
use super::ui::Ui;
use crate::diag::{self, Diagnostics};
use crate::graph;
use crate::plan::each_unknown_type_once;

/// The arguments of `validate`.
#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[arg(long, hide = true)]
    no_tests: bool,
    #[arg(long, hide = true)]
    test_directory: Option<String>,
    #[command(flatten)]
    variables: Variables,
}

/// Runs the command.
pub fn run(args: &ValidateArgs, ui: &mut Ui, project: &Project) -> ExitCode {
    let problems = examine(args, ui, project);
    let valid = !problems.has_errors();
    if args.json {
        let document = report(&problems, ui);
        ui.json(&format!("{document:#}"));
    } else {
        ui.diagnostics(&problems);
        if valid {
            let kind = if problems.is_empty() {
                "."
            } else {
                ", but there were some\nvalidation warnings as shown above."
            };
            ui.line(&format!("Success! The configuration is valid{kind}\n"));
        }
    }
    if valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Everything that is wrong with the configuration.
fn examine(args: &ValidateArgs, ui: &mut Ui, project: &Project) -> Diagnostics {
    let (configuration, mut problems) = project.configuration(&args.variables, &mut ui.sources);
    if problems.has_errors() {
        return problems;
    }
    problems.take(super::store::check_settings(&configuration.root));
    let run = problems.take(project.run());
    if let (Some(graph), Some(run)) = (problems.take(graph::build(&configuration)), run) {
        problems.extend(each_unknown_type_once(check::configuration(
            &Arc::new(graph),
            run,
        )));
    }
    problems
}

fn report(problems: &Diagnostics, ui: &Ui) -> Json {
    let errors = problems.errors();
    let (problems, sources) = discreet(problems, &ui.sources);
    json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": problems.len() - errors,
        "diagnostics": problems.iter().map(|problem| diag::to_json(problem, &sources)).collect::<Vec<_>>(),
    })
}
