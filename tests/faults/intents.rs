//! What was begun and not heard of stays known: whatever is said, moved, imported or applied again meanwhile.

use keyform::sandbox::Running;

use super::replacements::{self, check_settled, id, killed, unheard_of};
use super::{Project, at, calls};

const APPLY: &[&str] = &["apply", "-auto-approve"];

/// A state in which an instance has nothing but an object that waits to be destroyed.
fn deposed_only() -> Project {
    let project = Project::new("resource \"terraform_data\" \"d\" {\n  input = 1\n}\n");
    project.good(APPLY);
    let state = project.text("terraform.tfstate");
    project.write(
        "terraform.tfstate",
        state.replace(
            "\"schema_version\"",
            "\"deposed\": \"00000000\", \"schema_version\"",
        ),
    );
    project
}

#[test]
fn an_instance_with_nothing_but_a_former_object_is_not_read_again_and_goes_with_the_rest() {
    let project = deposed_only();
    for look in [&["plan", "-refresh-only"][..], &["drift"], &["refresh"]] {
        project.good(look);
        assert!(project.text("terraform.tfstate").contains("00000000"), "{look:?}");
    }
    project.good(&["plan", "-destroy"]);
    project
        .run(&["destroy", "-auto-approve"])
        .says(&["(deposed object 00000000)", "1 destroyed"]);
    assert!(project.recorded().is_empty());
}

/// A key whose replacement was killed before anything was heard of the new one, and what its block says of its end.
fn interrupted(on_destroy: &str) -> (Running, Project) {
    let key = replacements::KEY.replace("lifecycle {", &format!("lifecycle {{\n    {on_destroy}"));
    let (cloud, project) = unheard_of(&key, false);
    killed(&project);
    project.write("main.tf", at(cloud.address, &key));
    (cloud, project)
}

#[test]
fn what_made_room_for_an_abandoned_creation_has_its_place_back() {
    for on_destroy in ["", "on_destroy = \"disable\"", "on_destroy = \"retain\""] {
        let words = if on_destroy.is_empty() {
            "state settle"
        } else {
            "recover -abandon"
        };
        let (cloud, project) = interrupted(on_destroy);
        let words: Vec<&str> = words.split(' ').chain(["aws_kms_key.a"]).collect();
        let told = project.good(&words);
        assert!(
            told.contains("aws_kms_key.a: its former object has its place back"),
            "{told}"
        );
        let former = id(&project);
        project
            .run(APPLY)
            .says(&["No changes", "0 added, 0 changed, 0 destroyed"]);
        assert_eq!(id(&project), former);
        for (action, times) in [("CreateKey", 2), ("DisableKey", 0), ("ScheduleKeyDeletion", 0)] {
            assert_eq!(calls(cloud.address, action), times, "{on_destroy} {action}");
        }
        check_settled(cloud, &project);
    }
}
