//! Every shell command of the README runs, one after the other, in a copy of the examples, and prints what the
//! README says.
//!
//! `cargo` is a stand-in there: `cargo run --release --` is the program under test, and `cargo test` is what is
//! running already.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../README.md");

/// A block of commands, and the lines that it is said to print.
#[derive(Debug, Default, PartialEq)]
struct Block {
    commands: String,
    printed: Vec<String>,
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let blocks = blocks(README);
    assert!(!blocks.is_empty(), "the README has shell commands");
    let home = tempfile::tempdir().expect("a temporary folder");
    copy(&root().join("examples"), &home.path().join("examples"));
    fs_err::create_dir_all(home.path().join("target")).expect("a new folder");
    install(&home.path().join("bin"));

    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script(&blocks)])
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env(
            "PATH",
            format!(
                "{}:/usr/local/bin:/usr/bin:/bin",
                home.path().join("bin").display()
            ),
        )
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    for (i, block) in blocks.iter().enumerate() {
        let part = part(&said, i);
        for wanted in &block.printed {
            assert!(
                part.lines().any(|line| line.trim_end() == wanted),
                "the README says that\n\n{}\nprints\n\n{wanted}\n\nbut it prints\n\n{part}\n{complained}",
                block.commands
            );
        }
    }
}

#[test]
fn the_two_first_commands_are_to_run_and_to_test() {
    let blocks = blocks(README);
    let first: Vec<&str> = blocks.iter().take(2).map(|block| block.commands.trim()).collect();
    assert_eq!(
        first,
        [
            "cargo run --release -- -chdir=examples/quickstart apply -sandbox -auto-approve",
            "cargo test"
        ]
    );
}

#[test]
fn no_command_hides_in_another_kind_of_block() {
    let kinds = ["sh", "text", "hcl"];
    let fences = README.lines().filter_map(|line| line.strip_prefix("```"));
    let others: Vec<&str> = fences
        .filter(|kind| !kind.is_empty() && !kinds.contains(kind))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

/// The blocks of commands, each with the block of text that follows it at once.
fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut kind = None;
    let mut follows = false;
    for line in text.lines() {
        match (kind, line.strip_prefix("```")) {
            (None, Some(opened)) => {
                kind = Some(opened);
                if opened == "sh" {
                    found.push(Block::default());
                }
            }
            (None, None) => follows &= line.is_empty(),
            (Some(closed), Some(_)) => {
                follows = closed == "sh";
                kind = None;
            }
            (Some("sh"), None) => {
                let block = found.last_mut().expect("opened above");
                block.commands.push_str(line);
                block.commands.push('\n');
            }
            (Some("text"), None) if follows => {
                let block = found.last_mut().expect("text follows commands");
                block.printed.push(line.to_owned());
            }
            (Some(_), None) => {}
        }
    }
    found
}

/// All commands in one shell, so that `cd` and `export` last.
fn script(blocks: &[Block]) -> String {
    let mut script = String::new();
    for (i, block) in blocks.iter().enumerate() {
        let _ = write!(script, "echo '=== block {i}'\n{}", block.commands);
    }
    script
}

/// What one block printed.
fn part(said: &str, block: usize) -> String {
    let mut lines = said
        .lines()
        .skip_while(|line| *line != format!("=== block {block}"));
    lines.next();
    let own: Vec<&str> = lines.take_while(|line| !line.starts_with("=== block ")).collect();
    own.join("\n")
}

/// The program under its own name, and a stand-in for `cargo`.
fn install(bin: &Path) {
    fs_err::create_dir_all(bin).expect("a new folder");
    let program = env!("CARGO_BIN_EXE_keyform");
    let cargo = "#!/bin/sh\ncase \"$*\" in\n  test) exit 0 ;;\n  'run --release -- '*) shift 3; exec keyform \"$@\" ;;\nesac\n\
                 echo \"not expected: cargo $*\" >&2\nexit 1\n";
    fs_err::os::unix::fs::symlink(program, bin.join("keyform")).expect("a new link");
    fs_err::write(bin.join("cargo"), cargo).expect("a new file");
    let executable = std::fs::Permissions::from_mode(0o755);
    fs_err::set_permissions(bin.join("cargo"), executable).expect("our own file");
}

/// Copies a folder, without what runs in it have left behind.
fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).expect("a new folder");
    for entry in fs_err::read_dir(from).expect("a folder") {
        let entry = entry.expect("readable");
        let name = entry.file_name();
        let left_behind =
            name.to_string_lossy().starts_with('.') || name.to_string_lossy().contains("tfstate");
        if entry.path().is_dir() && !left_behind {
            copy(&entry.path(), &to.join(name));
        } else if !left_behind {
            fs_err::copy(entry.path(), to.join(name)).expect("a copy");
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
