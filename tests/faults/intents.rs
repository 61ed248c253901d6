//! What was begun and not heard of stays known: whatever is said, moved, imported or applied again meanwhile.

use super::Project;

const APPLY: &[&str] = &["apply", "-auto-approve"];

/// A state in which an instance has nothing but an object that waits to be destroyed.
fn deposed_only() -> Project {
    let project = Project::new("resource \"terraform_data\" \"d\" {\n  input = 1\n}\n");
    project.good(APPLY);
    let state = project.text("terraform.tfstate");
    project.write(
        "terraform.tfstate",
        state.replace("\"schema_version\"", "\"deposed\": \"00000000\", \"schema_version\""),
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
