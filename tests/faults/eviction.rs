//! Runs that stand still while somebody else takes their place: they wake up and write nothing over what was done meanwhile.

use fs_err as fs;
use keyform::sandbox::Faults;
use rustix::process::Signal;

use super::{LOCKED, Project, UNSETTLED, at, calls, clouds, control, reported};

const APPLY: &[&str] = &["apply", "-auto-approve", "-parallelism=1"];
const ROBBER: &[&str] = &["apply", "-auto-approve", "-lock=false"];
const KEYS: &str = "resource \"aws_kms_key\" \"k\" {\n  count = 3\n}";

fn slow(latency_ms: u64, rest: &str) -> (keyform::sandbox::Running, Project) {
    let cloud = clouds(Faults {
        latency_ms,
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, rest));
    (cloud, project)
}

#[test]
fn a_run_that_slept_while_planning_begins_nothing() {
    let (cloud, project) = slow(0, "resource \"aws_kms_key\" \"a\" {}");
    project.good(APPLY);
    project.write("main.tf", at(cloud.address, KEYS));
    control(cloud.address, "PATCH", "faults", "{\"latency_ms\":1000}");
    let before = calls(cloud.address, "DescribeKey");
    let sleeper = project.start(&[APPLY, &["-destroy-key=aws_kms_key.a"]].concat());
    while calls(cloud.address, "DescribeKey") == before {
        std::thread::yield_now();
    }
    sleeper.signal(Signal::STOP);
    control(cloud.address, "PATCH", "faults", "{\"latency_ms\":0}");
    project.good(&[ROBBER, &["-destroy-key=aws_kms_key.a"]].concat());
    let state = project.text("terraform.tfstate");
    sleeper.signal(Signal::CONT);
    let ran = sleeper.end();
    assert_eq!(ran.code, Some(LOCKED), "{ran:?}");
    ran.says(&["State changed by another program", "0 added"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 4);
    assert_eq!(project.text("terraform.tfstate"), state);
    project.run(&["plan"]).says(&["No changes"]);
    cloud.stop().unwrap();
}

#[test]
fn a_run_that_slept_in_the_middle_stops_and_says_what_it_has_made() {
    let (cloud, project) = slow(300, KEYS);
    let mut sleeper = project.start(APPLY);
    assert!(sleeper.wait_for(": Creation complete", 1));
    sleeper.signal(Signal::STOP);
    control(cloud.address, "PATCH", "faults", "{\"latency_ms\":0}");
    let robbed = project.run(ROBBER);
    // What it has begun is seen first; else its journal is in the way.
    assert!(
        [Some(UNSETTLED), Some(LOCKED)].contains(&robbed.code),
        "{robbed:?}"
    );
    assert!(!robbed.stdout.contains("Creating..."), "{robbed:?}");
    // Somebody is sure that it is dead.
    fs::rename(
        project.path("terraform.tfstate.journal"),
        project.path("../journal"),
    )
    .unwrap();
    project.good(ROBBER);
    let state = project.text("terraform.tfstate");
    sleeper.signal(Signal::CONT);
    let ran = sleeper.end();
    assert_eq!(ran.code, Some(LOCKED), "{ran:?}");
    ran.says(&["State changed by another program"]);
    assert_eq!(project.text("terraform.tfstate"), state);
    assert_eq!(project.recorded().len(), 3);
    let rescued = project.text("errored.tfstate");
    let made = reported(&ran.stdout);
    assert!(
        !made.is_empty() && made.iter().all(|id| rescued.contains(id)),
        "{ran:?}"
    );
    // What it has made is in no state, and nobody goes on before somebody has seen to it.
    project.run(&["plan"]).says(&["Recovery file left"]);
    let refused = project.bad(APPLY, &["Recovery file left", "errored.tfstate"]);
    assert!(made.iter().all(|id| refused.stderr.contains(id)), "{refused:?}");
    // It has begun nothing after it woke up.
    assert!(calls(cloud.address, "CreateKey") <= 5, "{ran:?}");
    cloud.stop().unwrap();
}
