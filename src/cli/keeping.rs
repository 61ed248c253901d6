//! How states are kept: whether secrets stand in them, and under which key what is left out is known again.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::engine::OWN_FOLDER;
use super::plan_file;
use super::project::Project;
use super::vault::{Encryption, World};
use crate::config::Module;
use crate::diag::{Diagnostic, Result};
use crate::state::secrets::{Keep, Key, KeySource};
use crate::state::{Manner, Secrets, Vault};

/// What a configuration and the environment say about how states are kept.
#[derive(Clone)]
pub struct Keeping {
    pub keep: Keep,
    pub source: Arc<dyn KeySource>,
    pub encryption: Encryption,
}

impl Keeping {
    /// `KEYFORM_SECRETS_IN_STATE` weighs more than `secrets_in_state` in the block `terraform`.
    pub fn of(project: &Project, root: Option<&Module>) -> Result<Self> {
        let given = project.environment.get("KEYFORM_SECRETS_IN_STATE");
        let written = root.and_then(|root| root.settings.secrets_in_state.as_ref());
        let host = project.machine(None);
        let workspace = project.workspace()?;
        let around = World {
            environment: &project.environment,
            given: project.given(),
            workspace: workspace.as_str(),
            host: &host,
        };
        let encryption = Encryption::of(root, &around)?;
        let encrypts = encryption.state.as_ref().is_some_and(|coder| coder.encrypts());
        let keep = match (given.filter(|word| !word.is_empty()), written) {
            (Some(word), _) => keep(word, encrypts)?,
            (None, Some((word, span))) => keep(word, encrypts).map_err(|error| error.at(*span))?,
            (None, None) => Keep::Omit,
        };
        Ok(Self {
            keep,
            encryption,
            source: Arc::new(FolderKey::of(project)?),
        })
    }

    /// How a state in this file is kept.
    pub fn manner(&self, path: &Path) -> Manner {
        let scope = path.to_string_lossy().into_owned();
        Manner {
            secrets: Secrets::new(self.keep, scope, self.source.clone()),
            vault: self.encryption.state.clone().map(|coder| coder as Arc<dyn Vault>),
        }
    }
}

fn keep(word: &str, encrypts: bool) -> std::result::Result<Keep, Diagnostic> {
    match word {
        "omit" => Ok(Keep::Omit),
        "terraform" => Ok(Keep::Plain),
        "encrypted" if encrypts => Ok(Keep::Plain),
        "encrypted" => Err(Diagnostic::error(
            "Invalid value for secrets_in_state",
            "Secrets are to stand in an encrypted state (secrets_in_state = \"encrypted\"), and the state is not encrypted: no \"encryption\" block with a method for states is there.",
        )),
        _ => {
            let detail = format!(
                "secrets_in_state is {word:?}. It may be \"omit\" (secret arguments are left out of the state), \"encrypted\" (they stand in a state that is encrypted) or \"terraform\" (they stand in it in clear, as in Terraform's)."
            );
            Err(Diagnostic::error("Invalid value for secrets_in_state", detail))
        }
    }
}

/// The key of plan files, under which digests are made as well.
struct FolderKey {
    given: Option<String>,
    known: Mutex<Option<Key>>,
}

impl FolderKey {
    /// A key that is there and is none is an error: digests under another one would look like changed secrets.
    fn of(project: &Project) -> Result<Self> {
        let given = project.environment.option("PLAN_KEY").map(str::to_owned);
        let known = plan_file::key(given.as_deref(), Path::new(OWN_FOLDER), false)?;
        Ok(Self {
            given,
            known: Mutex::new(known),
        })
    }
}

impl KeySource for FolderKey {
    fn key(&self, make: bool) -> Option<Key> {
        let mut known = self.known.lock().ok()?;
        if known.is_none() {
            *known = plan_file::key(self.given.as_deref(), Path::new(OWN_FOLDER), make)
                .ok()
                .flatten();
        }
        *known
    }
}
