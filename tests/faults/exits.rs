//! Exit codes tell apart what whoever calls must do next.

use keyform::sandbox::Faults;

use super::{LOCKED, Project, REFUSED, UNSETTLED, at, at_both, clouds, failing};

const KEY: &str = "resource \"aws_kms_key\" \"k\" {\n}\n";

fn code(project: &Project, arguments: &[&str]) -> i32 {
    project.run(arguments).code.expect("it ends by itself")
}

#[test]
fn each_ending_has_a_code_of_its_own() {
    let cloud = clouds(Faults {
        latency_ms: 300,
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, KEY));
    let mut first = project.start(&["apply", "-auto-approve"]);
    assert!(first.wait_for(": Creating...", 1));
    let locked = code(&project, &["apply", "-auto-approve"]);
    assert_eq!(first.end().code, Some(0));
    let done = code(&project, &["plan", "-detailed-exitcode"]);
    let refused = code(&project, &["destroy", "-auto-approve"]);
    project.write(
        "main.tf",
        at(cloud.address, &KEY.replace("{\n", "{\n  description = \"d\"\n")),
    );
    let changes = code(&project, &["plan", "-detailed-exitcode"]);
    project.write("main.tf", "resource {");
    let error = code(&project, &["plan", "-detailed-exitcode"]);
    cloud.stop().unwrap();

    let lossy = failing("CreateKey", "close", true);
    let mut lost = Project::new(&at(lossy.address, KEY));
    lost.markers = false;
    let unsettled = code(&lost, &["apply", "-auto-approve"]);
    lossy.stop().unwrap();

    let codes = [done, error, changes, unsettled, locked, refused];
    println!("R28: done, error, changes, unsettled, locked, refused = {codes:?}");
    assert_eq!(codes, [0, 1, 2, UNSETTLED, LOCKED, REFUSED]);
}

/// Only builds with debug assertions can be told to crash. They unwind, and end with 101; what users get aborts.
#[test]
fn a_crash_has_an_ending_of_its_own_and_tells_no_secret() {
    let profile = include_str!("../../Cargo.toml")
        .split("[profile.release]")
        .nth(1)
        .unwrap();
    assert!(profile.split("\n[").next().unwrap().contains("panic = \"abort\""));
    if crate::program::is_optimised() {
        println!("SKIPPED: a program as users get it cannot be told to crash (R28)");
        return;
    }
    let project = Project::new("");
    let secret = "canary-of-a-crash";
    let mut command = project.command(&["plan", "-detailed-exitcode"]);
    command
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .env("KEYFORM_TEST_CRASH", format!("it ends here, with {secret}"));
    let ran = super::ran(command);
    println!("R28: a crash ends with {:?}, or by a signal", ran.code);
    assert!(ran.code.is_none_or(|code| code >= 101), "{ran:?}");
    ran.says(&["panicked at", "it ends here, with (sensitive value)"]);
    assert!(!ran.stderr.contains(secret) && ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn who_is_protected_is_refused_by_a_guard() {
    let cloud = clouds(Faults::default());
    for block in [
        "resource \"aws_kms_key\" \"k\" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n",
        "resource \"alicloud_kms_key\" \"k\" {\n  deletion_protection = \"Enabled\"\n}\n",
    ] {
        let project = Project::new(&at_both(cloud.address, block));
        project.good(&["apply", "-auto-approve"]);
        assert_eq!(code(&project, &["plan", "-destroy"]), REFUSED, "{block}");
        let state = project.text("terraform.tfstate");
        assert_eq!(code(&project, &["destroy", "-auto-approve"]), REFUSED, "{block}");
        assert_eq!(project.text("terraform.tfstate"), state);
    }
    cloud.stop().unwrap();
}

#[test]
fn a_run_ends_unsettled_as_long_as_nobody_can_look_for_what_was_left_open() {
    let denied = super::rule("ListKeys", "AccessDeniedException", false, 1000);
    let cloud = clouds(Faults {
        rules: vec![super::rule("CreateKey", "close", true, 1), denied],
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, KEY));
    assert_eq!(code(&project, &["apply", "-auto-approve"]), UNSETTLED);
    // It is no longer declared; what is declared is done all the same.
    let other = "resource \"terraform_data\" \"t\" {\n}\n";
    project.write("main.tf", at(cloud.address, other));
    for _ in 0..2 {
        let told = ["Unclear, may exist without being recorded", "aws_kms_key.k"];
        project.ends(UNSETTLED, &["apply", "-auto-approve"], &told);
        assert_eq!(project.recorded(), ["terraform_data.t"]);
    }
    project.good(&["recover", "-abandon", "aws_kms_key.k"]);
    project.good(&["apply", "-auto-approve"]);
    cloud.stop().unwrap();
}
