//! How often a secret stands in the memory of a run: while it is used, and afterwards.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::time::Duration;

use fs_err as fs;
use keyform::sandbox::Faults;

use super::{CANARIES, GIVEN, everything, go_on};
use crate::faults::clouds;

/// How often the bytes stand in what a process can write to, plain.
fn copies(process: u32, wanted: &[u8]) -> usize {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut memory = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let range = line.split(' ').next().unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let place = |text: &str| u64::from_str_radix(text, 16).unwrap();
        let (start, end) = (place(start), place(end));
        let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
        memory.seek(SeekFrom::Start(start)).unwrap();
        if memory.read_exact(&mut bytes).is_ok() {
            found += places(&bytes, wanted);
        }
    }
    found
}

fn places(bytes: &[u8], wanted: &[u8]) -> usize {
    let mut found = 0;
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == wanted[0]) {
        rest = &rest[at..];
        found += usize::from(rest.starts_with(wanted));
        rest = &rest[1..];
    }
    found
}

#[test]
fn a_secret_stands_in_memory_few_times() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: only root may look into the memory of a run (R22)");
        return;
    }
    let cloud = clouds(Faults {
        latency_ms: 1500,
        ..Faults::default()
    });
    let project = everything(&cloud);
    let mut started = project.start(&["apply", "-auto-approve", GIVEN]);
    assert!(started.wait_for("alicloud_kms_secret.s: Creating...", 1));
    // Each answer is late: some of these moments lie between the request that holds the secret and its answer.
    let mut during = 0;
    for _ in 0..12 {
        during = during.max(copies(started.id(), CANARIES[0].as_bytes()));
        std::thread::sleep(Duration::from_millis(200));
    }
    let made = crate::alicloud_traps::calls(&cloud, "CreateSecret");
    assert_eq!(made, 1, "the secret was not asked for yet");
    assert!(started.wait_for("Provisioning with", 1));
    let after = copies(started.id(), CANARIES[0].as_bytes());
    let limits = fs::read_to_string(format!("/proc/{}/limits", started.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert!(
        core["Max core file size".len()..].trim_start().starts_with('0'),
        "{core}"
    );
    go_on(&project);
    assert_eq!(started.end().code, Some(0));
    println!(
        "R22: copies of a secret in live memory during an apply = {during} while its request is under way, {after} afterwards; core dump impossible"
    );
    // One is the value, which lives as long as the run. The other one is in the request, or in its answer.
    // None at all would mean that this test cannot see them.
    assert!(
        (1..=2).contains(&during) && after == 1,
        "{during} and {after} copies"
    );
    cloud.stop().unwrap();
}
