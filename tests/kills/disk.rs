//! What the disk refuses, and how much is asked of it: full ones, ones that cannot be written, and the price of five hundred
//! resources.

use std::path::Path;
use std::process::Command;

use fs_err as fs;
use keyform::sandbox::Faults;

use super::trace;
use crate::faults::{Project, at, at_both, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const RECORDED: &str = "resource \"terraform_data\" \"d\" {\n  count = 200\n}\n";
const KEYS: &str = "resource \"aws_kms_key\" \"k\" {\n  count = 5\n}\n";

/// A disk of its own in the place of a folder, as long as it lives.
struct Disk<'p>(&'p Project);

impl<'p> Disk<'p> {
    /// None, and said so, where nothing can be mounted.
    fn mount(project: &'p Project) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(&project.dir)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(project));
        }
        eprintln!("SKIPPED: no disk can be mounted here, so full ones and read-only ones were not tried");
        None
    }

    fn remount(&self, how: &str) {
        let mut mount = Command::new("mount");
        let output = mount
            .args(["-o", &format!("remount,{how}")])
            .arg(&self.0.dir)
            .output();
        assert!(output.unwrap().status.success());
    }

    /// How many bytes are left.
    fn free(&self) -> u64 {
        let data = rustix::fs::statvfs(self.0.dir.as_path()).unwrap();
        data.f_bavail * data.f_frsize
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0.dir).output();
    }
}

fn entries(state: &Path) -> usize {
    let state: serde_json::Value = serde_json::from_slice(&fs::read(state).unwrap()).unwrap_or_default();
    let resources = state["resources"].as_array().cloned().unwrap_or_default();
    let counts = resources
        .iter()
        .map(|one| one["instances"].as_array().map_or(0, Vec::len));
    counts.sum()
}

#[test]
fn a_disk_that_is_full_to_any_degree_damages_nothing_and_shows_nothing() {
    let (mut failed, mut damaged, mut shown, mut late, mut stuck) = (0, 0, 0, 0, 0);
    let levels = 15;
    for level in 0..levels {
        let cloud = clouds(Faults::default());
        let project = Project::new("");
        let Some(disk) = Disk::mount(&project) else { return };
        project.write("main.tf", RECORDED);
        project.good(APPLY);
        let state = project.path("terraform.tfstate");
        let size = fs::metadata(&state).unwrap().len();
        project.write("main.tf", at(cloud.address, &format!("{RECORDED}{KEYS}")));
        // From nothing to where all of it fits.
        let room = (size * 2 + (200 << 10)) * level / (levels - 1);
        project.write(
            "fill",
            vec![0; usize::try_from(disk.free().saturating_sub(room)).unwrap()],
        );
        let ran = project.run(APPLY);
        let made = calls(cloud.address, "CreateKey");
        if ran.code != Some(0) {
            failed += 1;
            late += usize::from(made > 0);
        }
        damaged += usize::from(entries(&state) < 200);
        shown += usize::from(ran.stdout.contains("\"serial\"") || ran.stderr.contains("\"serial\""));
        fs::remove_file(project.path("fill")).unwrap();
        let next = project.run(APPLY);
        let all = (next.code, entries(&state), calls(cloud.address, "CreateKey"));
        stuck += usize::from(all != (Some(0), 205, 5));
        drop(disk);
        cloud.stop().unwrap();
    }
    println!(
        "R4: full disks = {levels} levels, {failed} applies failed: {damaged} damaged states, {shown} states on the screen, {late} failed after the first effect, {stuck} not put right by the next apply"
    );
    assert_eq!((damaged, shown, late, stuck), (0, 0, 0, 0));
    assert!(failed > 2, "{failed}");
}

/// The private key of a client key is in one answer only.
#[test]
fn no_client_key_is_made_where_its_private_key_has_no_room() {
    let cloud = clouds(Faults::default());
    let place = Project::new("");
    let Some(disk) = Disk::mount(&place) else { return };
    let file = place.path("key.json");
    let project = Project::new(&at_both(
        cloud.address,
        &format!(
            "resource \"alicloud_kms_application_access_point\" \"a\" {{\n  application_access_point_name = \"a\"\n  policies = [\"p\"]\n}}\nresource \"alicloud_kms_client_key\" \"k\" {{\n  aap_name = alicloud_kms_application_access_point.a.id\n  password = \"password-1\"\n  private_key_data_file = \"{}\"\n}}\n",
            file.display()
        ),
    ));
    place.write("fill", vec![0; usize::try_from(disk.free()).unwrap()]);
    project.bad(APPLY, &["File cannot be written", "key.json", "No space left"]);
    assert_eq!(calls(cloud.address, "CreateClientKey"), 0);
    assert_eq!(place.names(), ["fill"]);
    fs::remove_file(place.path("fill")).unwrap();
    project.good(APPLY);
    assert_eq!(calls(cloud.address, "CreateClientKey"), 1);
    assert!(fs::read_to_string(&file).unwrap().ends_with("\"}"));
    assert_eq!(place.names(), ["key.json"]);
    drop(disk);
    cloud.stop().unwrap();
}

#[test]
fn where_a_state_cannot_be_written_nothing_is_done() {
    let cloud = clouds(Faults::default());
    let (mut tried, mut refused) = (0, 0);
    let mut check = |project: &Project, arguments: &[&str]| {
        let ran = project.run(&[APPLY, arguments].concat());
        tried += 1;
        refused += usize::from(ran.code == Some(1));
    };
    for recorded in [false, true] {
        let project = Project::new("");
        let Some(disk) = Disk::mount(&project) else { return };
        project.write("main.tf", RECORDED);
        if recorded {
            project.good(APPLY);
        }
        project.write("main.tf", at(cloud.address, &format!("{RECORDED}{KEYS}")));
        disk.remount("ro");
        for lock in ["-lock=true", "-lock=false"] {
            check(&project, &[lock]);
        }
    }
    let project = Project::new(&at(cloud.address, KEYS));
    project.write("file", "");
    for lock in ["-lock=true", "-lock=false"] {
        check(&project, &[lock, "-state=file/terraform.tfstate"]);
        check(&project, &[lock, "-state=/proc/terraform.tfstate"]);
        check(&project, &[lock, "-state-out=/proc/terraform.tfstate"]);
        check(&project, &[lock, "-backup=/proc/terraform.tfstate.backup"]);
    }
    let made = calls(cloud.address, "CreateKey");
    println!("R5: states that cannot be written = {tried} applies: {refused} refused, {made} effects");
    assert_eq!((refused, made), (tried, 0));
    cloud.stop().unwrap();
}

#[test]
fn five_hundred_resources_cost_few_bytes_and_few_flushes() {
    if !trace::is_possible() {
        return;
    }
    let project = Project::new(
        "resource \"terraform_data\" \"d\" {\n  count = 500\n  input = \"a value of some length\"\n}\n",
    );
    let log = project.path("../trace");
    let calls = "write,pwrite64,writev,fsync,fdatasync";
    let output = trace::traced(&project.command(APPLY), calls, None, &log)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = trace::numbered(&log).into_iter().map(|(line, _)| line);
    let lines: Vec<trace::Line> = lines.filter(|line| line.touches(&project.dir)).collect();
    let (syncs, writes): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.call.ends_with("sync"));
    let bytes: u64 = writes.iter().map(|line| line.result()).sum();
    let state = fs::metadata(project.path("terraform.tfstate")).unwrap().len();
    println!(
        "R25: files written for 500 resources = {bytes} bytes and {} flushes (the state has {state} bytes)",
        syncs.len()
    );
    assert!(bytes >= state && bytes <= 3_000_000 && (1..=100).contains(&syncs.len()));
}
