//! What is asked before anything is destroyed, and what is never destroyed.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use keyform::sandbox::Faults;

use super::{Project, REFUSED, Ran, at, calls, clouds};
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
    project.ends(REFUSED, &["destroy", "-auto-approve"], said);
    project.ends(REFUSED, &["plan", "-destroy"], said);
    project.ends(REFUSED, &["plan", "-replace=terraform_data.d"], said);
    project.write("main.tf", block.replace("= 1", "= 2"));
    project.ends(REFUSED, APPLY, said);
    assert_eq!(project.text("terraform.tfstate"), state);
}

#[test]
fn a_protection_in_quotes_is_what_its_text_says() {
    for (word, code) in [("true", REFUSED), ("false", 0)] {
        let project = Project::new("");
        let text = format!(
            r#"{{"resource":{{"terraform_data":{{"d":{{"lifecycle":{{"prevent_destroy":"{word}"}}}}}}}}}}"#
        );
        project.write("d.tf.json", text);
        project.good(APPLY);
        let ran = project.run(&["destroy", "-auto-approve"]);
        assert_eq!(ran.code, Some(code), "{ran:?}");
    }
}

const PROTECTED: &str =
    "resource \"terraform_data\" \"d\" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}";

#[test]
fn what_was_protected_is_not_destroyed_when_its_block_is_gone() {
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    project.good(APPLY);
    assert!(!project.text("terraform.tfstate").contains("prevent_destroy"));
    // Nothing changes, but that it is noted.
    project.write("main.tf", PROTECTED);
    project.good(APPLY);
    let state = project.text("terraform.tfstate");
    assert!(state.contains("\"prevent_destroy\": true"), "{state}");
    project.write("main.tf", "");
    let said = &[
        "Protected instance cannot be destroyed",
        "terraform_data.d",
        "prevent_destroy = false",
        "-destroy-key=terraform_data.d",
        "removed block",
    ];
    project.ends(REFUSED, APPLY, said);
    project.ends(REFUSED, &["plan"], said);
    project.ends(REFUSED, &["plan", "-destroy"], said);
    project.ends(REFUSED, &["destroy", "-auto-approve"], said);
    project.ends(
        REFUSED,
        &[APPLY, &["-destroy-key=terraform_data.e"]].concat(),
        said,
    );
    assert_eq!(project.text("terraform.tfstate"), state);
}

#[test]
fn a_protection_ends_where_somebody_says_so() {
    let removed = |destroy: bool| {
        format!("removed {{\n  from = terraform_data.d\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n")
    };
    let unprotected = PROTECTED.replace("= true", "= false");
    for (first, then, option) in [
        (None, String::new(), Some("-destroy-key=terraform_data.d")),
        (None, removed(true), None),
        (None, removed(false), None),
        (Some(unprotected), String::new(), None),
    ] {
        let project = Project::new(PROTECTED);
        project.good(APPLY);
        if let Some(first) = first {
            project.write("main.tf", first);
            project.good(APPLY);
        }
        project.write("main.tf", &then);
        project.good(&APPLY.iter().copied().chain(option).collect::<Vec<_>>());
        assert_eq!(project.good(&["state", "list"]), "", "{then}");
    }
}

#[test]
fn a_protected_module_that_is_gone_is_not_destroyed() {
    let project = Project::new("module \"m\" {\n  source = \"./m\"\n}");
    fs_err::create_dir(project.path("m")).unwrap();
    let text = "variable \"v\" {\n  default = true\n}\n".to_owned() + &PROTECTED.replace("= true", "= var.v");
    project.write("m/main.tf", text);
    project.good(APPLY);
    project.write("main.tf", "");
    project.ends(REFUSED, APPLY, &["module.m.terraform_data.d was applied with"]);
    let exact = "-destroy-key=module.m.terraform_data.d";
    let several = [APPLY, &["-destroy-key=module.m"]].concat();
    project.ends(REFUSED, &several, &["Keys must be named one by one", exact]);
    project.good(&[APPLY, &[exact]].concat());
}

#[test]
fn a_protected_key_is_not_disabled_either_and_left_as_it_is_where_its_lifecycle_says_so() {
    let key = |word: &str| {
        format!(
            "resource \"aws_kms_key\" \"k\" {{\n  lifecycle {{\n    prevent_destroy = true\n    on_destroy = \"{word}\"\n  }}\n}}"
        )
    };
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &key("disable")));
    project.good(APPLY);
    project.ends(
        REFUSED,
        &["destroy", "-auto-approve"],
        &["Instance cannot be destroyed"],
    );
    project.write("main.tf", at(cloud.address, ""));
    project.ends(REFUSED, APPLY, &["Protected instance cannot be destroyed"]);
    assert_eq!(calls(cloud.address, "DisableKey"), 0);
    project.write("main.tf", at(cloud.address, &key("retain")));
    project.good(APPLY);
    project.write("main.tf", at(cloud.address, ""));
    project.good(APPLY);
    assert_eq!(project.good(&["state", "list"]), "");
    cloud.stop().unwrap();
}

/// Runs a command at a terminal where somebody types this.
pub fn at_terminal(project: &Project, command: &str, typed: &str) -> Ran {
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

/// A key with an alias on a sandbox, made.
fn with_a_key(rest: &str) -> (keyform::sandbox::Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(
        cloud.address,
        &format!("resource \"aws_kms_key\" \"k\" {{}}\n{rest}"),
    ));
    project.good(APPLY);
    (cloud, project)
}

#[test]
fn a_key_is_destroyed_only_when_it_is_named() {
    let (cloud, project) = with_a_key("resource \"terraform_data\" \"d\" {}");
    let said = &[
        "Destruction refused",
        "aws_kms_key.k (",
        "lost for ever on",
        "-destroy-key=aws_kms_key.k",
    ];
    let state = project.text("terraform.tfstate");
    project.ends(REFUSED, &["destroy", "-auto-approve"], said);
    project.ends(
        REFUSED,
        &["destroy", "-auto-approve", "-destroy-key=aws_kms_key.other"],
        said,
    );
    project.write("gone.tf", "");
    project.write("main.tf", at(cloud.address, ""));
    project.ends(REFUSED, APPLY, said);
    assert_eq!(project.text("terraform.tfstate"), state);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    // What is no key goes as ever.
    project.good(&["destroy", "-auto-approve", "-target=terraform_data.d"]);
    project.good(&["destroy", "-auto-approve", "-destroy-key=aws_kms_key.k"]);
    assert!(project.recorded().is_empty());
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    cloud.stop().unwrap();
}

#[test]
fn a_replacement_destroys_a_key_too() {
    let (cloud, project) = with_a_key("");
    let said = &["Destruction refused", "-destroy-key=aws_kms_key.k"];
    project.ends(
        REFUSED,
        &["apply", "-auto-approve", "-replace=aws_kms_key.k"],
        said,
    );
    project.good(&[
        "apply",
        "-auto-approve",
        "-replace=aws_kms_key.k",
        "-destroy-key=aws_kms_key.k",
    ]);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    cloud.stop().unwrap();
}

#[test]
fn a_saved_plan_destroys_keys_that_were_named_when_it_was_made_or_are_when_it_is_applied() {
    let (cloud, project) = with_a_key("");
    let named = "-destroy-key=aws_kms_key.k";
    let said = &["Apply refuses this unless -destroy-key=ADDRESS names each of them"];
    assert!(
        project
            .good(&["plan", "-destroy", "-out=plain"])
            .contains(said[0])
    );
    assert!(
        !project
            .good(&["plan", "-destroy", named, "-out=named"])
            .contains(said[0])
    );
    project.ends(REFUSED, &["apply", "plain"], &["Destruction refused", named]);
    project.good(&["apply", named, "plain"]);
    project.good(APPLY);
    project.good(&["plan", "-destroy", named, "-out=named"]);
    project.good(&["apply", "named"]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 2);
    cloud.stop().unwrap();
}

#[test]
fn each_key_of_a_module_is_named_by_itself() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, "module \"m\" {\n  source = \"./m\"\n}"));
    fs_err::create_dir(project.path("m")).unwrap();
    project.write("m/main.tf", "resource \"aws_kms_key\" \"k\" {\n  count = 7\n}");
    project.good(APPLY);
    let one = "-destroy-key=module.m.aws_kms_key.k[3]";
    let ran = project.ends(
        REFUSED,
        &["destroy", "-auto-approve", one],
        &["Destruction refused"],
    );
    assert!(!ran.stderr.contains("k[3]"), "{ran:?}");
    for several in ["module.m", "module.m.aws_kms_key.k"] {
        for option in ["-destroy-key", "-destroy-key-in-use"] {
            let asked = format!("{option}={several}");
            let each = format!("{option}='module.m.aws_kms_key.k[6]'");
            let said = [
                "Keys must be named one by one",
                "  module.m.aws_kms_key.k[0]",
                &each,
            ];
            project.ends(REFUSED, &["destroy", "-auto-approve", &asked], &said);
        }
    }
    // A module is no name of a key, whatever is destroyed of it.
    let said = ["module.m is a module", "would destroy none of it"];
    project.ends(REFUSED, &["plan", "-destroy-key=module.m"], &said);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    let each = (0..7).map(|i| format!("-destroy-key=module.m.aws_kms_key.k[{i}]"));
    let each: Vec<String> = each.collect();
    let mut destroy = vec!["destroy", "-auto-approve"];
    destroy.extend(each.iter().map(String::as_str));
    project.good(&destroy);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 7);
    cloud.stop().unwrap();
}

#[test]
fn the_id_of_a_key_may_be_typed_instead() {
    if !program::is_installed("script", "--version") {
        eprintln!("SKIPPED: there is no script to play a terminal, so nobody was asked");
        return;
    }
    let (cloud, project) = with_a_key("");
    let state: serde_json::Value = serde_json::from_str(&project.text("terraform.tfstate")).unwrap();
    let id = state["resources"][0]["instances"][0]["attributes"]["id"]
        .as_str()
        .unwrap();
    for typed in ["yes\nyes\n", "yes\n\n", "yes\naws_kms_key.k\n"] {
        let ran = at_terminal(&project, "destroy -no-color", typed);
        ran.says(&[
            "Destroy aws_kms_key.k?",
            "Type its id to confirm",
            "Destruction refused",
        ]);
        assert_eq!(ran.code, Some(REFUSED), "{ran:?}");
    }
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    let ran = at_terminal(&project, "destroy -no-color", &format!("yes\n{id}\n"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    cloud.stop().unwrap();
}

#[test]
fn a_key_that_somebody_has_scheduled_for_deletion_is_called_back_and_not_made_anew() {
    let key = "\n  description         = \"d\"\n  enable_key_rotation = true\n";
    let (cloud, project) = {
        let cloud = clouds(Faults::default());
        let text = format!("resource \"aws_kms_key\" \"k\" {{{key}}}");
        let project = Project::new(&at(cloud.address, &text));
        project.good(APPLY);
        (cloud, project)
    };
    let state = project.text("terraform.tfstate");
    project.good(&["destroy", "-auto-approve", "-destroy-key=aws_kms_key.k"]);
    project.write("terraform.tfstate", &state);
    // As if it had been somebody else.
    let plan = project.run(&["plan", "-out=saved"]);
    plan.says(&[
        "Object is pending deletion",
        "Apply calls the deletion off",
        "aws_kms_key.k will be called back from its deletion and updated in-place",
        "~ is_enabled",
        "0 to add, 1 to change, 0 to destroy",
    ]);
    project.good(&["apply", "saved"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    assert_eq!(calls(cloud.address, "CancelKeyDeletion"), 1);
    project.good(&["plan", "-detailed-exitcode"]);
    project.good(&["drift"]);
    cloud.stop().unwrap();
}
