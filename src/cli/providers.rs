//! `providers`: which providers the configuration and the state need; `providers schema` describes them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::args::StateArgs;
use super::args::Variables;
use super::project::Project;
use super::ui::Ui;
use crate::addr::ProviderName;
use crate::config::{Module, ModuleCall, version};
use crate::diag::{Diagnostic, Diagnostics, Result};
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
    Lock(LockArgs),
    /// Nothing to do: providers are built in
    Mirror(MirrorArgs),
}

/// The arguments of `providers lock`.
#[derive(Args, Debug)]
struct LockArgs {
    /// Only these providers
    #[arg(value_name = "PROVIDER")]
    providers: Vec<String>,
    #[arg(long, hide = true)]
    platform: Vec<String>,
    #[arg(long, hide = true)]
    fs_mirror: Option<String>,
    #[arg(long, hide = true)]
    net_mirror: Option<String>,
    #[arg(long, hide = true)]
    enable_plugin_cache: bool,
    #[arg(long, hide = true)]
    test_directory: Option<String>,
}

/// The arguments of `providers mirror`.
#[derive(Args, Debug)]
struct MirrorArgs {
    /// Where copies would go
    #[arg(value_name = "DIR")]
    dir: String,
    #[arg(long, hide = true)]
    platform: Vec<String>,
    #[arg(long, hide = true, action = clap::ArgAction::SetFalse)]
    lock_file: bool,
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
        Some(ProvidersCommand::Lock(args)) => lock(args, ui, project),
        Some(ProvidersCommand::Mirror(args)) => mirror(args, ui, project),
    }
}

fn tree(ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let (configuration, problems) = project.configuration(&Variables::default(), &mut ui.sources);
    ui.warn_or(problems, ())?;
    ui.line("\nProviders required by configuration:\n.");
    branch(&configuration.root, "", ui);
    ui.line("");
    let recorded = recorded(project)?;
    if !recorded.is_empty() {
        ui.line("Providers required by state:\n");
        for provider in recorded {
            ui.line(&format!("    provider[{provider}]\n"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The providers of what the state records.
fn recorded(project: &Project) -> Result<BTreeSet<ProviderName>> {
    let state = project.state(&StateArgs::default())?;
    let resources = state.into_iter().flat_map(|state| state.resources.into_values());
    Ok(resources
        .map(|resource| resource.provider.provider.clone())
        .collect())
}

/// The providers that a module itself needs, with the versions wanted: empty for any.
fn required(module: &Module) -> BTreeMap<ProviderName, String> {
    let of_resources = module
        .resources
        .values()
        .map(|resource| match &resource.provider {
            Some((key, _)) => key.local.to_string(),
            None => Module::implied_provider(&resource.name.ty).to_owned(),
        });
    let resources = of_resources.map(|local| (module.provider_name(&local), None));
    let blocks = module.providers.iter().map(|(key, block)| {
        let name = module.provider_name(&key.local);
        (name, block.version.as_deref())
    });
    let explicit = module.required_providers.values();
    let explicit = explicit.map(|required| (required.source.clone(), required.version.as_deref()));
    let mut found: BTreeMap<ProviderName, Vec<&str>> = BTreeMap::new();
    for (name, version) in explicit.chain(resources).chain(blocks) {
        found.entry(name).or_default().extend(version);
    }
    found
        .into_iter()
        .map(|(name, versions)| {
            (
                name,
                version::of_provider(&versions.join(", ")).unwrap_or_default(),
            )
        })
        .collect()
}

/// The providers that a module and all below it need.
fn required_below(module: &Module) -> BTreeSet<ProviderName> {
    let below = module
        .calls
        .values()
        .flat_map(|call| required_below(&call.module));
    required(module).into_keys().chain(below).collect()
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
    let mut calls: Vec<&ModuleCall> = module.calls.values().collect();
    calls.sort_by(|left, right| left.name.cmp(&right.name));
    for (place, call) in (providers.len()..).zip(calls) {
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
    let mut wanted = configured(ui, project)?;
    wanted.extend(recorded(project)?);
    let schemas = providers_schema_json(Catalog::get(), &wanted)?;
    ui.json(&to_text(&schemas));
    Ok(ExitCode::SUCCESS)
}

/// The providers that the configuration needs.
fn configured(ui: &mut Ui, project: &Project) -> Result<BTreeSet<ProviderName>> {
    let (configuration, problems) = project.configuration(&Variables::default(), &mut ui.sources);
    ui.warn_or(problems, ())?;
    Ok(required_below(&configuration.root))
}

fn lock(args: &LockArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let needed = configured(ui, project)?;
    let mut problems = Diagnostics::new();
    for text in &args.providers {
        let detail = match ProviderName::parse(text) {
            None => format!(
                "{text:?} is no provider: it has the form TYPE, NAMESPACE/TYPE or HOST/NAMESPACE/TYPE."
            ),
            Some(name) if !needed.contains(&name) => {
                format!("The provider {name} is not required by the current configuration.")
            }
            Some(_) => continue,
        };
        problems.push(Diagnostic::error("Invalid provider argument", detail));
    }
    ui.warn_or(problems, ())?;
    ui.line("Every provider is built in: there is nothing to lock. No lock file is written, and one that is there is left as it is.");
    Ok(ExitCode::SUCCESS)
}

fn mirror(args: &MirrorArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    for name in configured(ui, project)? {
        ui.line(&format!("- Skipping {name} because it is built in to keyform"));
    }
    ui.line(&format!(
        "Every provider is built in: there is nothing to put into {}.",
        args.dir
    ));
    Ok(ExitCode::SUCCESS)
}
