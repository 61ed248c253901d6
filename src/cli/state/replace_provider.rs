//! `state replace-provider`

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::open;
use crate::addr::ProviderName;
use crate::cli::args::{LockArgs, StateArgs};
use crate::cli::project::Project;
use crate::cli::store;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Result};

/// The arguments of `state replace-provider`.
#[derive(Args, Debug)]
pub struct ReplaceProviderArgs {
    /// The provider that serves them now
    #[arg(value_name = "FROM")]
    from: String,
    /// The provider that is to serve them
    #[arg(value_name = "TO")]
    to: String,
    /// Do not ask
    #[arg(long)]
    auto_approve: bool,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs the command.
pub fn run(args: &ReplaceProviderArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let (from, to) = (provider(&args.from)?, provider(&args.to)?);
    if !args.auto_approve && !ui.is_interactive() {
        let detail = "Nobody can be asked whether the provider is to be replaced. Say it with -auto-approve.";
        return Err(Diagnostic::error("Confirmation needed", detail).into());
    }
    let mut held = open(&args.state, &args.lock, "state-replace-provider", project, ui)?;
    let before = held.state.clone();
    let mut found = Vec::new();
    for (address, resource) in &mut held.state.resources {
        if resource.provider.provider == from {
            found.push(address.to_string());
            Arc::make_mut(resource).provider.provider = to.clone();
        }
    }
    if found.is_empty() {
        ui.line("No matching resources found.");
        return Ok(ExitCode::SUCCESS);
    }
    let list: String = found.iter().flat_map(|address| ["  ", address, "\n"]).collect();
    ui.line(&format!(
        "keyform will perform the following actions:\n\n  ~ Updating provider:\n    - {from}\n    + {to}\n\nChanging {} resources:\n\n{list}",
        found.len()
    ));
    if !args.auto_approve
        && !ui.confirm(
            "Do you want to make these changes?",
            "Only \"yes\" will be accepted to continue.",
        )
    {
        ui.talk("Cancelled replacing providers.");
        return Ok(ExitCode::FAILURE);
    }
    store::save(&mut *held.store, Some(&before), held.state)?;
    held.store.unlock()?;
    ui.line(&format!(
        "Successfully replaced provider for {} resources.",
        found.len()
    ));
    Ok(ExitCode::SUCCESS)
}

fn provider(text: &str) -> Result<ProviderName> {
    ProviderName::parse(text).ok_or_else(|| {
        let detail = format!(
            "\"{text}\" is not the name of a provider: write TYPE, NAMESPACE/TYPE or HOST/NAMESPACE/TYPE."
        );
        Diagnostic::error("Invalid provider address", detail).into()
    })
}
