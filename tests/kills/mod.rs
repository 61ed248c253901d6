//! The program from outside: killed at each system call that touches its files, killed at random moments, and with calls that
//! fail there. Whatever happens, nothing is lost, nothing is made twice, and the next apply gets there.
//!
//! `KEYFORM_KILLS` says at how many points, `KEYFORM_RANDOM_KILLS` how often at a random moment.

mod disk;
mod stage;
mod stops;
mod trace;

use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::dice::{self, Dice};
use crate::faults::{Project, Ran};
use stage::{Scene, Stage, Verdict, WORKLOADS};
use trace::{Point, points, traced};

/// A point of a workload.
type Moment<'s> = (&'s Stage, Point);

/// What is counted over many points.
#[derive(Debug, Default)]
struct Tally {
    points: usize,
    verdict: Verdict,
    /// Commands that ended well although a write, a flush or a rename had failed.
    silent: usize,
    said: Vec<String>,
}

/// Each stage with the points at which its command touches files, evenly thinned out to about so many over all.
fn moments(stages: &[Stage], many: usize) -> Vec<Moment<'_>> {
    let mut all = Vec::new();
    for stage in stages {
        let scene = stage.set();
        let log = scene.project.path("../trace");
        let found = points(&scene.command(), &log);
        assert!(found.len() > 4, "{}: {found:?}", stage.workload.name);
        all.extend(found.into_iter().map(|point| (stage, point)));
    }
    let total = all.len();
    let kept = |at: &usize| at * many / total != (at + 1) * many / total;
    let thinned = all
        .into_iter()
        .enumerate()
        .filter(|(at, _)| many >= total || kept(at));
    thinned.map(|(_, moment)| moment).collect()
}

/// Lives through all of them, some at a time.
fn each<T: Sync>(all: &[T], live: impl Fn(&T) -> Option<(Verdict, bool, String)> + Sync) -> Tally {
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some((verdict, silent, said)) = live(one) {
                        tally.lock().unwrap().add(verdict, silent, said);
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

impl Tally {
    fn add(&mut self, verdict: Verdict, silent: bool, said: String) {
        self.points += 1;
        self.verdict.lost += verdict.lost;
        self.verdict.twice += verdict.twice;
        self.verdict.stuck += verdict.stuck;
        self.verdict.waited += verdict.waited;
        self.silent += usize::from(silent);
        let is_good = Verdict { waited: 0, ..verdict } == Verdict::default() && !silent;
        if !is_good {
            self.said.push(said);
        }
    }

    /// Nothing went wrong, and nearly all of so many points were met: what is traced differs a little from run to run.
    #[track_caller]
    fn is_good_of(&self, points: usize) {
        self.is_good();
        assert!(
            self.points * 10 >= points * 9,
            "{} of {points} points were met",
            self.points
        );
    }

    #[track_caller]
    fn is_good(&self) {
        assert!(
            self.said.is_empty(),
            "{} of {} went wrong:\n{}",
            self.said.len(),
            self.points,
            self.said.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
        );
    }
}

fn told(output: &Output) -> Ran {
    Ran {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    }
}

/// The command with something injected at a point; the line of the call at which it was.
fn injected(scene: &Scene, point: &Point, what: &str) -> (Output, Option<trace::Line>) {
    let log = scene.project.path("../trace");
    let inject = format!("{}:{what}:when={}", point.call, point.nth);
    let output = traced(&scene.command(), trace::CALLS, Some(&inject), &log)
        .output()
        .unwrap();
    let mut lines = trace::numbered(&log).into_iter().map(|(line, _)| line);
    let hit = lines.find(|line| {
        line.call == point.call && line.touches(&scene.project.dir) && (line.is_injected() || line.is_last())
    });
    (output, hit)
}

/// Killed at a point. None where the run came through without reaching it.
fn killed(moment: &Moment) -> Option<(Verdict, bool, String)> {
    let (stage, point) = moment;
    let scene = stage.set();
    let (output, hit) = injected(&scene, point, "signal=KILL");
    let hit = hit.filter(|_| output.status.signal() == Some(9))?;
    let (verdict, said) = scene.judge(&told(&output));
    let said = format!("{}, {}: {verdict:?}\n{said}", stage.workload.name, hit.text);
    Some((verdict, false, said))
}

/// A call that fails at a point.
fn failed((stage, point): &Moment, error: &str) -> Option<(Verdict, bool, String)> {
    let scene = stage.set();
    let (output, hit) = injected(&scene, point, &format!("error={error}"));
    let hit = hit?;
    let ran = told(&output);
    let counts = [
        "write",
        "pwrite64",
        "writev",
        "fsync",
        "fdatasync",
        "rename",
        "renameat",
        "renameat2",
    ];
    let silent = counts.contains(&&*hit.call) && !hit.text.contains("lock.info") && ran.code == Some(0);
    let (verdict, said) = scene.judge(&ran);
    let said = format!(
        "{}, {}: {verdict:?}, ended with {:?}\n{said}",
        stage.workload.name, hit.text, ran.code
    );
    Some((verdict, silent, said))
}

fn many(variable: &str, otherwise: u64) -> usize {
    usize::try_from(dice::number(variable, otherwise)).unwrap()
}

fn stages(names: impl Fn(&str) -> bool) -> Vec<Stage> {
    let chosen = WORKLOADS.iter().filter(|workload| names(workload.name));
    chosen.map(Stage::of).collect()
}

#[test]
fn a_kill_at_any_system_call_loses_nothing_and_the_next_apply_gets_there() {
    if !trace::is_possible() {
        return;
    }
    let stages = stages(|name| name != "plan -out");
    let moments = moments(&stages, many("KEYFORM_KILLS", 28));
    let tally = each(&moments, killed);
    println!(
        "R1: kill -9 at system calls that touch files = {} points over {} workloads: {} lost, {} made twice, {} not put right by the next apply ({} had to wait for a request that could arrive)",
        tally.points,
        stages.len(),
        tally.verdict.lost,
        tally.verdict.twice,
        tally.verdict.stuck,
        tally.verdict.waited,
    );
    tally.is_good_of(moments.len());
}

#[test]
fn a_call_that_fails_loses_nothing_and_is_not_passed_over() {
    if !trace::is_possible() {
        return;
    }
    let stages = stages(|_| true);
    for error in ["EIO", "ENOSPC"] {
        let moments = moments(&stages, many("KEYFORM_KILLS", 28));
        let tally = each(&moments, |moment| failed(moment, error));
        println!(
            "R2: {error} at system calls that touch files = {} points over {} workloads: {} lost, {} made twice, {} not put right by the next apply, {} exits 0 after a failed write, flush or rename",
            tally.points,
            stages.len(),
            tally.verdict.lost,
            tally.verdict.twice,
            tally.verdict.stuck,
            tally.silent,
        );
        tally.is_good_of(moments.len());
    }
}

#[test]
fn a_kill_while_a_workspace_is_chosen_leaves_the_former_choice_or_the_new_one() {
    if !trace::is_possible() {
        return;
    }
    let project = Project::new("");
    project.good(&["workspace", "new", "w"]);
    let log = project.path("../trace");
    let mut killed = 0;
    let select = project.command(&["workspace", "select", "w"]);
    let back = ["workspace", "select", "default"];
    project.good(&back);
    for point in points(&select, &log) {
        project.good(&back);
        let inject = format!("{}:signal=KILL:when={}", point.call, point.nth);
        let output = traced(&select, trace::CALLS, Some(&inject), &log)
            .output()
            .unwrap();
        killed += usize::from(output.status.signal() == Some(9));
        let chosen = project.good(&["workspace", "show"]);
        assert!(["w\n", "default\n"].contains(&&*chosen), "{point:?}: {chosen:?}");
    }
    assert!(killed > 3, "{killed}");
}

/// Killed so long after it began, or earlier where it came through.
fn killed_after(stage: &Stage, mut delay: Duration) -> Option<(Verdict, bool, String)> {
    for _ in 0..12 {
        let scene = stage.set();
        let mut child = scene.command().spawn().unwrap();
        std::thread::sleep(delay);
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        if output.status.signal().is_some() {
            let (verdict, said) = scene.judge(&told(&output));
            let said = format!("{} after {delay:?}: {verdict:?}\n{said}", stage.workload.name);
            return Some((verdict, false, said));
        }
        delay = delay * 3 / 4;
    }
    None
}

/// How long the command takes undisturbed.
fn lasts(stage: &Stage) -> Duration {
    let scene = stage.set();
    let begun = Instant::now();
    assert!(scene.command().output().unwrap().status.success());
    begun.elapsed()
}

#[test]
fn a_kill_at_a_random_moment_loses_nothing_and_the_next_apply_gets_there() {
    let stages = stages(|name| name != "plan -out");
    let lasting: Vec<Duration> = stages.iter().map(lasts).collect();
    let mut dice = Dice(dice::number("KEYFORM_SEED", 1));
    let moments: Vec<(&Stage, Duration)> = (0..many("KEYFORM_RANDOM_KILLS", 14))
        .map(|_| {
            let at = dice.below(stages.len());
            // The first part of a run only reads.
            let share = 20 + u32::try_from(dice.below(90)).unwrap();
            (&stages[at], lasting[at] * share / 100)
        })
        .collect();
    let tally = each(&moments, |(stage, delay)| killed_after(stage, *delay));
    println!(
        "R3: kill -9 at random moments = {} kills: {} lost, {} made twice, {} not put right by the next apply ({} had to wait for a request that could arrive)",
        tally.points, tally.verdict.lost, tally.verdict.twice, tally.verdict.stuck, tally.verdict.waited,
    );
    tally.is_good();
    assert_eq!(tally.points, moments.len());
}
