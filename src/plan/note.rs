//! What follows from a change that its difference does not show, said in the plan.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::resource::{self, Action};
use crate::schema::native::Equivalence;
use crate::value::Value;

use super::{Made, Plan, Planned};

/// One such thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about, as plans in JSON have it.
    pub kind: &'static str,
    pub text: String,
}

/// Notes what follows from the changes of a plan.
pub fn note(made: &mut Made) {
    let plan = &made.plan;
    let notes: Vec<Vec<Note>> = plan
        .changes
        .iter()
        .map(|planned| {
            shortened(planned)
                .into_iter()
                .chain(expiring(planned))
                .chain(moved(plan, planned))
                .collect()
        })
        .collect();
    for (planned, notes) in made.plan.changes.iter_mut().zip(notes) {
        planned.notes.extend(notes);
    }
}

/// The window of an object becomes shorter than it is recorded.
fn shortened(planned: &Planned) -> Option<Note> {
    if planned.change.action != Action::Update {
        return None;
    }
    let days = |object: &Value| resource::window(planned.ty, object)?.as_i64();
    let (before, after) = (days(&planned.change.before)?, days(&planned.change.after)?);
    (after < before).then(|| Note {
        kind: "deletion_window",
        text: format!(
            "its deletion window becomes shorter: once it is destroyed it can be called back for {after} days, not for {before}."
        ),
    })
}

/// A time at which an object can no longer be used, which it had not before, or later.
pub(super) struct Expiry {
    /// None where it is not known yet.
    pub(super) at: Option<Timestamp>,
    /// None where it could always be used.
    before: Option<Timestamp>,
}

/// The expiry that a change sets or moves nearer.
pub(super) fn expiry(planned: &Planned) -> Option<Expiry> {
    let change = &planned.change;
    let expires = |object: &Value| resource::expires(planned.ty, object).filter(|at| !at.is_null());
    let time = |at: &Value| at.as_str()?.parse::<Timestamp>().ok();
    let wished = (!change.after.is_null()).then(|| expires(&change.after))??;
    let at = time(&wished);
    let stays = !change.action.creates() && !change.before.is_null();
    let before = stays.then(|| expires(&change.before)).flatten();
    let before = before.as_ref().and_then(time);
    let is_nearer = before.is_none_or(|before| at.is_none_or(|at| at < before));
    is_nearer.then_some(Expiry { at, before })
}

/// The object that is there can be used for a shorter time than before.
fn expiring(planned: &Planned) -> Option<Note> {
    if planned.change.action != Action::Update {
        return None;
    }
    let Expiry { at, before } = expiry(planned)?;
    let day = |at: Timestamp| at.strftime("%Y-%m-%d at %H:%M UTC").to_string();
    let until_now = before.map_or_else(|| "never".to_owned(), |at| format!("on {}", day(at)));
    let at = at.map_or_else(
        || "at a time that is not known yet".to_owned(),
        |at| format!("on {}", day(at)),
    );
    let text = format!(
        "its material expires {at}, and up to now it expires {until_now}. From then on it cannot be used, and what it encrypted cannot be read unless the same material is imported again: without a copy of it that is lost for ever."
    );
    Some(Note { kind: "expiry", text })
}

/// A name stands for another key than before.
fn moved(plan: &Plan, planned: &Planned) -> Option<Note> {
    let argument = planned.ty.stands_for.as_ref()?;
    let (before, after) = (&planned.change.before, &planned.change.after);
    let (old, new) = (before.get(argument)?, after.get(argument)?);
    let told = |key: &Value| {
        let name = key.as_str().filter(|_| key.marks_deep().is_empty());
        name.map_or_else(String::new, |name| format!(" {name}"))
    };
    let is_known = !old.is_null() && old.is_known();
    if planned.change.action != Action::Update || !is_known || Equivalence::KeyRef.holds(old, new) {
        return None;
    }
    let name = before.get("id").and_then(Value::as_str)?;
    let new_name = told(new);
    let new_name = if new_name.is_empty() {
        " that it names then"
    } else {
        &new_name
    };
    let mut text = format!(
        "from now on what is encrypted under {name} uses the key{new_name}. The old key{} is still needed to decrypt what was encrypted before",
        told(old)
    );
    let goes = plan.changes.iter().find(|other| {
        let is_it = |name: &&str| {
            let own = other.change.before.get(name);
            own.is_some_and(|own| Equivalence::KeyRef.holds(own, old))
        };
        other.loss.is_some() && ["id", "arn"].iter().any(is_it)
    });
    let _ = match goes {
        Some(key) => write!(
            text,
            ", and this plan destroys it ({}). Move the alias first and keep that key, disabled at most, until nothing needs it.",
            key.addr
        ),
        None => write!(text, ": do not destroy it in the same run."),
    };
    Some(Note {
        kind: "alias_target",
        text,
    })
}
