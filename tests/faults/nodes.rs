//! What is neither file nor folder stands where a file should: it is not replaced, not waited for, and whatever blocks a
//! run, the second signal ends it.

use std::os::unix::fs::FileTypeExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fs_err as fs;
use keyform::sandbox::Faults;
use rustix::fs::{CWD, FileType, makedev, mknodat};
use rustix::process::Signal;

use super::{Project, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const ONE: &str = "resource \"terraform_data\" \"d\" {\n  input = \"one\"\n}\n";

/// A project with a state that its configuration differs from.
fn changed() -> Project {
    let project = Project::new(ONE);
    project.good(APPLY);
    project.write("main.tf", ONE.replace("one", "two"));
    project
}

fn pipe(project: &Project, name: &str) {
    mknodat(CWD, project.path(name), FileType::Fifo, 0o600.into(), 0).unwrap();
}

/// A device that swallows all: one of our own, where that can be made, for who can make it could also lose that of the machine.
fn null(project: &Project) -> PathBuf {
    let own = project.path("null");
    match mknodat(CWD, &own, FileType::CharacterDevice, 0o600.into(), makedev(1, 3)) {
        Ok(()) => own,
        Err(_) => "/dev/null".into(),
    }
}

#[test]
fn no_pipe_and_no_device_makes_way_for_a_file() {
    let project = changed();
    let null = null(&project);
    pipe(&project, "pipe");
    std::os::unix::fs::symlink(&null, project.path("link")).unwrap();
    let state = project.text("terraform.tfstate");
    let options = |option: &str| {
        let null = null.to_string_lossy().into_owned();
        [null, "pipe".into(), "link".into()].map(|name| format!("-{option}={name}"))
    };
    for option in options("out") {
        project.bad(&["plan", &option], &["not a regular file", "leave -out away"]);
    }
    let commands: [&[&str]; 2] = [APPLY, &["state", "rm", "terraform_data.d"]];
    for command in commands {
        let command = [command, &["-backup=pipe"]].concat();
        project.bad(&command, &["not a regular file", "-backup=-", "as it was before"]);
    }
    pipe(&project, "terraform.tfstate.backup");
    project.bad(APPLY, &["terraform.tfstate.backup", "not a regular file"]);
    assert_eq!(project.text("terraform.tfstate"), state);
    let kinds = [
        &null,
        &project.path("pipe"),
        &project.path("terraform.tfstate.backup"),
    ];
    let kinds = kinds.map(|path| fs::symlink_metadata(path).unwrap().file_type());
    assert!(kinds[0].is_char_device() && kinds[1].is_fifo() && kinds[2].is_fifo());
    assert!(fs::symlink_metadata(project.path("link")).unwrap().is_symlink());
}

#[test]
fn a_device_takes_no_backup() {
    let project = changed();
    let null = null(&project);
    let option = format!("-backup={}", null.display());
    project.good(&["apply", "-auto-approve", &option]);
    project.good(&["state", "mv", &option, "terraform_data.d", "terraform_data.e"]);
    assert!(fs::symlink_metadata(&null).unwrap().file_type().is_char_device());
    assert!(!project.names().contains(&"terraform.tfstate.backup".to_owned()));
    assert_eq!(project.recorded(), ["terraform_data.e"]);
}

#[test]
fn what_a_configuration_writes_replaces_no_pipe() {
    let project =
        Project::new("resource \"local_file\" \"f\" {\n  filename = \"pipe\"\n  content = \"x\"\n}\n");
    pipe(&project, "pipe");
    project.bad(APPLY, &["pipe cannot be written", "not a regular file"]);
    assert!(
        fs::symlink_metadata(project.path("pipe"))
            .unwrap()
            .file_type()
            .is_fifo()
    );
}

/// A command ends, with this message, though a pipe stands where it reads a file.
#[track_caller]
fn check_not_waited_for(project: &Project, place: &str, arguments: &str) {
    fs::create_dir_all(project.path(place).parent().unwrap()).unwrap();
    pipe(project, place);
    let ran = project.shell(&format!("timeout 60 $keyform {arguments}"));
    assert_eq!(ran.code, Some(1), "{place}: {ran:?}");
    ran.says(&["not a regular file"]);
    fs::remove_file(project.path(place)).unwrap();
}

#[test]
fn a_pipe_in_the_place_of_a_small_file_is_not_waited_for() {
    let project = changed();
    check_not_waited_for(&project, ".keyform/plan.key", "plan -out=saved");
    let cloud = clouds(Faults::default());
    let address = cloud.address;
    let key = "resource \"aws_kms_key\" \"k\" {}\n";
    let project = Project::new(&format!(
        "provider \"aws\" {{\n  region = \"eu-west-1\"\n  endpoints {{\n    kms = \"http://{address}\"\n    sts = \"http://{address}\"\n  }}\n}}\n{key}"
    ));
    check_not_waited_for(&project, "../.aws/credentials", "apply -auto-approve");
    cloud.stop().unwrap();
    let project = Project::new(key);
    check_not_waited_for(&project, ".keyform/sandbox.json", "plan -sandbox");
}

#[test]
fn the_second_signal_ends_a_run_that_is_kept_from_hearing_the_first() {
    let many = "resource \"terraform_data\" \"d\" {\n  count = 2000\n}\n";
    let project = Project::new(many);
    // Nobody reads on, so that the run waits for room in the pipe to which it writes its plan.
    let mut started = project.start(&["plan"]);
    assert!(started.wait_for("terraform_data.d[0]", 1));
    let deadline = Instant::now() + Duration::from_mins(1);
    while started.is_alive() && Instant::now() < deadline {
        started.signal(Signal::INT);
        std::thread::sleep(Duration::from_millis(300));
    }
    let ran = started.end();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    ran.says(&["Two interrupts received", "before anything was changed"]);
}
