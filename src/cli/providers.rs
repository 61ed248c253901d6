//! `providers`: which providers the configuration and the state need; `providers schema` describes them.

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::args::StateArgs;
use super::args::Variables;
use super::project::Project;
use super::ui::Ui;
use crate::addr::ProviderName;
use crate::config::Module;
use crate::diag::{Diagnostic, Result};
use crate::plan::json::{providers_schema_json, to_text};
use crate::schema::Catalog;

/// The arguments of `providers`.
#[derive(Args, Debug)]
pub struct ProvidersArgs {
    #[command(subcommand)]
    command: Option<ProvidersCommand>,
    #[arg(long, hide = true)]
    test_directory: Option<String>,
}

/// The commands below `providers`.
#[derive(Subcommand, Debug)]
enum ProvidersCommand {
    /// Describe the providers of the configuration with all their types
    Schema(SchemaArgs),
    /// Nothing to do: providers are built in
    Lock {
        #[arg(long, hide = true)]
        platform: Vec<String>,
    },
}

/// The arguments of `providers schema`.
#[derive(Args, Debug)]
struct SchemaArgs {
    /// Print one JSON document; there is no other form
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &ProvidersArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    match &args.command {
        None => tree(ui, project),
        Some(ProvidersCommand::Schema(args)) => schema(args, ui, project),
        Some(ProvidersCommand::Lock { .. }) => {
            ui.line("Every provider is built in: there is nothing to lock.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn tree(ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let (configuration, problems) = project.configuration(&Variables::default(), &mut ui.sources);
    ui.warn_or(problems, ())?;
    ui.line("\nProviders required by configuration:\n.");
    branch(&configuration.root, "", ui);
    ui.line("");
    let recorded: BTreeSet<ProviderName> = match project.state(&StateArgs::default())? {
        Some(state) => state
            .resources
            .into_values()
            .map(|resource| resource.provider.provider.clone())
            .collect(),
        None => BTreeSet::new(),
    };
    if !recorded.is_empty() {
        ui.line("Providers required by state:\n");
        for provider in recorded {
            ui.line(&format!("    provider[{provider}]\n"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The providers that a module itself needs, with the version wanted.
fn required(module: &Module) -> BTreeSet<(ProviderName, String)> {
    let explicit = module.required_providers.values();
    let mut found: BTreeSet<_> = explicit
        .map(|required| {
            (
                required.source.clone(),
                required.version.as_deref().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let of_resources = module
        .resources
        .values()
        .map(|resource| match &resource.provider {
            Some((key, _)) => key.local.to_string(),
            None => Module::implied_provider(&resource.name.ty).to_owned(),
        });
    let locals = of_resources.chain(module.providers.keys().map(|key| key.local.to_string()));
    for name in locals.map(|local| module.provider_name(&local)) {
        if !found.iter().any(|(known, _)| *known == name) {
            found.insert((name, String::new()));
        }
    }
    found
}

fn branch(module: &Module, indent: &str, ui: &mut Ui) {
    let providers = required(module);
    let all = providers.len() + module.calls.len();
    let turn = |place: usize| {
        if place + 1 == all {
            ("└── ", "    ")
        } else {
            ("├── ", "│   ")
        }
    };
    for (place, (provider, version)) in providers.iter().enumerate() {
        let version = if version.is_empty() {
            String::new()
        } else {
            format!(" {version}")
        };
        ui.line(&format!("{indent}{}provider[{provider}]{version}", turn(place).0));
    }
    for (place, call) in (providers.len()..).zip(module.calls.values()) {
        let (corner, below) = turn(place);
        ui.line(&format!("{indent}{corner}module.{}", call.name));
        branch(&call.module, &format!("{indent}{below}"), ui);
    }
}

fn schema(args: &SchemaArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    if !args.json {
        return Err(Diagnostic::error(
            "Option -json required",
            "The schemas are described in JSON only: run \"keyform providers schema -json\".",
        )
        .into());
    }
    let (configuration, problems) = project.configuration(&Variables::default(), &mut ui.sources);
    ui.warn_or(problems, ())?;
    let root = &configuration.root;
    let schemas = providers_schema_json(Catalog::get(), &|local| root.provider_name(local))?;
    ui.json(&to_text(&schemas));
    Ok(ExitCode::SUCCESS)
}
