//! What reads text from outside, each with what must hold of whatever it is given.
//!
//! A panic is a finding, and so is an input that takes longer than a second or more memory than `fuzz/run` allows.
//! Inputs are bounded there, too.

mod language;
mod records;

pub use language::{evaluator, hcl, json_syntax, template};
pub use records::{alicloud_answer, aws_answer, envelope, journal, plan_file, state};
