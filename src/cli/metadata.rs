//! `metadata functions`: the signatures of all functions of the language, for editors and other programs.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json, json};

use super::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::lang::func::{self, Func, Param};
use crate::value::json::type_to_json;

/// Functions whose signature leaves the result open in Terraform, though it is always of one type.
const OPEN: [&str; 6] = ["contains", "format", "formatlist", "index", "parseint", "sum"];

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

fn signature(function: &Func) -> Json {
    let returns = if OPEN.contains(&function.name) {
        json!("dynamic")
    } else {
        type_to_json(&function.returns.ty())
    };
    let mut signature = Map::new();
    signature.insert("description".into(), function.about.into());
    signature.insert("return_type".into(), returns);
    if !function.params.is_empty() {
        let parameters: Vec<Json> = function.params.iter().map(parameter).collect();
        signature.insert("parameters".into(), parameters.into());
    }
    if let Some(variadic) = &function.variadic {
        signature.insert("variadic_parameter".into(), parameter(variadic));
    }
    signature.into()
}

fn parameter(param: &Param) -> Json {
    let mut parameter = Map::new();
    parameter.insert("name".into(), param.name.into());
    if param.null {
        parameter.insert("is_nullable".into(), true.into());
    }
    parameter.insert("type".into(), type_to_json(&param.ty.ty()));
    parameter.into()
}
