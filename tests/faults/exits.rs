//! Exit codes tell apart what whoever calls must do next.

use keyform::sandbox::Faults;

use super::{LOCKED, Project, REFUSED, UNSETTLED, at, clouds, failing};

const KEY: &str = "resource \"aws_kms_key\" \"k\" {\n}\n";

fn code(project: &Project, arguments: &[&str]) -> i32 {
    project.run(arguments).code.expect("it ends by itself")
}

#[test]
fn each_ending_has_a_code_of_its_own() {
    let cloud = clouds(Faults {
        latency_ms: 300,
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, KEY));
    let mut first = project.start(&["apply", "-auto-approve"]);
    assert!(first.wait_for(": Creating...", 1));
    let locked = code(&project, &["apply", "-auto-approve"]);
    assert_eq!(first.end().code, Some(0));
    let done = code(&project, &["plan", "-detailed-exitcode"]);
    let refused = code(&project, &["destroy", "-auto-approve"]);
    project.write(
        "main.tf",
        at(cloud.address, &KEY.replace("{\n", "{\n  description = \"d\"\n")),
    );
    let changes = code(&project, &["plan", "-detailed-exitcode"]);
    project.write("main.tf", "resource {");
    let error = code(&project, &["plan", "-detailed-exitcode"]);
    cloud.stop().unwrap();

    let lossy = failing("CreateKey", "close", true);
    let mut lost = Project::new(&at(lossy.address, KEY));
    lost.markers = false;
    let unsettled = code(&lost, &["apply", "-auto-approve"]);
    lossy.stop().unwrap();

    let codes = [done, error, changes, unsettled, locked, refused];
    println!("R28: done, error, changes, unsettled, locked, refused = {codes:?}; a crash ends by a signal");
    assert_eq!(codes, [0, 1, 2, UNSETTLED, LOCKED, REFUSED]);
}
