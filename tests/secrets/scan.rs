//! A search for the bytes of secrets through everything that a run leaves behind.

use std::os::unix::process::ExitStatusExt as _;

use fs_err as fs;
use keyform::sandbox::Faults;
use rustix::process::Signal;

use super::files::below;
use super::{CANARIES, GIVEN, count, everything, go_on};
use crate::faults::{Project, clouds};

/// The canaries in the files of a folder, and how many files there are. What was given is none of the run's.
fn found(project: &Project, seen: &mut Vec<String>) -> Vec<String> {
    let given = [project.path("main.tf"), project.path("pipe")];
    let mut found = Vec::new();
    for file in below(&project.dir).iter().filter(|file| !given.contains(file)) {
        let bytes = fs::read(file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for canary in CANARIES.iter().filter(|canary| count(&bytes, canary) > 0) {
            found.push(format!("{canary} in {name}"));
        }
        seen.push(name);
    }
    found
}

/// Starts an apply that stops in its middle.
fn half_way(project: &Project) -> crate::faults::Started {
    let log = "TF_LOG=trace TF_LOG_PATH=run.log";
    let mut started = project.start_shell(&format!(
        "ulimit -c unlimited; {log} exec $keyform apply -auto-approve {GIVEN}"
    ));
    assert!(started.wait_for("Provisioning with", 1));
    started
}

#[test]
fn nothing_that_a_run_leaves_behind_holds_a_secret() {
    let cloud = clouds(Faults::default());
    let project = everything(&cloud);
    let mut seen = Vec::new();
    project.good(&["plan", "-out=saved", GIVEN]);
    let mut all = found(&project, &mut seen);
    let started = half_way(&project);
    all.extend(found(&project, &mut seen));
    go_on(&project);
    let ran = started.end();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    super::check_silent(&ran, &CANARIES);
    all.extend(found(&project, &mut seen));
    // Once more, so that there is a backup, and this time it dies of what leaves a core behind.
    project.write("main.tf", project.text("main.tf").replace("\"x\"", "\"y\""));
    project.good(&["taint", "terraform_data.last"]);
    let started = half_way(&project);
    started.signal(Signal::ABORT);
    let status = started.wait();
    assert!(status.signal() == Some(6) && !status.core_dumped(), "{status:?}");
    all.extend(found(&project, &mut seen));
    seen.sort();
    seen.dedup();
    println!(
        "R20: secrets in state, backup, plan, log, journal, lock and core, plain, base64 or hex = {} of {} in {} files ({})",
        all.len(),
        CANARIES.len(),
        seen.len(),
        seen.join(", ")
    );
    assert_eq!(all, Vec::<String>::new());
    assert!(seen.iter().all(|name| !name.starts_with("core")), "{seen:?}");
    for name in [
        "terraform.tfstate.journal",
        "terraform.tfstate.backup",
        ".terraform.tfstate.lock.info",
        "saved",
        "run.log",
    ] {
        assert!(
            seen.iter().any(|seen| seen == name),
            "{name} was never there: {seen:?}"
        );
    }
    cloud.stop().unwrap();
}
