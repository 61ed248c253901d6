//! A world in which runs follow each other, or meet: each plans and applies, and is told by its life how far it comes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use keyform::apply::{self, Left, Work};
use keyform::config::{self, Origin};
use keyform::diag::{Diagnostics, Ending, Result, Sources};
use keyform::eval::{Inputs, Run as Evaluation};
use keyform::graph;
use keyform::plan::live::{LiveObserver, Providers};
use keyform::plan::{self, Made, Options, Plan};
use keyform::schema::Catalog;
use keyform::state::State;
use keyform::state::store::{LocalStore, LockInfo, Session, Store as _};

use super::rig::{Mortal, NoFiles, Nobody, Rig, Teller, To, Told, Waiting, Watch};
use super::time::{self, Life};
use super::wish::{Key, One, Wish};
use super::world::{Door, World};
use crate::dice::Dice;

/// How the program works in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it does.
    Ours,
    /// New keys carry no markers.
    Unmarked,
    /// Nobody looks whether somebody else has changed the state.
    Blind,
}

pub struct Simulation {
    pub world: Arc<World>,
    folder: tempfile::TempDir,
    pub state: PathBuf,
    pub seed: u64,
    /// The time since the world began, while no run is under way.
    time: Mutex<Duration>,
    runs: AtomicU64,
    manner: Manner,
    told: Arc<Mutex<Told>>,
    pub watch: Arc<Watch>,
    log: Mutex<Vec<String>>,
    /// Descriptions that a configuration has declared, and those that one has not declared any more.
    declared: Mutex<(BTreeSet<String>, BTreeSet<String>)>,
}

/// A run of plan and apply.
pub struct Run<'a> {
    pub wish: &'a Wish,
    pub life: Arc<Life>,
    /// Which one in its world.
    pub number: u64,
    /// Whether it takes the lock on the state.
    pub locks: bool,
}

/// How a run has ended.
#[derive(Debug)]
pub struct Ended {
    pub killed: bool,
    /// What went wrong, in short; none where nothing did.
    pub wrong: Option<String>,
    /// Somebody else has the state, or has changed it.
    pub locked: bool,
}

impl Ended {
    fn new(killed: bool, result: &Result<()>) -> Self {
        let errors = result.as_ref().err();
        Self {
            killed,
            wrong: errors.map(summaries),
            locked: errors.is_some_and(|errors| errors.ending() == Ending::Locked),
        }
    }

    pub fn text(&self) -> String {
        let killed = if self.killed { "killed" } else { "ended" };
        match &self.wrong {
            None => killed.to_owned(),
            Some(wrong) => format!("{killed}: {wrong}"),
        }
    }
}

impl Simulation {
    pub fn new(seed: u64, manner: Manner, door: Door) -> Self {
        // In memory where there is such a place: the world is not to wait for a disk.
        let folder = tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap());
        Self {
            world: Arc::new(World::new(door, seed)),
            state: folder.path().join("terraform.tfstate"),
            folder,
            seed,
            time: Mutex::default(),
            runs: AtomicU64::new(0),
            manner,
            told: Arc::default(),
            watch: Arc::default(),
            log: Mutex::default(),
            declared: Mutex::default(),
        }
    }

    pub fn note(&self, text: String) {
        self.log.lock().unwrap().push(text);
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().join("\n  ")
    }

    pub fn time(&self) -> Duration {
        *self.time.lock().unwrap()
    }

    /// Time goes by until then.
    pub fn pass_until(&self, time: Duration) {
        *self.time.lock().unwrap() = time;
        self.world.happen(time);
    }

    pub fn pass(&self, time: Duration) {
        self.pass_until(self.time() + time);
    }

    /// The number of the next run.
    pub fn number(&self) -> u64 {
        self.runs.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// One run after another, killed after so many steps.
    pub fn run(&self, wish: &Wish, kill: Option<usize>) -> Ended {
        let life = Life::new(self.time(), kill);
        let run = Run {
            wish,
            life: life.clone(),
            number: self.number(),
            locks: true,
        };
        let ended = self.live(&run);
        self.pass_until(life.clock.now());
        ended
    }

    /// Lives a run to its end.
    pub fn live(&self, run: &Run<'_>) -> Ended {
        self.remember(run.wish);
        let result = self.attempt(run);
        Ended::new(run.life.is_over(), &result)
    }

    fn remember(&self, wish: &Wish) {
        let now: BTreeSet<String> = wish.keys.iter().map(Key::description).collect();
        let mut declared = self.declared.lock().unwrap();
        let dropped: Vec<String> = declared.0.difference(&now).cloned().collect();
        declared.1.extend(dropped);
        declared.0.extend(now);
    }

    fn attempt(&self, run: &Run<'_>) -> Result<()> {
        let life = &run.life;
        let machine = Rc::new(Rig {
            life: life.clone(),
            dice: RefCell::new(Dice(self.seed.wrapping_mul(31) + run.number)),
        });
        let dice = Dice(self.seed ^ run.number << 32);
        let watch = (&self.watch, self.manner == Manner::Blind);
        let mut store = Mortal::new(&self.state, life, dice, watch);
        if run.locks {
            store.lock(LockInfo::new("OperationTypeApply", "simulation"), Duration::ZERO)?;
        }
        let (state, left) = match store.read()? {
            Some(snapshot) => Left::of(snapshot),
            None => (State::new(), Left::default()),
        };
        let (made, providers) = self.plan(run.wish, (state.clone(), &left), life, &machine);
        if made.problems.has_errors() {
            return Err(made.problems);
        }
        left.refuse(&made)?;
        let mut connector = To {
            world: self.world.clone(),
            life: life.clone(),
        };
        let work = Work {
            made,
            providers,
            connector: &mut connector,
            machine,
            host: Rc::new(NoFiles),
            session: Session::begin(&mut store, &state),
            progress: &mut Teller(self.told.clone()),
            interrupts: &mut Nobody,
            at_once: 10,
            marks: self.manner != Manner::Unmarked,
            now: date(life),
        };
        let outcome = life.clock.runtime.block_on(async {
            tokio::select! {
                biased;
                () = life.ended.notified() => None,
                outcome = apply::run(work) => Some(outcome),
            }
        });
        match outcome {
            Some(outcome) => outcome.problems.or(()),
            None => Ok(()),
        }
    }

    fn plan(
        &self,
        wish: &Wish,
        (state, left): (State, &Left),
        life: &Arc<Life>,
        machine: &Rc<Rig>,
    ) -> (Made, Providers) {
        let mut sources = Sources::new();
        let origin = Origin {
            dir: Path::new("."),
            index: Path::new("modules.json"),
            files: &One(wish.text()),
        };
        let (configuration, problems) = config::load(origin, Catalog::get(), None, &mut sources);
        assert!(!problems.has_errors(), "{problems:?}");
        let input = plan::Input {
            graph: Arc::new(graph::build(&configuration).unwrap()),
            state,
            inputs: Inputs::new(),
            run: Evaluation {
                workspace: "default".into(),
                root_dir: PathBuf::from("."),
                applying: false,
                host: Rc::new(NoFiles),
                validating: false,
            },
            options: left.completed(Options::default()),
            timestamp: date(life),
        };
        let mut connector = To {
            world: self.world.clone(),
            life: life.clone(),
        };
        let waiting = Waiting { life: life.clone() };
        let mut observer = LiveObserver {
            connector: &mut connector,
            runtime: &waiting,
            machine: machine.clone(),
            providers: Providers::default(),
            progress: Box::new(|_, _| {}),
        };
        let made = plan::make(input, &mut observer);
        (made, observer.providers)
    }

    /// States that could not be put in their place.
    pub fn recovery_files(&self) -> Vec<PathBuf> {
        let entries = fs_err::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_one = |path: &PathBuf| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("errored.")
        };
        paths.filter(is_one).collect()
    }

    /// How many states were overwritten by who had not read them.
    pub fn overwritten(&self) -> usize {
        self.watch.overwritten.lock().unwrap().len()
    }

    /// Whether nothing is left to plan.
    pub fn is_settled(&self, wish: &Wish) -> bool {
        let mut store = LocalStore::new(&self.state);
        let Ok(snapshot) = store.read() else { return false };
        let (state, left) = snapshot.map_or_else(|| (State::new(), Left::default()), Left::of);
        let life = Life::new(self.time(), None);
        let machine = Rc::new(Rig {
            life: life.clone(),
            dice: RefCell::new(Dice(1)),
        });
        let (made, _) = self.plan(wish, (state, &left), &life, &machine);
        !made.problems.has_errors() && !Plan::is_applyable(&made.plan)
    }

    /// What is wrong at the end; nothing, if all is well.
    pub fn faults(&self, wish: &Wish) -> Vec<String> {
        let text = fs_err::read_to_string(&self.state).unwrap_or_default();
        let mut wrong = self.in_the_cloud(wish);
        wrong.extend(self.in_the_books(wish, &text));
        wrong.extend(self.watch.overwritten.lock().unwrap().iter().cloned());
        wrong
    }

    /// What is wrong where somebody has taken away the journal of a living run: keys that are not recorded and that nothing
    /// names which that run has left, and states that were overwritten.
    pub fn unnamed(&self) -> Vec<String> {
        let read = |path: PathBuf| fs_err::read_to_string(path).unwrap_or_default();
        let entries = fs_err::read_dir(self.folder.path()).unwrap();
        let all: String = entries.map(|entry| read(entry.unwrap().path())).collect();
        let mut wrong = self.watch.overwritten.lock().unwrap().clone();
        let books = self.world.books();
        for (id, key) in books.keys.iter().filter(|(_, key)| !key.leaving) {
            let mark = key.tags.get("keyform:id").map_or("none", String::as_str);
            if !all.contains(id.as_str()) && !all.contains(mark) {
                wrong.push(format!("nothing names {id} ({})", key.description));
            }
        }
        wrong
    }

    fn in_the_cloud(&self, wish: &Wish) -> Vec<String> {
        let mut wrong = Vec::new();
        let books = self.world.books();
        let declared: BTreeSet<String> = wish.keys.iter().map(Key::description).collect();
        let mut seen = BTreeSet::new();
        for (id, key) in books.keys.iter().filter(|(_, key)| !key.leaving) {
            if !declared.contains(&key.description) {
                wrong.push(format!("{id} ({}) is left over", key.description));
            }
            if !seen.insert(&key.description) {
                wrong.push(format!("{} exists twice", key.description));
            }
        }
        for one in declared.iter().filter(|one| !seen.contains(one)) {
            wrong.push(format!("{one} does not exist"));
        }
        let told = self.told.lock().unwrap();
        let given_up = &self.declared.lock().unwrap().1;
        for id in books.scheduled.iter().filter(|id| told.ids.contains(*id)) {
            let description = &books.keys[id].description;
            if declared.contains(description) && !given_up.contains(description) {
                wrong.push(format!("{id} ({description}) was scheduled for deletion"));
            }
        }
        wrong
    }

    fn in_the_books(&self, wish: &Wish, text: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let books = self.world.books();
        for (id, key) in books.keys.iter().filter(|(_, key)| !key.leaving) {
            if text.matches(&format!("\"id\": \"{id}\"")).count() != 1 {
                wrong.push(format!("{id} ({}) is not recorded once", key.description));
            }
        }
        let names = books.aliases.keys().map(|name| name.replace("alias/a", "k"));
        let numbers: BTreeSet<String> = wish.keys.iter().map(|key| format!("k{}", key.number)).collect();
        if names.collect::<BTreeSet<_>>() != numbers {
            wrong.push(format!("aliases: {:?}", books.aliases));
        }
        for address in &self.told.lock().unwrap().made {
            let number = address.rsplit(['a', 'k']).next().unwrap();
            let is_declared = numbers.contains(&format!("k{number}"));
            if is_declared
                && !text.contains(&format!("\"name\": \"{}\"", address.rsplit('.').next().unwrap()))
            {
                wrong.push(format!("{address} was reported and is not recorded"));
            }
        }
        wrong
    }
}

/// Somebody has looked at recovery files.
pub fn put_away(files: &[PathBuf]) {
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy();
        fs_err::rename(file, file.with_file_name(format!("seen.{name}"))).unwrap();
    }
}

/// What the clock of a run says, as a date.
fn date(life: &Life) -> Timestamp {
    Timestamp::from_second(time::seconds(life.clock.now())).unwrap()
}

fn summaries(errors: &Diagnostics) -> String {
    let errors = errors.iter().filter(|one| one.is_error());
    let texts: Vec<String> = errors
        .map(|one| format!("{} ({})", one.summary, one.address.as_deref().unwrap_or("-")))
        .collect();
    texts.join(", ")
}
