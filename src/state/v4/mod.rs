//! State files, version 4: Terraform's form, key for key.

mod path;
mod read;
mod record;
mod write;

pub use read::{read, read_object, read_outputs};
pub use write::{write, write_body, write_object, write_outputs};

/// The version of the file format.
const VERSION: u64 = 4;
