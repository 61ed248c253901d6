//! Runs that are asked to stop, and runs that are killed.

use std::collections::BTreeSet;

use keyform::sandbox::Faults;
use rustix::process::Signal;

use super::{Project, UNSETTLED, at, calls, clouds, control, reported};

const APPLY: &[&str] = &["apply", "-auto-approve", "-parallelism=3"];

fn slow_keys(count: usize) -> (keyform::sandbox::Running, Project) {
    let cloud = clouds(Faults {
        latency_ms: 150,
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, &keys(count)));
    (cloud, project)
}

fn keys(count: usize) -> String {
    format!("resource \"aws_kms_key\" \"k\" {{\n  count = {count}\n}}")
}

/// The ids in the state, which must all be different.
fn recorded(project: &Project) -> BTreeSet<String> {
    let state: serde_json::Value = serde_json::from_str(&project.good(&["state", "pull"])).unwrap();
    let mut ids = BTreeSet::new();
    for resource in state["resources"].as_array().unwrap() {
        for instance in resource["instances"].as_array().unwrap() {
            let id = instance["attributes"]["id"].as_str().unwrap().to_owned();
            assert!(ids.insert(id), "recorded twice in {state}");
        }
    }
    ids
}

#[test]
fn the_first_signal_lets_what_runs_finish_and_starts_nothing_new() {
    let (mut effects, mut entries) = (0, 0);
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let (cloud, project) = slow_keys(12);
        let mut started = project.start(APPLY);
        assert!(started.wait_for(": Creating...", 3));
        started.signal(signal);
        let ran = started.end();
        assert_eq!(ran.code, Some(1), "{ran:?}");
        ran.says(&[
            "Interrupt received",
            "nothing new is started",
            "3 added",
            "all of it is recorded",
            "Skipped:",
        ]);
        assert_eq!(calls(cloud.address, "CreateKey"), 3);
        assert_eq!(recorded(&project), reported(&ran.stdout));
        effects += calls(cloud.address, "CreateKey");
        entries += recorded(&project).len();
        assert_eq!(project.names(), ["main.tf", "terraform.tfstate"]);
        assert!(project.good(APPLY).contains("9 added"));
        cloud.stop().unwrap();
    }
    println!("R13: SIGINT, SIGTERM and SIGHUP = 3 graceful ends, {effects} effects and {entries} entries");
}

#[test]
fn the_second_signal_stops_at_once_and_the_state_is_true() {
    let (cloud, project) = slow_keys(12);
    let mut started = project.start(APPLY);
    assert!(started.wait_for(": Creating...", 3));
    started.signal(Signal::INT);
    started.hear("Interrupt received");
    started.signal(Signal::INT);
    let ran = started.end();
    assert_eq!(ran.code, Some(UNSETTLED), "{ran:?}");
    ran.says(&[
        "Two interrupts received",
        "Operation abandoned",
        "Unclear, may exist without being recorded",
    ]);
    assert_eq!(recorded(&project), reported(&ran.stdout));
    project.run(&["plan"]).says(&["Unsettled operation"]);
    cloud.stop().unwrap();
}

#[test]
fn a_signal_while_planning_means_no_effect() {
    let (cloud, project) = slow_keys(3);
    project.good(APPLY);
    let made = recorded(&project);
    project.write("main.tf", at(cloud.address, ""));
    // So slow that planning lasts until the signal is there, however busy the machine is.
    control(cloud.address, "PATCH", "faults", "{\"latency_ms\":60000}");
    let commands: [&[&str]; 4] = [
        APPLY,
        &["plan", "-out=saved"],
        &["refresh"],
        &["import", "aws_kms_key.k", "00000000-0000-4000-8000-000000000000"],
    ];
    for (command, signal) in commands
        .iter()
        .zip([Signal::INT, Signal::TERM, Signal::HUP, Signal::INT])
    {
        if command[0] == "import" {
            project.write("main.tf", at(cloud.address, "resource \"aws_kms_key\" \"k\" {}"));
        }
        let before = calls(cloud.address, "DescribeKey");
        let started = project.start(command);
        while calls(cloud.address, "DescribeKey") == before {
            std::thread::yield_now();
        }
        started.signal(signal);
        let ran = started.end();
        assert_eq!(ran.code, Some(1), "{ran:?}");
        ran.says(&["Error: Interrupted", "before anything was changed"]);
        assert_eq!(ran.stderr.matches("Error").count(), 1, "{ran:?}");
        assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
        assert_eq!(recorded(&project), made);
        // No note of a lock, and no plan.
        assert_eq!(project.names(), ["main.tf", "terraform.tfstate"]);
    }
    cloud.stop().unwrap();
}

/// Kills applies after this many lines of progress, until one comes through; nothing may be lost. Tells how often
/// something was left open.
fn kill_after(project: &Project, lines: impl Iterator<Item = usize>, count: usize) -> usize {
    let mut known = BTreeSet::new();
    let mut settled = 0;
    for after in lines {
        let mut started = project.start(&["apply", "-auto-approve"]);
        started.wait_for(": Creat", after);
        started.signal(Signal::KILL);
        let ran = started.end();
        known.extend(reported(&ran.stdout));
        let now = recorded(project);
        assert!(known.is_subset(&now), "lost: {:?}", known.difference(&now));
        known = now;
        settled += project.settle();
    }
    project.good(&["apply", "-auto-approve"]);
    assert_eq!(recorded(project).len(), count);
    assert!(known.is_subset(&recorded(project)));
    project.run(&["plan"]).says(&["No changes"]);
    let names: Vec<_> = project
        .names()
        .into_iter()
        .filter(|name| name.contains("journal") || name.contains("tmp"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
    settled
}

#[test]
fn a_killed_run_loses_nothing_that_it_reported() {
    let resource = "resource \"terraform_data\" \"d\" {\n  count = 50\n}";
    let project = Project::new(resource);
    kill_after(&project, [1, 11, 12, 13, 5, 20, 21, 1, 2, 30].into_iter(), 50);
}

#[test]
fn a_killed_run_loses_no_key_that_it_reported() {
    let cloud = clouds(Faults {
        latency_ms: 5,
        latency_jitter_ms: 20,
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, &keys(30)));
    let settled = kill_after(&project, [1, 5, 10, 11, 12, 13, 14, 2, 3, 15].into_iter(), 30);
    // Whatever was made and is not recorded was told.
    assert!(calls(cloud.address, "CreateKey") <= 30 + settled as u64);
    cloud.stop().unwrap();
}

/// An apply that has made its key and waits for the answer to what follows.
fn half_made() -> (keyform::sandbox::Running, Project, super::Started) {
    let cloud = clouds(Faults {
        latency_ms: 400,
        ..Faults::default()
    });
    let key = "resource \"aws_kms_key\" \"k\" {\n  enable_key_rotation = true\n}";
    let project = Project::new(&at(cloud.address, key));
    let mut started = project.start(APPLY);
    assert!(started.wait_for(": Creating...", 1));
    while calls(cloud.address, "EnableKeyRotation") == 0 {
        std::thread::yield_now();
    }
    (cloud, project, started)
}

/// The key is recorded as far as it was made, is not made again, and the next apply goes on with it.
fn check_half_made(cloud: &keyform::sandbox::Running, project: &Project) {
    let known = recorded(project);
    assert_eq!(known.len(), 1);
    let plan = project.run(&["plan"]);
    assert!(!plan.stderr.contains("Unsettled"), "{plan:?}");
    plan.says(&["enable_key_rotation", "0 to add, 1 to change, 0 to destroy"]);
    assert!(project.good(APPLY).contains("0 added, 1 changed, 0 destroyed"));
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    assert_eq!(recorded(project), known);
}

#[test]
fn a_killed_run_has_recorded_a_key_that_is_half_made() {
    let (cloud, project, started) = half_made();
    started.signal(Signal::KILL);
    started.end();
    check_half_made(&cloud, &project);
    cloud.stop().unwrap();
}

#[test]
fn a_run_that_is_stopped_at_once_names_a_key_that_is_half_made() {
    let (cloud, project, mut started) = half_made();
    started.signal(Signal::INT);
    started.hear("Interrupt received");
    started.signal(Signal::INT);
    let ran = started.end();
    ran.says(&["It exists under the id", "the next apply goes on with it"]);
    assert!(
        !ran.stderr.contains("Skipped") && !ran.stderr.contains("Unclear"),
        "{ran:?}"
    );
    check_half_made(&cloud, &project);
    cloud.stop().unwrap();
}
