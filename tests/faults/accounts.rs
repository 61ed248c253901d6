//! Recorded keys that are not found: because the credentials are those of another account, or because they are gone.

use keyform::sandbox::Faults;

use super::{Project, at_both, clouds};

#[test]
fn a_key_of_another_account_is_not_taken_for_gone() {
    let cloud = clouds(Faults::default());
    for (block, account) in [
        ("resource \"aws_kms_key\" \"k\" {\n}\n", "123456789012"),
        ("resource \"alicloud_kms_key\" \"k\" {\n}\n", "1234567890123456"),
    ] {
        let project = Project::new(&at_both(cloud.address, block));
        project.good(&["apply", "-auto-approve"]);
        let state = project.text("terraform.tfstate");
        let recorded: serde_json::Value = serde_json::from_str(&state).unwrap();
        let id = recorded["resources"][0]["instances"][0]["attributes"]["id"].clone();
        let lost = state.replace(id.as_str().unwrap(), "lost");
        // Found, or gone in its own account: as ever.
        project.good(&["plan", "-detailed-exitcode"]);
        project.write("terraform.tfstate", &lost);
        project
            .run(&["plan"])
            .says(&["1 to add, 0 to change, 0 to destroy"]);
        let other = account.replace('1', "9");
        project.write("terraform.tfstate", lost.replace(account, &other));
        let said = [
            "Credentials of another account",
            account,
            &other,
            "lost was not found",
        ];
        project.bad(&["plan"], &said);
        project.bad(&["apply", "-auto-approve"], &said);
        project.bad(&["drift"], &said);
    }
    cloud.stop().unwrap();
}

#[test]
fn a_protected_key_that_is_gone_is_told() {
    let cloud = clouds(Faults::default());
    let protected = "  lifecycle {\n    prevent_destroy = true\n  }\n";
    for (more, is_told) in [(protected, true), ("", false)] {
        let block = format!("resource \"aws_kms_key\" \"k\" {{\n{more}}}\n");
        let project = Project::new(&at_both(cloud.address, &block));
        project.good(&["apply", "-auto-approve"]);
        let state = project.text("terraform.tfstate");
        let recorded: serde_json::Value = serde_json::from_str(&state).unwrap();
        let id = recorded["resources"][0]["instances"][0]["attributes"]["id"].clone();
        project.write("terraform.tfstate", state.replace(id.as_str().unwrap(), "lost"));
        let ran = project.run(&["plan"]);
        ran.says(&["1 to add, 0 to change, 0 to destroy"]);
        let told = ran.stderr.contains("Warning: Protected object is gone");
        assert_eq!(told, is_told, "{ran:?}");
    }
    cloud.stop().unwrap();
}
