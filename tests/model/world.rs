//! One wanted object in a world where everything may happen in between: what the cloud has, what is on its way, what the books
//! say, and the runs that work on it.

use std::collections::BTreeMap;

use keyform::state::protocol::{self, Answer, Begun, Fate, Heard, Next, Place};
use keyform::value::Text;

use super::sight;

/// How much time passes at once, in seconds: less than a creation may take to be sent.
pub const TICK: i64 = 250;
/// How long a signature lives.
const SIGNATURE: i64 = 15 * 60;

/// What is wished for, and how it is got from one to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Create,
    Delete,
    Replace,
    /// The new one is made before the old one goes.
    ReplaceFirst,
}

/// How runs go about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// As the program does.
    Ours,
    /// As the program does where objects carry nothing: what was not there before is looked for.
    Lists,
    /// Objects carry nothing by which they are found, and nobody remembers what was begun.
    NoMarker,
    /// What is not there when it is looked for is forgotten at once.
    ForgetsAtOnce,
    /// What was not answered is sent again.
    SendsAgain,
    /// What was noted is sent whenever its run wakes up.
    SendsLate,
    /// Whoever writes the books overwrites what others wrote.
    Overwrites,
}

pub type Id = u8;

/// An object in the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    pub(super) marker: u8,
    /// It is as wished for.
    is_new: bool,
    pub lives: bool,
    pub(super) born: i64,
}

/// A request to make an object, on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Request {
    marker: u8,
    sent: i64,
    /// The object that came of it, for who waits for the answer.
    made: Option<Id>,
    /// Nobody waits for the answer any more.
    unheard: bool,
    arrived: bool,
}

/// What is on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Books {
    pub current: Option<Id>,
    pub deposed: BTreeMap<Text, Id>,
    pub open: Option<(Begun, u8)>,
    /// The run that wrote last, by which others know that they are not alone.
    owner: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// It has not begun.
    Unborn,
    /// It has read the books, and looks for what is open.
    Look,
    /// It notes that it makes an object.
    Note,
    /// It asks for the object with this marker.
    Send(Begun, u8),
    /// It waits for the answer.
    Await(u8, bool),
    /// It writes down what came of it.
    Record(Answer, Option<Id>),
    /// It destroys this object: the current one, or the one put aside under a key.
    Destroy(Id, Option<Text>),
    /// It writes down that this one is gone.
    Strike(Option<Text>),
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    pub step: Step,
    /// An earlier creation of the same, which may still arrive.
    earlier: Option<(Begun, u8)>,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A run does its next step, as well as it can.
    Go(usize),
    /// A read does not know of a new object yet.
    GoBlind(usize),
    /// A request is lost, or surely refused.
    Refuse(usize),
    /// An answer is lost; a destruction has or has not happened.
    Lose(usize),
    Kill(usize),
    /// The operator frees the lock of a run that is not dead.
    Break,
    /// A request arrives.
    Arrive(usize),
    Pass,
    /// All that is on its way has come or never will.
    Rest,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub now: i64,
    pub objects: Vec<Object>,
    way: Vec<Request>,
    pub books: Books,
    pub runs: Vec<Run>,
    markers: u8,
    /// How many objects there were before each creation was noted, the first of which has the marker 1.
    pub(super) lists: Vec<usize>,
    faults: u8,
    ticks: u8,
    broken: bool,
    /// An object was destroyed that was recorded and wished for.
    pub unsafe_end: bool,
}

/// How much may go wrong.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    pub faults: u8,
    pub ticks: u8,
}

/// Runs that anything may happen to; those after them are undisturbed.
pub const FAULTY: usize = 2;
const CLEAN: usize = 2;

impl World {
    pub fn new(wish: Wish) -> Self {
        let mut world = Self {
            now: 0,
            objects: Vec::new(),
            way: Vec::new(),
            books: Books::default(),
            runs: vec![
                Run {
                    step: Step::Unborn,
                    earlier: None
                };
                FAULTY + CLEAN
            ],
            markers: 0,
            lists: Vec::new(),
            faults: 0,
            ticks: 0,
            broken: false,
            unsafe_end: false,
        };
        if wish != Wish::Create {
            world.objects.push(Object {
                marker: 0,
                is_new: false,
                lives: true,
                born: -protocol::LATEST,
            });
            world.books.current = Some(0);
        }
        world.markers = 1;
        world
    }

    fn is_living(&self, run: usize) -> bool {
        !matches!(self.runs[run].step, Step::Unborn | Step::Ended)
    }

    pub fn is_end(&self) -> bool {
        self.runs.iter().all(|run| run.step == Step::Ended)
    }

    /// Whether exactly what is wished for is there and recorded.
    pub fn is_good(&self, wish: Wish) -> bool {
        let living: Vec<usize> = (0..self.objects.len())
            .filter(|&id| self.objects[id].lives)
            .collect();
        let recorded = self.books.current.map(usize::from);
        let whole = match wish {
            Wish::Delete => living.is_empty() && recorded.is_none(),
            _ => living.len() == 1 && recorded == Some(living[0]) && self.objects[living[0]].is_new,
        };
        whole && self.books.deposed.is_empty() && self.books.open.is_none() && !self.unsafe_end
    }

    /// What can happen now.
    pub fn events(&self, budget: Budget) -> Vec<Event> {
        let mut events = Vec::new();
        let may_fail = self.faults < budget.faults;
        for run in 0..self.runs.len() {
            if !self.may_go(run) {
                continue;
            }
            let faulty = run < FAULTY;
            match &self.runs[run].step {
                Step::Await(marker, _) => {
                    let arrived = self.way.iter().any(|one| one.marker == *marker && one.arrived);
                    if arrived {
                        events.push(Event::Go(run));
                    }
                    if faulty && may_fail {
                        events.push(Event::Lose(run));
                    }
                }
                step => {
                    events.push(Event::Go(run));
                    if faulty && may_fail {
                        match step {
                            Step::Look => events.push(Event::GoBlind(run)),
                            Step::Send(..) => events.push(Event::Refuse(run)),
                            Step::Destroy(..) => events.extend([Event::Lose(run), Event::Refuse(run)]),
                            _ => {}
                        }
                    }
                }
            }
            if faulty && self.is_living(run) {
                events.push(Event::Kill(run));
            }
        }
        let ways = self.way.iter().enumerate();
        events.extend(
            ways.filter(|(_, one)| !one.arrived)
                .map(|(at, _)| Event::Arrive(at)),
        );
        let disturbed = (0..FAULTY).any(|run| self.runs[run].step != Step::Ended);
        if disturbed && self.ticks < budget.ticks {
            events.push(Event::Pass);
        }
        if disturbed && !self.broken && (0..FAULTY).any(|run| self.is_living(run)) {
            events.push(Event::Break);
        }
        let begins = (FAULTY..self.runs.len()).any(|run| self.waits_for_rest(run));
        if begins {
            events.push(Event::Rest);
        }
        events
    }

    /// The first undisturbed run begins when nothing is on its way any more.
    fn waits_for_rest(&self, run: usize) -> bool {
        run == FAULTY
            && self.runs[run].step == Step::Unborn
            && (0..run).all(|other| self.runs[other].step == Step::Ended)
            && !self.is_at_rest()
    }

    fn is_at_rest(&self) -> bool {
        self.now >= 10 * protocol::LATEST
    }

    /// A run begins when the one before is done, or its lock was broken.
    fn may_go(&self, run: usize) -> bool {
        match self.runs[run].step {
            Step::Ended => false,
            Step::Unborn if run >= FAULTY => {
                self.is_at_rest() && (0..run).all(|other| self.runs[other].step == Step::Ended)
            }
            Step::Unborn => {
                (0..run).all(|other| self.runs[other].step == Step::Ended)
                    || (self.broken && (0..run).all(|other| self.runs[other].step != Step::Unborn))
            }
            _ => true,
        }
    }

    pub fn follow(&mut self, event: Event, wish: Wish, variant: Variant) {
        match event {
            Event::Go(run) => self.go(run, wish, variant, true),
            Event::GoBlind(run) => {
                self.faults += 1;
                self.go(run, wish, variant, false);
            }
            Event::Refuse(run) => {
                self.faults += 1;
                self.runs[run].step = match self.runs[run].step {
                    Step::Send(..) => Step::Record(Answer::Refused, None),
                    _ => Step::Ended,
                };
            }
            Event::Lose(run) => {
                self.faults += 1;
                self.lose(run, wish, variant);
            }
            Event::Kill(run) => {
                self.deafen(run);
                self.runs[run].step = Step::Ended;
            }
            Event::Break => self.broken = true,
            Event::Arrive(at) => self.arrive(at),
            Event::Pass => {
                self.ticks += 1;
                self.now += TICK;
                self.expire();
            }
            Event::Rest => {
                self.now = 10 * protocol::LATEST;
                self.expire();
            }
        }
    }

    fn expire(&mut self) {
        let now = self.now;
        for one in &mut self.way {
            if !one.arrived && now - one.sent >= SIGNATURE {
                one.arrived = true;
            }
        }
        self.way.retain(|one| !(one.arrived && one.unheard));
    }

    /// Nobody waits for the answers of a run any more.
    fn deafen(&mut self, run: usize) {
        if let Step::Await(marker, _) = self.runs[run].step {
            for one in self.way.iter_mut().filter(|one| one.marker == marker) {
                one.unheard = true;
            }
            self.way.retain(|one| !(one.arrived && one.unheard));
        }
    }

    fn lose(&mut self, run: usize, wish: Wish, variant: Variant) {
        self.runs[run].step = match self.runs[run].step.clone() {
            Step::Await(marker, false) if variant == Variant::SendsAgain => {
                self.send(marker);
                Step::Await(marker, true)
            }
            Step::Await(..) => {
                self.deafen(run);
                Step::Record(Answer::Lost, None)
            }
            Step::Destroy(id, _) => {
                self.destroy(id, wish);
                Step::Ended
            }
            other => other,
        };
    }

    fn send(&mut self, marker: u8) {
        self.way.push(Request {
            marker,
            sent: self.now,
            made: None,
            unheard: false,
            arrived: false,
        });
        self.way.sort();
    }

    fn arrive(&mut self, at: usize) {
        let id = Id::try_from(self.objects.len()).unwrap();
        let one = &mut self.way[at];
        one.arrived = true;
        one.made = Some(id);
        self.objects.push(Object {
            marker: one.marker,
            is_new: true,
            lives: true,
            born: self.now,
        });
        self.way.retain(|one| !(one.arrived && one.unheard));
    }

    fn destroy(&mut self, id: Id, wish: Wish) {
        let object = &mut self.objects[usize::from(id)];
        object.lives = false;
        let is_wished = wish != Wish::Delete && object.is_new;
        self.unsafe_end |= is_wished && self.books.current == Some(id);
    }

    /// Writes the books, if nobody else has meanwhile.
    fn write(&mut self, run: usize, variant: Variant, change: impl FnOnce(&mut Books)) -> bool {
        if self.books.owner != run && variant != Variant::Overwrites {
            self.runs[run].step = Step::Ended;
            return false;
        }
        change(&mut self.books);
        true
    }

    fn go(&mut self, run: usize, wish: Wish, variant: Variant, sees: bool) {
        match self.runs[run].step.clone() {
            Step::Unborn => {
                self.books.owner = run;
                self.runs[run].step = Step::Look;
            }
            Step::Look => self.look(run, wish, variant, sees),
            Step::Note => self.note(run, variant),
            Step::Send(begun, marker) => {
                if begun.may_be_sent(self.now) || variant == Variant::SendsLate {
                    self.send(marker);
                    self.runs[run].step = Step::Await(marker, false);
                } else {
                    self.runs[run].step = Step::Record(Answer::Refused, None);
                }
            }
            Step::Await(marker, _) => {
                let at = self
                    .way
                    .iter()
                    .position(|one| one.marker == marker && one.arrived);
                let made = at.map(|at| self.way.remove(at)).and_then(|one| one.made);
                for one in self.way.iter_mut().filter(|one| one.marker == marker) {
                    one.unheard = true;
                }
                // A request whose signature has died is refused.
                let answer = if made.is_some() {
                    Answer::Made
                } else {
                    Answer::Refused
                };
                self.runs[run].step = Step::Record(answer, made);
            }
            Step::Record(answer, id) => self.record(run, (answer, id), wish, variant),
            Step::Destroy(id, key) => {
                self.destroy(id, wish);
                self.runs[run].step = Step::Strike(key);
            }
            Step::Strike(key) => {
                let struck = self.write(run, variant, |books| match &key {
                    None => books.current = None,
                    Some(key) => drop(books.deposed.remove(key)),
                });
                if struck {
                    self.plan(run, wish);
                }
            }
            Step::Ended => {}
        }
    }

    fn look(&mut self, run: usize, wish: Wish, variant: Variant, sees: bool) {
        if variant == Variant::NoMarker {
            self.books.open = None;
        }
        let Some((begun, marker)) = self.books.open.clone() else {
            return self.plan(run, wish);
        };
        let (sight, id) = sight::of(self, marker, variant, sees);
        let place = Place {
            is_wanted: wish != Wish::Delete,
            is_taken: self.books.current.is_some(),
        };
        let mut fate = begun.fate(self.now, sight, place);
        if variant == Variant::ForgetsAtOnce && fate == Fate::Wait {
            fate = Fate::Over;
        }
        let written = self.write(run, variant, |books| match fate {
            Fate::TakeOver => {
                books.current = id;
                books.open = None;
            }
            Fate::Surplus => {
                books.deposed.extend(id.map(|id| (key_of(id), id)));
                books.open = None;
            }
            Fate::Over => {
                give_back(books, &begun);
                books.open = None;
            }
            Fate::Again => give_back(books, &begun),
            Fate::Wait | Fate::Ask => {}
        });
        if !written {
            return;
        }
        if fate == Fate::Again {
            self.runs[run].earlier = Some((begun, marker));
        }
        if matches!(fate, Fate::Wait | Fate::Ask) {
            // Apply refuses to go on.
            self.runs[run].step = Step::Ended;
        } else {
            self.plan(run, wish);
        }
    }

    /// What is to be done next.
    fn plan(&mut self, run: usize, wish: Wish) {
        let current = self.books.current;
        let is_as_wished = current.map(|id| (id, self.objects[usize::from(id)].is_new));
        let mut aside = self.books.deposed.iter();
        self.runs[run].step = match (is_as_wished, wish) {
            (Some((id, _)), Wish::Delete) | (Some((id, false)), Wish::Create | Wish::Replace) => {
                Step::Destroy(id, None)
            }
            (Some((_, false)), Wish::ReplaceFirst)
            | (None, Wish::Create | Wish::Replace | Wish::ReplaceFirst) => Step::Note,
            (Some((_, true)), _) | (None, Wish::Delete) => match aside.next() {
                Some((key, id)) => Step::Destroy(*id, Some(key.clone())),
                None => Step::Ended,
            },
        };
    }

    fn note(&mut self, run: usize, variant: Variant) {
        let marker = self.markers;
        let mut begun = Begun {
            since: self.now,
            aside: None,
        };
        let noted = self.write(run, variant, |books| {
            if let Some(old) = books.current.take() {
                let key = key_of(old);
                begun = begun.clone().after(Heard::Aside(&key)).unwrap();
                books.deposed.insert(key, old);
            }
            books.open = Some((begun.clone(), marker));
        });
        if noted {
            self.markers += 1;
            self.lists.push(self.objects.len());
            self.runs[run].step = Step::Send(begun, marker);
        }
    }

    fn record(&mut self, run: usize, (answer, id): (Answer, Option<Id>), wish: Wish, variant: Variant) {
        let earlier = self.runs[run].earlier.clone();
        let next = protocol::next(answer, earlier.is_some());
        let recorded = self.write(run, variant, |books| match next {
            Next::Record => {
                books.current = id;
                books.open = books
                    .open
                    .take()
                    .and_then(|(begun, marker)| begun.after(Heard::Made).map(|begun| (begun, marker)));
            }
            Next::Close | Next::Reopen => {
                if let Some((begun, _)) = &books.open.take() {
                    give_back(books, begun);
                }
                books.open = earlier;
            }
            Next::Keep => {
                if let Some((begun, marker)) = books.open.take() {
                    give_back(books, &begun);
                    let left = match begun.aside.clone() {
                        Some(key) => begun.after(Heard::Back(&key)),
                        None => Some(begun),
                    };
                    books.open = left.map(|begun| (begun, marker));
                }
            }
        });
        if recorded {
            self.runs[run].step = Step::Ended;
            if next == Next::Record {
                self.plan(run, wish);
            }
        }
    }
}

/// Under what an object is put aside.
fn key_of(id: Id) -> Text {
    id.to_string().into()
}

/// What had made room is the current object again.
fn give_back(books: &mut Books, begun: &Begun) {
    if let Some(key) = &begun.aside
        && books.current.is_none()
        && let Some(old) = books.deposed.remove(key)
    {
        books.current = Some(old);
    }
}
