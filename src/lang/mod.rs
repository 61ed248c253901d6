//! The HCL language, without Terraform's blocks: syntax, expressions, functions, and blocks against a spec.

pub mod decode;
pub mod expr;
pub mod func;
pub mod spec;
pub mod syntax;
pub mod types;
