//! `version`

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::ui::Ui;
use crate::state::TERRAFORM_VERSION;

/// The arguments of `version`.
#[derive(Args, Debug, Default)]
pub struct VersionArgs {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &VersionArgs, ui: &mut Ui) -> ExitCode {
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        let document = json!({
            "terraform_version": TERRAFORM_VERSION,
            "platform": platform(),
            "provider_selections": {},
            "terraform_outdated": false,
            "keyform_version": version,
        });
        ui.json(&format!("{document:#}"));
    } else {
        ui.line(&format!(
            "keyform v{version} (as Terraform v{TERRAFORM_VERSION})\non {}",
            platform()
        ));
    }
    ExitCode::SUCCESS
}

/// The machine in Go's words: `linux_amd64`.
fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{system}_{processor}")
}
