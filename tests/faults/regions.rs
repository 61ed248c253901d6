//! Multi-Region keys on the way down: replica keys go before their primary key.

use fs_err as fs;
use keyform::sandbox::{Faults, Running};

use super::replacements::check_settled;
use super::{Project, REFUSED, UNSETTLED, at, calls, clouds, misbehave};

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

/// Another replica key of the primary key.
fn other_replica() -> String {
    replica("aws_kms_key.p.arn")
        .replace("\"a\"", "\"b\"")
        .replace("eu-central-1", "us-east-1")
}

/// A primary key with a recorded replica key, and another one of which nothing was heard. The configuration without that.
fn unheard() -> (Running, Project, String) {
    let cloud = clouds(Faults::default());
    let recorded = PRIMARY.to_owned() + &replica("aws_kms_key.p.arn");
    let project = Project::new(&at(cloud.address, &recorded));
    project.good(APPLY);
    let before = calls(cloud.address, "ListResourceTags");
    project.good(&["plan"]);
    let planned = calls(cloud.address, "ListResourceTags") - before;
    project.write(
        "main.tf",
        at(cloud.address, &(recorded.clone() + &other_replica())),
    );
    misbehave(
        cloud.address,
        &format!(
            r#"[{{"action":"ReplicateKey","error":"close","after":true}},{{"action":"ListResourceTags","error":"AccessDeniedException","times":9,"skip":{planned}}}]"#
        ),
    );
    project.ends(UNSETTLED, APPLY, &["Unclear, may exist", "aws_kms_replica_key.b"]);
    misbehave(cloud.address, "[]");
    assert_eq!(project.recorded(), ["aws_kms_key.p", "aws_kms_replica_key.a"]);
    (cloud, project, recorded)
}

#[test]
fn a_replica_key_of_which_nothing_was_heard_is_not_the_one_of_another_region() {
    let (cloud, project, _) = unheard();
    project.run(APPLY).says(&["1 imported, 0 added"]);
    assert_eq!(calls(cloud.address, "ReplicateKey"), 2);
    check_settled(cloud, &project);
}

#[test]
fn a_replica_key_of_which_nothing_was_heard_and_that_is_declared_no_more_is_destroyed_where_it_is_named() {
    let (cloud, project, recorded) = unheard();
    project.write("main.tf", at(cloud.address, &recorded));
    project.ends(REFUSED, APPLY, &["aws_kms_replica_key.b"]);
    project.good(&["apply", "-auto-approve", "-destroy-key=aws_kms_replica_key.b"]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    check_settled(cloud, &project);
}

#[test]
fn a_recovery_file_with_a_replica_key_of_another_region_blocks() {
    let cloud = clouds(Faults::default());
    let recorded = PRIMARY.to_owned() + &replica("aws_kms_key.p.arn");
    let project = Project::new(&at(cloud.address, &recorded));
    project.good(APPLY);
    let first = project.text("terraform.tfstate");
    project.write("main.tf", at(cloud.address, &(recorded + &other_replica())));
    project.good(APPLY);
    fs::rename(project.path("terraform.tfstate"), project.path("errored.tfstate")).unwrap();
    let serial = regex::Regex::new("\"serial\": [0-9]*").unwrap();
    project.write("terraform.tfstate", &*serial.replace(&first, "\"serial\": 90"));
    project.bad(APPLY, &["Recovery file left", "aws_kms_replica_key.b [id="]);
    assert!(project.path("errored.tfstate").exists());
    assert_eq!(calls(cloud.address, "ReplicateKey"), 2);
    cloud.stop().unwrap();
}
