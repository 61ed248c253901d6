//! All integration tests in one program.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod faults;
mod floors;
mod interop_alicloud;
mod interop_aws;
mod moto;
mod schemas;
mod terraform_state;
