//! Which types exist, and which API calls serve them: `schemas/**.hcl` as a catalog.

mod argument;
mod catalog;
mod check;
pub(crate) mod load;
pub mod names;
pub mod native;
mod operation;
pub mod page;
mod pattern;
mod provider;
mod resource;
#[cfg(test)]
mod trial;
mod validate;
mod walk;

pub use argument::{Alias, Argument, Attribute, Checks, ForceNew, Format, NestedBlock};
pub use catalog::{Catalog, check_all, sources};
pub use native::{Equivalence, Form};
pub use operation::{
    Among, CallSpec, Create, Delete, Fallback, Group, LocalEffect, Pages, Read, Refuse, Restore, Retire,
    Timeouts, Usage, Wait, roots,
};
pub use pattern::Pattern;
pub use provider::{ErrorCodes, Permissions, Poll, Protocol, ProviderSchema, Quota, Service};
pub use resource::{Destroy, Import, Lasting, Lockout, ResourceType, Rival, Rule, Upgrade};

pub use crate::addr::Mode;
