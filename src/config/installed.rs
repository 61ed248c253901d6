//! The modules that were installed: what `terraform init`, or ours, wrote into its index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::remote::is_same;
use super::version::{Constraint, Version};
use crate::addr::Text;
use crate::diag::{Diagnostic, Span};

/// A module that is called, and not there for the source that it is called with.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The names of the calls that lead to it: `a.b`.
    pub key: String,
    pub source: Text,
    /// The folder of the module that calls it.
    pub caller: PathBuf,
    /// The versions that may be installed, if any are asked for.
    pub version: Option<Text>,
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
    version: Option<String>,
    dir: PathBuf,
}

/// Why a module cannot be used.
pub(super) enum Absent {
    NotInstalled,
    /// What is there came from elsewhere.
    From(String),
    /// What is there has a version that is not wanted; none if it has none at all.
    OfVersion(Option<String>),
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
    pub(super) fn find(&self, key: &str, source: &str, wanted: Option<&Constraint>) -> Result<&Path, Absent> {
        let entry = self.0.get(key).ok_or(Absent::NotInstalled)?;
        if let Some(from) = entry.source.as_ref().filter(|from| !is_same(from, source)) {
            return Err(Absent::From(from.clone()));
        }
        let version = entry.version.as_deref().and_then(Version::parse);
        match wanted {
            Some(wanted) if !version.is_some_and(|version| wanted.allows(&version)) => {
                Err(Absent::OfVersion(entry.version.clone()))
            }
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
                    "The module source \"{source}\" is no local folder, and this module is not among those installed according to {}. Install it with keyform init or terraform init, or use the path of a folder that starts with ./ or ../.",
                    index.display()
                ),
            ),
            Self::OfVersion(version) => Diagnostic::error(
                "Module version requirements have changed",
                format!(
                    "The version requirements have changed since this module was installed and the installed version{} is no longer acceptable. Install it again with keyform init or terraform init.",
                    version
                        .as_ref()
                        .map_or_else(String::new, |version| format!(" ({version})"))
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
