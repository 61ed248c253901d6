//! How a state is kept: which secrets stand in it, and whether it is encrypted.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::envelope::Envelope;
use super::secrets::Secrets;
use super::{State, v4};
use crate::diag::Diagnostic;

/// Encrypts what is at rest. What it makes is an [`Envelope`].
pub trait Vault: Send + Sync {
    /// Encrypts a text; of a state with its serial and lineage.
    fn seal(&self, clear: &str, head: Option<(u64, &str)>) -> Result<String, Diagnostic>;

    /// Decrypts what [`Vault::seal`] or another program has encrypted. Text that is not encrypted comes back as it is
    /// where the settings allow it.
    fn open(&self, text: &str) -> Result<Zeroizing<String>, Diagnostic>;

    /// Whether a text is kept as [`Vault::seal`] would keep it now, and not as settings that only read say.
    fn is_current(&self, _text: &str) -> bool {
        true
    }

    /// Refuses a state that is older than one which was read in this place before, and remembers it otherwise.
    fn check_age(&self, place: &Path, serial: u64, lineage: &str) -> Result<(), Diagnostic>;

    /// Takes a state for the newest of its place from now on, though it may be older.
    fn set_age(&self, place: &Path, serial: u64, lineage: &str);
}

/// See the head of this file.
#[derive(Clone, Default)]
pub struct Manner {
    pub secrets: Secrets,
    /// None where it is not encrypted.
    pub vault: Option<Arc<dyn Vault>>,
}

impl Manner {
    /// The text of a state as it is kept.
    pub fn seal(&self, state: &State) -> Result<String, Diagnostic> {
        let state = State {
            secrets: self.secrets.clone(),
            ..state.clone()
        };
        let clear = v4::write(&state);
        match &self.vault {
            Some(vault) => vault.seal(&clear, Some((state.serial, &state.lineage))),
            None => Ok(clear),
        }
    }

    /// Reads a state as it is kept.
    pub fn open(&self, text: String, name: &str) -> Result<State, Diagnostic> {
        let state = match &self.vault {
            Some(vault) if !text.is_empty() => State::parse(opened(&**vault, &text, name)?.as_str(), name)?,
            _ => State::parse(text, name)?,
        };
        Ok(State {
            secrets: self.secrets.clone(),
            ..state
        })
    }

    /// Whether the text of a state is kept as it would be written now.
    pub(super) fn is_current(&self, text: &str) -> bool {
        self.vault.as_ref().is_none_or(|vault| vault.is_current(text))
    }

    /// Refuses an encrypted state that is older than one which was read in its place before.
    pub(super) fn check_age(&self, place: &Path, state: &State) -> Result<(), Diagnostic> {
        match &self.vault {
            Some(vault) => vault.check_age(place, state.serial, &state.lineage),
            None => Ok(()),
        }
    }

    /// Takes an encrypted state for the newest of its place.
    pub(super) fn set_age(&self, place: &Path, state: &State) {
        if let Some(vault) = &self.vault {
            vault.set_age(place, state.serial, &state.lineage);
        }
    }

    /// A piece of a journal as it is kept.
    pub(super) fn seal_piece(&self, json: String) -> Result<String, Diagnostic> {
        match &self.vault {
            Some(vault) => vault.seal(&json, None),
            None => Ok(json),
        }
    }

    /// A piece of a journal in clear.
    pub(super) fn open_piece(&self, json: &str, name: &str) -> Result<Zeroizing<String>, Diagnostic> {
        match &self.vault {
            Some(vault) => opened(&**vault, json, name),
            None if Envelope::is_one(json) => Err(is_encrypted(name)),
            None => Ok(Zeroizing::new(json.to_owned())),
        }
    }
}

fn opened(vault: &dyn Vault, text: &str, name: &str) -> Result<Zeroizing<String>, Diagnostic> {
    vault.open(text).map_err(|mut error| {
        error.detail = format!("{name}: {}", error.detail);
        error
    })
}

/// What is said where something is encrypted, and no key is at hand.
pub(super) fn is_encrypted(name: &str) -> Diagnostic {
    Diagnostic::error(
        "State is encrypted",
        format!(
            "{name} is encrypted, and nothing says how to decrypt it. Write an \"encryption\" block into the terraform block of the configuration, or set TF_ENCRYPTION. The file was left as it is."
        ),
    )
}

impl fmt::Debug for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manner")
            .field("secrets", &self.secrets)
            .field("encrypted", &self.vault.is_some())
            .finish()
    }
}
