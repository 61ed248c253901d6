//! keyform: a declarative reconciler for key management services.
//!
//! The modules, in reading order, are the floors of one house: each uses only what stands above it in this
//! list (`tests/floors.rs` keeps it so).
//!
//! A run is a journey of data. [`lang`] turns text into spanned trees; [`config`] turns trees into Terraform's
//! blocks; [`graph`] says who waits for whom; [`state`] is what we believe exists; [`schema`] is what types
//! exist and which API calls serve them. [`eval`] says what any name is worth, [`resource`] what one object
//! needs, [`plan`] what to do, and [`apply`] does it through the door in [`cloud`], behind which stand
//! [`clouds`]. [`cli`] is words in, words and exit codes out.

pub mod diag;
pub mod regular;
pub mod secret;

pub mod value;

pub mod addr;

pub mod lang;

pub mod cloud;

pub mod config;
pub mod schema;
pub mod state;

pub mod graph;

pub mod eval;

pub mod resource;

pub mod plan;

pub mod apply;

pub mod clouds;
pub mod sandbox;

pub mod cli;
