//! Saved plans: what they hold, what they do, and when they are refused.

use std::os::unix::fs::symlink;

use fs_err as fs;
use keyform::sandbox::Faults;

use super::{Project, at, calls, clouds, mode};

const SECRET: &str = "hunter2-correct-horse";
const CONFIGURATION: &str = r#"
variable "secret" {
  sensitive = true
}
variable "plain" {
  default = "one"
}
resource "terraform_data" "a" {
  input = "secret: ${var.secret}"
}
resource "terraform_data" "b" {
  input = var.plain
}
"#;

fn planned() -> Project {
    let project = Project::new(CONFIGURATION);
    let secret = format!("-var=secret={SECRET}");
    project.good(&["plan", "-out=saved", &secret]);
    project
}

#[test]
fn a_saved_plan_does_exactly_what_was_planned() {
    let project = planned();
    // What stands in the folder since then is of no interest.
    project.write(
        "main.tf",
        CONFIGURATION.replace("one", "two").replace("\"b\"", "\"c\""),
    );
    let told = project.good(&["apply", "saved"]);
    assert!(told.contains("2 added"), "{told}");
    assert_eq!(project.recorded(), ["terraform_data.a", "terraform_data.b"]);
    let state = project.text("terraform.tfstate");
    assert!(state.contains("\"one\"") && state.contains(SECRET), "{state}");
}

#[test]
fn outputs_that_were_not_planned_are_not_applied() {
    let project = Project::new("output \"x\" {\n  value = file(\"f\")\n}");
    project.write("f", "one");
    project.good(&["plan", "-out=saved"]);
    project.write("f", "two");
    project.bad(
        &["apply", "saved"],
        &[
            "Saved plan is stale",
            "a file that the configuration reads has changed",
        ],
    );
    project.write("f", "one");
    assert!(project.good(&["apply", "saved"]).contains("x = \"one\""));
}

#[test]
fn a_saved_plan_shows_no_secret() {
    let project = planned();
    let bytes = project.read("saved");
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, SECRET);
    for form in [SECRET, &encoded[..20], "hunter2", "terraform_data"] {
        assert!(
            !bytes.windows(form.len()).any(|window| window == form.as_bytes()),
            "{form}"
        );
    }
    assert_eq!(mode(&project.path("saved")), 0o600);
    let told = project.good(&["show", "saved"]);
    assert!(
        told.contains("terraform_data.a will be created") && !told.contains(SECRET),
        "{told}"
    );
    let ran = project.good(&["apply", "saved"]);
    assert!(!ran.contains(SECRET), "{ran}");
}

#[test]
fn a_plan_of_another_state_is_refused() {
    let project = planned();
    project.good(&["apply", "saved"]);
    let state = project.text("terraform.tfstate");
    project.bad(
        &["apply", "saved"],
        &["Saved plan is stale", "changed by another operation"],
    );
    // Not even under the same serial and lineage.
    let secret = format!("-var=secret={SECRET}x");
    project.good(&["plan", "-out=saved", &secret]);
    project.write("terraform.tfstate", state.replace("\"one\"", "\"odd\""));
    project.bad(&["apply", "saved"], &["Saved plan is stale"]);
    let lineage = regex::Regex::new("\"lineage\": \"[^\"]*\"").unwrap();
    project.write(
        "terraform.tfstate",
        lineage.replace(&state, "\"lineage\": \"other\"").as_bytes(),
    );
    project.bad(
        &["apply", "saved"],
        &["Saved plan is stale", "belongs to another state"],
    );
    println!(
        "R23: states that moved on, were edited under their serial or belong elsewhere, and take a plan = 0 of 3"
    );
}

#[test]
fn a_plan_that_was_tampered_with_is_refused() {
    let project = planned();
    let whole = project.read("saved");
    let places = (0..whole.len()).step_by(97);
    println!("R23: changed plans that are accepted = 0 of {}", places.len() + 5);
    for at in places {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        project.write("saved", &bytes);
        let ran = project.run(&["apply", "saved"]);
        assert_eq!(ran.code, Some(1), "{at}: {ran:?}");
    }
    for end in [0, 5, 20, whole.len() / 2, whole.len() - 1] {
        project.write("saved", &whole[..end]);
        assert_eq!(project.run(&["apply", "saved"]).code, Some(1), "{end}");
        assert_eq!(project.run(&["show", "saved"]).code, Some(1), "{end}");
    }
    assert!(project.recorded().is_empty());
}

#[test]
fn a_plan_sealed_with_another_key_is_refused() {
    let project = planned();
    project.write(".keyform/plan.key", "00".repeat(32));
    project.bad(
        &["apply", "saved"],
        &["Failed to load plan file", "sealed with another key"],
    );
    fs::remove_file(project.path(".keyform/plan.key")).unwrap();
    project.bad(&["apply", "saved"], &["Failed to load plan file"]);
    project.bad(&["show", "saved"], &["plan file"]);
}

#[test]
fn a_plan_of_another_workspace_is_refused() {
    let project = planned();
    project.good(&["workspace", "new", "other"]);
    project.bad(
        &["apply", "saved"],
        &["Saved plan is for another workspace", "\"default\"", "\"other\""],
    );
}

#[test]
fn a_plan_of_terraform_is_refused() {
    let project = Project::new("resource \"terraform_data\" \"a\" {}");
    // What its plans begin with: they are archives.
    project.write("saved", b"PK\x03\x04\x14\0\x08\0\x08\0tfplan");
    project.bad(&["apply", "saved"], &["Failed to load plan file"]);
    if let Some(mut terraform) = project.terraform(&["plan", "-out=theirs"]) {
        assert!(terraform.output().unwrap().status.success());
        project.bad(&["apply", "theirs"], &["Failed to load plan file"]);
        project.bad(&["show", "theirs"], &["theirs"]);
    }
}

#[test]
fn options_of_planning_do_not_go_with_a_saved_plan() {
    let project = planned();
    for option in [
        "-var=plain=x",
        "-target=terraform_data.a",
        "-replace=terraform_data.a",
        "-destroy",
        "-refresh-only",
    ] {
        project.bad(&["apply", option, "saved"], &["when applying a saved plan"]);
    }
    assert!(project.recorded().is_empty());
}

#[test]
fn a_saved_plan_is_shown_without_a_cloud() {
    let cloud = clouds(Faults::default());
    let rest = "data \"aws_caller_identity\" \"me\" {}\nresource \"aws_kms_key\" \"k\" {\n  description = data.aws_caller_identity.me.account_id\n}";
    let project = Project::new(&at(cloud.address, rest));
    project.good(&["plan", "-out=saved"]);
    let saved = project.read("saved");
    project.good(&["apply", "saved"]);
    project.good(&["plan", "-out=again"]);
    let before = calls(cloud.address, "GetCallerIdentity");
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    cloud.stop().unwrap();
    assert!(before > 0);
    project.write("saved", saved);
    fs::remove_file(project.path("main.tf")).unwrap();
    let told = project.good(&["show", "saved"]);
    assert!(told.contains("aws_kms_key.k will be created"), "{told}");
    let told: serde_json::Value = serde_json::from_str(&project.good(&["show", "-json", "saved"])).unwrap();
    assert_eq!(told["resource_changes"][0]["address"], "aws_kms_key.k");
    assert!(project.good(&["show", "again"]).contains("No changes"));
}

#[test]
fn a_plan_is_not_written_through_a_link() {
    let project = planned();
    let elsewhere = Project::new("victim");
    fs::remove_file(project.path("saved")).unwrap();
    symlink(elsewhere.path("main.tf"), project.path("saved")).unwrap();
    project.run(&["plan", "-out=saved", "-var=secret=x"]);
    assert_eq!(elsewhere.text("main.tf"), "victim");
}

#[test]
fn a_plan_that_cannot_be_saved_is_an_error() {
    let project = Project::new(CONFIGURATION);
    project.bad(
        &["plan", "-out=missing/saved", "-var=secret=x"],
        &["missing/saved"],
    );
}
