//! Lists `schemas/**/*.hcl` and `examples/**/*.tf` into the binary: names and texts, no parsing.

#![allow(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment and the disk"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    list(&root, "schemas", "hcl", ("FILES", "schema file"), &mut text);
    list(&root, "examples", "tf", ("EXAMPLES", "example"), &mut text);
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("schemas.rs");
    fs::write(out, text).expect("OUT_DIR is writable");
}

/// Writes a table of all files with an extension below a folder of the project.
fn list(root: &Path, folder: &str, extension: &str, (table, what): (&str, &str), text: &mut String) {
    let mut files = Vec::new();
    collect(&root.join(folder), extension, &mut files);
    files.sort();
    writeln!(
        text,
        "/// Every {what}: its path below `{folder}/` and its text.\npub(crate) static {table}: &[(&str, &str)] = &["
    )
    .expect("a String takes all");
    for file in &files {
        let name = file.strip_prefix(root.join(folder)).expect("walked from there");
        let (name, path) = (name.display().to_string(), file.display().to_string());
        writeln!(text, "    ({name:?}, include_str!({path:?})),").expect("a String takes all");
    }
    text.push_str("];\n");
    println!("cargo:rerun-if-changed={folder}");
}

fn collect(dir: &Path, wanted: &str, files: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", dir.display());
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, wanted, files);
        } else if path.extension().is_some_and(|extension| extension == wanted) {
            files.push(path);
        }
    }
}
