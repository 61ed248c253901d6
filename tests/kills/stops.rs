//! The program stopped at a system call that touches its files, as SIGSTOP does it, while another run that ignores the lock
//! takes its place; then it goes on.

use std::process::{Child, Output};
use std::time::Duration;

use fs_err as fs;
use rustix::process::{Pid, Signal, kill_process};

use super::stage::{Scene, Verdict};
use super::{Moment, each, many, moments, stages, told, trace};
use crate::faults::{Ran, ran};

/// Stopped at a point and robbed of its lock. None where the run came through without reaching it.
fn stopped(moment: &Moment) -> Option<(Verdict, bool, String)> {
    let (stage, point) = moment;
    let scene = stage.set();
    let log = scene.project.path("../trace");
    let inject = format!("{}:signal=STOP:when={}", point.call, point.nth);
    let mut child = trace::traced(&scene.command(), trace::CALLS, Some(&inject), &log)
        .spawn()
        .unwrap();
    let process = standing(&mut child, &scene)?;
    let other = robber(&scene);
    let first = told(&woken(child, process));
    let both = Ran {
        stdout: format!("{}\n{}", first.stdout, other.stdout),
        ..first
    };
    let codes = (both.code, other.code);
    let (verdict, said) = scene.judge(&both);
    let said = format!(
        "{}, {point:?}, ended with {codes:?}: {verdict:?}\n{said}\n{both:?}\n{other:?}",
        stage.workload.name
    );
    Some((verdict, false, said))
}

/// The number of the process, once it stands still.
fn standing(child: &mut Child, scene: &Scene) -> Option<Pid> {
    let log = scene.project.path("../trace");
    loop {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let line = text
            .lines()
            .find(|line| line.ends_with("--- stopped by SIGSTOP ---"));
        if let Some(line) = line {
            return Pid::from_raw(line.split(' ').next()?.parse().ok()?);
        }
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Goes on, to its end. It may be stopped once more, in a thread that has not come so far yet.
fn woken(mut child: Child, process: Pid) -> Output {
    while child.try_wait().unwrap().is_none() {
        let _ = kill_process(process, Signal::CONT);
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// The same command, without regard for the lock.
fn robber(scene: &Scene) -> Ran {
    let mut command = scene.command();
    command.arg("-lock=false");
    ran(command)
}

#[test]
fn a_run_that_is_stopped_at_any_system_call_and_robbed_does_no_harm() {
    if !trace::is_possible() {
        return;
    }
    let stages = stages(|name| name != "plan -out");
    let moments = moments(&stages, many("KEYFORM_KILLS", 28));
    let tally = each(&moments, stopped);
    println!(
        "R10: runs that were stopped at system calls that touch files, robbed of their lock and woken = {} points over {} workloads: {} entries lost, {} objects made twice, {} not put right by the next apply",
        tally.points,
        stages.len(),
        tally.verdict.lost,
        tally.verdict.twice,
        tally.verdict.stuck,
    );
    tally.is_good_of(moments.len());
}
