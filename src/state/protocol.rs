//! The rules by which no object is made twice and none is lost: what is left of a creation after each thing that is heard of
//! it, and what may be done while nothing is heard.
//!
//! Nothing here knows of clouds, files or clocks; whoever plans, carries out or replays asks here, and `tests/model` tries
//! every order in which things can happen.

use std::collections::BTreeSet;

use crate::value::Text;

/// After so many seconds no cloud carries out a request any more: its signature has expired long ago. An object that is not
/// there by then was never made.
pub const LATEST: i64 = 20 * 60;

/// So many seconds after it was noted a creation may still be sent. A signature lives for a quarter of an hour, so that what
/// is sent by then arrives before [`LATEST`] or never.
pub const SOON: i64 = 5 * 60;

/// A creation that was noted, and of which it is not known what became.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Begun {
    /// When it was noted, in seconds since 1970.
    pub since: i64,
    /// The key of the object that makes room for the new one.
    pub aside: Option<Text>,
}

/// What a journal tells of the instance.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// The current object makes room.
    Aside(&'a Text),
    /// An object that had made room is the current one again.
    Back(&'a Text),
    /// What was to be made is recorded.
    Made,
    /// Nothing is open any more.
    Settled,
}

/// What came of a request to make an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    Made,
    /// It surely has no effect.
    Refused,
    /// Nobody knows.
    Lost,
}

/// What is done about an intent after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// The object is recorded, which closes it.
    Record,
    /// It is closed, and what made room comes back.
    Close,
    /// What made room comes back; an earlier creation of the same, which may still arrive, is open again.
    Reopen,
    /// What made room comes back, and it stays open: the object may be there.
    Keep,
}

/// What was seen when the object was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    There,
    /// Not there. `twice` says that a request which arrives later could make a second one.
    Absent {
        twice: bool,
    },
    /// Nobody but the lost answer knows.
    Untold,
}

/// How an instance stands for which a creation is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// It is declared.
    pub is_wanted: bool,
    /// It has a current object.
    pub is_taken: bool,
}

/// What becomes of an open creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// What was found is the current object, and what made room for it goes.
    TakeOver,
    /// The instance has a current object, so what was found goes.
    Surplus,
    /// It was never made and never will be: it is closed, and what made room comes back.
    Over,
    /// It is not there and may be made again; what made room comes back.
    Again,
    /// It may still come: nothing is made in its place.
    Wait,
    /// Only its user can tell.
    Ask,
}

impl Begun {
    /// What is left of it after that; none when it is closed.
    pub fn after(self, heard: Heard<'_>) -> Option<Self> {
        match heard {
            Heard::Aside(key) => Some(Self {
                aside: Some(key.clone()),
                ..self
            }),
            Heard::Back(key) => Some(Self {
                aside: self.aside.filter(|aside| aside != key),
                ..self
            }),
            Heard::Made | Heard::Settled => None,
        }
    }

    /// Whether it may still be sent.
    pub fn may_be_sent(&self, now: i64) -> bool {
        now <= self.until()
    }

    /// The last second in which it may be sent.
    pub fn until(&self) -> i64 {
        self.since.saturating_add(SOON - 1)
    }

    /// Whether no request can make anything of it any more.
    pub fn is_over(&self, now: i64) -> bool {
        now - self.since >= LATEST
    }

    /// What becomes of it, by what was seen now.
    pub fn fate(&self, now: i64, sight: Sight, place: Place) -> Fate {
        match sight {
            Sight::There if place.is_taken => Fate::Surplus,
            Sight::There => Fate::TakeOver,
            Sight::Absent { .. } if self.is_over(now) => Fate::Over,
            Sight::Absent { twice: false } if place.is_wanted => Fate::Again,
            Sight::Absent { .. } => Fate::Wait,
            Sight::Untold => Fate::Ask,
        }
    }
}

/// What lists tell of a creation that leaves no mark: `new` are the objects that were not there before it and that nobody
/// has, `others` what other open creations may have made.
pub fn told_by_list(new: &BTreeSet<Text>, others: &BTreeSet<Text>) -> Sight {
    match new.len() {
        0 => Sight::Absent { twice: true },
        1 if new.is_disjoint(others) => Sight::There,
        _ => Sight::Untold,
    }
}

/// What is done after an answer. `again` says that an earlier creation of the same may still arrive.
pub fn next(answer: Answer, again: bool) -> Next {
    match answer {
        Answer::Made => Next::Record,
        Answer::Refused if again => Next::Reopen,
        Answer::Refused => Next::Close,
        Answer::Lost => Next::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Begun {
        Begun {
            since: 1_000,
            aside: None,
        }
    }

    #[track_caller]
    fn check(sight: Sight, after: i64, (is_wanted, is_taken): (bool, bool), fate: Fate) {
        let place = Place { is_wanted, is_taken };
        assert_eq!(begun().fate(1_000 + after, sight, place), fate);
    }

    #[test]
    fn what_is_not_there_is_waited_for_as_long_as_it_may_come() {
        let absent = Sight::Absent { twice: true };
        check(absent, 0, (true, false), Fate::Wait);
        check(absent, LATEST - 1, (true, false), Fate::Wait);
        check(absent, LATEST, (true, false), Fate::Over);
        check(absent, LATEST, (false, false), Fate::Over);
    }

    #[test]
    fn what_cannot_be_twice_is_made_again_at_once_where_it_is_declared() {
        let absent = Sight::Absent { twice: false };
        check(absent, 0, (true, false), Fate::Again);
        check(absent, 0, (false, false), Fate::Wait);
        check(absent, LATEST, (true, false), Fate::Over);
    }

    #[test]
    fn what_is_found_never_takes_the_place_of_a_recorded_object() {
        check(Sight::There, 0, (true, false), Fate::TakeOver);
        check(Sight::There, LATEST, (false, false), Fate::TakeOver);
        check(Sight::There, 0, (true, true), Fate::Surplus);
        check(Sight::Untold, LATEST, (true, false), Fate::Ask);
    }

    #[test]
    fn it_remembers_what_made_room() {
        let (key, other): (Text, Text) = ("00000000".into(), "11111111".into());
        let aside = begun().after(Heard::Aside(&key)).unwrap();
        assert_eq!(aside.aside, Some(key.clone()));
        assert_eq!(aside.clone().after(Heard::Back(&other)), Some(aside.clone()));
        assert_eq!(aside.clone().after(Heard::Back(&key)), Some(begun()));
        assert_eq!(aside.clone().after(Heard::Made), None);
        assert_eq!(aside.after(Heard::Settled), None);
    }

    #[test]
    fn the_one_new_object_that_nobody_else_may_have_made_is_found() {
        let check = |new: &[&str], others: &[&str], sight| {
            let set = |ids: &[&str]| ids.iter().copied().map(Text::from).collect();
            assert_eq!(told_by_list(&set(new), &set(others)), sight, "{new:?} {others:?}");
        };
        check(&["a"], &[], Sight::There);
        check(&["a"], &["b"], Sight::There);
        check(&["a"], &["a"], Sight::Untold);
        check(&["a", "b"], &[], Sight::Untold);
        check(&["a", "b"], &["b"], Sight::Untold);
        check(&[], &["b"], Sight::Absent { twice: true });
    }

    #[test]
    fn what_is_sent_has_arrived_by_the_time_it_counts_as_never_made() {
        const SIGNATURE: i64 = 15 * 60;
        assert!(!begun().may_be_sent(1_000 + SOON) && begun().may_be_sent(1_000 + SOON - 1));
        assert_eq!(begun().until(), 1_000 + SOON - 1);
        assert!(begun().is_over(1_000 + SOON + SIGNATURE));
    }
}
