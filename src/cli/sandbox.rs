//! `sandbox`: local emulations of the clouds, until interrupted.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::disk::reason;
use super::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::sandbox::{self, Faults, Options, faults};

/// The arguments of `sandbox`.
#[derive(Args, Debug)]
pub struct SandboxArgs {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Remember the objects in this file
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Where the dice for faults start
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Chance that a call fails and has no effect
    #[arg(long, value_name = "0..1", default_value_t = 0.0)]
    error_before: f64,
    /// Chance that a call has its effect and its answer is lost
    #[arg(long, value_name = "0..1", default_value_t = 0.0)]
    error_after: f64,
    /// Chance that a call is refused because of its rate
    #[arg(long, value_name = "0..1", default_value_t = 0.0)]
    throttle: f64,
    /// Refuse calls beyond the request quotas that the clouds document
    #[arg(long)]
    quotas: bool,
    /// How many milliseconds every call takes at least
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Up to how many milliseconds it may take more
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency_jitter: u64,
    /// For how many milliseconds reads may show what was before a write
    #[arg(long, value_name = "MS", default_value_t = 0)]
    stale: u64,
    /// All faults as a JSON document, rules for single actions included, or a file that holds it
    #[arg(long, value_name = "JSON or FILE")]
    faults: Option<String>,
}

/// Runs the command.
pub fn run(args: &SandboxArgs, ui: &mut Ui) -> Result<ExitCode> {
    let options = Options {
        listen: args.listen,
        data: args.data.clone(),
        faults: faults_of(args)?,
    };
    if !args.listen.ip().is_loopback() {
        return Err(Diagnostic::error(
            "Invalid address",
            "The sandbox knows published credentials, so it listens on loopback addresses only, such as 127.0.0.1:4566.",
        )
        .into());
    }
    let ready = |address: SocketAddr| {
        ui.line(&format!("http://{address}"));
        ui.talk(&introduction(address));
    };
    match sandbox::run(options, ready) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            let detail = format!("The sandbox on {} cannot go on: {}.", args.listen, reason(&error));
            Err(Diagnostic::error("Sandbox failed", detail).into())
        }
    }
}

fn faults_of(args: &SandboxArgs) -> Result<Faults> {
    let invalid = |why: String| Diagnostic::error("Invalid faults", why);
    let mut found = match &args.faults {
        None => Faults::default(),
        Some(text) => {
            let text = if text.trim_start().starts_with('{') {
                text.clone()
            } else {
                let bytes = super::disk::read(text.as_ref()).map_err(|error| {
                    invalid(format!("The file {text} cannot be read: {}.", reason(&error)))
                })?;
                String::from_utf8_lossy(&bytes).into_owned()
            };
            serde_json::from_str(&text)
                .map_err(|error| invalid(format!("The document of faults is not valid: {error}.")))?
        }
    };
    let set = |slot: &mut f64, value: f64| {
        if value != 0.0 {
            *slot = value;
        }
    };
    set(&mut found.error_before, args.error_before);
    set(&mut found.error_after, args.error_after);
    set(&mut found.throttle, args.throttle);
    found.quotas |= args.quotas;
    for (slot, value) in [
        (&mut found.seed, args.seed),
        (&mut found.latency_ms, args.latency),
        (&mut found.latency_jitter_ms, args.latency_jitter),
        (&mut found.stale_ms, args.stale),
    ] {
        if value != 0 {
            *slot = value;
        }
    }
    faults::check(&found).map_err(|why| invalid(format!("{why}.")))?;
    Ok(found)
}

/// How other programs reach the sandbox.
fn introduction(address: SocketAddr) -> String {
    format!(
        "The emulated clouds listen on http://{address} until interrupted.\n\n  AWS:           AWS_ENDPOINT_URL=http://{address} AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={}\n  Alibaba Cloud: endpoint {address}, ALICLOUD_ACCESS_KEY={} ALICLOUD_SECRET_KEY={}",
        sandbox::AWS_ACCESS_KEY_ID,
        sandbox::AWS_SECRET_ACCESS_KEY,
        sandbox::ALICLOUD_ACCESS_KEY_ID,
        sandbox::ALICLOUD_ACCESS_KEY_SECRET,
    )
}
