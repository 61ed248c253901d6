//! Who is locked out by a change of a key's policy.

use std::collections::BTreeMap;

use crate::cloud::Cloud;
use crate::diag::{Diagnostic, Diagnostics, Ending, Result, listed};
use crate::resource::operate::{Lasting, lasting_of};
use crate::resource::{Action, Change};
use crate::schema::Lockout;
use crate::schema::native::Equivalence;
use crate::schema::native::lockout::{Caller, Verdict, losers, verdict};
use crate::value::{Marks, Text, Type, Value, placeholder};

use super::live::LiveObserver;
use super::usage::open_all;
use super::{Made, Planned, failure};

/// Refuses policies after which nobody could change the policy of a key again, and warns of what is lost or cannot be
/// told. Who asks is looked up once for each provider, unless nobody may be asked.
pub fn check_lockout(made: &mut Made, live: &mut LiveObserver<'_>, may_ask: bool) {
    check_written(made, live, may_ask);
    check_taken_over(made, live, may_ask);
}

fn check_written(made: &mut Made, live: &mut LiveObserver<'_>, may_ask: bool) {
    let all = made.plan.changes.iter().enumerate();
    let changed: Vec<(usize, &'static str, &'static Lockout)> = all
        .flat_map(|(i, planned)| {
            let lockouts = planned.ty.lockouts.iter();
            lockouts.map(move |(argument, lockout)| (i, &**argument, lockout))
        })
        .filter(|&(i, argument, _)| is_changed(&made.plan.changes[i], argument))
        .collect();
    if changed.is_empty() {
        return;
    }
    let providers: Vec<_> = changed
        .iter()
        .map(|&(i, ..)| made.plan.changes[i].provider.clone())
        .collect();
    let callers = if may_ask {
        open_all(made, live, providers.iter().cloned());
        live.callers(&providers)
    } else {
        BTreeMap::new()
    };
    for (i, argument, lockout) in changed {
        let planned = &made.plan.changes[i];
        let caller = callers.get(&planned.provider).cloned().unwrap_or_default();
        let found = judged(planned, argument, lockout, &caller);
        made.plan.errored |= found.iter().any(|one| one.ending == Ending::Refused);
        let found = found.into_iter().map(|one| one.about(&planned.addr));
        made.problems.extend(found.collect());
    }
}

/// Warns of who loses the use of a key whose policy is there without the object that writes it: what is there is read when
/// the object is made, and held against what is left behind when it goes.
fn check_taken_over(made: &mut Made, live: &mut LiveObserver<'_>, may_ask: bool) {
    let turns: Vec<Turn> = made.plan.changes.iter().enumerate().flat_map(turns).collect();
    if turns.is_empty() {
        return;
    }
    let answers = if may_ask {
        let providers = turns
            .iter()
            .map(|turn| made.plan.changes[turn.change].provider.clone());
        let providers: Vec<_> = providers.collect();
        open_all(made, live, providers);
        let asked = turns.iter().map(|turn| {
            let planned = &made.plan.changes[turn.change];
            (planned, turn.argument, turn.object(planned))
        });
        live.lasting(&asked.collect::<Vec<_>>())
    } else {
        let unasked = Diagnostic::error(
            "Not asked",
            "Objects are taken as recorded, so that nobody was asked.",
        );
        turns.iter().map(|_| Err(unasked.clone().into())).collect()
    };
    let mut found = Diagnostics::new();
    for (turn, answer) in turns.iter().zip(&answers) {
        let planned = &made.plan.changes[turn.change];
        let is_put_back = turns.iter().zip(&answers).any(|(other, theirs)| {
            let of = |answer: &Result<Option<Lasting>>| Some(answer.as_ref().ok()?.as_ref()?.of.clone());
            turn.ends && !other.ends && other.change == turn.change && of(answer) == of(theirs)
        });
        if !is_put_back {
            let told = turn.told(planned, answer).into_iter();
            found.extend(told.map(|one| one.about(&planned.addr)).collect());
        }
    }
    made.problems.extend(found);
}

/// A policy that is there without its object, at the moment in which the object is made, or in which it goes.
struct Turn {
    change: usize,
    argument: &'static str,
    lockout: &'static Lockout,
    ends: bool,
}

fn turns((change, planned): (usize, &Planned)) -> Vec<Turn> {
    let of_type = planned.ty.lockouts.iter();
    let lasting = of_type.filter(|(argument, _)| planned.ty.lastings.contains_key(*argument));
    let both = lasting.flat_map(|(argument, lockout)| {
        [false, true].map(|ends| Turn {
            change,
            argument,
            lockout,
            ends,
        })
    });
    let happens = |turn: &Turn| {
        if turn.ends {
            planned.destroys()
        } else {
            planned.change.action.creates()
        }
    };
    // Whose it is may only be known when it has been made, together with its policy.
    let nowhere = Value::null(Type::Dynamic);
    let is_there =
        |turn: &Turn| lasting_of(planned.ty, turn.argument, turn.object(planned), &nowhere).is_some();
    both.filter(happens).filter(is_there).collect()
}

impl Turn {
    fn object<'a>(&self, planned: &'a Planned) -> &'a Value {
        if self.ends {
            &planned.change.before
        } else {
            &planned.change.after
        }
    }

    fn told(&self, planned: &Planned, answer: &Result<Option<Lasting>>) -> Vec<Diagnostic> {
        let there = match answer {
            Ok(Some(there)) => there,
            Ok(None) => return Vec::new(),
            Err(why) => return vec![untold(planned, why)],
        };
        let (new, place) = if self.ends {
            (Some(&there.left), "the one that is left behind")
        } else {
            (planned.change.after.get(self.argument), "the new one")
        };
        let new = new.and_then(Value::as_str);
        let (Some(now), Some(new)) = (there.now.as_str(), new) else {
            return Vec::new();
        };
        let uses = self.lockout.uses.iter();
        uses.filter_map(|action| {
            let all = losers(now, new, action);
            let all = named(&planned.change, self.argument, all);
            (!all.is_empty()).then(|| lost(planned, action, (&all, place)))
        })
        .collect()
    }
}

/// A policy that was not known when it was planned is judged when it is about to be written: the error says who would be
/// locked out. `after` is the object as it is planned by now.
pub async fn check_lockout_now(planned: &Planned, after: &Value, cloud: &dyn Cloud) -> Result<()> {
    let was_open = |argument: &Text| {
        let value = planned.change.after.get(argument);
        value.is_some_and(|value| !value.is_wholly_known())
    };
    if !planned.ty.lockouts.keys().any(was_open) {
        return Ok(());
    }
    let mut now = planned.clone();
    now.change.after = after.clone();
    let lockouts = planned.ty.lockouts.iter();
    let changed = lockouts.filter(|(argument, _)| was_open(argument) && is_changed(&now, argument));
    let mut refused = Diagnostics::new();
    for (argument, lockout) in changed {
        let facts = cloud.facts().await;
        let caller = facts.map_or_else(|_| Caller::default(), |facts| caller(&facts));
        let found = judged(&now, argument, lockout, &caller).into_iter();
        refused.extend(found.filter(|one| one.ending == Ending::Refused).collect());
    }
    refused.or(())
}

/// Who asks, by what the cloud tells of it.
pub(super) fn caller(facts: &Value) -> Caller {
    let text = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default();
    Caller {
        arn: text("arn").to_owned(),
        account: text("account_id").to_owned(),
    }
}

/// Whether a change writes another policy than there was.
fn is_changed(planned: &Planned, argument: &str) -> bool {
    let change = &planned.change;
    let Some(after) = change.after.get(argument).filter(|after| !after.is_null()) else {
        return false;
    };
    match change.action {
        // What is not known yet of a new key may be what the cloud gives it.
        action if action.creates() => after.is_known(),
        Action::Update => {
            let before = change.before.get(argument);
            before.is_none_or(|before| !Equivalence::AwsPolicy.holds(before, after))
        }
        _ => false,
    }
}

fn judged(planned: &Planned, argument: &str, lockout: &Lockout, caller: &Caller) -> Vec<Diagnostic> {
    let change = &planned.change;
    let text = |object: &Value| {
        let value = object.get(argument)?;
        value.as_str().map(str::to_owned)
    };
    let Some(after) = text(&change.after) else {
        return vec![unknown(planned, argument, lockout)];
    };
    let may_hand_over = lockout.bypass.as_ref().is_some_and(|name| {
        let value = change.after.get(name);
        value.and_then(Value::as_bool) == Some(true)
    });
    let told = |all: Vec<String>| named(change, argument, all);
    let verdict = match verdict(&after, &lockout.keeps, caller) {
        Verdict::Others(all) => Verdict::Others(told(all)),
        Verdict::Undecidable(all) => Verdict::Undecidable(told(all)),
        verdict => verdict,
    };
    let mut found: Vec<Diagnostic> = of_verdict(planned, lockout, verdict, may_hand_over)
        .into_iter()
        .collect();
    if let Some(before) = text(&change.before).filter(|_| change.action == Action::Update) {
        let uses = lockout.uses.iter();
        found.extend(uses.filter_map(|action| {
            let all = losers(&before, &after, action);
            (!all.is_empty()).then(|| lost(planned, action, (&told(all), "the new one")))
        }));
    }
    found
}

/// What is named in messages of a policy: nobody of one that is hidden.
fn named(change: &Change, argument: &str, all: Vec<String>) -> Vec<String> {
    let is_hidden = [&change.before, &change.after].into_iter().any(|object| {
        let value = object.get(argument);
        value.is_some_and(|value| !value.marks_deep().is_empty())
    });
    let hidden = placeholder(Marks::SENSITIVE).filter(|_| is_hidden && !all.is_empty());
    hidden.map_or(all, |hidden| vec![hidden.to_owned()])
}

fn of_verdict(
    planned: &Planned,
    lockout: &Lockout,
    verdict: Verdict,
    may_hand_over: bool,
) -> Option<Diagnostic> {
    let (addr, keeps) = (&planned.addr, &lockout.keeps);
    Some(match verdict {
        Verdict::Kept => return None,
        Verdict::Undecidable(statements) => Diagnostic::warning(
            "Lockout cannot be ruled out",
            format!(
                "{addr}: whether you or your account may still call {keeps} under the new policy depends on {}.",
                listed(&statements, NAMED)
            ),
        )
        .hint("A statement that allows it to the account without conditions keeps the key from being locked."),
        Verdict::Others(others) if may_hand_over => Diagnostic::warning(
            "Key is handed over",
            format!(
                "{addr}: under the new policy neither you nor your account may call {keeps}, only {}.",
                listed(&others, NAMED)
            ),
        ),
        Verdict::Others(others) => {
            let detail = format!(
                "{addr}: under the new policy neither you nor your account may call {keeps}, only {}. If they are gone one day, nobody can change the policy again.",
                listed(&others, NAMED)
            );
            let way = lockout.bypass.as_ref().map_or_else(
                || format!("Allow {keeps} to the account."),
                |name| format!("Allow {keeps} to the account, or set {name} to true if you mean to hand the key over."),
            );
            refused(detail).hint(way)
        }
        Verdict::Lost => refused(format!(
            "{addr}: under the new policy nobody may call {keeps}, so that nobody could change it again, whatever becomes of the key."
        ))
        .hint(format!("Allow {keeps} to the account.")),
    })
}

fn refused(detail: String) -> Diagnostic {
    Diagnostic::error("Policy locks everybody out", detail).ends_as(Ending::Refused)
}

fn unknown(planned: &Planned, argument: &str, lockout: &Lockout) -> Diagnostic {
    let detail = format!(
        "{}: {argument} is not known before the apply, so nobody can tell whether you or your account may still call {} under it.",
        planned.addr, lockout.keeps
    );
    Diagnostic::warning("Lockout cannot be ruled out", detail)
}

fn lost(planned: &Planned, action: &Text, (who, place): (&[String], &str)) -> Diagnostic {
    let detail = format!(
        "{}: the policy allows {action} to these, and {place} does not: {}. What they can decrypt today they can decrypt then only where another policy lets them.",
        planned.addr,
        listed(who, NAMED)
    );
    Diagnostic::warning("Principals lose the use of the key", detail)
}

fn untold(planned: &Planned, why: &Diagnostics) -> Diagnostic {
    let detail = format!(
        "{}: another policy is put in the place of the one that the key has, which could not be read, so nobody can tell who loses the use of the key. {}",
        planned.addr,
        failure(why)
    );
    Diagnostic::warning("Who loses the use of the key is not known", detail)
}

/// How many of many are named.
const NAMED: usize = 10;
