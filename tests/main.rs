//! All integration tests in one program.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod engine;
mod faults;
mod floors;
mod interop_alicloud;
mod interop_aws;
mod moto;
mod parity;
mod readme;
mod schemas;
mod terraform_state;
