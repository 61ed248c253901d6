//! What was changed outside: the recorded objects held against what was read.
//!
//! Only state and cloud are compared: what the configuration wants and has not got yet is no drift.

mod policy;

use std::collections::BTreeMap;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics};
use crate::resource::Action;
use crate::value::{Data, PathText, Step, Value, raw_equal};

use super::{Made, Planned};

/// The outcome for every managed object, in the order of the state.
pub struct Report {
    pub found: Vec<Found>,
    /// What went wrong besides, warnings included.
    pub problems: Diagnostics,
}

/// One object.
#[derive(Clone, Debug)]
pub struct Found {
    pub addr: InstanceAddr,
    pub status: Status,
}

/// How an object compares with its record.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    InSync,
    Drifted {
        changes: Vec<Difference>,
    },
    Deleted,
    /// It still exists and is lost when the time is up.
    PendingDeletion {
        days: Option<i64>,
        date: Option<String>,
    },
    /// It could not be read: nothing is known about it.
    Unreadable {
        why: String,
    },
}

/// One attribute that differs; values as text, secrets hidden.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub path: String,
    pub before: String,
    pub after: String,
    /// What the difference means, where it can be said better than by the values.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether every object was read.
    pub fn is_complete(&self) -> bool {
        !self.problems.has_errors()
            && !self
                .found
                .iter()
                .any(|found| matches!(found.status, Status::Unreadable { .. }))
    }

    pub fn has_drift(&self) -> bool {
        self.found.iter().any(|found| {
            matches!(
                found.status,
                Status::Drifted { .. } | Status::Deleted | Status::PendingDeletion { .. }
            )
        })
    }
}

/// Compares what a refresh-only plan has read.
pub fn look(made: &Made) -> Report {
    let mut problems = Diagnostics::new();
    let mut reasons: BTreeMap<String, String> = BTreeMap::new();
    for problem in &made.problems {
        match &problem.address {
            Some(addr) if problem.is_error() => {
                reasons.entry(addr.clone()).or_insert_with(|| reason(problem));
            }
            _ => problems.push(problem.clone()),
        }
    }
    let seen: BTreeMap<&InstanceAddr, &Planned> = made
        .plan
        .drift
        .iter()
        .map(|planned| (&planned.addr, planned))
        .collect();
    let mut found = Vec::new();
    for (addr, _) in made.previous.current() {
        if !addr.resource.is_managed() || !made.is_wanted(&addr) {
            continue;
        }
        let status = if made.was_read(&addr) {
            seen.get(&addr).map_or(Status::InSync, |planned| status(planned))
        } else {
            let why = reasons.get(&addr.to_string()).cloned();
            Status::Unreadable {
                why: why.unwrap_or_else(|| "its provider could not be opened".into()),
            }
        };
        found.push(Found { addr, status });
    }
    Report { found, problems }
}

/// Why an object could not be read, with what helps.
fn reason(problem: &Diagnostic) -> String {
    let hints: String = problem.hints.iter().flat_map(|hint| ["\n\n", hint]).collect();
    format!("{}: {}{hints}", problem.summary, problem.detail)
}

fn status(planned: &Planned) -> Status {
    match (&planned.pending, planned.change.action) {
        (Some(pending), _) => Status::PendingDeletion {
            days: pending.days,
            date: pending.at.map(|at| at.to_string()),
        },
        (None, Action::Delete) => Status::Deleted,
        _ => Status::Drifted {
            changes: differences(&planned.change.before, &planned.change.after),
        },
    }
}

/// The attributes that differ, as deep as objects and maps go.
fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&mut Vec::new(), before, after, &mut found);
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "two values are compared; what is hidden is not shown"
)]
fn compare(path: &mut Vec<Step>, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if raw_equal(&before.reveal(), &after.reveal()) {
        return;
    }
    let hidden = before.is_sensitive() || after.is_sensitive();
    if let (false, Some(left), Some(right)) = (hidden, before.as_entries(), after.as_entries()) {
        let names = left
            .keys()
            .chain(right.keys().filter(|name| !left.contains_key(*name)));
        let mut names: Vec<_> = names.cloned().collect();
        names.sort();
        for name in names {
            let missing = Value::null(crate::value::Type::Dynamic);
            path.push(match before.data() {
                Data::Map(_) => Step::Index(Value::text(name.clone())),
                _ => Step::Attribute(name.clone()),
            });
            compare(
                path,
                left.get(&name).unwrap_or(&missing),
                right.get(&name).unwrap_or(&missing),
                found,
            );
            path.pop();
        }
        return;
    }
    let notes = match (before.as_str(), after.as_str()) {
        (Some(before), Some(after)) if !hidden => policy::differences(before, after),
        _ => Vec::new(),
    };
    found.push(Difference {
        path: PathText(path).to_string().trim_start_matches('.').to_owned(),
        before: shown(before),
        after: shown(after),
        notes,
    });
}

fn shown(value: &Value) -> String {
    if value.is_null() {
        "null".into()
    } else {
        value.to_string()
    }
}
