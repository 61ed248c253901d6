//! `schema check` reads and checks every schema file of the program; `schema docs` writes the reference of all types.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fs_err as fs;

use super::disk::reason;
use super::ui::Ui;
use crate::addr::Mode;
use crate::diag::{Diagnostic, Result, nearest};
use crate::schema::{self, Catalog, page};

/// The commands below `schema`.
#[derive(Subcommand, Debug)]
pub enum SchemaCommand {
    /// Check every schema file
    Check,
    /// Write a page for every type and provider, or print one
    Docs(DocsArgs),
}

/// The arguments of `schema docs`.
#[derive(Args, Debug)]
pub struct DocsArgs {
    /// The folder to write the pages to
    #[arg(default_value = "docs/types", conflicts_with = "name")]
    dir: PathBuf,
    /// Print the page of a type (aws_kms_key, data.aws_kms_key, ephemeral.random_password) or of a provider (aws)
    #[arg(long = "type", value_name = "NAME")]
    name: Option<String>,
}

/// Runs the command.
pub fn run(command: &SchemaCommand, ui: &mut Ui) -> Result<ExitCode> {
    match command {
        SchemaCommand::Check => check(ui),
        SchemaCommand::Docs(DocsArgs { name: Some(name), .. }) => print(name, ui),
        SchemaCommand::Docs(DocsArgs { dir, .. }) => write(dir, ui),
    }
}

fn check(ui: &mut Ui) -> Result<ExitCode> {
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

fn print(name: &str, ui: &mut Ui) -> Result<ExitCode> {
    let Some(page) = page::find(name) else {
        let names = page::names();
        let problem = Diagnostic::error(
            "Unknown type",
            format!("This program has no type {name:?}, nor a provider of that name."),
        );
        let guess = nearest(name, names.iter().map(String::as_str));
        let all = "\"keyform schema docs\" writes the pages of all types.".to_owned();
        return Err(problem
            .hint(guess.map_or(all, |near| format!("Did you mean {near:?}?")))
            .into());
    };
    ui.data(&page?.text);
    Ok(ExitCode::SUCCESS)
}

fn write(dir: &Path, ui: &mut Ui) -> Result<ExitCode> {
    let pages = page::pages()?;
    for page in &pages {
        let path = dir.join(&page.path);
        let folder = path.parent().unwrap_or(dir);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, &page.text))
            .map_err(|error| {
                let detail = format!("{} cannot be written: {}.", path.display(), reason(&error));
                Diagnostic::error("Failed to write page", detail)
            })?;
    }
    ui.line(&format!("Wrote {} pages to {}.", pages.len(), dir.display()));
    Ok(ExitCode::SUCCESS)
}
