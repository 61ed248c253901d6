//! Lists `schemas/**/*.hcl` into the binary: names and texts, no parsing.

#![allow(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment and the disk"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("schemas"), &mut files);
    files.sort();
    let mut text = String::from(
        "/// Every schema file: its path below `schemas/` and its text.\npub(crate) static FILES: &[(&str, &str)] = &[\n",
    );
    for file in &files {
        let name = file
            .strip_prefix(root.join("schemas"))
            .expect("walked from there")
            .display()
            .to_string();
        writeln!(
            text,
            "    ({name:?}, include_str!({:?})),",
            file.display().to_string()
        )
        .expect("a String takes all");
    }
    text.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("schemas.rs");
    fs::write(out, text).expect("OUT_DIR is writable");
    println!("cargo:rerun-if-changed=schemas");
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", dir.display());
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "hcl") {
            files.push(path);
        }
    }
}
