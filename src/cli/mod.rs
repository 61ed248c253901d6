//! Words in, words and exit codes out; the only place that wires clouds to the engine.

/// Runs the program.
pub fn main() {
    todo!("later")
}
mod connector;
mod machine;
mod plan_file;
