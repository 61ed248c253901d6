//! Other users of the machine: who could put something in the place of a state, and who can read one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fs_err as fs;

use super::files::below;
use crate::faults::{Project, Ran, mode};

const OPEN: &str = "Others can change this folder";
const READ: &str = "Others can read the state";

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn project(sensitive: bool) -> Project {
    Project::new(&format!(
        "resource \"terraform_data\" \"a\" {{\n  input = \"canary\"\n}}\noutput \"a\" {{\n  value = terraform_data.a.output\n  sensitive = {sensitive}\n}}\n"
    ))
}

/// Commands that change something, after an apply.
const CHANGES: [&[&str]; 6] = [
    &["apply", "-auto-approve", "-replace=terraform_data.a"],
    &["refresh"],
    &["taint", "terraform_data.a"],
    &["state", "mv", "terraform_data.a", "terraform_data.b"],
    &["state", "rm", "terraform_data.a"],
    &["destroy", "-auto-approve"],
];

#[test]
fn nothing_changes_in_a_folder_that_everybody_can_write() {
    let project = project(false);
    project.good(&["apply", "-auto-approve"]);
    project.good(&["plan", "-out=saved", "-replace=terraform_data.a"]);
    let state = project.read("terraform.tfstate");
    set(&project.dir, 0o777);
    let names = project.names();
    for command in CHANGES.into_iter().chain([&["apply", "saved"][..]]) {
        let ran = project.bad(command, &[OPEN, "chmod o-w", "Nothing was changed"]);
        assert_eq!(ran.code, Some(1), "{command:?}: {ran:?}");
        assert_eq!(project.read("terraform.tfstate"), state, "{command:?}");
        assert_eq!(project.names(), names, "{command:?}");
    }
    // A plan changes nothing: it is made, with a word of warning.
    let ran = project.ends(0, &["plan"], &[OPEN]);
    assert_eq!(ran.stderr.matches(OPEN).count(), 1, "{ran:?}");
}

#[test]
fn a_state_elsewhere_is_guarded_by_its_own_folder() {
    let project = project(false);
    fs::create_dir(project.path("states")).unwrap();
    set(&project.path("states"), 0o777);
    let state = ["apply", "-auto-approve", "-state=states/s.tfstate"];
    project.bad(&state, &[OPEN, "states"]);
}

/// What an apply says of a folder of this mode, in this environment.
#[track_caller]
fn check_folder(mode: u32, environment: &str, code: i32, told: bool) {
    let project = project(false);
    set(&project.dir, mode);
    let ran: Ran = project.shell(&format!("{environment} $keyform apply -auto-approve"));
    assert_eq!(ran.code, Some(code), "{mode:o}: {ran:?}");
    assert_eq!(ran.stderr.contains(OPEN), told, "{mode:o}: {ran:?}");
}

#[test]
fn folders_of_groups_and_of_builders_go_on_working() {
    for mode in [0o700, 0o755, 0o775, 0o770, 0o1777] {
        check_folder(mode, "", 0, false);
    }
    check_folder(0o777, "", 1, true);
    check_folder(0o757, "", 1, true);
    check_folder(0o777, "CI=true", 0, true);
    check_folder(0o777, "KEYFORM_SHARED_FOLDER=allow", 0, true);
}

#[test]
fn a_readable_state_is_told_once_where_it_holds_a_secret_and_is_not_readable_after_the_next_write() {
    for (secret, files) in [
        (true, &["terraform.tfstate"][..]),
        (true, &["terraform.tfstate", "terraform.tfstate.backup"]),
        (true, &[]),
        (false, &["terraform.tfstate", "terraform.tfstate.backup"]),
    ] {
        let project = project(secret);
        project.good(&["apply", "-auto-approve"]);
        project.good(&["apply", "-auto-approve", "-replace=terraform_data.a"]);
        for file in files {
            set(&project.path(file), 0o644);
        }
        let told = usize::from(secret && !files.is_empty());
        let ran = project.ends(0, &["apply", "-auto-approve", "-replace=terraform_data.a"], &[]);
        assert_eq!(ran.stderr.matches(READ).count(), told, "{ran:?}");
        if told > 0 {
            ran.says(&["chmod 600 terraform.tfstate"]);
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
        let state = project.path("terraform.tfstate");
        assert_eq!(
            (mode(&state), mode(&project.path("terraform.tfstate.backup"))),
            (0, 0)
        );
        assert!(!project.run(&["plan"]).stderr.contains(READ));
    }
}

#[test]
fn folders_of_workspaces_are_for_their_owner_alone() {
    let project = project(true);
    let ran = project.shell("umask 000; $keyform workspace new w && $keyform apply -auto-approve");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let states = project.path("terraform.tfstate.d");
    assert!(!below(&states).is_empty());
    for folder in [&states, &states.join("w")] {
        let mode = fs::metadata(folder).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{}", folder.display());
    }
}

#[test]
fn a_folder_of_keys_and_choices_that_everybody_can_write_is_no_better() {
    for (place, what) in [
        (".keyform", "a key of saved plans"),
        (".keyform/plan.key", "a key of saved plans"),
        (".terraform", "the choice of a workspace"),
        ("data", "the choice of a workspace"),
    ] {
        let project = project(false);
        project.good(&["plan", "-out=saved"]);
        for folder in [".terraform", "data"] {
            fs::create_dir(project.path(folder)).unwrap();
        }
        set(&project.path(place), 0o777);
        let variable = if place == "data" { "TF_DATA_DIR=data" } else { "" };
        let commands = ["apply saved", "apply -auto-approve", "state rm terraform_data.a"];
        for command in commands {
            let ran = project.shell(&format!("{variable} $keyform {command}"));
            assert_eq!(ran.code, Some(1), "{place}: {ran:?}");
            ran.says(&[OPEN, place, what, "chmod o-w", "Nothing was changed"]);
        }
        let ran = project.shell(&format!("CI=true {variable} $keyform apply saved"));
        assert_eq!(ran.code, Some(0), "{place}: {ran:?}");
    }
}

#[test]
fn a_readable_key_of_saved_plans_is_told_once() {
    let project = project(false);
    let told = |ran: &Ran| {
        ran.stderr
            .matches("Others can read the key of saved plans")
            .count()
    };
    assert_eq!(told(&project.ends(0, &["plan", "-out=saved"], &[])), 0);
    set(&project.path(".keyform/plan.key"), 0o644);
    let commands: [&[&str]; 3] = [&["plan"], &["apply", "saved"], &["apply", "-auto-approve"]];
    for command in commands {
        let ran = project.ends(0, command, &["chmod 600 .keyform/plan.key"]);
        assert_eq!(told(&ran), 1, "{ran:?}");
    }
    set(&project.path(".keyform/plan.key"), 0o600);
    assert_eq!(told(&project.run(&["plan"])), 0);
}

#[test]
fn what_a_run_makes_beside_the_state_is_not_for_everybody_either() {
    let project = project(true);
    let new = "umask 000; $keyform workspace new w";
    assert_eq!(project.shell(new).code, Some(0));
    assert_eq!(mode(&project.path(".terraform")), 0o700);
    let imported = "import {\n  to = terraform_data.i\n  id = \"i\"\n}\n";
    project.write("import.tf", imported);
    let ran = project.shell("umask 000; $keyform plan -generate-config-out=gen.tf");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(mode(&project.path("gen.tf")), 0o600);
}

/// Who can write to the folder of modules, or to one above it, can put another module there.
#[test]
fn nobody_else_puts_modules_in_the_place_of_those_that_are_installed() {
    let project = Project::new("module \"m\" {\n  source = \"./m\"\n}\n");
    fs::create_dir(project.path("m")).unwrap();
    project.write("m/main.tf", "resource \"terraform_data\" \"a\" {}\n");
    assert_eq!(project.shell("umask 000; $keyform init").code, Some(0));
    for folder in [".terraform", ".terraform/modules"] {
        assert_eq!(mode(&project.path(folder)) & 0o002, 0, "{folder}");
    }
    for folder in [".terraform/modules", ".terraform"] {
        set(&project.path(folder), 0o777);
        project.bad(
            &["apply", "-auto-approve"],
            &[OPEN, folder, "chmod o-w", "Nothing was changed"],
        );
        project.ends(0, &["plan"], &[OPEN]);
        set(&project.path(folder), 0o775);
    }
    project.good(&["apply", "-auto-approve"]);
}
