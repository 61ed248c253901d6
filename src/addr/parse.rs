//! Addresses as text: command line arguments and state files.

use super::{InstanceAddr, Target};

/// Why a text is no address; a full sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(pub String);

/// Reads an instance address: `module.m["x"].aws_kms_key.k[0]`.
pub fn parse_instance(_text: &str) -> Result<InstanceAddr, ParseError> {
    todo!("helper")
}

/// Reads any address: a module, a resource or an instance. A resource without a key is a `Target::Resource`.
pub fn parse_target(_text: &str) -> Result<Target, ParseError> {
    todo!("helper")
}
