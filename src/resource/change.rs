//! What is to happen to one object.

use crate::value::{Path, Type, Value};

/// What is done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    NoOp,
    Create,
    /// A data source that can only be read while applying.
    Read,
    /// An ephemeral resource, opened for as long as the run lasts. Nothing of it is shown or recorded.
    Open,
    Update,
    /// Delete, then create.
    Replace,
    /// Create, then delete what was there before.
    ReplaceCreateFirst,
    Delete,
    /// Taken out of the state, left alone in the cloud.
    Forget,
}

impl Action {
    pub fn is_replace(self) -> bool {
        matches!(self, Self::Replace | Self::ReplaceCreateFirst)
    }

    /// Whether the object that is there now goes away.
    pub fn destroys(self) -> bool {
        self.is_replace() || self == Self::Delete
    }

    /// Whether a new object is made.
    pub fn creates(self) -> bool {
        self.is_replace() || self == Self::Create
    }
}

/// The object before and after, and what is done about the difference.
#[derive(Clone, Debug)]
pub struct Change {
    pub action: Action,
    /// Null when there is none.
    pub before: Value,
    /// Null when there will be none; what only the cloud can tell is unknown.
    pub after: Value,
    /// The parts whose change forces a replacement.
    pub replace_paths: Vec<Path>,
}

impl Change {
    /// Nothing happens to the object.
    pub fn none(object: Value) -> Self {
        Self {
            action: Action::NoOp,
            before: object.clone(),
            after: object,
            replace_paths: Vec::new(),
        }
    }

    pub fn create(after: Value) -> Self {
        Self {
            action: Action::Create,
            before: Value::null(Type::Dynamic),
            after,
            replace_paths: Vec::new(),
        }
    }

    pub fn delete(before: Value) -> Self {
        Self {
            action: Action::Delete,
            before,
            after: Value::null(Type::Dynamic),
            replace_paths: Vec::new(),
        }
    }
}
