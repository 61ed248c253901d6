//! What the user wrote: Terraform's blocks, expressions unevaluated.

mod allowance;
mod change;
mod declaration;
mod early;
pub mod encryption;
mod file;
mod installed;
mod load;
pub mod lookalike;
mod module;
mod overrides;
mod policy;
mod provider;
mod provisioner;
mod quoted;
mod reader;
mod remote;
mod resource;
mod settings;
mod source;
mod variable;
pub mod version;

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

pub use change::{Import, Moved, Removed};
pub use early::{Early, EarlyText, Need, decode_early};
pub use encryption::Encryption;
pub use file::is_configuration_file;
pub use installed::Missing;
pub use load::{Files, MODULE_INDEX, Origin, SourceFile, load, load_folder};
pub use module::ModuleCall;
pub use policy::{POLICY_FILE, Policy, Ruled};
pub use provider::{ProviderBlock, ProviderKey, RequiredProvider};
pub use provisioner::{LOCAL_EXEC, Provisioner, local_exec};
pub use remote::{Archive, ArchiveForm, PUBLIC_REGISTRY, Page, Published, Remote};
pub use resource::{Expand, IgnoreChanges, Lifecycle, Resource};
pub use settings::{Backend, Settings};
pub use source::Git;
pub use variable::{Check, Condition, Local, Output, Variable};

use crate::addr::{ProviderName, ResourceName, Text};

/// A whole configuration: the root module with all modules it calls inside.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub root: Arc<Module>,
    /// What is called and not installed; each is an error too.
    pub missing: Vec<Missing>,
    /// Where modules come from depends on values, and none were at hand: those modules are not in here.
    pub needs_values: bool,
}

impl Configuration {
    /// Declares what `import` blocks of the root module name and no block declares, so that others can refer to it
    /// while its configuration is generated.
    pub fn declare_imported(&mut self) {
        let root: &mut Folder = &mut *Arc::make_mut(&mut self.root);
        for import in &root.imports {
            if let Some(name) = import.target_in_root() {
                root.resources
                    .entry(name.clone())
                    .or_insert_with(|| Resource::to_generate(name, import.provider.clone(), import.span));
            }
        }
    }
}

/// A folder of files at one place among the calls. However often a folder is called, what stands in it is there once.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The names of the calls that lead here; empty for the root.
    pub path: Vec<Text>,
    pub calls: IndexMap<Text, ModuleCall>,
    folder: Arc<Folder>,
}

impl Deref for Module {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

impl DerefMut for Module {
    fn deref_mut(&mut self) -> &mut Folder {
        Arc::make_mut(&mut self.folder)
    }
}

/// One folder of files, put together, without its calls. Everything is in the order of declaration.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Relative to the working folder.
    pub dir: PathBuf,
    pub settings: Settings,
    pub required_providers: IndexMap<Text, RequiredProvider>,
    pub providers: IndexMap<ProviderKey, ProviderBlock>,
    pub variables: IndexMap<Text, Variable>,
    pub locals: IndexMap<Text, Local>,
    pub outputs: IndexMap<Text, Output>,
    pub resources: IndexMap<ResourceName, Resource>,
    pub checks: IndexMap<Text, Check>,
    pub moved: Vec<Moved>,
    pub removed: Vec<Removed>,
    pub imports: Vec<Import>,
}

impl Module {
    /// How many nodes it has in the graph.
    fn size(&self) -> usize {
        let named = self.variables.len() + self.locals.len() + self.outputs.len();
        named + self.providers.len() + self.resources.len() + self.calls.len() + self.checks.len()
    }

    /// The full name of the provider that a local name stands for here.
    pub fn provider_name(&self, local: &str) -> ProviderName {
        match self.required_providers.get(local) {
            Some(required) => required.source.clone(),
            None => ProviderName::implied(local),
        }
    }

    /// The local name of the provider that serves a resource type by its prefix: `aws` for `aws_kms_key`.
    pub fn implied_provider(ty: &str) -> &str {
        match ty {
            "terraform_data" | "terraform_remote_state" => "terraform",
            _ => ty.split('_').next().unwrap_or(ty),
        }
    }

    /// A module somewhere below, by the names of the calls.
    pub fn descend<'a>(self: &'a Arc<Self>, names: &[Text]) -> Option<&'a Arc<Self>> {
        names
            .iter()
            .try_fold(self, |module, name| Some(&module.calls.get(name)?.module))
    }

    /// `module.a.module.b`, or `the root module`.
    pub fn describe(&self) -> String {
        if self.path.is_empty() {
            return "the root module".into();
        }
        self.path
            .iter()
            .map(|name| format!("module.{name}"))
            .collect::<Vec<_>>()
            .join(".")
    }
}
