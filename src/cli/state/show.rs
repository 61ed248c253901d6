//! `state show`

use std::process::ExitCode;

use clap::Args;

use super::no_state;
use crate::cli::args::ReadStateArgs;
use crate::cli::project::Project;
use crate::cli::store::meet_secrets;
use crate::cli::taint::instance;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::plan::find_type;
use crate::plan::render::{release_outputs, render_object};
use crate::state::Status;

/// The arguments of `state show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The instance
    #[arg(value_name = "ADDRESS")]
    address: String,
    #[command(flatten)]
    state: ReadStateArgs,
}

/// Runs the command.
pub fn run(args: &ShowArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let address = instance(&args.address)?;
    let state = project.state(&args.state.full())?.ok_or_else(no_state)?;
    let Some(object) = state.get(&address) else {
        return Err(Diagnostic::error(
            "No instance found for the given address!",
            "This command requires that the address references one specific instance. To view the available instances, use \"keyform state list\". Please modify the address to reference a specific instance.",
        )
        .into());
    };
    let ty = find_type(&address.resource)?;
    meet_secrets(&state);
    release_outputs(&state);
    let value = crate::resource::recorded(ty, &ty.spec.ty(), object)?;
    let tainted = if object.incomplete {
        " (incomplete)"
    } else if object.status == Status::Tainted {
        " (tainted)"
    } else {
        ""
    };
    let kind = if address.resource.is_managed() {
        "resource"
    } else {
        "data"
    };
    let name = &address.resource;
    let body = render_object(&ty.spec, &value);
    let text = format!(
        "# {address}:{tainted}\n{kind} \"{}\" \"{}\" {body}\n",
        name.ty, name.name
    );
    ui.result(&text);
    Ok(ExitCode::SUCCESS)
}
