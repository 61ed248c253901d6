//! The index of installed modules, as `terraform init` writes it.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use crate::cli::disk;
use crate::cli::project::Project;
use crate::config::Module;
use crate::diag::{Diagnostic, Result};

/// Key, source, version, folder, and what else Terraform noted.
pub(super) struct Index(Vec<serde_json::Map<String, serde_json::Value>>);

impl Index {
    /// What is there; nothing where it cannot be read, for then it is made anew.
    pub(super) fn read(project: &Project) -> Self {
        let text = disk::read_text(&project.module_index()).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let entries = json["Modules"].as_array().into_iter().flatten();
        Self(entries.filter_map(|entry| entry.as_object().cloned()).collect())
    }

    /// Everything, which is forgotten here.
    pub(super) fn take(&mut self) -> Self {
        Self(std::mem::take(&mut self.0))
    }

    /// Enters what was known before and is not known now, where its folder is still there.
    pub(super) fn restore(&mut self, before: Self) {
        let key = |entry: &serde_json::Map<String, serde_json::Value>| entry.get("Key").cloned();
        for entry in before.0 {
            let is_known = self.0.iter().any(|one| key(one) == key(&entry));
            let dir = entry.get("Dir").and_then(|dir| dir.as_str()).unwrap_or_default();
            if !is_known && Path::new(dir).is_dir() {
                self.0.push(entry);
            }
        }
    }

    /// Whether it has anything beside the root module.
    pub(super) fn is_needed(&self) -> bool {
        self.0.len() > 1
    }

    pub(super) fn add(&mut self, key: &str, source: &str, version: Option<&str>, dir: &Path) {
        self.0
            .retain(|entry| entry.get("Key").and_then(|key| key.as_str()) != Some(key));
        let mut entry = serde_json::Map::new();
        entry.insert("Key".into(), key.into());
        entry.insert("Source".into(), source.into());
        entry.extend(version.map(|version| ("Version".to_owned(), version.into())));
        entry.insert("Dir".into(), dir.to_string_lossy().into());
        self.0.push(entry);
    }

    /// Enters the modules in local folders and takes out what is called no longer.
    pub(super) fn add_local(&mut self, root: &Module) {
        let mut called = vec![String::new()];
        let mut open = vec![root];
        self.add("", "", None, Path::new("."));
        while let Some(module) = open.pop() {
            for call in module.calls.values() {
                let key = call.module.path.join(".");
                if call.is_local() {
                    self.add(&key, &call.local_source(), None, &call.module.dir);
                }
                called.push(key);
                open.push(&call.module);
            }
        }
        let key = |entry: &serde_json::Map<String, serde_json::Value>| {
            entry
                .get("Key")
                .and_then(|key| key.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        self.0.retain(|entry| called.contains(&key(entry)));
        self.0.sort_by_key(key);
    }

    pub(super) fn write(&self, project: &Project) -> Result<()> {
        let index = project.module_index();
        let text = json!({"Modules": self.0}).to_string();
        // Whole or not at all: a torn index would be taken for none.
        let write = || {
            let folder = index.parent().unwrap_or(Path::new("."));
            disk::make_folder(folder)?;
            let mut file = tempfile::Builder::new()
                .permissions(std::fs::Permissions::from_mode(0o644))
                .tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.persist(&index).map(drop).map_err(|error| error.error)
        };
        write().map_err(|error| {
            Diagnostic::error(
                "Failed to write the installed modules",
                format!("{}: {error}.", index.display()),
            )
            .into()
        })
    }
}
