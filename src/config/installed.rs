//! The modules that were installed: what `terraform init`, or ours, wrote into its index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::source::is_same;
use crate::addr::Text;
use crate::diag::{Diagnostic, Span};

/// A module that is called, and not there for the source that it is called with.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The names of the calls that lead to it: `a.b`.
    pub key: String,
    pub source: Text,
    pub span: Span,
}

/// What the index says, by key.
#[derive(Debug, Default)]
pub(super) struct Installed(BTreeMap<String, Entry>);

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key: String,
    /// Missing in indexes that somebody wrote by hand.
    source: Option<String>,
    dir: PathBuf,
}

/// Why a module cannot be used.
pub(super) enum Absent {
    NotInstalled,
    /// What is there came from elsewhere.
    From(String),
}

impl Installed {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Index {
            modules: Vec<Entry>,
        }
        let index: Index = serde_json::from_str(text)
            .map_err(|error| format!("the index of modules is malformed: {error}"))?;
        let entries = index.modules.into_iter();
        Ok(Self(entries.map(|entry| (entry.key.clone(), entry)).collect()))
    }

    /// The folder of a module that is called with this source.
    pub(super) fn find(&self, key: &str, source: &str) -> Result<&Path, Absent> {
        let entry = self.0.get(key).ok_or(Absent::NotInstalled)?;
        match &entry.source {
            Some(from) if !is_same(from, source) => Err(Absent::From(from.clone())),
            _ => Ok(&entry.dir),
        }
    }
}

impl Absent {
    pub(super) fn told(&self, source: &str, index: &Path) -> Diagnostic {
        match self {
            Self::NotInstalled => Diagnostic::error(
                "Module not installed",
                format!(
                    "The module source \"{source}\" is no local path, and this module is not among those installed according to {}. Install it with keyform init or terraform init, or use a local path that starts with ./ or ../.",
                    index.display()
                ),
            ),
            Self::From(from) => Diagnostic::error(
                "Module source has changed",
                format!(
                    "The module is called with the source \"{source}\", and what is installed came from \"{from}\". Install it again with keyform init or terraform init."
                ),
            ),
        }
    }
}
