//! What an expression can see: names, and through functions a little of the machine.

use std::path::Path;

use jiff::Timestamp;

use crate::addr::{ProviderName, Reference};
use crate::diag::{Diagnostic, Result, Span};
use crate::value::{Text, Value};

/// A step after a name, with its index evaluated.
#[derive(Clone, Debug)]
pub enum Step {
    Attribute(Text),
    Index(Value),
}

/// Looks names up.
pub trait Scope {
    /// The value of a name. `rest` are the steps that the expression takes into it: a scope may follow some of
    /// them itself (one instance of a resource instead of all) and says how many it has followed.
    fn resolve(&self, reference: &Reference, rest: &[Step], at: Span) -> Result<(Value, usize)>;

    /// What functions may see of the machine.
    fn host(&self) -> &dyn Host;

    /// The provider that the module requires under a local name, for `provider::LOCAL::NAME(...)`.
    fn provider(&self, _local: &str) -> Option<ProviderName> {
        None
    }

    /// In the expressions of schema files a member of null is null, not an error.
    fn null_tolerant(&self) -> bool {
        false
    }

    /// Functions that only this scope has, beside the language's own: the schema language's `native::` and
    /// change functions. The arguments are as evaluated, marks included. None means there is no such function.
    fn call(&self, _name: &str, _arguments: &[Value], _at: Span) -> Option<Result<Value>> {
        None
    }
}

/// A scope of constants: nothing has a name.
pub(in crate::lang) struct Constants<'a>(pub(in crate::lang) &'a dyn Host);

impl Scope for Constants<'_> {
    fn resolve(&self, _reference: &Reference, _rest: &[Step], at: Span) -> Result<(Value, usize)> {
        Err(
            Diagnostic::error("Variables not allowed", "Variables may not be used here.")
                .at(at)
                .into(),
        )
    }

    fn host(&self) -> &dyn Host {
        self.0
    }
}

/// What is in a folder.
#[derive(Clone, Debug)]
pub struct Folder {
    pub id: FolderId,
    pub entries: Vec<Entry>,
}

/// What tells one folder from all others, whatever path leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderId(pub u64, pub u64);

/// A name in a folder and what stands there.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub kind: EntryKind,
}

/// What stands in a folder. A link counts as what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Folder,
    Other,
    /// A link that leads nowhere, or something that may not be looked at, and why.
    Unreachable(String),
}

/// What functions may see of the machine and of the run.
pub trait Host {
    /// The bytes of a regular file of at most 64 MiB; relative paths start at the working folder. The error is a
    /// sentence without full stop.
    fn read_file(&self, path: &str) -> std::result::Result<Vec<u8>, String>;

    /// Whether a regular file stands there.
    fn file_exists(&self, path: &str) -> std::result::Result<bool, String>;

    /// What is in a folder; none if there is no such folder. The error is a sentence without full stop.
    fn list_folder(&self, _folder: &str) -> std::result::Result<Option<Folder>, String> {
        Err("folders cannot be listed here".into())
    }

    /// The working folder.
    fn working_dir(&self) -> &Path;

    /// The user's home folder, for `~`.
    fn home_dir(&self) -> Option<&Path> {
        None
    }

    /// The time for `timestamp()`; none while planning, when the result is unknown.
    fn now(&self) -> Option<Timestamp>;

    /// The time at which this plan began, for `plantimestamp()`.
    fn plan_time(&self) -> Option<Timestamp>;
}
