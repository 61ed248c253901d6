//! Keys that are disabled or left as they are in place of being destroyed: `on_destroy`.

use keyform::sandbox::{self, Faults, Running};

use super::{Project, Ran, at, calls, clouds, control, failing};

const APPLY: &[&str] = &["apply", "-auto-approve"];

/// A key whose lifecycle says this.
fn key(lifecycle: &str, rest: &str) -> String {
    format!("resource \"aws_kms_key\" \"k\" {{\n  {rest}\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n")
}

/// A project with this in a cloud, applied.
fn applied(text: &str) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, text));
    project.good(APPLY);
    (cloud, project)
}

/// How many keys were disabled, and how many scheduled for deletion.
fn ended(cloud: &Running) -> (u64, u64) {
    (
        calls(cloud.address, "DisableKey"),
        calls(cloud.address, "ScheduleKeyDeletion"),
    )
}

#[track_caller]
fn has_no_objects(project: &Project) {
    assert_eq!(project.good(&["state", "list"]), "");
}

#[test]
fn a_key_is_disabled_and_forgotten_when_all_is_destroyed() {
    let (cloud, project) = applied(&key("on_destroy = \"disable\"", ""));
    project.run(&["plan", "-destroy", "-no-color"]).says(&[
        "# aws_kms_key.k will be disabled and no longer be managed by Terraform, but will not be destroyed",
        "# (its lifecycle says on_destroy = \"disable\")",
        "0 to add, 0 to change, 0 to destroy",
        "- aws_kms_key.k, which is disabled first",
    ]);
    let ran = project.run(&["destroy", "-auto-approve", "-no-color"]);
    ran.says(&["aws_kms_key.k: Disabling...", "aws_kms_key.k: Disabling complete"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ended(&cloud), (1, 0));
    has_no_objects(&project);
    cloud.stop().unwrap();
}

#[test]
fn a_key_is_kept_as_it_is_when_all_is_destroyed() {
    let (cloud, project) = applied(&key("on_destroy = \"retain\"", ""));
    project.run(&["plan", "-destroy", "-no-color"]).says(&[
        "# aws_kms_key.k will no longer be managed by Terraform, but will not be destroyed",
        "# (its lifecycle says on_destroy = \"retain\")",
    ]);
    project.good(&["destroy", "-auto-approve"]);
    assert_eq!(ended(&cloud), (0, 0));
    has_no_objects(&project);
    cloud.stop().unwrap();
}

#[test]
fn what_the_lifecycle_said_holds_when_the_block_is_gone() {
    for (word, expected) in [("disable", (1, 0)), ("retain", (0, 0))] {
        let (cloud, project) = applied("resource \"aws_kms_key\" \"k\" {}\n");
        // Nothing changes, but that it is noted.
        let text = key(&format!("on_destroy = \"{word}\""), "");
        project.write("main.tf", at(cloud.address, &text));
        let told = project.good(APPLY);
        assert!(told.contains("No changes."), "{told}");
        let noted = format!("\"on_destroy\": \"{word}\"");
        assert!(project.text("terraform.tfstate").contains(&noted));
        project.write("main.tf", at(cloud.address, ""));
        let told = project.good(APPLY);
        assert!(told.contains("but will not be destroyed"), "{told}");
        assert_eq!(ended(&cloud), expected, "{word}");
        has_no_objects(&project);
        cloud.stop().unwrap();
    }
}

#[test]
fn what_the_lifecycle_said_holds_when_its_module_is_gone() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, "module \"m\" {\n  source = \"./m\"\n}\n"));
    fs_err::create_dir(project.path("m")).unwrap();
    project.write("m/main.tf", key("on_destroy = \"disable\"", "count = 2"));
    project.good(APPLY);
    project.write("main.tf", at(cloud.address, ""));
    project.good(APPLY);
    assert_eq!(ended(&cloud), (2, 0));
    has_no_objects(&project);
    cloud.stop().unwrap();
}

#[test]
fn an_argument_that_is_taken_out_holds_no_more() {
    let (cloud, project) = applied(&key("on_destroy = \"disable\"", ""));
    project.write(
        "main.tf",
        at(cloud.address, "resource \"aws_kms_key\" \"k\" {}\n"),
    );
    project.good(APPLY);
    assert!(!project.text("terraform.tfstate").contains("on_destroy"));
    project.write("main.tf", at(cloud.address, ""));
    project.ends(super::REFUSED, APPLY, &["Destruction refused"]);
    assert_eq!(ended(&cloud), (0, 0));
    cloud.stop().unwrap();
}

#[test]
fn a_removed_block_says_more_than_the_record() {
    let removed = |destroy: bool| {
        format!("removed {{\n  from = aws_kms_key.k\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n")
    };
    let (cloud, project) = applied(&key("on_destroy = \"disable\"", ""));
    project.write("main.tf", at(cloud.address, &removed(true)));
    project.ends(super::REFUSED, APPLY, &["Destruction refused"]);
    project.write("main.tf", at(cloud.address, &removed(false)));
    project.good(APPLY);
    assert_eq!(ended(&cloud), (0, 0));
    has_no_objects(&project);
    cloud.stop().unwrap();
}

#[test]
fn a_replaced_key_is_disabled_or_left_as_it_is() {
    let other = "customer_master_key_spec = \"HMAC_256\"\n  key_usage = \"GENERATE_VERIFY_MAC\"";
    for (lifecycle, expected, said) in [
        (
            "on_destroy = \"disable\"",
            (1, 0),
            "the old object is disabled and forgotten",
        ),
        (
            "on_destroy = \"disable\"\n    create_before_destroy = true",
            (1, 0),
            "create replacement and then forget",
        ),
        (
            "on_destroy = \"retain\"",
            (0, 0),
            "the old object stays as it is and is forgotten",
        ),
        (
            "on_destroy = \"retain\"\n    create_before_destroy = true",
            (0, 0),
            "1 to add, 0 to change, 0 to destroy",
        ),
    ] {
        let (cloud, project) = applied(&key(lifecycle, ""));
        project.write("main.tf", at(cloud.address, &key(lifecycle, other)));
        let told = project.good(APPLY);
        assert!(told.contains(said), "{told}");
        assert_eq!(ended(&cloud), expected, "{lifecycle}");
        assert_eq!(calls(cloud.address, "CreateKey"), 2);
        project.good(&["plan", "-detailed-exitcode"]);
        let state = project.text("terraform.tfstate");
        assert_eq!(state.matches("\"schema_version\"").count(), 1, "{state}");
        cloud.stop().unwrap();
    }
}

#[test]
fn a_plan_as_json_says_what_becomes_of_a_key() {
    let (cloud, project) = applied(&key("on_destroy = \"disable\"", ""));
    let change = |arguments: &[&str]| -> serde_json::Value {
        project.good(&[&["plan", "-out=p"], arguments].concat());
        let shown = project.good(&["show", "-json", "p"]);
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        shown["resource_changes"][0]["change"].clone()
    };
    let gone = change(&["-destroy"]);
    assert_eq!(gone["actions"], serde_json::json!(["forget"]));
    assert_eq!(gone["on_destroy"], "disable");
    let replaced = change(&["-replace=aws_kms_key.k"]);
    assert_eq!(replaced["actions"], serde_json::json!(["forget", "create"]));
    // A saved plan does it.
    project.good(&["apply", "p"]);
    assert_eq!(ended(&cloud), (1, 0));
    cloud.stop().unwrap();
}

#[test]
fn a_key_that_cannot_be_disabled_stays_in_the_state() {
    let cloud = failing("DisableKey", "AccessDeniedException", false);
    let project = Project::new(&at(cloud.address, &key("on_destroy = \"disable\"", "")));
    project.good(APPLY);
    let ran: Ran = project.run(&["destroy", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(project.good(&["state", "list"]), "aws_kms_key.k\n");
    project.good(&["destroy", "-auto-approve"]);
    has_no_objects(&project);
    cloud.stop().unwrap();
}

#[test]
fn a_disabled_key_can_be_taken_back() {
    let (cloud, project) = applied(&key("on_destroy = \"disable\"", ""));
    let state: serde_json::Value = serde_json::from_str(&project.text("terraform.tfstate")).unwrap();
    let id = &state["resources"][0]["instances"][0]["attributes"]["id"];
    project.good(&["destroy", "-auto-approve"]);
    let import = format!("import {{\n  to = aws_kms_key.k\n  id = {id}\n}}\n");
    let text = import + &key("on_destroy = \"disable\"", "");
    project.write("main.tf", at(cloud.address, &text));
    project.good(APPLY);
    assert_eq!(calls(cloud.address, "EnableKey"), 1);
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    cloud.stop().unwrap();
}

#[test]
fn a_key_of_alibaba_cloud_is_disabled() {
    let cloud = clouds(Faults::default());
    let provider = format!(
        "provider \"alicloud\" {{\n  region = \"eu-central-1\"\n  access_key = \"{}\"\n  secret_key = \"{}\"\n  endpoints {{\n    kms = \"http://{}\"\n  }}\n}}\n",
        sandbox::ALICLOUD_ACCESS_KEY_ID,
        sandbox::ALICLOUD_ACCESS_KEY_SECRET,
        cloud.address
    );
    let key = "resource \"alicloud_kms_key\" \"k\" {\n  lifecycle {\n    on_destroy = \"disable\"\n  }\n}\n";
    let project = Project::new(&(provider.clone() + key));
    project.good(APPLY);
    project.write("main.tf", provider);
    project.good(APPLY);
    let told: serde_json::Value = serde_json::from_str(&control(cloud.address, "GET", "calls", "")).unwrap();
    assert_eq!(told["alicloud"]["DisableKey"], 1, "{told}");
    assert!(told["alicloud"]["ScheduleKeyDeletion"].is_null(), "{told}");
    has_no_objects(&project);
    cloud.stop().unwrap();
}

#[test]
fn terraform_reads_a_state_that_says_what_becomes_of_keys() {
    let (cloud, project) = applied(&key("on_destroy = \"disable\"", ""));
    assert!(project.text("terraform.tfstate").contains("on_destroy"));
    // It does not know the argument, so the configuration cannot be shared.
    project.write("main.tf", "");
    if let Some(mut terraform) = project.terraform(&["state", "list"]) {
        let output = terraform.output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "aws_kms_key.k\n",
            "{output:?}"
        );
    }
    cloud.stop().unwrap();
}
