//! What one object needs, and how to do it, for every type by its schema.
//!
//! [`propose`] is pure: wish and prior object to change. The rest carries it out through a [`crate::cloud::Cloud`].

mod change;

pub use change::{Action, Change};
