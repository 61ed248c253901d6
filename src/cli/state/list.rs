//! `state list`

use std::process::ExitCode;

use clap::Args;

use super::{no_state, target};
use crate::addr::Target;
use crate::cli::args::ReadStateArgs;
use crate::cli::project::Project;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::state::State;

/// The arguments of `state list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only these modules, resources and instances
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// Only objects with this id
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    state: ReadStateArgs,
}

/// Runs the command.
pub fn run(args: &ListArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let state = project.state(&args.state.full())?.ok_or_else(no_state)?;
    let mut targets = Vec::new();
    for text in &args.addresses {
        let target = target(text)?;
        known(&state, &target)?;
        targets.push(target);
    }
    let mut all: Vec<_> = state.current().collect();
    // Modules nearer to the root come first.
    all.sort_by_key(|(address, _)| address.module.0.len());
    let mut lines = String::new();
    for (address, object) in all {
        let wanted = targets.is_empty() || targets.iter().any(|target| target.contains(&address));
        let same_id = args
            .id
            .as_ref()
            .is_none_or(|id| object.text_attribute("id").as_ref() == Some(id));
        if wanted && same_id {
            lines.push_str(&address.to_string());
            lines.push('\n');
        }
    }
    ui.result(&lines);
    Ok(ExitCode::SUCCESS)
}

/// An address that picks out nothing is a mistake.
fn known(state: &State, target: &Target) -> Result<()> {
    if state.current().any(|(address, _)| target.contains(&address)) {
        return Ok(());
    }
    let (summary, kind) = match target {
        Target::Module(_) => ("Unknown module", "module"),
        Target::Resource(_) | Target::Instance(_) => ("Unknown resource", "resource"),
    };
    let detail = format!(
        "The current state contains no {kind} {target}. If you've just added this {kind} to the configuration, you must run \"keyform apply\" first to create the {kind}'s entry in the state."
    );
    Err(Diagnostic::error(summary, detail).into())
}
