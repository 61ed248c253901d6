//! Which types exist, and which API calls serve them: `schemas/**.hcl` as a catalog.

mod provider;

pub use provider::{ErrorCodes, Protocol, ProviderSchema, Quota, Service};
