//! Journals that somebody or something has changed: no run goes on as if nothing stood there, and what can be read of them
//! is gone on with where the user says so.

use fs_err as fs;
use keyform::sandbox::{Faults, Running};

use super::intents::unheard;
use super::replacements::age;
use super::{Project, UNSETTLED, at, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const JOURNAL: &str = "terraform.tfstate.journal";
const REPAIR: &[&str] = &["recover", "-repair", "-auto-approve"];

/// A key is there of which nothing was heard, another one is recorded, and the journal is damaged like this.
fn damaged(by: impl Fn(&str) -> String) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, "resource \"aws_kms_key\" \"o\" {\n}\n"));
    project.good(APPLY);
    let more = "resource \"aws_kms_key\" \"k\" {\n  description = \"k\"\n}\n";
    project.write("main.tf", format!("{}{more}", project.text("main.tf")));
    unheard(&cloud, &project, true);
    age(&project);
    project.write(JOURNAL, by(&project.text(JOURNAL)));
    (cloud, project)
}

/// Nothing is done beside it; once it is repaired the key is found if that much can be read.
#[track_caller]
fn check(by: impl Fn(&str) -> String, told: &str) {
    let (cloud, project) = damaged(by);
    let journal = project.read(JOURNAL);
    for command in [
        APPLY,
        &["plan"],
        &["recover", "-list"],
        &["state", "rm", "aws_kms_key.o"],
    ] {
        project.bad(command, &["Journal is damaged", "keyform recover -repair"]);
    }
    project.bad(&["recover", "-repair"], &["Approval needed"]);
    assert_eq!(project.read(JOURNAL), journal);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    project.ends(UNSETTLED, REPAIR, &[told, "put aside", "aws_kms_key.k: create"]);
    assert_eq!(
        fs::read(project.path("terraform.tfstate.journal.1")).unwrap(),
        journal
    );
    project.run(APPLY).says(&["1 imported, 0 added"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    project.run(&["plan"]).says(&["No changes"]);
    project.run(REPAIR).says(&["No journal is damaged."]);
    cloud.stop().unwrap();
}

#[test]
fn carriage_returns_are_taken_out() {
    check(|text| text.replace('\n', "\r\n"), "put aside");
}

#[test]
fn a_creation_whose_line_was_changed_stays_open() {
    let told = "a creation that was begun (address aws_kms_key.k, marker";
    check(|text| text.replacen("\"k\"", "\"x\"", 1), told);
}

#[test]
fn the_first_line_may_be_lost() {
    check(
        |text| text.replacen("KFJ1", "KFJ2", 1),
        "the beginning: damaged at byte 0",
    );
}

#[test]
fn what_cannot_be_read_at_all_is_put_aside_only_where_the_user_says_so() {
    let (cloud, project) = damaged(|text| "\0".repeat(text.len()));
    project.bad(APPLY, &["Journal is damaged"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    let ran = project.run(REPAIR);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.says(&[
        "unreadable: damaged at byte 0, not gone on with",
        "Nothing is open",
    ]);
    assert_eq!(project.recorded(), ["aws_kms_key.o"]);
    cloud.stop().unwrap();
}
