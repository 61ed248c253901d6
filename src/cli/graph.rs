//! `graph`: the dependencies between resources in DOT.

use std::process::ExitCode;

use clap::Args;

use super::args::Variables;
use super::project::{Project, Wanted};
use super::ui::Ui;
use crate::diag::{Diagnostic, Result};

/// The arguments of `graph`.
#[derive(Args, Debug)]
pub struct GraphArgs {
    /// Only the graph of resources is drawn: plan, plan-refresh-only, plan-destroy and apply are not supported yet
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    #[arg(long, hide = true)]
    plan: Option<String>,
    #[arg(long, hide = true)]
    draw_cycles: bool,
    #[arg(long, hide = true)]
    module_depth: Option<i64>,
}

/// Runs the command.
pub fn run(args: &GraphArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    if args.kind.is_some() || args.plan.is_some() {
        return Err(Diagnostic::error(
            "Unsupported graph",
            "Only the graph of resources is drawn: the graphs of single operations, asked for with -type or -plan, are not supported yet.",
        )
        .into());
    }
    let graph = project.load_as(Wanted::Some, &Variables::default(), ui)?;
    ui.result(&crate::graph::to_dot(&graph));
    Ok(ExitCode::SUCCESS)
}
