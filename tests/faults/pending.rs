//! Objects that somebody else has scheduled for deletion: they are still there, so they are neither forgotten nor left to
//! die without a word.

use keyform::sandbox::{Faults, Running};

use super::{Project, REFUSED, at_both, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const NAMED: &str = "-destroy-key=aws_kms_key.k";

/// A key with this in it and in its lifecycle.
fn key(arguments: &str, lifecycle: &str) -> String {
    format!("resource \"aws_kms_key\" \"k\" {{\n  {arguments}\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n")
}

/// A project with this, all of which somebody else has scheduled for deletion.
fn pending(text: &str, all: &[&str]) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, text));
    project.good(APPLY);
    let state = project.text("terraform.tfstate");
    // As if it had been somebody else.
    let plain = "prevent_destroy = false";
    let unprotected = text
        .replace("prevent_destroy = true", plain)
        .replace("on_destroy = \"retain\"", plain)
        .replace("on_destroy = \"disable\"", plain);
    project.write("main.tf", at_both(cloud.address, &unprotected));
    let named = all
        .iter()
        .flat_map(|name| [format!("-destroy-key={name}"), format!("-target={name}")]);
    let named: Vec<String> = named.collect();
    let mut destroy = vec!["destroy", "-auto-approve"];
    destroy.extend(named.iter().map(String::as_str));
    project.good(&destroy);
    project.write("main.tf", at_both(cloud.address, text));
    project.write("terraform.tfstate", &state);
    (cloud, project)
}

#[test]
fn who_only_looks_forgets_nothing_that_is_pending_deletion() {
    let text = key("", "prevent_destroy = true")
        + "resource \"alicloud_kms_key\" \"k\" {}\nresource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"1\"\n}\noutput \"id\" {\n  value = aws_kms_key.k.id\n}\n";
    let all = ["alicloud_kms_key.k", "alicloud_kms_secret.s", "aws_kms_key.k"];
    let (cloud, project) = pending(&text, &all);
    let id = project.good(&["output", "id"]);
    let plan = project.good(&["plan", "-refresh-only", "-no-color", "-out=p"]);
    for name in all {
        let head = format!("# {name} is pending deletion until 20");
        assert!(plan.contains(&head), "{plan}");
    }
    assert!(!plan.contains("has been deleted"), "{plan}");
    let json: serde_json::Value = serde_json::from_str(&project.good(&["show", "-json", "p"])).unwrap();
    let told = &json["resource_drift"][2];
    assert_eq!(told["address"], "aws_kms_key.k");
    assert_eq!(told["change"]["actions"][0], "no-op");
    assert!(told["keyform"]["pending_deletion"]["date"].is_string(), "{told}");
    for look in [
        &["apply", "-refresh-only", "-auto-approve"][..],
        &["refresh"],
        &["apply", "p"],
    ] {
        let ran = project.run(look);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(project.recorded(), all);
        assert_eq!(project.good(&["output", "id"]), id);
    }
    let ran = project.run(&["drift"]);
    ran.says(&["aws_kms_key.k: pending deletion"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    project.good(APPLY);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    assert_eq!(calls(cloud.address, "CancelKeyDeletion"), 2);
    assert_eq!(project.good(&["output", "id"]), id);
    cloud.stop().unwrap();
}

#[test]
fn what_is_protected_is_not_forgotten_because_it_is_pending_deletion() {
    let protected = key("", "prevent_destroy = true");
    let (cloud, project) = pending(&protected, &["aws_kms_key.k"]);
    let destroy = &["destroy", "-auto-approve"];
    project.ends(
        REFUSED,
        destroy,
        &["Object is pending deletion", "Instance cannot be destroyed"],
    );
    project.ends(
        REFUSED,
        &["destroy", "-auto-approve", NAMED],
        &["Instance cannot be destroyed"],
    );
    // Its block is gone, and the state remembers.
    project.write("main.tf", at_both(cloud.address, ""));
    for command in [APPLY, destroy] {
        project.ends(
            REFUSED,
            command,
            &[
                "Object is pending deletion",
                "Protected instance cannot be destroyed",
            ],
        );
    }
    assert_eq!(project.recorded(), ["aws_kms_key.k"]);
    project.good(&["destroy", "-auto-approve", NAMED]);
    assert!(project.recorded().is_empty());
    cloud.stop().unwrap();
}

#[test]
fn destroy_says_of_what_it_only_forgets_that_it_is_pending_deletion() {
    let (cloud, project) = pending(&key("", ""), &["aws_kms_key.k"]);
    let ran = project.run(&["destroy", "-auto-approve"]);
    ran.says(&[
        "Object is pending deletion",
        "it is lost for ever on 20",
        "There is nothing left to destroy: this plan only takes it out of the state",
        "0 destroyed",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    cloud.stop().unwrap();
}

/// The key pending deletion, of which a replacement is wished; its calls to create, call back, schedule and disable.
#[track_caller]
fn replaced(lifecycle: &str, arguments: &[&str], code: i32, ended: [u64; 4]) {
    let (cloud, project) = pending(&key("", lifecycle), &["aws_kms_key.k"]);
    project.write(
        "main.tf",
        at_both(cloud.address, &key("multi_region = true", lifecycle)),
    );
    let ran = project.run(&[APPLY, arguments].concat());
    ran.says(&["Object is pending deletion"]);
    assert_eq!(ran.code, Some(code), "{ran:?}");
    let actions = [
        "CreateKey",
        "CancelKeyDeletion",
        "ScheduleKeyDeletion",
        "DisableKey",
    ];
    assert_eq!(
        actions.map(|action| calls(cloud.address, action)),
        ended,
        "{ran:?}"
    );
    assert_eq!(project.recorded(), ["aws_kms_key.k"]);
    cloud.stop().unwrap();
}

#[test]
fn a_replacement_of_what_is_pending_deletion_is_named_as_any_other() {
    replaced("", &[], REFUSED, [1, 0, 1, 0]);
    replaced("", &[NAMED], 0, [2, 1, 2, 0]);
    replaced("create_before_destroy = true", &[], REFUSED, [1, 0, 1, 0]);
    replaced("create_before_destroy = true", &[NAMED], 0, [2, 1, 2, 0]);
}

#[test]
fn a_replacement_of_what_is_pending_deletion_leaves_the_old_object_as_its_lifecycle_says() {
    replaced("prevent_destroy = true", &[NAMED], REFUSED, [1, 0, 1, 0]);
    replaced("on_destroy = \"retain\"", &[], 0, [2, 1, 1, 0]);
    replaced("on_destroy = \"disable\"", &[], 0, [2, 1, 1, 1]);
}

#[test]
fn a_plan_tells_that_what_it_replaces_is_called_back_first() {
    let (cloud, project) = pending(&key("", ""), &["aws_kms_key.k"]);
    project.write("main.tf", at_both(cloud.address, &key("multi_region = true", "")));
    let plan = project.good(&["plan", "-no-color"]);
    for said in [
        "1 key will be scheduled for deletion:",
        "# aws_kms_key.k must be replaced",
        "# (it is pending deletion, and is called back before it goes)",
        "1 to add, 0 to change, 1 to destroy",
    ] {
        assert!(plan.contains(said), "{plan}");
    }
    cloud.stop().unwrap();
}

/// Two keys with this in their lifecycle, of which the second is pending deletion and is not declared any more.
fn surplus(lifecycle: &str) -> (Running, Project) {
    let (cloud, project) = pending(&key("count = 2", lifecycle), &["aws_kms_key.k[1]"]);
    let one = key("count = 1", lifecycle);
    project.write("main.tf", at_both(cloud.address, &one));
    (cloud, project)
}

/// The calls that call a key back and disable it, and those that schedule it.
fn ended(cloud: &Running) -> [u64; 3] {
    ["CancelKeyDeletion", "DisableKey", "ScheduleKeyDeletion"].map(|action| calls(cloud.address, action))
}

#[test]
fn what_is_pending_deletion_leaves_the_state_in_plain_sight() {
    let (cloud, project) = surplus("");
    let ran = project.run(&["plan", "-detailed-exitcode", "-no-color", "-out=p"]);
    ran.says(&[
        "Object is pending deletion",
        "Nothing declares it any more, so this plan only takes it out of the state",
        "# aws_kms_key.k[1] is pending deletion until 20",
        "aws_kms_key.k[1], which is pending deletion and is not called back",
    ]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    project
        .run(&["show", "-no-color", "p"])
        .says(&["# aws_kms_key.k[1] is pending deletion until 20"]);
    let json: serde_json::Value = serde_json::from_str(&project.good(&["show", "-json", "p"])).unwrap();
    let told = &json["resource_changes"][1];
    assert_eq!(told["address"], "aws_kms_key.k[1]");
    assert_eq!(told["change"]["actions"][0], "forget", "{told}");
    assert!(told["keyform"]["pending_deletion"]["date"].is_string(), "{told}");
    assert_eq!(project.recorded(), ["aws_kms_key.k[0]", "aws_kms_key.k[1]"]);
    project.good(&["apply", "p"]);
    assert_eq!(project.recorded(), ["aws_kms_key.k[0]"]);
    assert_eq!(ended(&cloud), [0, 0, 1]);
    project.run(&["plan"]).says(&["No changes"]);
    cloud.stop().unwrap();
}

#[test]
fn what_is_pending_deletion_and_not_picked_out_stays_in_the_state() {
    let (cloud, project) = surplus("");
    project.good(&["apply", "-auto-approve", "-exclude=aws_kms_key.k[1]"]);
    project.good(&["apply", "-auto-approve", "-target=aws_kms_key.k[0]"]);
    assert_eq!(project.recorded(), ["aws_kms_key.k[0]", "aws_kms_key.k[1]"]);
    cloud.stop().unwrap();
}

/// What becomes of the second key under this lifecycle: the words of it, and the calls that call back, disable and schedule.
#[track_caller]
fn kept(lifecycle: &str, words: &str, calls: [u64; 3]) {
    let (cloud, project) = surplus(lifecycle);
    let ran = project.run(&["plan", "-detailed-exitcode", "-no-color"]);
    ran.says(&[
        "apply calls the deletion off before it takes it out of the state",
        words,
    ]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    project.good(APPLY);
    assert_eq!(project.recorded(), ["aws_kms_key.k[0]"]);
    assert_eq!(ended(&cloud), calls);
    project.run(&["plan"]).says(&["No changes"]);
    cloud.stop().unwrap();
}

#[test]
fn what_its_lifecycle_keeps_is_called_back_before_it_leaves_the_state() {
    kept(
        "on_destroy = \"disable\"",
        "# aws_kms_key.k[1] will be called back from its deletion and be disabled and no longer be managed",
        [1, 1, 1],
    );
    kept(
        "on_destroy = \"retain\"",
        "# aws_kms_key.k[1] will be called back from its deletion and no longer be managed",
        [1, 0, 1],
    );
}

#[test]
fn what_the_state_remembers_to_keep_is_called_back_when_its_block_is_gone() {
    for (lifecycle, calls) in [
        ("on_destroy = \"disable\"", [1, 1, 1]),
        ("on_destroy = \"retain\"", [1, 0, 1]),
    ] {
        let (cloud, project) = pending(&key("", lifecycle), &["aws_kms_key.k"]);
        project.write("main.tf", at_both(cloud.address, ""));
        project.good(APPLY);
        assert!(project.recorded().is_empty());
        assert_eq!(ended(&cloud), calls, "{lifecycle}");
        cloud.stop().unwrap();
    }
}

#[test]
fn what_is_protected_does_not_leave_the_state_because_its_instance_is_gone() {
    let (cloud, project) = surplus("prevent_destroy = true");
    project.ends(
        REFUSED,
        APPLY,
        &["Object is pending deletion", "Instance cannot be destroyed"],
    );
    assert_eq!(project.recorded(), ["aws_kms_key.k[0]", "aws_kms_key.k[1]"]);
    cloud.stop().unwrap();
}
