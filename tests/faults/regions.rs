//! Multi-Region keys on the way down: replica keys go before their primary key.

use keyform::sandbox::{Faults, Running};

use super::{Project, at, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const PRIMARY: &str = "resource \"aws_kms_key\" \"p\" {\n  multi_region = true\n}\n";

/// A replica key of this primary key.
fn replica(primary: &str) -> String {
    format!(
        "resource \"aws_kms_replica_key\" \"a\" {{\n  region          = \"eu-central-1\"\n  primary_key_arn = {primary}\n}}\n"
    )
}

/// A primary key, and a replica key whose block names it by its ARN.
fn without_reference() -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, PRIMARY));
    project.good(APPLY);
    let state: serde_json::Value = serde_json::from_str(&project.text("terraform.tfstate")).unwrap();
    let arn = state["resources"][0]["instances"][0]["attributes"]["arn"].to_string();
    project.write(
        "main.tf",
        at(cloud.address, &(PRIMARY.to_owned() + &replica(&arn))),
    );
    project.good(APPLY);
    assert!(!project.text("terraform.tfstate").contains("dependencies"));
    (cloud, project)
}

/// The replica key is gone before anything is asked about the primary key.
#[track_caller]
fn goes_first(cloud: &Running, project: &Project, command: &[&str]) {
    let keys = ["-destroy-key=aws_kms_key.p", "-destroy-key=aws_kms_replica_key.a"];
    let told = project.good(&[command, &["-no-color"], &keys].concat());
    let place = |line: &str| told.find(line).unwrap_or_else(|| panic!("{line}: {told}"));
    let done = place("aws_kms_replica_key.a: Destruction complete");
    assert!(done < place("aws_kms_key.p: Destroying..."), "{told}");
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 2);
}

#[test]
fn a_replica_key_that_refers_to_its_primary_key_goes_before_it() {
    let text = PRIMARY.to_owned() + &replica("aws_kms_key.p.arn");
    for (then, command) in [(&*text, &["destroy", "-auto-approve"][..]), ("", APPLY)] {
        let cloud = clouds(Faults::default());
        let project = Project::new(&at(cloud.address, &text));
        project.good(APPLY);
        project.write("main.tf", at(cloud.address, then));
        goes_first(&cloud, &project, command);
        cloud.stop().unwrap();
    }
}

#[test]
fn a_replica_key_that_names_its_primary_key_by_its_arn_goes_before_it() {
    let (cloud, project) = without_reference();
    goes_first(&cloud, &project, &["destroy", "-auto-approve"]);
    cloud.stop().unwrap();
}

#[test]
fn a_replica_key_goes_before_its_primary_key_when_their_blocks_are_gone() {
    let (cloud, project) = without_reference();
    project.write("main.tf", at(cloud.address, ""));
    goes_first(&cloud, &project, APPLY);
    cloud.stop().unwrap();
}
