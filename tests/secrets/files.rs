//! Files that a run writes: for their owner alone, and not through links that somebody has planted.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use fs_err as fs;
use keyform::sandbox::Faults;

use super::{GIVEN, everything, go_on};
use crate::faults::{Project, clouds};

/// All files below a folder.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// A plan and an apply under a umask, with a log; what there is in the middle of the apply is looked at, too.
fn written(umask: &str, look: &mut dyn FnMut(&Path)) {
    let cloud = clouds(Faults::default());
    let project = everything(&cloud);
    let given = [project.path("main.tf"), project.path("pipe")];
    let mut see = || {
        for file in below(&project.dir).iter().filter(|file| !given.contains(file)) {
            look(file);
        }
    };
    let log = "TF_LOG=trace TF_LOG_PATH=run.log";
    let ran = project.shell(&format!("umask {umask}; {log} $keyform plan {GIVEN} -out=saved"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    see();
    let mut started = project.start_shell(&format!(
        "umask {umask}; {log} exec $keyform apply -auto-approve {GIVEN}"
    ));
    assert!(started.wait_for("Provisioning with", 1));
    see();
    go_on(&project);
    let ran = started.end();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    see();
    let again = project.shell(&format!("umask {umask}; $keyform destroy -auto-approve {GIVEN} -destroy-key=alicloud_kms_key.k -destroy-key=alicloud_kms_client_key.k -destroy-key=alicloud_kms_secret.s"));
    assert_eq!(again.code, Some(0), "{again:?}");
    see();
    cloud.stop().unwrap();
}

#[test]
fn no_file_of_a_run_is_readable_by_others() {
    let mut seen: Vec<String> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for umask in ["000", "022"] {
        written(umask, &mut |file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let mode = fs::symlink_metadata(file).unwrap().permissions().mode();
            if mode & 0o077 != 0 {
                open.push(format!("{name} {mode:o} under umask {umask}"));
            }
            seen.push(name);
        });
    }
    seen.sort();
    seen.dedup();
    println!(
        "R18: files of plan and apply that others can read, under umask 000 and 022 = {} of {} ({})",
        open.len(),
        seen.len(),
        seen.join(", ")
    );
    let expected = [
        ".terraform.tfstate.lock.info",
        "key.json",
        "plan.key",
        "run.log",
        "saved",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "terraform.tfstate.journal",
    ];
    for name in expected {
        assert!(
            seen.iter().any(|seen| seen == name),
            "{name} was never there: {seen:?}"
        );
    }
    assert_eq!(open, Vec::<String>::new());
}

/// Whether a run writes through a link that stands where it wants to write.
fn follows(name: &str) -> bool {
    let cloud = clouds(Faults::default());
    let project = everything(&cloud);
    project.write(
        "main.tf",
        project.text("main.tf").replace("cat pipe >/dev/null; ", ""),
    );
    let elsewhere = Project::new("");
    let state = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "outputs": {}, "resources": []}"#;
    elsewhere.write("victim", state);
    if name == "terraform.tfstate.backup" {
        project.write("terraform.tfstate", state);
    }
    symlink(elsewhere.path("victim"), project.path(name)).unwrap();
    let log = "TF_LOG=trace TF_LOG_PATH=run.log";
    for command in ["plan -out=saved", "apply -auto-approve"] {
        project.shell(&format!("{log} $keyform {command} {GIVEN}"));
        // Without the log, should it have stopped the run.
        project.shell(&format!("$keyform {command} {GIVEN}"));
    }
    cloud.stop().unwrap();
    elsewhere.text("victim") != state || elsewhere.names() != ["main.tf", "victim"]
}

#[test]
fn no_planted_link_is_followed() {
    let names = [
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "terraform.tfstate.journal",
        ".terraform.tfstate.lock.info",
        "saved",
        "run.log",
        "key.json",
    ];
    let followed: Vec<&str> = names.into_iter().filter(|name| follows(name)).collect();
    println!(
        "R19: planted links that were written through = {} of {} ({})",
        followed.len(),
        names.len(),
        names.join(", ")
    );
    assert_eq!(followed, Vec::<&str>::new());
}
