//! Worlds with two writers: one run stands still, as a stopped process does, while it plans or applies, with requests on their
//! way or none; its lock is broken, another run takes its place, perhaps with another configuration, and may stand still too;
//! then the first one wakes up and goes on.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fs_err as fs;

use super::simulation::{Ended, Run, Simulation};
use super::time::{Baton, Life, Stop};
use super::wish::Wish;
use crate::dice::Dice;

/// How the lock of the run that stands still is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The second run ignores the lock on the state, as with `-lock=false`.
    Ignored,
    /// Both hold it, as where it is kept by nobody.
    Freed,
    /// The lock on the journal is broken too: a copy is put in its place.
    Copied,
    /// The journal is taken away.
    Removed,
}

/// A run of the two, as the seed decides.
#[derive(Clone, Debug)]
struct Plan {
    wish: Wish,
    kill: Option<usize>,
    stops: Vec<Stop>,
    /// How long after its end the other one goes on.
    after: Duration,
}

/// Up to which step runs stand still.
const STEPS: usize = 160;

impl Plan {
    fn new(wish: &Wish, dice: &mut Dice, stops: usize) -> Self {
        let stop = |dice: &mut Dice| Stop {
            step: dice.below(STEPS),
            pause: pause(dice),
        };
        Self {
            wish: wish.clone(),
            kill: dice.one_in(5).then(|| dice.below(STEPS)),
            stops: (0..stops).map(|_| stop(dice)).collect(),
            after: pause(dice),
        }
    }
}

/// A moment; or longer than a request is held back; or longer than any request lives.
fn pause(dice: &mut Dice) -> Duration {
    let (least, more) = *dice.pick(&[(0, 10), (100, 500), (1_100, 2_400)]);
    Duration::from_secs(least + dice.below(more) as u64)
}

/// How two runs met.
pub struct Met {
    pub how: Break,
    pub ended: [Ended; 2],
    /// How often one stood still while the other one was there.
    pub stood_still: usize,
}

/// Two runs meet, with what each wishes for.
pub fn meet(simulation: &Simulation, dice: &mut Dice, wishes: [&Wish; 2], how: Break) -> Met {
    let (first, second) = (1 + dice.below(2), dice.below(2));
    let plans = [
        Plan::new(wishes[0], dice, first),
        Plan::new(wishes[1], dice, second),
    ];
    meet_as(simulation, &plans, how)
}

/// The first run stands still at a step, for longer than any request lives, until the second has ended.
pub fn stop_at(simulation: &Simulation, wishes: [&Wish; 2], step: usize, how: Break) -> Met {
    let pause = Duration::from_mins(25);
    let plan = |wish: &Wish, stops: Vec<Stop>| Plan {
        wish: wish.clone(),
        kill: None,
        stops,
        after: Duration::ZERO,
    };
    let plans = [
        plan(wishes[0], vec![Stop { step, pause }]),
        plan(wishes[1], Vec::new()),
    ];
    meet_as(simulation, &plans, how)
}

fn meet_as(simulation: &Simulation, plans: &[Plan; 2], how: Break) -> Met {
    let numbers = [simulation.number(), simulation.number()];
    let baton = Arc::new(Baton::new(simulation.time()));
    let one = |me: usize| {
        let plan = &plans[me];
        let meanwhile = breaking(simulation, how, me, &baton);
        let life = Life::beside((me, baton.clone()), plan.kill, plan.stops.clone(), meanwhile);
        let turn = Ends(me, &baton, &life, plan.after);
        let ended = simulation.live(&Run {
            wish: &plan.wish,
            life: life.clone(),
            number: numbers[me],
            locks: me == 0 || how == Break::Freed,
        });
        drop(turn);
        ended
    };
    let ended = std::thread::scope(|scope| {
        let threads = [scope.spawn(|| one(0)), scope.spawn(|| one(1))];
        threads.map(|thread| thread.join().unwrap())
    });
    simulation.pass_until(baton.now());
    for (me, ended) in ended.iter().enumerate() {
        simulation.note(format!("{:?}, {how:?}: {}", plans[me], ended.text()));
    }
    Met {
        how,
        ended,
        stood_still: baton.passed(),
    }
}

/// Gives the turn to the other run, whatever becomes of this one.
struct Ends<'a>(usize, &'a Baton, &'a Life, Duration);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.1.end(self.0, self.2.clock.now() + self.3);
    }
}

/// What somebody does who takes the first run for dead.
fn breaking(
    simulation: &Simulation,
    how: Break,
    me: usize,
    baton: &Arc<Baton>,
) -> Box<dyn Fn() + Send + Sync> {
    let journal = simulation.state.with_file_name("terraform.tfstate.journal");
    let baton = baton.clone();
    Box::new(move || {
        if me == 0 && !baton.has_ended(1) {
            break_journal(&journal, how);
        }
    })
}

fn break_journal(journal: &Path, how: Break) {
    let Ok(bytes) = fs::read(journal) else { return };
    let names = (0..).map(|number| journal.with_extension(format!("taken{number}")));
    let mut free = names.filter(|name| !name.exists());
    let other = free.next().unwrap();
    match how {
        Break::Ignored | Break::Freed => {}
        Break::Copied => {
            fs::write(&other, bytes).unwrap();
            fs::rename(&other, journal).unwrap();
        }
        Break::Removed => fs::rename(journal, &other).unwrap(),
    }
}
