//! Every order in which things can happen to one wanted object: two runs that may be killed anywhere, whose requests and answers
//! may be lost or late, of which the first may sleep while an operator breaks its lock; then two undisturbed runs. What may be
//! done is asked of `state::protocol`, which the program asks too.
//!
//! `KEYFORM_MODEL_FAULTS` says how many requests, answers and reads may go wrong.

mod sight;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stateright::{Checker as _, Model, Property};

use crate::dice;
use world::{Budget, Event, Variant, Wish, World};

const WISHES: [Wish; 4] = [Wish::Create, Wish::Delete, Wish::Replace, Wish::ReplaceFirst];

#[derive(Clone)]
struct Protocol {
    wish: Wish,
    variant: Variant,
    budget: Budget,
    ends: Arc<AtomicUsize>,
    bad: Arc<AtomicUsize>,
}

impl Model for Protocol {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.wish)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Event>) {
        actions.extend(world.events(self.budget));
    }

    fn next_state(&self, world: &World, event: Event) -> Option<World> {
        let mut next = world.clone();
        next.follow(event, self.wish, self.variant);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            // Never found wrong, so that every state is looked at.
            Property::always("counted", |model: &Self, world: &World| {
                if world.is_end() {
                    model.ends.fetch_add(1, Ordering::Relaxed);
                    let is_bad = !world.is_good(model.wish);
                    model.bad.fetch_add(usize::from(is_bad), Ordering::Relaxed);
                }
                true
            }),
            Property::always("ends well", |model: &Self, world: &World| {
                !world.is_end() || world.is_good(model.wish)
            }),
            Property::sometimes("ends", |_: &Self, world: &World| world.is_end()),
        ]
    }
}

/// What was found in all orders.
#[derive(Debug, Default)]
struct Found {
    states: usize,
    ends: usize,
    bad: usize,
    /// How the first bad end came to be.
    how: String,
}

fn explore(wish: Wish, variant: Variant, faults: u8) -> Found {
    let model = Protocol {
        wish,
        variant,
        budget: Budget { faults, ticks: 6 },
        ends: Arc::default(),
        bad: Arc::default(),
    };
    let (ends, bad) = (model.ends.clone(), model.bad.clone());
    let checker = model.checker().threads(2).spawn_bfs().join();
    let how = checker.discovery("ends well").map(|path| {
        let (last, events) = (path.last_state().clone(), path.into_actions());
        format!("{wish:?}, {variant:?}: {events:?} ends in {last:?}")
    });
    Found {
        states: checker.unique_state_count(),
        ends: ends.load(Ordering::Relaxed),
        bad: bad.load(Ordering::Relaxed),
        how: how.unwrap_or_default(),
    }
}

#[test]
fn every_order_of_events_ends_well() {
    let faults = u8::try_from(dice::number("KEYFORM_MODEL_FAULTS", 2)).unwrap();
    let mut all = Found::default();
    for wish in WISHES {
        let found = explore(wish, Variant::Ours, faults);
        println!("{wish:?}: {} states, {} ends", found.states, found.ends);
        assert_eq!(found.bad, 0, "{}", found.how);
        assert!(found.ends > 0);
        all.states += found.states;
        all.ends += found.ends;
        all.bad += found.bad;
    }
    println!(
        "R8: bad ends of the protocol = {} of {} ends in {} states (create, delete, replace, create before destroy)",
        all.bad, all.ends, all.states
    );
}

#[test]
fn objects_that_carry_nothing_end_well_too() {
    let faults = u8::try_from(dice::number("KEYFORM_MODEL_FAULTS", 2)).unwrap();
    for wish in WISHES {
        let found = explore(wish, Variant::Lists, faults);
        println!("{wish:?}, by lists: {} states, {} ends", found.states, found.ends);
        assert_eq!(found.bad, 0, "{}", found.how);
        assert!(found.ends > 0);
    }
}

/// The model can tell: what is known to go wrong is found.
#[test]
fn what_is_known_to_go_wrong_is_found() {
    for variant in [
        Variant::NoMarker,
        Variant::ForgetsAtOnce,
        Variant::SendsAgain,
        Variant::SendsLate,
        Variant::Overwrites,
    ] {
        let found = explore(Wish::Create, variant, 1);
        println!("{variant:?}: {} of {} ends are bad", found.bad, found.ends);
        assert!(found.bad > 0, "{variant:?}");
    }
}
