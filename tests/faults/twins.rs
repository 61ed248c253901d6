//! One key at two addresses: it does not end at the one while the other keeps it.

use keyform::sandbox::{Faults, Running};

use super::{Project, REFUSED, at, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color"];

fn key(name: &str, lifecycle: &str) -> String {
    format!("resource \"aws_kms_key\" \"{name}\" {{\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n")
}

/// A project with the key `k`, and its id.
fn applied(lifecycle: &str) -> (Running, Project, String) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &key("k", lifecycle)));
    project.good(APPLY);
    let shown = project.good(&["state", "show", "-no-color", "aws_kms_key.k"]);
    let id = shown.lines().find_map(|line| line.trim().strip_prefix("key_id"));
    let id = id.unwrap().trim_matches([' ', '=', '"']).to_owned();
    (cloud, project, id)
}

/// A project in whose state the key stands at `z` too, as Terraform lets it.
fn doubled(k: &str, z: &str) -> (Running, Project) {
    let (cloud, project, _) = applied(k);
    let state = project.text("terraform.tfstate");
    let mut state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let mut twin = state["resources"][0].clone();
    twin["name"] = "z".into();
    state["resources"].as_array_mut().unwrap().push(twin);
    project.write("terraform.tfstate", state.to_string());
    project.write("main.tf", at(cloud.address, &(key("k", k) + &key("z", z))));
    project.good(APPLY);
    (cloud, project)
}

#[track_caller]
fn lives(cloud: &Running) {
    for action in ["ScheduleKeyDeletion", "DisableKey"] {
        assert_eq!(calls(cloud.address, action), 0, "{action}");
    }
}

#[test]
fn what_is_recorded_is_not_imported_to_another_address() {
    let (cloud, project, id) = applied("prevent_destroy = true");
    let text = key("k", "prevent_destroy = true") + &key("z", "");
    let import = format!("import {{\n  to = aws_kms_key.z\n  id = \"{id}\"\n}}\n");
    project.write("main.tf", at(cloud.address, &(text.clone() + &import)));
    project.bad(
        APPLY,
        &[
            "Object is managed already",
            "state mv 'aws_kms_key.k' 'aws_kms_key.z'",
        ],
    );
    project.write("main.tf", at(cloud.address, &text));
    project.bad(&["import", "aws_kms_key.z", &id], &["Object is managed already"]);
    assert_eq!(project.recorded(), ["aws_kms_key.k"]);
    // What leaves the state in the same plan makes room.
    let removed = "removed {\n  from = aws_kms_key.k\n  lifecycle {\n    destroy = false\n  }\n}\n";
    project.write("main.tf", at(cloud.address, &(key("z", "") + &import + removed)));
    project.good(APPLY);
    assert_eq!(project.recorded(), ["aws_kms_key.z"]);
    lives(&cloud);
    cloud.stop().unwrap();
}

#[test]
fn a_key_does_not_end_at_one_address_while_another_has_it() {
    for (k, z) in [("prevent_destroy = true", ""), ("", "on_destroy = \"disable\"")] {
        let (cloud, project) = doubled(k, z);
        project.write("main.tf", at(cloud.address, &key("k", k)));
        let name: &[&str] = &["-destroy-key=aws_kms_key.z"];
        let said = ["Object is kept at another address", "state rm 'aws_kms_key.z'"];
        project.ends(REFUSED, &[APPLY, name].concat(), &said);
        lives(&cloud);
        project.good(&["state", "rm", "aws_kms_key.z"]);
        project.ends(0, &["plan", "-no-color"], &["No changes."]);
        cloud.stop().unwrap();
    }
}

#[test]
fn a_key_that_goes_at_both_addresses_goes() {
    let (cloud, project) = doubled("", "");
    let names: &[&str] = &["-destroy-key=aws_kms_key.k", "-destroy-key=aws_kms_key.z"];
    project.good(&[&["destroy", "-auto-approve"], names].concat());
    assert_eq!(project.recorded(), Vec::<String>::new());
    cloud.stop().unwrap();
}

#[test]
fn a_key_that_is_kept_at_one_address_does_not_end_at_the_other() {
    let (cloud, project) = doubled("on_destroy = \"retain\"", "");
    let destroy: &[&str] = &["destroy", "-auto-approve", "-destroy-key=aws_kms_key.z"];
    project.ends(REFUSED, destroy, &["Object is kept at another address"]);
    lives(&cloud);
    cloud.stop().unwrap();
}
