//! The program: parse arguments, run, exit.

fn main() {
    keyform::cli::main();
}
