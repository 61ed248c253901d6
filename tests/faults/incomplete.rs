//! Objects that exist and were not made to their end.

use keyform::sandbox::Faults;
use serde_json::Value as Json;

use super::{Project, at, clouds, misbehave};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const KEY: &str =
    "resource \"aws_kms_key\" \"k\" {\n  enable_key_rotation = true\n  description = \"d\"\n}\n";

/// What the state says of the key.
fn recorded(project: &Project) -> Json {
    let state: Json = serde_json::from_slice(&project.read("terraform.tfstate")).unwrap();
    state["resources"][0]["instances"][0].clone()
}

#[test]
fn what_was_made_in_part_is_incomplete_and_the_next_apply_goes_on_with_it() {
    let cloud = clouds(Faults::default());
    misbehave(
        cloud.address,
        r#"[{"action":"EnableKeyRotation","error":"AccessDeniedException","after":false,"times":1,"skip":0}]"#,
    );
    let project = Project::new(&at(cloud.address, KEY));
    assert_eq!(project.run(APPLY).code, Some(1));
    let first = recorded(&project);
    assert_eq!(first["incomplete"], true);
    assert_eq!(first["status"], Json::Null, "a key that exists is never tainted");
    let shown = project.good(&["state", "show", "aws_kms_key.k"]);
    assert!(shown.starts_with("# aws_kms_key.k: (incomplete)\n"), "{shown}");
    let said = project.good(APPLY);
    assert!(said.contains("0 added, 1 changed, 0 destroyed"), "{said}");
    let second = recorded(&project);
    assert_eq!(second["incomplete"], Json::Null);
    assert_eq!(second["attributes"]["id"], first["attributes"]["id"]);
    cloud.stop().unwrap();
}

#[test]
fn an_update_that_failed_leaves_a_whole_object() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, KEY));
    project.good(APPLY);
    misbehave(
        cloud.address,
        r#"[{"action":"UpdateKeyDescription","error":"AccessDeniedException","after":false,"times":1,"skip":0}]"#,
    );
    project.write("main.tf", at(cloud.address, &KEY.replace("\"d\"", "\"e\"")));
    assert_eq!(project.run(APPLY).code, Some(1));
    assert_eq!(recorded(&project)["incomplete"], Json::Null);
    cloud.stop().unwrap();
}
