//! What is asked before anything is destroyed, and what is never destroyed.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use keyform::sandbox::Faults;

use super::{Project, Ran, at, calls, clouds};
use crate::program;

const APPLY: &[&str] = &["apply", "-auto-approve"];

#[test]
fn what_is_protected_is_not_destroyed() {
    let block = "resource \"terraform_data\" \"d\" {\n  triggers_replace = 1\n  lifecycle {\n    prevent_destroy = true\n  }\n}";
    let project = Project::new(block);
    project.good(APPLY);
    let state = project.text("terraform.tfstate");
    let said = &[
        "Instance cannot be destroyed",
        "terraform_data.d",
        "lifecycle.prevent_destroy",
    ];
    project.bad(&["destroy", "-auto-approve"], said);
    project.bad(&["plan", "-destroy"], said);
    project.bad(&["plan", "-replace=terraform_data.d"], said);
    project.write("main.tf", block.replace("= 1", "= 2"));
    project.bad(APPLY, said);
    assert_eq!(project.text("terraform.tfstate"), state);
}

/// Runs a command at a terminal where somebody types this.
fn at_terminal(project: &Project, command: &str, typed: &str) -> Ran {
    let mut script = program::start("script", &project.dir);
    let program = env!("CARGO_BIN_EXE_keyform");
    script
        .args(["-qec", &format!("{program} {command}"), "/dev/null"])
        .stdin(Stdio::piped());
    let mut child = script.spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    }
}

#[test]
fn only_the_word_yes_approves() {
    if !program::is_installed("script", "--version") {
        eprintln!("SKIPPED: there is no script to play a terminal, so nobody was asked");
        return;
    }
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    project.good(APPLY);
    for typed in ["y\n", "YES\n", "no\n", "\n", "yes please\n"] {
        let ran = at_terminal(&project, "destroy -no-color", typed);
        ran.says(&[
            "Do you really want to destroy all resources?",
            "Only 'yes' will be accepted",
            "Destroy cancelled.",
        ]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(project.recorded().len(), 1, "{typed:?}");
    }
    let ran = at_terminal(&project, "destroy -no-color", "yes\n");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(project.recorded().is_empty());
}

/// Types something once a question is put. What the terminal showed is the result.
fn answered(project: &Project, command: &str, answer: &str) -> Ran {
    let mut script = program::start("script", &project.dir);
    let program = env!("CARGO_BIN_EXE_keyform");
    script
        .args([
            "-qec",
            &format!("exec {program} {command} -no-color"),
            "/dev/null",
        ])
        .stdin(Stdio::piped());
    let mut child = script.spawn().unwrap();
    let (mut shown, mut stdout) = (Vec::new(), child.stdout.take().unwrap());
    let mut byte = [0];
    while !shown.ends_with(b"Enter a value: ") {
        stdout.read_exact(&mut byte).unwrap();
        shown.push(byte[0]);
    }
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(answer.as_bytes()).unwrap();
    stdout.read_to_end(&mut shown).unwrap();
    Ran {
        stdout: String::from_utf8(shown).unwrap(),
        stderr: String::new(),
        code: child.wait().unwrap().code(),
    }
}

#[test]
fn a_secret_does_not_show_while_it_is_typed() {
    if !program::is_installed("script", "--version") {
        eprintln!("SKIPPED: there is no script to play a terminal, so nobody was asked");
        return;
    }
    let configuration = "variable \"v\" {\n  sensitive = false\n}\noutput \"length\" {\n  value = nonsensitive(length(var.v))\n}";
    let project = Project::new(configuration);
    let ran = answered(&project, "plan", "hunter22\n");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.says(&["hunter22", "length = 8"]);
    project.write("main.tf", configuration.replace("false", "true"));
    let ran = answered(&project, "plan", "hunter2x\u{7f}2\n");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.says(&["length = 8"]);
    assert!(!ran.stdout.contains("hunter"), "{ran:?}");
    let ran = answered(&project, "plan", "hunter\u{3}");
    assert_ne!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn the_question_may_be_left_with_an_interrupt() {
    if !program::is_installed("script", "--version") {
        eprintln!("SKIPPED: there is no script to play a terminal, so nobody was asked");
        return;
    }
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    project.good(APPLY);
    let ran = answered(&project, "destroy", "\u{3}");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    ran.says(&["Destroy cancelled."]);
    assert_eq!(project.recorded().len(), 1);
    // The lock was given back, with its note.
    assert_eq!(project.names(), ["main.tf", "terraform.tfstate"]);
}

#[test]
fn without_anybody_to_ask_nothing_is_planned() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, "resource \"aws_kms_key\" \"k\" {}"));
    for command in ["apply", "destroy"] {
        let ran = project.bad(&[command], &["Approval needed", "-auto-approve"]);
        assert!(ran.stdout.is_empty(), "{ran:?}");
    }
    assert_eq!(
        calls(cloud.address, "CreateKey") + calls(cloud.address, "GetCallerIdentity"),
        0
    );
    cloud.stop().unwrap();
}

#[test]
fn the_loss_of_a_key_is_said_first_and_with_its_date() {
    let cloud = clouds(Faults::default());
    let key = "resource \"aws_kms_key\" \"k\" {\n  deletion_window_in_days = 9\n}\nresource \"terraform_data\" \"d\" {}";
    let project = Project::new(&at(cloud.address, key));
    project.good(APPLY);
    let replaced = key.replace(
        "= 9",
        "= 9\n  key_usage = \"GENERATE_VERIFY_MAC\"\n  customer_master_key_spec = \"HMAC_256\"",
    );
    project.write("main.tf", at(cloud.address, &replaced));
    let date = regex::Regex::new(r"20\d\d-\d\d-\d\d").unwrap();
    for command in [
        &["plan"][..],
        &["plan", "-destroy"],
        &["plan", "-destroy", "-target=aws_kms_key.k"],
    ] {
        let told = project.good(command);
        let loss = told
            .find("deleted for ever")
            .or_else(|| told.find("lost for ever"))
            .unwrap_or(usize::MAX);
        let body = told.find("# aws_kms_key.k").unwrap();
        assert!(loss < body, "{told}");
        let head = &told[..body];
        assert!(date.is_match(head) && head.contains("aws_kms_key.k"), "{told}");
    }
    cloud.stop().unwrap();
}
