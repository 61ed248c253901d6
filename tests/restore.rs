//! What somebody has scheduled for deletion is called back, and not made anew beside what still waits for its end.

use crate::folder::Folder;

/// Makes what is declared, schedules its deletion, and forgets that it did: the next apply calls it back.
#[track_caller]
fn check(address: &str, arguments: &str) {
    let folder = Folder::new(address);
    let (ty, name) = address.split_once('.').unwrap();
    folder.write(
        "main.tf",
        &format!("resource \"{ty}\" \"{name}\" {{\n{arguments}\n}}\n"),
    );
    folder.apply();
    folder.is_settled();
    let state = folder.read("terraform.tfstate");
    let id = folder.recorded(address)["id"].clone();
    folder.destroy();
    folder.write("terraform.tfstate", &state);
    let plan = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(
        plan.contains(&format!("{address} will be called back from its deletion"))
            && plan.contains("Plan: 0 to add, 1 to change, 0 to destroy."),
        "{plan}"
    );
    folder.apply();
    folder.is_settled();
    assert_eq!(folder.recorded(address)["id"], id);
}

#[test]
fn keys_of_aws_are_called_back() {
    check("aws_kms_key.k", "  is_enabled = false");
    check("aws_kms_external_key.k", "  description = \"without material\"");
}

#[test]
fn keys_of_alibaba_cloud_are_called_back() {
    check("alicloud_kms_key.k", "  description = \"d\"");
    check("alicloud_kms_key.k", "  status = \"Disabled\"");
}

#[test]
fn secrets_of_alibaba_cloud_are_called_back() {
    check(
        "alicloud_kms_secret.s",
        "  secret_name = \"s\"\n  secret_data = \"hunter22\"\n  version_id  = \"v1\"",
    );
}
