//! States that are damaged, foreign, in use, or cannot be written.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use fs_err as fs;
use keyform::sandbox::Faults;

use super::{LOCKED, Project, UNSETTLED, at, clouds, mode, ran};

const COUNTED: &str = "resource \"terraform_data\" \"d\" {\n  count = 3\n  input = \"one\"\n}";
const APPLY: &[&str] = &["apply", "-auto-approve"];

fn applied() -> (Project, String) {
    let project = Project::new(COUNTED);
    project.good(APPLY);
    let state = project.text("terraform.tfstate");
    project.write("main.tf", COUNTED.replace("one", "two"));
    (project, state)
}

/// Every command fails with this message and leaves the file and its neighbours as they are.
#[track_caller]
fn check_left_alone(damaged: &[u8], said: &[&str]) {
    let (project, _) = applied();
    project.write("terraform.tfstate", damaged);
    let names = project.names();
    let commands: [&[&str]; 7] = [
        &["plan"],
        APPLY,
        &["destroy", "-auto-approve"],
        &["state", "list"],
        &["state", "rm", "terraform_data.d"],
        &["drift"],
        &["output"],
    ];
    for command in commands {
        project.bad(command, said);
        assert_eq!(project.read("terraform.tfstate"), damaged, "{command:?}");
        assert_eq!(project.names(), names, "{command:?}");
    }
}

#[test]
fn a_damaged_state_is_left_as_it_is() {
    let (_, good) = applied();
    check_left_alone(
        &good.as_bytes()[..good.len() / 2],
        &["State file is damaged", "line", "from its backup"],
    );
    check_left_alone(b"{ garbage", &["State file is damaged"]);
    check_left_alone(b"[]", &["State file is damaged"]);
    check_left_alone(b"\xff\xfe\0\0", &["terraform.tfstate"]);
    check_left_alone("{\"a\":".repeat(100_000).as_bytes(), &["State file is damaged"]);
}

#[test]
fn a_state_of_a_newer_format_is_left_as_it_is() {
    let (_, good) = applied();
    let newer = good.replace("\"version\": 4", "\"version\": 5");
    check_left_alone(
        newer.as_bytes(),
        &["Unsupported state file format", "version 5", "newer program"],
    );
}

#[test]
fn an_empty_state_beside_a_backup_is_not_no_state() {
    let (project, good) = applied();
    project.write("terraform.tfstate.backup", &good);
    project.write("terraform.tfstate", "");
    for command in [&["plan"], APPLY] {
        project.bad(
            command,
            &[
                "State file is damaged",
                "terraform.tfstate is empty",
                "Copy the backup",
            ],
        );
    }
    assert!(project.read("terraform.tfstate").is_empty());
    assert_eq!(project.text("terraform.tfstate.backup"), good);
}

#[test]
fn what_is_no_file_is_no_state() {
    let (project, _) = applied();
    fs::remove_file(project.path("terraform.tfstate")).unwrap();
    fs::create_dir(project.path("terraform.tfstate")).unwrap();
    for command in [&["plan"], APPLY, &["state", "list"]] {
        project.bad(command, &["terraform.tfstate"]);
    }
    assert!(
        fs::read_dir(project.path("terraform.tfstate"))
            .unwrap()
            .next()
            .is_none()
    );
}

#[test]
fn a_foreign_or_older_state_is_not_pushed() {
    let (project, good) = applied();
    let lineage = regex::Regex::new("\"lineage\": \"[^\"]*\"").unwrap();
    for (pushed, said) in [
        (
            lineage.replace(&good, "\"lineage\": \"other\"").into_owned(),
            "unrelated state with lineage",
        ),
        (
            good.replace("\"serial\": 1", "\"serial\": 0"),
            "over newer state with serial 1",
        ),
        ("{".to_owned(), "State file is damaged"),
        (String::new(), "State file is damaged"),
    ] {
        project.write("pushed", pushed);
        project.bad(&["state", "push", "pushed"], &[said]);
        assert_eq!(project.text("terraform.tfstate"), good);
    }
}

#[test]
fn files_are_for_their_owner_alone() {
    let (project, _) = applied();
    let run = |command: &str| {
        let ran = project.shell(&format!("umask 000; $keyform {command}"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
    };
    run("plan -out=saved");
    run("apply -auto-approve");
    for name in [
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "saved",
        ".keyform/plan.key",
    ] {
        assert_eq!(mode(&project.path(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&project.path(".keyform")), 0o700);
}

#[test]
fn planted_links_are_not_followed() {
    for name in [
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "terraform.tfstate.journal",
        ".terraform.tfstate.lock.info",
        "saved",
    ] {
        let (project, good) = applied();
        let elsewhere = Project::new("");
        let victim = elsewhere.path("victim");
        fs::write(&victim, &good).unwrap();
        let _ = fs::remove_file(project.path(name));
        symlink(&victim, project.path(name)).unwrap();
        project.run(&["plan", "-out=saved"]);
        let ran = project.run(APPLY);
        if name == "terraform.tfstate" {
            ran.says(&["is a symbolic link, which is not followed"]);
        }
        assert_eq!(fs::read_to_string(&victim).unwrap(), good, "{name}");
        assert_eq!(elsewhere.names(), ["main.tf", "victim"]);
    }
}

#[test]
fn what_could_not_be_written_is_not_rescued_through_a_link() {
    let cloud = clouds(Faults {
        latency_ms: 300,
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, "resource \"aws_kms_key\" \"k\" {}"));
    let elsewhere = Project::new("victim");
    let mut started = project.start(APPLY);
    assert!(started.wait_for(": Creating...", 1));
    symlink(elsewhere.path("main.tf"), project.path("errored.tfstate")).unwrap();
    project.write("terraform.tfstate", "other");
    let ran = started.end();
    assert_eq!(ran.code, Some(LOCKED), "{ran:?}");
    ran.says(&[
        "State changed by another program",
        "state push errored.1.tfstate",
        "all of it is recorded",
    ]);
    assert!(project.text("errored.1.tfstate").contains("aws_kms_key"));
    assert_eq!(elsewhere.text("main.tf"), "victim");
    assert_eq!(project.text("terraform.tfstate"), "other");
    cloud.stop().unwrap();
}

#[test]
fn one_of_two_applies_goes_on_and_the_other_names_it() {
    let cloud = clouds(Faults {
        latency_ms: 300,
        ..Faults::default()
    });
    let project = Project::new(&at(
        cloud.address,
        "resource \"aws_kms_key\" \"k\" {\n  count = 3\n}",
    ));
    let mut first = project.start(APPLY);
    assert!(first.wait_for(": Creating...", 1));
    for command in [&["plan"], APPLY, &["destroy", "-auto-approve"]] {
        project.ends(
            LOCKED,
            command,
            &[
                "Error acquiring the state lock",
                "Operation: OperationTypeApply",
                "Who:",
            ],
        );
    }
    let elsewhere = Project::new("resource \"terraform_data\" \"d\" {}");
    let state = format!("-state={}", project.path("terraform.tfstate").display());
    if let Some(terraform) = elsewhere.terraform(&["plan", "-no-color", &state]) {
        ran(terraform).says(&["Error acquiring the state lock", "OperationTypeApply"]);
    }
    assert_eq!(first.end().code, Some(0));
    assert_eq!(project.recorded().len(), 3);
    cloud.stop().unwrap();
}

#[test]
fn of_many_applies_at_once_one_goes_on_and_all_others_name_it() {
    let (mut tried, mut alone, mut named) = (0, 0, 0);
    let holder =
        regex::Regex::new(r"ID: +[0-9a-f-]{36}\s+Path: +\S+\s+Operation: +OperationTypeApply\s+Who: +\S+")
            .unwrap();
    for many in [2, 5, 10, 20, 50] {
        let project = Project::new(
            "resource \"terraform_data\" \"d\" {\n  provisioner \"local-exec\" {\n    command = \"cat pipe\"\n  }\n}",
        );
        let pipe = project.path("pipe");
        crate::files::pipe(&pipe);
        let (tell, told) = std::sync::mpsc::channel();
        for _ in 0..many {
            let (command, tell) = (project.command(APPLY), tell.clone());
            std::thread::spawn(move || tell.send(ran(command)));
        }
        let next = || told.recv_timeout(std::time::Duration::from_mins(1)).unwrap();
        let others: Vec<super::Ran> = (1..many).map(|_| next()).collect();
        // Opens once the one that goes on reads from it.
        std::thread::spawn(move || fs::OpenOptions::new().write(true).open(pipe));
        let last = next();
        tried += many;
        alone += usize::from(last.code == Some(0) && others.iter().all(|one| one.code == Some(LOCKED)));
        named += others.iter().filter(|one| holder.is_match(&one.stderr)).count();
        assert_eq!(project.recorded().len(), 1);
    }
    println!(
        "R9: applies at once = {tried} in 5 rounds of 2 to 50: one alone went on in {alone} rounds, {named} of {} others named it",
        tried - 5
    );
    assert_eq!((alone, named), (5, tried - 5));
}

#[test]
fn terraform_at_work_keeps_this_program_out() {
    let project = Project::new(
        "resource \"terraform_data\" \"d\" {\n  provisioner \"local-exec\" {\n    command = \"cat pipe\"\n  }\n}",
    );
    let Some(mut apply) = project.terraform(&["apply", "-auto-approve"]) else {
        return;
    };
    let pipe = project.path("pipe");
    crate::files::pipe(&pipe);
    let child = apply.spawn().unwrap();
    // Opens once terraform reads from it, that is in the middle of its apply.
    let end = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let other = Project::new("resource \"terraform_data\" \"d\" {}");
    let state = format!("-state={}", project.path("terraform.tfstate").display());
    other.ends(
        LOCKED,
        &["plan", &state],
        &["Error acquiring the state lock", "OperationTypeApply"],
    );
    drop(end);
    assert!(child.wait_with_output().unwrap().status.success());
    project.write("main.tf", "resource \"terraform_data\" \"d\" {}");
    project.run(&["plan"]).says(&["No changes"]);
}

#[test]
fn a_state_is_locked_however_its_name_is_spelled() {
    let project = Project::new(
        "resource \"terraform_data\" \"d\" {\n  provisioner \"local-exec\" {\n    command = \"cat pipe\"\n  }\n}",
    );
    let pipe = project.path("pipe");
    crate::files::pipe(&pipe);
    let started = project.start(&["apply", "-auto-approve", "-state=s", "-state-out=./s"]);
    // Opens once the command reads from it, that is in the middle of the apply.
    let end = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let other = Project::new("resource \"terraform_data\" \"d\" {}");
    let state = format!("-state={}", project.path("s").display());
    other.ends(LOCKED, &["plan", &state], &["Error acquiring the state lock"]);
    drop(end);
    assert_eq!(started.end().code, Some(0));
    fs::hard_link(project.path("s"), project.path("t")).unwrap();
    project.bad(
        &["plan", "-state=s", "-state-out=t"],
        &["State file has two names", "leave -state-out away"],
    );
}

/// An apply that may write no file of more than so many blocks of 512 bytes.
fn cramped(project: &Project, blocks: usize) -> super::Ran {
    project.shell(&format!(
        "trap '' XFSZ; ulimit -f {blocks}; TMPDIR=. exec $keyform apply -auto-approve"
    ))
}

#[test]
fn without_room_nothing_is_begun_or_all_is_kept() {
    let (project, good) = applied();
    project.write("main.tf", COUNTED.replace('3', "40"));
    let mut failed = 0;
    // What fits varies with the limit.
    for blocks in [1, 4, 8, 16, 24] {
        project.write("terraform.tfstate", &good);
        let _ = fs::remove_file(project.path("terraform.tfstate.journal"));
        let _ = fs::remove_file(project.path("terraform.tfstate.backup"));
        let ran = cramped(&project, blocks);
        if ran.code == Some(0) {
            continue;
        }
        failed += 1;
        assert_eq!(ran.code, Some(1), "{ran:?}");
        ran.says(&["Cannot keep the state"]);
        assert!(
            !ran.stdout.contains("\"serial\"") && !ran.stderr.contains("\"serial\""),
            "{ran:?}"
        );
        assert_eq!(project.text("terraform.tfstate"), good, "{blocks}");
        let journal = project.names().contains(&"terraform.tfstate.journal".to_owned());
        let honest = ran.stderr.contains("not all of it is recorded") || ran.stderr.contains("0 added");
        assert!(journal || honest, "{ran:?}");
        // With room again, all that was recorded is there, and the rest is made.
        assert!(project.recorded().len() >= 3);
        project.good(APPLY);
        assert_eq!(project.recorded().len(), 40);
    }
    assert!(failed > 0, "no limit has stopped a run");
}

#[test]
fn the_id_of_a_key_that_cannot_be_recorded_is_told() {
    let cloud = clouds(Faults::default());
    let keys = "resource \"aws_kms_key\" \"k\" {\n  count = 12\n}";
    let mut failed = 0;
    for blocks in [2, 60, 100, 140, 180, 220, 260, 300, 340, 380, 420, 460] {
        let project = Project::new(&at(cloud.address, keys));
        let before = super::calls(cloud.address, "CreateKey");
        let ran = cramped(&project, blocks);
        let made = super::calls(cloud.address, "CreateKey") - before;
        let reported = super::reported(&ran.stdout);
        assert_eq!(reported.len() as u64, made, "{ran:?}");
        failed += usize::from(ran.code != Some(0) && made > 0);
        let recorded = project.run(&["state", "pull"]).stdout;
        for id in &reported {
            assert!(
                recorded.contains(id) || ran.stderr.contains(id),
                "{id} is lost: {ran:?}"
            );
        }
        // A line says "complete" only of what is recorded for good.
        for line in ran
            .stdout
            .lines()
            .filter(|line| line.contains("Creation complete"))
        {
            let id = super::reported(line).pop_first().unwrap();
            assert!(recorded.contains(&id), "{line}: {ran:?}");
        }
    }
    assert!(failed > 0, "no limit has stopped a run after its first effect");
    cloud.stop().unwrap();
}

#[test]
fn a_recovery_file_is_named_by_the_next_run_and_can_be_put_in_place() {
    let (project, good) = applied();
    project.good(APPLY);
    let newer = project.text("terraform.tfstate");
    project.write("terraform.tfstate", &good);
    project.write("errored.tfstate", &newer);
    let _ = fs::remove_file(project.path("terraform.tfstate.backup"));
    project.run(&["plan"]).says(&["Recovery file left", "state push"]);
    project.bad(
        APPLY,
        &["Recovery file left", "keyform state push errored.tfstate"],
    );
    project.good(&["state", "push", "errored.tfstate"]);
    let plan = project.run(&["plan"]);
    assert!(
        plan.stdout.contains("No changes") && plan.stderr.is_empty(),
        "{plan:?}"
    );
}

/// Two keys, the second slow to begin, and what another command does meanwhile.
fn check_not_robbed(configuration: &str, command: &[&str]) {
    let cloud = clouds(Faults {
        latency_ms: 300,
        ..Faults::default()
    });
    let project = Project::new("resource \"terraform_data\" \"x\" {}");
    project.good(APPLY);
    let keys = "resource \"terraform_data\" \"x\" {}\nresource \"aws_kms_key\" \"k\" {\n  count = 3\n}\n";
    project.write("main.tf", at(cloud.address, &format!("{keys}{configuration}")));
    let mut first = project.start(&["apply", "-auto-approve", "-parallelism=1"]);
    assert!(first.wait_for("k[1]: Creating...", 1));
    project.ends(LOCKED, command, &["A run is under way"]);
    let ran = first.end();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.recorded().len(), 4);
    cloud.stop().unwrap();
}

#[test]
fn the_journal_of_a_living_run_is_not_taken_away() {
    check_not_robbed("", &["state", "rm", "-lock=false", "terraform_data.x"]);
}

#[test]
fn a_configuration_that_reads_the_state_file_does_not_let_others_in() {
    check_not_robbed(
        "locals {\n  s = try(filesha256(\"terraform.tfstate\"), \"\")\n}\noutput \"s\" {\n  value = local.s != \"\"\n}",
        &["state", "rm", "terraform_data.x"],
    );
}

#[test]
fn a_workspace_with_something_unsettled_is_not_empty() {
    let cloud = super::failing("CreateKey", "close", true);
    let project = Project::without_markers(&at(cloud.address, "resource \"aws_kms_key\" \"k\" {}"));
    project.good(&["workspace", "new", "w"]);
    project.ends(UNSETTLED, APPLY, &["Unclear"]);
    project.good(&["workspace", "select", "default"]);
    project.bad(&["workspace", "delete", "w"], &["Workspace is not empty"]);
    cloud.stop().unwrap();
}

#[test]
fn a_full_disk_stops_before_the_first_effect() {
    let disk = Project::new("");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=200k", "tmpfs"])
        .arg(&disk.dir)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: no small disk can be mounted here, so a full one was not tried");
        return;
    }
    let cloud = clouds(Faults::default());
    disk.write(
        "main.tf",
        at(cloud.address, "resource \"aws_kms_key\" \"k\" {\n  count = 5\n}"),
    );
    disk.write("fill", vec![0; 160 << 10]);
    let ran = disk.run(APPLY);
    let state = disk.path("terraform.tfstate").exists();
    let made = super::calls(cloud.address, "CreateKey");
    fs::remove_file(disk.path("fill")).unwrap();
    let next = disk.run(APPLY);
    let recorded = disk.run(&["state", "list"]).stdout.lines().count();
    let _ = Command::new("umount").arg("-l").arg(&disk.dir).output();
    assert_eq!((ran.code, state, made), (Some(1), false, 0), "{ran:?}");
    ran.says(&["The disk is full"]);
    assert_eq!((next.code, recorded), (Some(0), 5), "{next:?}");
    cloud.stop().unwrap();
}

#[test]
fn a_folder_that_cannot_be_written_stops_before_the_first_effect() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, "resource \"aws_kms_key\" \"k\" {}"));
    // Whoever may do everything is stopped by a file in the place of the folder.
    project.write("file", "");
    fs::set_permissions(&project.dir, std::fs::Permissions::from_mode(0o500)).unwrap();
    let ran = project.bad(
        &["apply", "-auto-approve", "-state=file/terraform.tfstate"],
        &["Cannot keep the state"],
    );
    fs::set_permissions(&project.dir, std::fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(super::calls(cloud.address, "CreateKey"), 0, "{ran:?}");
    cloud.stop().unwrap();
}
