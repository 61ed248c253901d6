//! States that could not be put in their place, states that are gone, and journals that belong to others: nothing is
//! forgotten, and nothing is made twice.

use fs_err as fs;
use keyform::sandbox::{Faults, Running};
use rustix::process::Signal;

use super::{Project, UNSETTLED, at, calls, clouds, control, misbehave};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const LEFT: &str = "Recovery file left";

fn keys(names: &[&str]) -> String {
    let key =
        |name: &&str| format!("resource \"aws_kms_key\" \"{name}\" {{\n  description = \"{name}\"\n}}\n");
    names.iter().map(key).collect()
}

/// Keys "a" and "b" are there and declared; the state of serial 1 knows of the first alone. The text of that of serial 2.
fn torn_apart() -> (Running, Project, String) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &keys(&["a"])));
    project.good(APPLY);
    let first = project.text("terraform.tfstate");
    project.write("main.tf", at(cloud.address, &keys(&["a", "b"])));
    project.good(APPLY);
    let second = project.text("terraform.tfstate");
    project.write("terraform.tfstate", first);
    fs::remove_file(project.path("terraform.tfstate.backup")).unwrap();
    (cloud, project, second)
}

/// Nothing goes on, and no key is made a second time.
#[track_caller]
fn check_blocked(cloud: &Running, project: &Project, said: &[&str]) {
    let state = project.read("terraform.tfstate");
    project.run(&["plan"]).says(said);
    for command in [APPLY, &["taint", "aws_kms_key.a"]] {
        project.bad(command, said);
    }
    assert_eq!(project.read("terraform.tfstate"), state);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
}

#[test]
fn no_command_writes_beside_a_recovery_file() {
    let (cloud, project, second) = torn_apart();
    project.write("errored.tfstate", &second);
    let state = project.read("terraform.tfstate");
    let provider = "registry.terraform.io/hashicorp/aws";
    let commands: [&[&str]; 10] = [
        &["taint", "aws_kms_key.a"],
        &["untaint", "aws_kms_key.a"],
        &["state", "mv", "aws_kms_key.a", "aws_kms_key.c"],
        &["state", "rm", "aws_kms_key.a"],
        &[
            "state",
            "replace-provider",
            "-auto-approve",
            provider,
            "example.org/x/aws",
        ],
        &["recover", "-from-cloud", "-auto-approve"],
        &["import", "aws_kms_key.b", "00000000-0000-0000-0000-000000000000"],
        &["refresh"],
        &["destroy", "-auto-approve", "-destroy-key=aws_kms_key.a"],
        APPLY,
    ];
    for command in commands {
        project.bad(command, &[LEFT, "keyform state push errored.tfstate"]);
        assert_eq!(project.read("terraform.tfstate"), state, "{command:?}");
    }
    // Looking is free.
    assert_eq!(project.recorded(), ["aws_kms_key.a"]);
    let pushed = project.run(&["state", "push", "errored.tfstate"]);
    pushed.says(&["was put away as errored.tfstate.recorded"]);
    assert_eq!(pushed.code, Some(0), "{pushed:?}");
    project.run(&["plan"]).says(&["No changes"]);
    // What was put away is in nobody's way, also when its objects go.
    project.good(&["state", "rm", "aws_kms_key.b"]);
    project.good(&["taint", "-allow-missing", "terraform_data.none"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    cloud.stop().unwrap();
}

#[test]
fn a_recovery_file_counts_whatever_the_serials_are() {
    let (cloud, project, second) = torn_apart();
    project.write("errored.tfstate", &second);
    let older = project.text("terraform.tfstate");
    project.write(
        "terraform.tfstate",
        older.replace("\"serial\": 1", "\"serial\": 7"),
    );
    check_blocked(
        &cloud,
        &project,
        &[LEFT, "aws_kms_key.b [id=", "state push -force errored.tfstate"],
    );
    project.bad(
        &["state", "push", "errored.tfstate"],
        &["over newer state with serial 7"],
    );
    project.good(&["state", "push", "-force", "errored.tfstate"]);
    project.run(&["plan"]).says(&["No changes"]);
    cloud.stop().unwrap();
}

#[test]
fn a_recovery_file_with_a_number_counts_by_itself() {
    let (cloud, project, second) = torn_apart();
    project.write("errored.1.tfstate", &second);
    check_blocked(&cloud, &project, &[LEFT, "state push errored.1.tfstate"]);
    cloud.stop().unwrap();
}

#[test]
fn a_recovery_file_that_cannot_be_read_counts() {
    let (cloud, project, second) = torn_apart();
    let encrypted = "{\"meta\":{},\"encrypted_data\":\"AAAA\",\"encryption_version\":\"v0\"}";
    for damaged in [&second[..second.len() / 2], "", encrypted] {
        project.write("errored.tfstate", damaged);
        check_blocked(
            &cloud,
            &project,
            &[LEFT, "errored.tfstate", "cannot be read", "move it away"],
        );
    }
    // Nothing is recorded yet: all the more.
    fs::remove_file(project.path("terraform.tfstate")).unwrap();
    project.bad(APPLY, &[LEFT, "cannot be read"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    cloud.stop().unwrap();
}

#[test]
fn a_recovery_file_of_another_lineage_counts() {
    let (cloud, project, second) = torn_apart();
    let lineage = regex::Regex::new("\"lineage\": \"[^\"]*\"").unwrap();
    let other = lineage.replace(&second, "\"lineage\": \"other\"");
    project.write("errored.tfstate", other.replace("\"serial\": 2", "\"serial\": 1"));
    check_blocked(
        &cloud,
        &project,
        &[LEFT, "aws_kms_key.b [id=", "Move the file away"],
    );
    cloud.stop().unwrap();
}

#[test]
fn a_recovery_file_of_which_all_is_recorded_is_put_away() {
    let (cloud, project, second) = torn_apart();
    project.write("errored.tfstate", project.text("terraform.tfstate"));
    project.write("terraform.tfstate", &second);
    let plan = project.run(&["plan"]);
    plan.says(&["No changes", "of no more use", "errored.tfstate.recorded"]);
    assert_eq!(project.run(&["plan"]).stderr, "");
    project.good(&["taint", "aws_kms_key.a"]);
    cloud.stop().unwrap();
}

#[test]
fn a_state_changed_in_mid_run_is_put_right_by_a_push_that_is_forced() {
    let cloud = clouds(Faults {
        latency_ms: 300,
        ..Faults::default()
    });
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    project.good(APPLY);
    let configuration = format!(
        "resource \"terraform_data\" \"d\" {{}}\n{}",
        keys(&["a", "b", "c"])
    );
    project.write("main.tf", at(cloud.address, &configuration));
    let mut started = project.start(&["apply", "-auto-approve", "-parallelism=1"]);
    assert!(started.wait_for(": Creation complete", 1));
    let state = project.text("terraform.tfstate");
    project.write(
        "terraform.tfstate",
        state.replace("\"serial\": 1", "\"serial\": 2"),
    );
    let ran = started.end();
    ran.says(&["State changed by another program", "errored.tfstate"]);
    let made = super::reported(&ran.stdout);
    for command in [&["plan"][..], APPLY, &["state", "push", "errored.tfstate"]] {
        project.bad(command, &["Journal of another state", "state push -force"]);
    }
    let journal = project.read("terraform.tfstate.journal");
    let pushed = project.run(&["state", "push", "-force", "errored.tfstate"]);
    assert_eq!(pushed.code, Some(0), "{pushed:?}");
    pushed.says(&[
        "put aside",
        "terraform.tfstate.journal.1",
        "errored.tfstate.recorded",
    ]);
    assert_eq!(project.read("terraform.tfstate.journal.1"), journal);
    assert!(!project.path("terraform.tfstate.journal").exists());
    let recorded = project.good(&["state", "pull"]);
    assert!(
        !made.is_empty() && made.iter().all(|id| recorded.contains(id)),
        "{recorded}"
    );
    project.good(APPLY);
    project.run(&["plan"]).says(&["No changes"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 3);
    cloud.stop().unwrap();
}

#[test]
fn what_another_file_records_is_not_overwritten_after_a_kill() {
    let cloud = clouds(Faults {
        latency_ms: 300,
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, &keys(&["a", "b", "c"])));
    let apply = [
        "apply",
        "-auto-approve",
        "-state=x",
        "-state-out=y",
        "-parallelism=1",
    ];
    let mut started = project.start(&apply);
    assert!(started.wait_for(": Creation complete", 1));
    started.signal(Signal::KILL);
    started.end();
    let before = calls(cloud.address, "CreateKey");
    project.bad(&apply, &["State would lose entries", "-state=y"]);
    assert_eq!(calls(cloud.address, "CreateKey"), before);
    let recorded = project.good(&["state", "list", "-state=y"]);
    assert!(recorded.contains("aws_kms_key.a"), "{recorded}");
    let plan = project.run(&["plan", "-state=y"]);
    assert!(!plan.stdout.contains("# aws_kms_key.a "), "{plan:?}");
    cloud.stop().unwrap();
}

#[test]
fn what_only_a_journal_records_is_named_and_backed_up_when_a_state_is_pushed() {
    for force in [false, true] {
        let cloud = clouds(Faults::default());
        let project = Project::new(&at(cloud.address, &keys(&["a"])));
        project.good(APPLY);
        let former = project.text("terraform.tfstate");
        project.write("pushed", former.replace("\"serial\": 1,", "\"serial\": 9,"));
        project.write("main.tf", at(cloud.address, &keys(&["a", "b", "c"])));
        control(cloud.address, "PATCH", "faults", r#"{"latency_ms":300}"#);
        let mut started = project.start(&["apply", "-auto-approve", "-parallelism=1"]);
        assert!(started.wait_for(": Creation complete", 1));
        started.signal(Signal::KILL);
        started.end();
        assert_eq!(project.text("terraform.tfstate"), former);
        let push: &[&str] = if force {
            &["state", "push", "-force", "pushed"]
        } else {
            &["state", "push", "pushed"]
        };
        let ran = project.run(push);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.says(&[
            "Objects are no longer recorded",
            "aws_kms_key.b [id=",
            "terraform.tfstate.backup",
        ]);
        let backup = project.text("terraform.tfstate.backup");
        assert!(backup.contains("\"name\": \"b\""), "{backup}");
        assert_eq!(project.recorded(), ["aws_kms_key.a"]);
        assert_eq!(project.run(&["state", "push", "pushed"]).stderr, "");
        cloud.stop().unwrap();
    }
}

#[test]
fn what_is_open_beside_no_state_is_not_taken_into_another_one_by_a_push() {
    let cloud = clouds(Faults::default());
    let other = Project::new("resource \"terraform_data\" \"d\" {}");
    other.good(APPLY);
    let project = Project::new(&at(cloud.address, &keys(&["a"])));
    lose(&cloud);
    assert_eq!(project.run(APPLY).code, Some(UNSETTLED));
    misbehave(cloud.address, "[]");
    // As after a kill: no state was written yet.
    let state = project.path("terraform.tfstate");
    if state.exists() {
        fs::remove_file(&state).unwrap();
    }
    project.write("pushed", other.text("terraform.tfstate"));
    project.bad(&["state", "push", "pushed"], &["unrelated state with lineage"]);
    assert!(!state.exists());
    project.run(APPLY).says(&["1 imported, 0 added"]);
    cloud.stop().unwrap();
}

#[test]
fn what_only_the_file_that_was_read_records_is_not_made_again_after_a_kill() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &keys(&["o"])));
    project.good(&["apply", "-auto-approve", "-state=x"]);
    let former = project.text("x");
    let slow = "resource \"terraform_data\" \"d\" {\n  provisioner \"local-exec\" {\n    command = \"cat pipe\"\n  }\n}\n";
    project.write("main.tf", at(cloud.address, &(keys(&["o", "k"]) + slow)));
    let pipe = project.path("pipe");
    crate::files::pipe(&pipe);
    let apply = ["apply", "-auto-approve", "-state=x", "-state-out=y"];
    let mut started = project.start(&apply);
    assert!(started.wait_for("aws_kms_key.k: Creation complete", 1));
    // Opens once the command reads from it, which ends with it.
    let end = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    started.signal(Signal::KILL);
    started.end();
    drop(end);
    project.bad(&apply, &["State would lose entries", "-state=y"]);
    project.write("main.tf", at(cloud.address, &keys(&["o", "k"])));
    project.good(&["apply", "-auto-approve", "-state=y"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    let recorded = project.good(&["state", "list", "-state=y"]);
    assert_eq!(recorded, "aws_kms_key.k\naws_kms_key.o\n");
    assert_eq!(project.text("x"), former);
    cloud.stop().unwrap();
}

#[test]
fn a_state_elsewhere_gets_its_recovery_file_back() {
    let (cloud, project, second) = torn_apart();
    fs::rename(project.path("terraform.tfstate"), project.path("x.tfstate")).unwrap();
    project.write("errored.tfstate", &second);
    let apply = ["apply", "-auto-approve", "-state=x.tfstate"];
    let push = ["state", "push", "-state=x.tfstate", "errored.tfstate"];
    project.bad(&apply, &[LEFT, &format!("keyform {}", push.join(" "))]);
    project.good(&push);
    assert!(!project.path("terraform.tfstate").exists());
    assert_eq!(project.good(&["state", "pull", "-state=x.tfstate"]), second);
    project.good(&apply);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    cloud.stop().unwrap();
}

/// The next key is made unheard, and no listing tells.
fn lose(cloud: &Running) {
    misbehave(
        cloud.address,
        r#"[{"action":"CreateKey","error":"close","after":true},{"action":"ListKeys","error":"AccessDeniedException","times":9}]"#,
    );
}

/// Key "a" is recorded, and of "b" nothing was heard; no listing tells.
fn unheard() -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &keys(&["a"])));
    project.good(APPLY);
    project.write("main.tf", at(cloud.address, &keys(&["a", "b"])));
    lose(&cloud);
    assert_ne!(project.run(APPLY).code, Some(0));
    misbehave(cloud.address, "[]");
    (cloud, project)
}

#[test]
fn what_is_open_is_nothing_without_its_state() {
    let (cloud, project) = unheard();
    fs::remove_file(project.path("terraform.tfstate")).unwrap();
    for command in [&["plan"][..], APPLY, &["state", "list"]] {
        project.bad(command, &["State is missing", "recover -from-cloud"]);
    }
    let recovered = project.run(&["recover", "-from-cloud", "-auto-approve"]);
    recovered.says(&["terraform.tfstate.journal.1", "aws_kms_key.a"]);
    project.good(APPLY);
    project.run(&["plan"]).says(&["No changes"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    cloud.stop().unwrap();
}

#[test]
fn what_is_open_is_not_taken_into_the_state_of_others() {
    let (cloud, project) = unheard();
    let state = project.text("terraform.tfstate");
    let lineage = regex::Regex::new("\"lineage\": \"[^\"]*\"").unwrap();
    project.write(
        "terraform.tfstate",
        &*lineage.replace(&state, "\"lineage\": \"other\""),
    );
    for command in [&["plan"][..], APPLY] {
        project.bad(command, &["Journal of another state"]);
    }
    project.write("terraform.tfstate", state);
    project.good(APPLY);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    cloud.stop().unwrap();
}

#[test]
fn a_workspace_with_a_recovery_file_is_not_deleted() {
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    project.good(APPLY);
    project.good(&["workspace", "new", "w"]);
    project.good(&["workspace", "select", "default"]);
    let place = "terraform.tfstate.d/w/errored.tfstate";
    project.write(place, project.text("terraform.tfstate"));
    project.bad(
        &["workspace", "delete", "w"],
        &[
            LEFT,
            "keyform state push -state=terraform.tfstate.d/w/terraform.tfstate",
            place,
        ],
    );
    assert!(project.path(place).exists());
    project.good(&["workspace", "delete", "-force", "w"]);
    assert!(!project.path("terraform.tfstate.d/w").exists());
}

#[test]
fn what_is_open_is_named_when_its_workspace_is_deleted() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &keys(&["a"])));
    project.good(&["workspace", "new", "w"]);
    lose(&cloud);
    assert_eq!(project.run(APPLY).code, Some(UNSETTLED));
    project.good(&["workspace", "select", "default"]);
    project.bad(&["workspace", "delete", "w"], &["Workspace is not empty"]);
    project
        .run(&["workspace", "delete", "-force", "w"])
        .says(&["aws_kms_key.a may exist, with the tag keyform:id = "]);
    cloud.stop().unwrap();
}

#[test]
fn a_workspace_is_chosen_whole_or_not_at_all() {
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    project.good(&["workspace", "new", "w"]);
    let pointer = ".terraform/environment";
    assert_eq!(super::mode(&project.path(pointer)), 0o600);
    for text in ["", " \n", "a b"] {
        project.write(pointer, text);
        for command in [&["plan"][..], APPLY, &["workspace", "show"]] {
            project.bad(command, &["Invalid workspace name", pointer, "workspace select"]);
        }
    }
    assert!(!project.path("terraform.tfstate").exists());
    // A link is replaced, not followed.
    project.write("victim", "mine");
    fs::remove_file(project.path(pointer)).unwrap();
    std::os::unix::fs::symlink("../victim", project.path(pointer)).unwrap();
    project.good(&["workspace", "select", "w"]);
    assert_eq!(project.text("victim"), "mine");
    assert_eq!(project.text(pointer), "w");
    project.write(pointer, "");
    project.good(&["workspace", "select", "default"]);
    assert_eq!(project.good(&["workspace", "show"]), "default\n");
}

#[test]
fn a_backup_that_has_no_place_is_known_before_anything_is_made() {
    let cloud = clouds(Faults::default());
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    project.good(APPLY);
    project.write("main.tf", at(cloud.address, &keys(&["a"])));
    fs::create_dir(project.path("terraform.tfstate.backup")).unwrap();
    project.bad(
        APPLY,
        &[
            "Failed to make the backup",
            "terraform.tfstate.backup is a folder",
        ],
    );
    assert_eq!(calls(cloud.address, "CreateKey"), 0);
    cloud.stop().unwrap();
}
