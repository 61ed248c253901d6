//! The clouds behind the door: bytes, signatures, attempts and what errors mean.
//!
//! Nothing here reads the process's environment or clock by itself: both are given.

pub mod alicloud;
pub mod aws;
mod classify;
mod credentials;
mod download;
mod http;
mod json;
mod limit;
mod machine;
mod modes;
mod origin;
mod process;
mod profile;
pub mod retry;
mod sent;
mod session;
mod settings;
#[cfg(test)]
pub mod stub;
mod tried;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cloud::{AccountId, Cloud, account_of};
use crate::diag::{Diagnostic, Diagnostics};
use crate::schema::ProviderSchema;
use crate::value::Value;

pub use download::{Answer, Question, download, fetch};
pub use http::is_loopback;
pub use limit::Quotas;
pub use sent::Sent;

/// The environment of the run.
#[derive(Clone, Default)]
pub struct Environment {
    pub variables: BTreeMap<String, String>,
    pub home: Option<PathBuf>,
}

impl Environment {
    /// A variable's value, unless it is empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// What programs that are started get to see: all but the keys of states and of saved plans, which are nobody
    /// else's.
    pub fn for_children(&self) -> impl Iterator<Item = (&String, &String)> {
        let is_ours =
            |name: &str| ["KEYFORM_PLAN_KEY", "KEYFORM_ENCRYPTION", "TF_ENCRYPTION"].contains(&name);
        self.variables.iter().filter(move |(name, _)| !is_ours(name))
    }
}

/// Names only: values may be secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Tells the time.
pub type Clock = Rc<dyn Fn() -> Timestamp>;

/// Hears of attempts.
pub type Hearing = Rc<dyn Fn(&Sent)>;

/// How to connect.
#[derive(Clone)]
pub struct Options {
    pub user_agent: String,
    /// All services are played by this one.
    pub sandbox: Option<SandboxTarget>,
    /// Refuse calls that could change something.
    pub read_only: bool,
    pub clock: Clock,
    pub retry: retry::Policy,
    /// What all providers of a run share.
    pub quotas: Quotas,
    /// Hears of every attempt, if somebody keeps a log.
    pub heard: Option<Hearing>,
}

impl Default for Options {
    #[expect(clippy::disallowed_methods, reason = "the clock of those who name no other")]
    fn default() -> Self {
        Self {
            user_agent: concat!("keyform/", env!("CARGO_PKG_VERSION")).to_owned(),
            sandbox: None,
            read_only: false,
            clock: Rc::new(Timestamp::now),
            retry: retry::Policy::default(),
            quotas: Quotas::default(),
            heard: None,
        }
    }
}

/// A sandbox and what it takes for credentials.
#[derive(Clone)]
pub struct SandboxTarget {
    /// `http://127.0.0.1:4567`
    pub base_url: String,
    pub access_key: String,
    pub secret_key: String,
}

/// How long a run waits to hear in which account it is, where it only wants to know.
const ACCOUNT_WAIT: Duration = Duration::from_secs(5);

/// The account of the credentials, if the token service can be reached.
fn own_account(cloud: &dyn Cloud) -> AccountId<'_> {
    Box::pin(async {
        let facts = tokio::time::timeout(ACCOUNT_WAIT, cloud.facts()).await;
        account_of(&facts.ok()?.ok()?)
    })
}

/// Connects a configured provider. Nothing is sent before the first call; of files only profiles are read.
///
/// `configuration` is the decoded provider block, null where unset.
pub fn connect(
    schema: &Arc<ProviderSchema>,
    configuration: &Value,
    environment: &Environment,
    options: Options,
) -> Result<Rc<dyn Cloud>, Diagnostics> {
    check_known(configuration)?;
    let is_local = |service: &crate::schema::Service| service.protocol == crate::schema::Protocol::Machine;
    if schema.services.values().all(is_local) {
        return Ok(Rc::new(machine::Local {
            clock: options.clock,
            read_only: options.read_only,
        }));
    }
    let settings = settings::Settings::new(Arc::clone(schema), configuration, environment.clone());
    match &*schema.name {
        "aws" => Ok(Rc::new(aws::Aws::new(settings, options)?)),
        "alicloud" => Ok(Rc::new(alicloud::Alicloud::new(settings, options)?)),
        name => Err(Diagnostic::error(
            "Unknown cloud",
            format!("The provider {name} has a schema, but there is no client for its protocol."),
        )
        .into()),
    }
}

fn check_known(configuration: &Value) -> Result<(), Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    for (name, value) in configuration.as_entries().into_iter().flatten() {
        if !value.is_wholly_known() {
            diagnostics.push(
                Diagnostic::error(
                    "Provider argument not known yet",
                    format!("The provider argument {name} depends on values that are not known until apply."),
                )
                .hint("Apply what it depends on first, with -target."),
            );
        }
    }
    diagnostics.or(())
}
