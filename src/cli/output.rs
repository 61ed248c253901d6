//! `output`: the recorded outputs of the root module.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::args::ReadStateArgs;
use super::project::Project;
use super::ui::{Ui, tame};
use crate::diag::{Diagnostic, Result};
use crate::state::{OutputValue, State};
use crate::value::{Data, Type, Value, json as value_json};

/// The arguments of `output`.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// Only this output
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Print JSON, sensitive values included
    #[arg(long, conflicts_with = "raw")]
    json: bool,
    /// Print a string, number or boolean as it is, without a line end
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    state: ReadStateArgs,
}

/// Runs the command.
pub fn run(args: &OutputArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let state = project.state(&args.state.full())?.unwrap_or_default();
    match (&args.name, args.json, args.raw) {
        (None, _, true) => {
            return Err(Diagnostic::error(
                "Output name required",
                "You must give the name of a single output value when using the -raw option.",
            )
            .into());
        }
        (None, true, _) => ui.entrusted_json(&format!("{:#}", all_json(&state))),
        (None, false, _) if state.outputs.is_empty() => ui.diagnostics(&nothing().into()),
        (None, false, _) => ui.result(&all_text(&state)),
        (Some(name), ..) => one(find(&state, name)?, name, args, ui)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn nothing() -> Diagnostic {
    Diagnostic::warning(
        "No outputs found",
        "The state either has no outputs, or all of them are empty. Declare an output in the configuration with the \"output\" keyword and run \"keyform apply\" for it to become available.",
    )
}

fn find<'s>(state: &'s State, name: &str) -> Result<&'s OutputValue> {
    state.outputs.get(name).ok_or_else(|| {
        let guess = crate::diag::nearest(name, state.outputs.keys().map(|name| &**name));
        let error = Diagnostic::error(
            format!("Output \"{name}\" not found"),
            "The output variable requested could not be found in the state file. If you recently added this to your configuration, be sure to run \"keyform apply\", since the state won't be updated with new output variables until that command is run.",
        );
        let error = match guess {
            Some(near) => error.hint(format!("Did you mean \"{near}\"?")),
            None => error,
        };
        error.into()
    })
}

#[expect(clippy::disallowed_methods, reason = "one output is asked for by name")]
fn one(output: &OutputValue, name: &str, args: &OutputArgs, ui: &mut Ui) -> Result<()> {
    if args.json {
        ui.entrusted_json(&to_json(output).to_string());
    } else if args.raw {
        let text = raw(&output.value.reveal(), name)?;
        ui.entrusted(&text);
    } else {
        ui.entrusted(&format!("{}\n", tame(&output.value.reveal().to_string(), false)));
    }
    Ok(())
}

/// A primitive value as it is.
fn raw(value: &Value, name: &str) -> Result<String> {
    match value.data() {
        Data::String(text) => Ok(text.to_string()),
        Data::Number(number) => Ok(number.to_string()),
        Data::Bool(value) => Ok(value.to_string()),
        Data::Null(_) => Err(Diagnostic::error(
            "Unsupported value for raw output",
            format!("The value for output value \"{name}\" is null, so -raw mode cannot print it."),
        )
        .into()),
        _ => Err(Diagnostic::error(
            "Unsupported value for raw output",
            format!(
                "The -raw option only supports strings, numbers, and boolean values, but output value \"{name}\" is {}.\n\nUse the -json option for machine-readable representations of output values that have complex types.",
                value.ty()
            ),
        )
        .into()),
    }
}

/// Every output in the form of the console, sensitive ones hidden.
fn all_text(state: &State) -> String {
    let line = |(name, output): (&crate::value::Text, &OutputValue)| {
        if output.sensitive {
            format!("{name} = <sensitive>\n")
        } else {
            format!("{name} = {}\n", output.value)
        }
    };
    state.outputs.iter().map(line).collect()
}

fn all_json(state: &State) -> Json {
    let outputs = state.outputs.iter().map(|(name, output)| {
        let ty = value_json::type_to_json(&output.ty);
        (
            name.to_string(),
            json!({"sensitive": output.sensitive, "type": ty, "value": to_json(output)}),
        )
    });
    Json::Object(outputs.collect::<Map<_, _>>())
}

#[expect(clippy::disallowed_methods, reason = "-json shows all there is")]
fn to_json(output: &OutputValue) -> Json {
    // A value of dynamic type would be wrapped; an output says its type apart.
    let ty = if output.ty == Type::Dynamic {
        output.value.ty()
    } else {
        output.ty.clone()
    };
    value_json::to_json(&output.value.reveal(), &ty)
}
