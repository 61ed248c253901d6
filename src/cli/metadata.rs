//! `metadata functions`: the signatures of all functions of the language, for editors and other programs.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::lang::func;
use crate::plan::json::signature;

/// What can be asked about this program.
#[derive(Subcommand, Debug)]
pub enum MetadataCommand {
    /// Print the signatures of all functions
    Functions(FunctionsArgs),
}

/// The arguments of `metadata functions`.
#[derive(Args, Debug)]
pub struct FunctionsArgs {
    /// Print one JSON document; there is no other form
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(command: &MetadataCommand, ui: &mut Ui) -> Result<ExitCode> {
    let MetadataCommand::Functions(args) = command;
    if !args.json {
        let detail = "The signatures of functions are only printed as JSON: give the -json flag. docs/functions.md is the same for people.";
        return Err(Diagnostic::error(
            "The `metadata functions` command requires the `-json` flag",
            detail,
        )
        .into());
    }
    let signatures: BTreeMap<String, Json> = func::all()
        .flat_map(|function| {
            let name = function.name;
            [name.to_owned(), format!("core::{name}")].map(|name| (name, signature(function)))
        })
        .collect();
    let document = json!({"format_version": "1.0", "function_signatures": signatures});
    ui.json(&document.to_string());
    Ok(ExitCode::SUCCESS)
}
