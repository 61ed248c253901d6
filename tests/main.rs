//! All integration tests in one program.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod alicloud;
mod alicloud_provider;
mod alicloud_secrets;
mod alicloud_traps;
mod aws_data;
mod cli;
mod console;
mod conversions;
mod coverage;
mod dice;
mod emulators;
mod engine;
mod ephemeral;
mod examples;
mod expressions;
mod faults;
mod files;
mod floors;
mod fmt;
mod folder;
mod functions;
mod helpers;
mod imposter;
mod interop_alicloud;
mod interop_aws;
mod life;
mod modules;
mod moto;
mod parity;
mod program;
mod providers;
mod readme;
mod reads;
mod refresh;
mod restore;
mod schemas;
mod seeds;
mod settled;
mod steps;
mod stores;
mod terraform_state;
mod traps;
mod types;
mod unknowns;
