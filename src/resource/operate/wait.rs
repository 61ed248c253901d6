//! Waiting until an object is as wished.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::diag::{Diagnostic, Result};
use crate::schema::{Wait, names, roots};
use crate::value::{Text, Value};

use super::super::scope::Names;
use super::Site;
use super::call::{Fresh, Patience};
use super::failure::{Attempt, Failure};
use super::observe::{self, Seen};

/// Something still to be waited for, with the names that its condition sees.
pub(super) struct Pending<'a> {
    wait: &'a Wait,
    names: Names<'a>,
    calls: BTreeSet<Text>,
    /// The condition is about objects that are gone. Otherwise what cannot be found is not as wished.
    until_gone: bool,
    in_a_row: u32,
    looks: u32,
    due: Duration,
}

/// How often a condition is looked at before its time can be over: one slow answer proves nothing.
const LEAST_LOOKS: u32 = 20;

impl<'a> Pending<'a> {
    /// None where there is nothing to wait for.
    pub fn new(site: Site<'a>, wait: &'a Wait, names: &Names<'a>) -> Result<Option<Self>> {
        if !names.allows(wait.when.as_ref())? {
            return Ok(None);
        }
        let calls = site.ty.read.as_ref();
        Ok(Some(Self {
            wait,
            names: names.clone(),
            calls: calls.map_or_else(BTreeSet::new, |read| observe::needed(read, &wait.until)),
            until_gone: roots(&wait.until).contains(names::GONE),
            in_a_row: 0,
            looks: 0,
            due: Duration::ZERO,
        }))
    }
}

/// Waits for all of them at the same time; one round of reads serves every condition that is due.
pub(super) async fn for_all(
    site: Site<'_>,
    mut pending: Vec<Pending<'_>>,
    patience: Patience,
) -> Attempt<()> {
    let started = site.machine.elapsed();
    loop {
        round(site, &mut pending, patience).await?;
        pending.retain(|one| one.in_a_row < one.wait.times.max(1));
        let Some(next) = pending.iter().map(|one| one.due).min() else {
            return Ok(());
        };
        let now = site.machine.elapsed();
        for one in &pending {
            if one.looks >= LEAST_LOOKS && now >= started.saturating_add(one.wait.limit) {
                return Err(Failure::Other(timed_out(now.saturating_sub(started)).into()));
            }
        }
        site.pause(next.saturating_sub(now)).await;
    }
}

/// Reads once what the conditions that are due need, and sees which of them hold.
async fn round(site: Site<'_>, pending: &mut [Pending<'_>], patience: Patience) -> Attempt<()> {
    let now = site.machine.elapsed();
    let mut due: Vec<&mut Pending<'_>> = pending.iter_mut().filter(|one| one.due <= now).collect();
    let Some(first) = due.first() else { return Ok(()) };
    let wanted = due.iter().flat_map(|one| &one.calls).cloned().collect();
    let calm = Patience {
        settle_until: None,
        ..patience
    };
    let seen = observe::calls(site, &first.names, Some(&wanted), calm, Fresh::Always).await?;
    let (seen, gone) = match seen {
        Seen::There(seen) => (*seen, false),
        Seen::Gone(Some(seen)) => (*seen, true),
        // All names of calls are null then.
        Seen::Gone(None) => (observe::without_calls(site, &first.names), true),
    };
    for one in &mut due {
        let names = observe::with_calls_of(site, &one.names, &seen).with(names::GONE, Value::bool(gone));
        let holds = (!gone || one.until_gone) && names.truth(&one.wait.until)? == Some(true);
        one.looks += 1;
        one.in_a_row = if holds { one.in_a_row + 1 } else { 0 };
        one.due = site.machine.elapsed().saturating_add(one.wait.every);
    }
    Ok(())
}

fn timed_out(after: Duration) -> Diagnostic {
    Diagnostic::error(
        "Timeout while waiting",
        format!(
            "The requests were accepted, but after {} seconds the object still does not show what was asked for. It may become so later: plan again to see.",
            after.as_secs()
        ),
    )
}
