//! The figures of hostile input: every case of a corpus ends with an error soon and within little memory, what is
//! large but honest works, and nothing from outside reaches the terminal raw.

mod corpus;
mod honest;
mod records;
mod repeated;
mod terminal;

use std::io::Read as _;
use std::process::Child;
use std::time::{Duration, Instant};

use super::Project;
use crate::program;
use corpus::Case;

/// What a case may allocate, in KiB.
const MOST: u64 = 256 << 10;

/// What of it a small case is better off with, in KiB.
const SMALL: u64 = 64 << 10;

/// How long a case may keep the processor busy: a program that is not optimised is given more.
fn soon() -> Duration {
    Duration::from_secs(if program::is_optimised() { 1 } else { 30 })
}

/// How long a case may take by the clock, which also tells of what else the machine has to do.
const LATE: Duration = Duration::from_mins(1);

/// How a program ended, and what it took.
#[derive(Debug)]
pub struct Took {
    pub code: Option<i32>,
    pub said: String,
    /// By the clock.
    pub time: Duration,
    /// On the processor.
    pub work: Duration,
    /// The most memory that was in use, in KiB.
    pub memory: u64,
}

/// Runs the program with no more memory for its data than this, in KiB.
pub fn measured(project: &Project, command: &[&str], most: u64) -> Took {
    let mut shell = program::start("sh", &project.dir);
    let script = format!("ulimit -d {most}; exec \"$@\"");
    shell
        .args(["-c", &script, "sh"])
        .arg(program::path())
        .args(command);
    let begun = Instant::now();
    let mut child = shell.spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let talk = std::thread::spawn(move || {
        let mut said = Vec::new();
        stderr.read_to_end(&mut said).unwrap();
        said
    });
    let results = std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    let (code, work, memory) = watched(&mut child);
    let time = begun.elapsed();
    results.join().unwrap().unwrap();
    Took {
        code,
        said: String::from_utf8(talk.join().unwrap()).unwrap(),
        time,
        work,
        memory,
    }
}

/// Waits for a program, looking often how long it has worked and how much memory it has had in use. One that is
/// much too late is killed.
fn watched(child: &mut Child) -> (Option<i32>, Duration, u64) {
    let notes = format!("/proc/{}", child.id());
    let begun = Instant::now();
    let (mut work, mut most) = (Duration::ZERO, 0);
    loop {
        if let Ok(text) = fs_err::read_to_string(format!("{notes}/status")) {
            most = most.max(high_water(&text));
        }
        // In nanoseconds, before what it waited.
        if let Ok(text) = fs_err::read_to_string(format!("{notes}/schedstat")) {
            let busy = text.split(' ').next().unwrap_or_default().parse();
            work = work.max(Duration::from_nanos(busy.unwrap_or(0)));
        }
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), work, most);
        }
        if begun.elapsed() > LATE {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The most memory that was in use, in KiB, from the kernel's note on a process; 0 of one that has ended.
fn high_water(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.map_or(0, |number| number.parse().unwrap())
}

/// What is wrong with how a case ended.
fn verdict(case: &Case, took: &Took) -> Option<String> {
    let crashed = !matches!(took.code, Some(1 | 2)) || took.said.contains("panicked");
    let silent = !took.said.contains("Error");
    let slow = took.work > soon() || took.time > LATE;
    let wrong = [
        (crashed, "crashed or succeeded"),
        (silent, "said no error"),
        (slow, "was slow"),
        (took.memory > MOST, "took much memory"),
        (took.said.len() > 50_000, "said much"),
    ];
    let what = wrong.iter().find_map(|(is, what)| is.then_some(what))?;
    let said: String = took.said.chars().take(300).collect();
    Some(format!(
        "{} {what}: code {:?}, {:?}, {} KiB: {said}",
        case.name, took.code, took.work, took.memory
    ))
}

#[test]
fn every_hostile_case_ends_with_an_error_soon() {
    let cases = corpus::cases();
    let mut names = std::collections::BTreeSet::new();
    for case in &cases {
        assert!(names.insert(&case.name), "two cases are named {}", case.name);
    }
    assert!(cases.len() >= 123, "{}", cases.len());
    let (mut wrong, mut slowest, mut most, mut small) = (Vec::new(), Duration::ZERO, 0, 0);
    for case in &cases {
        let project = case.project();
        let took = measured(&project, &case.command, MOST);
        wrong.extend(verdict(case, &took));
        slowest = slowest.max(took.work);
        most = most.max(took.memory);
        small += u32::from(took.memory > SMALL && case.size() <= 1 << 20);
    }
    println!(
        "R14: cases of {} that crash, take more than {:?} or more than 256 MiB = {} (slowest {} ms, most {} MiB, {small} of at most 1 MiB above 64 MiB)",
        cases.len(),
        soon(),
        wrong.len(),
        slowest.as_millis(),
        most >> 10,
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The limit is one: what needs more than it has does not get it.
#[test]
fn too_little_memory_is_noticed() {
    let project = Project::new("locals {\n  a = range(1000)\n}\n");
    let took = measured(&project, &["plan"], 1);
    assert!(!matches!(took.code, Some(0..=2)), "{took:?}");
}
