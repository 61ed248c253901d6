//! `schema check`: reads and checks every schema file of the program.

use std::process::ExitCode;

use clap::Subcommand;

use super::ui::Ui;
use crate::addr::Mode;
use crate::diag::Result;
use crate::schema::{self, Catalog};

/// The commands below `schema`.
#[derive(Subcommand, Debug)]
pub enum SchemaCommand {
    /// Check every schema file
    Check,
}

/// Runs the command.
pub fn run(command: &SchemaCommand, ui: &mut Ui) -> Result<ExitCode> {
    let SchemaCommand::Check = command;
    let problems = schema::check_all();
    ui.sources = schema::sources();
    ui.warn_or(problems, ())?;
    let catalog = Catalog::get();
    let count = |mode| catalog.names(mode).len();
    let (types, data, ephemeral) = (count(Mode::Managed), count(Mode::Data), count(Mode::Ephemeral));
    ui.line(&format!(
        "The schemas of {types} resource types, {data} data sources and {ephemeral} ephemeral resource types are valid."
    ));
    Ok(ExitCode::SUCCESS)
}
