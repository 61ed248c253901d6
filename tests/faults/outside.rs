//! What clouds, states and folders say: printed by lists, progress and errors without moving the cursor or hiding text.

use fs_err as fs;

use super::input::{TRICKS, check_tame};
use super::{Project, UNSETTLED, at, failing};
use crate::imposter::{answer, imposter};

#[test]
fn messages_of_clouds_do_not_speak_to_the_terminal() {
    let said = serde_json::json!({ "__type": format!("Odd{TRICKS}"), "message": format!("no {TRICKS} way") });
    let address = imposter(answer("400 Bad", said.to_string().as_bytes()), 1);
    let project = Project::new(&at(address, "resource \"aws_kms_key\" \"k\" {}"));
    let ran = project.run(&["apply", "-auto-approve"]);
    assert!(ran.stderr.contains("way"), "{ran:?}");
    check_tame(&ran);
}

#[test]
fn names_of_folders_do_not_speak_to_the_terminal() {
    let project = Project::new("");
    let hostile = format!("terraform.tfstate.d/w{}", TRICKS.replace('\r', ""));
    fs::create_dir_all(project.path(&hostile)).unwrap();
    fs::create_dir_all(project.path("terraform.tfstate.d/honest")).unwrap();
    let ran = project.run(&["workspace", "list"]);
    assert!(ran.stdout.contains("honest"), "{ran:?}");
    check_tame(&ran);
}

#[test]
fn what_a_state_records_does_not_speak_to_the_terminal() {
    let project = Project::new("");
    let provider = format!("provider[\"registry.terraform.io/hashicorp/{TRICKS}\"]");
    let object = |ty: &str, name: &str, provider: &str| {
        serde_json::json!({
            "mode": "managed", "type": ty, "name": name, "provider": provider,
            "instances": [{"schema_version": 0, "index_key": TRICKS, "attributes": {"id": TRICKS, "input": {"value": TRICKS, "type": "string"}}}],
        })
    };
    let state = |objects: &[serde_json::Value]| {
        serde_json::json!({
            "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": objects,
            "outputs": { "o": {"type": "string", "value": TRICKS} },
        })
    };
    let ours = "provider[\"terraform.io/builtin/terraform\"]";
    let commands: [&[&str]; 8] = [
        &["state", "list"],
        &["show"],
        &["output"],
        &["providers"],
        &["plan"],
        &["drift"],
        &["state", "replace-provider", "-auto-approve", "a", "b"],
        &["destroy", "-auto-approve"],
    ];
    for objects in [
        vec![object("terraform_data", "d", ours)],
        vec![object("other_thing", "d", &provider)],
        vec![object(TRICKS, TRICKS, ours)],
    ] {
        project.write("terraform.tfstate", state(&objects).to_string());
        for command in commands {
            check_tame(&project.run(command));
        }
    }
    project.write(
        "terraform.tfstate",
        state(&[object("terraform_data", "d", ours)]).to_string(),
    );
    let ran = project.run(&["destroy", "-auto-approve"]);
    assert!(
        ran.code == Some(0) && ran.stdout.contains("Destroying... [id="),
        "{ran:?}"
    );
}

#[test]
fn what_is_left_open_is_listed_without_speaking_to_the_terminal() {
    let cloud = failing("CreateKey", "close", true);
    let text = TRICKS.replace('\r', "");
    let keys = format!("resource \"aws_kms_key\" \"k\" {{\n  for_each = toset([\"{text}\"])\n}}");
    let project = Project::without_markers(&at(cloud.address, &keys));
    let ran = project.ends(UNSETTLED, &["apply", "-auto-approve"], &["Unclear"]);
    check_tame(&ran);
    for command in [
        &["recover", "-list"][..],
        &["plan"],
        &["state", "settle", "none.none"],
    ] {
        let ran = project.run(command);
        assert!(!ran.stdout.is_empty() || !ran.stderr.is_empty(), "{ran:?}");
        check_tame(&ran);
    }
    cloud.stop().unwrap();
}
