//! A state that is gone beside its backup: keys are not made a second time, and what names the first ones stays.

use keyform::sandbox::Faults;

use super::{Project, REFUSED, at, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const KEY: &str = "resource \"aws_kms_key\" \"k\" {}\n";
const OUTPUT: &str = "output \"o\" {\n  value = 1\n}\n";

/// A project whose state has been written twice, so that there is a backup.
fn with_backup(configuration: &str) -> Project {
    let project = Project::new(configuration);
    project.good(APPLY);
    project.write("main.tf", format!("{configuration}{OUTPUT}"));
    project.good(APPLY);
    assert!(project.names().contains(&"terraform.tfstate.backup".to_owned()));
    project
}

fn lose(project: &Project) {
    fs_err::remove_file(project.path("terraform.tfstate")).unwrap();
}

#[test]
fn a_state_that_is_gone_beside_its_backup_is_not_no_state() {
    let cloud = clouds(Faults::default());
    let project = with_backup(&at(cloud.address, KEY));
    project.good(&[
        "plan",
        "-out=saved",
        "-replace=aws_kms_key.k",
        "-destroy-key=aws_kms_key.k",
    ]);
    let backup = project.read("terraform.tfstate.backup");
    lose(&project);
    let names = project.names();
    let said = [
        "State is gone",
        "terraform.tfstate is not there",
        "aws_kms_key.k [id=",
        "cp terraform.tfstate.backup terraform.tfstate",
        "mv terraform.tfstate.backup terraform.tfstate.backup.old",
    ];
    let refused: [&[&str]; 4] = [
        APPLY,
        &["apply", "saved"],
        &["destroy", "-auto-approve"],
        &["refresh"],
    ];
    for command in refused {
        project.ends(REFUSED, command, &said);
        assert_eq!(project.names(), names, "{command:?}");
    }
    project.ends(0, &["plan"], &said);
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    assert_eq!(project.read("terraform.tfstate.backup"), backup);

    // Both ways out lead on.
    project.shell("cp terraform.tfstate.backup terraform.tfstate");
    assert!(project.good(APPLY).contains("0 added"));
    lose(&project);
    project.shell("mv terraform.tfstate.backup terraform.tfstate.backup.old");
    assert!(project.good(APPLY).contains("1 added"));
    cloud.stop().unwrap();
}

#[test]
fn a_state_elsewhere_is_told_with_its_option() {
    let cloud = clouds(Faults::default());
    let project = with_backup(&at(cloud.address, KEY));
    lose(&project);
    project.shell("mkdir s; mv terraform.tfstate.backup s/a.backup");
    let said = [
        "s/a is not there",
        "cp s/a.backup s/a",
        "recover -from-cloud -state=s/a, for",
    ];
    project.ends(REFUSED, &["apply", "-auto-approve", "-state=s/a"], &said);
    cloud.stop().unwrap();
}

#[test]
fn what_can_be_made_again_is() {
    let project = with_backup("resource \"terraform_data\" \"d\" {}\n");
    lose(&project);
    let ran = project.run(APPLY);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:?}");
}

#[test]
fn a_backup_that_cannot_be_read_may_record_anything() {
    let project = with_backup("resource \"terraform_data\" \"d\" {}\n");
    lose(&project);
    project.write("terraform.tfstate.backup", "{ garbage");
    project.ends(
        REFUSED,
        APPLY,
        &["State is gone", "cannot be read", "move the backup away"],
    );
}

#[test]
fn a_backup_of_another_state_is_put_aside() {
    let project = with_backup("resource \"terraform_data\" \"d\" {}\n");
    let first = project.text("terraform.tfstate.backup");
    lose(&project);
    for input in ["one", "two", "three"] {
        let block = format!("resource \"terraform_data\" \"d\" {{\n  input = \"{input}\"\n}}\n");
        project.write("main.tf", block);
        project.good(APPLY);
    }
    assert_eq!(project.text("terraform.tfstate.backup.1"), first);
    let backups = project.names().into_iter().filter(|name| name.contains("backup"));
    let expected = ["terraform.tfstate.backup", "terraform.tfstate.backup.1"];
    assert_eq!(backups.collect::<Vec<_>>(), expected);
    // One that nobody can read is kept as well.
    project.write("terraform.tfstate.backup", "{ garbage");
    project.good(&["apply", "-auto-approve", "-replace=terraform_data.d"]);
    assert_eq!(project.text("terraform.tfstate.backup.2"), "{ garbage");
}
