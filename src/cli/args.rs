//! The arguments of the engine's commands, and the groups that several commands share.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};

pub use super::variables::Variables;

/// Who may write the state at the same time: nobody.
#[derive(Args, Clone, Debug)]
pub struct LockArgs {
    /// Whether to hold a state lock; -lock=false is dangerous if others might run at the same time
    #[arg(long, action = ArgAction::SetFalse)]
    pub lock: bool,
    /// How long to wait for a state lock: 30s, 5m
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
}

impl LockArgs {
    /// No lock: for what only reads.
    pub fn none() -> Self {
        Self {
            lock: false,
            lock_timeout: Duration::ZERO,
        }
    }
}

/// Which files hold the state, for backend "local".
#[derive(Args, Clone, Debug, Default)]
pub struct StateArgs {
    /// The state file to read, and to write unless -state-out says otherwise
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
    /// The state file to write
    #[arg(long, value_name = "PATH")]
    pub state_out: Option<PathBuf>,
    /// Where to keep the state as it was before; "-" for nowhere
    #[arg(long, value_name = "PATH")]
    pub backup: Option<PathBuf>,
    /// Accepted for scripts made for hosted workspaces
    #[arg(long, hide = true)]
    pub ignore_remote_version: bool,
}

/// The state file to read.
#[derive(Args, Clone, Debug, Default)]
pub struct ReadStateArgs {
    /// The state file to read
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
}

impl ReadStateArgs {
    /// As the general form.
    pub fn full(&self) -> StateArgs {
        StateArgs {
            state: self.state.clone(),
            ..StateArgs::default()
        }
    }
}

/// Whether questions may be asked.
#[derive(Args, Clone, Copy, Debug)]
pub struct InputArgs {
    /// Whether to ask for what is missing; with -input=false it is an error
    #[arg(long, action = ArgAction::SetFalse)]
    pub input: bool,
}

/// Which part of the configuration and of the state it is about.
#[derive(Args, Clone, Debug, Default)]
pub struct PartArgs {
    /// Only this module, resource or instance and what it depends on (may be repeated)
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// All but this module, resource or instance and what depends on it (may be repeated)
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
}

/// What a plan is to be about.
#[derive(Args, Clone, Debug)]
pub struct PlanningArgs {
    /// Plan to destroy everything that is managed
    #[arg(long)]
    pub destroy: bool,
    /// Only record in the state what has changed outside
    #[arg(long)]
    pub refresh_only: bool,
    /// Whether to read the existing objects first; -refresh=false takes them as recorded
    #[arg(long, action = ArgAction::SetFalse)]
    pub refresh: bool,
    /// Replace this instance, although it would need no change (may be repeated)
    #[arg(long, value_name = "ADDRESS")]
    pub replace: Vec<String>,
    /// Allow that this key is destroyed or replaced, and with it what only it can decrypt (may be repeated); ADDRESS=ID
    /// names one of several objects at the address
    #[arg(long, value_name = "ADDRESS")]
    pub destroy_key: Vec<String>,
    /// Allow it although the key was used in the last 90 days (may be repeated)
    #[arg(long, value_name = "ADDRESS")]
    pub destroy_key_in_use: Vec<String>,
    #[command(flatten)]
    pub part: PartArgs,
    /// How many operations may run at the same time
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub parallelism: u16,
    /// Show warnings by their summaries only
    #[arg(long)]
    pub compact_warnings: bool,
    #[command(flatten)]
    pub variables: Variables,
}

/// Local emulations in the place of the clouds.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct SandboxArgs {
    /// Use local emulations of the clouds, kept in .keyform/sandbox.json
    #[arg(long)]
    pub sandbox: bool,
}

/// `plan`
#[derive(Args, Clone, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Save the plan in this file, for apply
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write configuration for imported objects that have none to this new file
    #[arg(long, value_name = "FILE")]
    pub generate_config_out: Option<PathBuf>,
    /// Exit with 0 for no changes, 1 for errors, 2 for changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub sandbox: SandboxArgs,
}

/// `apply`
#[derive(Args, Clone, Debug)]
pub struct ApplyArgs {
    /// A saved plan
    #[arg(value_name = "PLAN")]
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// The command was called by its other name, `destroy`.
    #[arg(skip)]
    pub is_destroy: bool,
    /// Do not ask before changing anything
    #[arg(long)]
    pub auto_approve: bool,
    /// Print one JSON object a line; needs -auto-approve or a saved plan
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub sandbox: SandboxArgs,
}

/// `destroy`: as `apply -destroy`.
#[derive(Args, Clone, Debug)]
pub struct DestroyArgs {
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Do not ask before destroying anything
    #[arg(long)]
    pub auto_approve: bool,
    /// Print one JSON object a line; needs -auto-approve
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub sandbox: SandboxArgs,
}

/// `refresh`: as `apply -refresh-only -auto-approve`.
#[derive(Args, Clone, Debug)]
pub struct RefreshArgs {
    #[command(flatten)]
    pub part: PartArgs,
    /// How many operations may run at the same time
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub parallelism: u16,
    /// Show warnings by their summaries only
    #[arg(long)]
    pub compact_warnings: bool,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub sandbox: SandboxArgs,
}

/// `import`
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// Where in the configuration the object belongs
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// What the cloud calls the object
    #[arg(value_name = "ID")]
    pub id: String,
    /// The folder of the configuration
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// How many operations may run at the same time
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub parallelism: u16,
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub sandbox: SandboxArgs,
}

/// `show`
#[derive(Args, Clone, Debug)]
pub struct ShowArgs {
    /// A saved plan or a state file; without it the current state is shown
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// `drift`
#[derive(Args, Clone, Debug)]
pub struct DriftArgs {
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub format: String,
    /// The same as -format=json
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub part: PartArgs,
    /// How many operations may run at the same time
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub parallelism: u16,
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: ReadStateArgs,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub sandbox: SandboxArgs,
}

/// A length of time as Go writes it: `30s`, `1m30s`, `500ms`, `0`.
fn duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("invalid duration \"{text}\"");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(invalid)?;
        let number: f64 = rest[..digits].parse().map_err(|_| invalid())?;
        let units = [
            ("ms", 0.001),
            ("us", 1e-6),
            ("ns", 1e-9),
            ("h", 3600.0),
            ("m", 60.0),
            ("s", 1.0),
        ];
        let (unit, factor) = units
            .into_iter()
            .find(|(unit, _)| rest[digits..].starts_with(unit))
            .ok_or_else(invalid)?;
        seconds += number * factor;
        rest = &rest[digits + unit.len()..];
    }
    if text.is_empty() {
        return Err(invalid());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(duration(text).ok(), expected.map(Duration::from_millis));
    }

    #[test]
    fn durations_are_read_as_go_writes_them() {
        check("0", Some(0));
        check("0s", Some(0));
        check("1m30s", Some(90_000));
        check("1.5h", Some(5_400_000));
        check("20ms", Some(20));
        check("", None);
        check("5", None);
        check("5x", None);
        check("s", None);
        check("1e9h", None);
    }
}
