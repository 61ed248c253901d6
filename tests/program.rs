//! How tests start programs: with an environment of their own, in which no account of the developer is found.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use fs_err as fs;

/// A new folder for a program to run in; above it there is nothing else, so that it can be somebody's home.
pub fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = fs::canonicalize(home.path()).unwrap().join("project");
    fs::create_dir(&folder).unwrap();
    (home, folder)
}

/// The program to try: this build's, or the one that KEYFORM_PROGRAM names, such as what users get.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests names it")]
pub fn path() -> String {
    std::env::var("KEYFORM_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_keyform").into())
}

/// Whether the program to try is as fast as what users get.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests names it")]
pub fn is_optimised() -> bool {
    std::env::var_os("KEYFORM_PROGRAM").is_some() || !cfg!(debug_assertions)
}

/// keyform, about to run in a folder.
pub fn keyform(folder: &Path) -> Command {
    start(&path(), folder)
}

/// The options that allow to destroy whatever the state of a folder records: tests make their keys to lose them.
pub fn naming_all(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("terraform.tfstate")).unwrap_or_default();
    let state: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let resources = state["resources"].as_array().cloned().unwrap_or_default();
    let addresses = |one: &serde_json::Value| {
        let local = format!("{}.{}", one["type"].as_str()?, one["name"].as_str()?);
        let module = one["module"]
            .as_str()
            .map_or(String::new(), |path| format!("{path}."));
        let instances = one["instances"].as_array().filter(|_| one["mode"] == "managed")?;
        let keys = instances.iter().map(|instance| match &instance["index_key"] {
            serde_json::Value::Null => String::new(),
            key => format!("[{key}]").replace("${", "$${").replace("%{", "%%{"),
        });
        let named = keys.map(|key| format!("-destroy-key-in-use={module}{local}{key}"));
        Some(named.collect::<Vec<_>>())
    };
    let mut names: Vec<String> = resources.iter().filter_map(addresses).flatten().collect();
    names.dedup();
    names
}

/// The installed terraform, about to run in a folder; none, and said so, where there is none.
pub fn terraform(folder: &Path) -> Option<Command> {
    static INSTALLED: LazyLock<bool> = LazyLock::new(|| is_installed("terraform", "version"));
    if !*INSTALLED {
        eprintln!("SKIPPED: no terraform on this machine, so nothing is compared or shared with it");
        return None;
    }
    let mut command = start("terraform", folder);
    command
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .env("CHECKPOINT_DISABLE", "1")
        .env("GOMAXPROCS", "2");
    Some(command)
}

/// Whether a program can be started.
pub fn is_installed(program: &str, question: &str) -> bool {
    let asked = Command::new(program).arg(question).stdin(Stdio::null()).output();
    asked.is_ok()
}

/// A program about to run in a folder. Its home is the folder above, clouds beyond this machine cannot be reached,
/// and nothing is typed.
#[expect(clippy::disallowed_methods, reason = "programs need to be found")]
pub fn start(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder.parent().unwrap())
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}
