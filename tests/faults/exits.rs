//! Exit codes tell apart what whoever calls must do next.

use keyform::sandbox::{Faults, Running};

use super::replacements::{age, check_settled};
use super::{LOCKED, Project, REFUSED, UNSETTLED, at, at_both, calls, clouds, failing, misbehave};

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
    check_stays_open(cloud, &project);
}

/// The other resource is made, and the key stays open until its user abandons it.
#[track_caller]
fn check_stays_open(cloud: Running, project: &Project) {
    for _ in 0..2 {
        let told = ["Unclear, may exist without being recorded", "aws_kms_key.k"];
        project.ends(UNSETTLED, &["apply", "-auto-approve"], &told);
        assert_eq!(project.recorded(), ["terraform_data.t"]);
    }
    project.good(&["recover", "-abandon", "aws_kms_key.k"]);
    project.good(&["apply", "-auto-approve"]);
    cloud.stop().unwrap();
}

const OTHER: &str = "resource \"terraform_data\" \"t\" {\n}\n";

#[test]
fn no_command_that_changes_or_compares_ends_well_while_something_is_open() {
    let cloud = failing("CreateKey", "close", false);
    let project = Project::new(&at(cloud.address, &(OTHER.to_owned() + KEY)));
    project.ends(UNSETTLED, &["apply", "-auto-approve"], &["Unclear, may exist"]);
    let left_out = ["-target=terraform_data.t", "-exclude=aws_kms_key.k"];
    for left_out in left_out {
        let apply = ["apply", "-auto-approve", left_out];
        project.ends(UNSETTLED, &apply, &["Unclear, may exist", "aws_kms_key.k"]);
    }
    project.write("main.tf", at(cloud.address, OTHER));
    let told = ["Operations are still open", "aws_kms_key.k", "recover -list"];
    for part in [
        "-destroy",
        "-target=terraform_data.t",
        "-refresh-only",
        "-refresh=true",
    ] {
        project.ends(UNSETTLED, &["plan", "-detailed-exitcode", part], &told);
        // A plan could be made.
        project.ends(0, &["plan", part], &told);
    }
    project.ends(UNSETTLED, &["drift"], &told);
    let applies: [&[&str]; 4] = [
        &["apply", "-auto-approve"],
        &["apply", "-auto-approve", "-refresh-only"],
        &["refresh"],
        &["destroy", "-auto-approve"],
    ];
    for apply in applies {
        let told = ["Unclear, may exist without being recorded", "aws_kms_key.k"];
        project.ends(UNSETTLED, apply, &told);
    }
    assert!(project.recorded().is_empty());
    age(&project);
    project.good(&["plan"]);
    project.good(&["apply", "-auto-approve"]);
    project.good(&["recover", "-list"]);
    project.good(&["drift"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    cloud.stop().unwrap();
}

#[test]
fn what_cannot_be_looked_for_stays_open_and_is_told_though_it_is_declared_no_more() {
    let cloud = failing("CreateKey", "close", true);
    let project = Project::without_markers(&at(cloud.address, KEY));
    project.ends(UNSETTLED, &["apply", "-auto-approve"], &["Unclear, may exist"]);
    project.write("main.tf", at(cloud.address, OTHER));
    age(&project);
    check_stays_open(cloud, &project);
}

#[test]
fn a_secret_of_which_nothing_was_heard_is_looked_for_though_it_is_declared_no_more() {
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"hunter2-hunter2\"\n  version_id = \"v1\"\n}\n";
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, secret));
    misbehave(
        cloud.address,
        r#"[{"action":"CreateSecret","error":"close","after":true},{"action":"DescribeSecret","error":"NoPermission","times":9}]"#,
    );
    project.ends(UNSETTLED, &["apply", "-auto-approve"], &["Unclear, may exist"]);
    misbehave(cloud.address, "[]");
    project.write("main.tf", at_both(cloud.address, ""));
    project.ends(REFUSED, &["apply", "-auto-approve"], &["alicloud_kms_secret.s"]);
    project.good(&["apply", "-auto-approve", "-destroy-key=alicloud_kms_secret.s"]);
    assert_eq!(calls(cloud.address, "DeleteSecret"), 1);
    check_settled(cloud, &project);
}
