//! The program: parse arguments, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyform::cli::main()
}
