//! The policy file of an organisation: what no plan may do to keys.

use std::ops::RangeInclusive;

use crate::addr::OnDestroy;
use crate::diag::{Diagnostic, Diagnostics, FileId, Result, Span};
use crate::lang::syntax::{ExprKind, parse_body};

use super::reader::{Reader, labels, static_bool};

/// The name of the file in the folder of a configuration, which it is no part of.
pub const POLICY_FILE: &str = "keyform.policy.hcl";

/// What no plan may do to keys, each with its place in the file. Nothing is forbidden where there is no file.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The fewest days in which what is destroyed can be called back.
    pub window_floor: Option<Ruled<i64>>,
    /// For so many days a use is recent.
    pub in_use_days: Option<i64>,
    /// Keys that can rotate do.
    pub rotation: Option<Span>,
    /// What the lifecycle of keys says at least of their end.
    pub on_destroy: Option<Ruled<OnDestroy>>,
    /// No key policy is written past the check that its writer is not locked out.
    pub no_bypass: Option<Span>,
}

/// A value and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruled<T> {
    pub value: T,
    pub at: Span,
}

impl Policy {
    /// Reads the text of a policy file.
    pub fn read(file: FileId, text: &str) -> Result<Self> {
        let body = parse_body(file, text)?;
        let header = body.span;
        let mut problems = Diagnostics::new();
        let mut policy = Self::default();
        let mut reader = Reader::new(body, header, &mut problems);
        block(&mut reader, "deletion", |inner| {
            policy.window_floor = days(inner, "window_floor", 1..=366);
        });
        block(&mut reader, "in_use", |inner| {
            policy.in_use_days = days(inner, "days", 0..=3650).map(|days| days.value);
        });
        block(&mut reader, "require", |inner| {
            policy.rotation = switch(inner, "rotation");
            policy.on_destroy = on_destroy(inner);
        });
        block(&mut reader, "forbid", |inner| {
            policy.no_bypass = switch(inner, "bypass_policy_lockout_safety_check");
        });
        reader.finish();
        problems.or(policy)
    }
}

/// Reads the only block of a kind, if it is there.
fn block(reader: &mut Reader<'_>, kind: &'static str, read: impl FnOnce(&mut Reader<'_>)) {
    let Some(block) = reader.take_block(kind) else {
        return;
    };
    // One that is labelled is reported, and read all the same.
    let _: Option<[_; 0]> = labels(&block, [], reader.problems);
    let mut inner = Reader::new(block.body, block.header, reader.problems);
    read(&mut inner);
    inner.finish();
}

fn wrong(reader: &mut Reader<'_>, name: &str, what: &str, at: Span) {
    let detail = format!("The argument \"{name}\" of the policy must be {what}.");
    reader
        .problems
        .push(Diagnostic::error("Invalid policy", detail).at(at));
}

/// A whole number of days.
fn days(reader: &mut Reader<'_>, name: &'static str, range: RangeInclusive<i64>) -> Option<Ruled<i64>> {
    let expr = reader.take(name)?;
    let days = match &expr.kind {
        ExprKind::Literal(value) => value.as_i64().filter(|days| range.contains(days)),
        _ => None,
    };
    if days.is_none() {
        let what = format!("a whole number of days from {} to {}", range.start(), range.end());
        wrong(reader, name, &what, expr.span);
    }
    days.map(|value| Ruled { value, at: expr.span })
}

/// The place of something that is switched on.
fn switch(reader: &mut Reader<'_>, name: &'static str) -> Option<Span> {
    let expr = reader.take(name)?;
    let value = static_bool(&expr);
    if value.is_none() {
        wrong(reader, name, "true or false", expr.span);
    }
    (value == Some(true)).then_some(expr.span)
}

fn on_destroy(reader: &mut Reader<'_>) -> Option<Ruled<OnDestroy>> {
    let expr = reader.take("on_destroy")?;
    let word = match &expr.kind {
        ExprKind::Literal(value) => value.as_str(),
        _ => None,
    };
    let found = word
        .and_then(OnDestroy::of_word)
        .filter(|word| *word != OnDestroy::Schedule);
    if found.is_none() {
        wrong(reader, "on_destroy", "\"disable\" or \"retain\"", expr.span);
    }
    found.map(|value| Ruled { value, at: expr.span })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Policy> {
        Policy::read(FileId(0), text)
    }

    #[track_caller]
    fn check_refused(text: &str, said: &str) {
        let errors = read(text).expect_err(text);
        let all: Vec<String> = errors
            .into_iter()
            .map(|error| format!("{}: {}", error.summary, error.detail))
            .collect();
        assert!(all.join("\n").contains(said), "{all:?}");
    }

    #[test]
    fn a_policy_says_what_it_says() {
        let policy = read("deletion {\n  window_floor = 30\n}\nin_use {\n  days = 7\n}\nrequire {\n  rotation   = true\n  on_destroy = \"disable\"\n}\nforbid {\n  bypass_policy_lockout_safety_check = true\n}\n").unwrap();
        assert_eq!(policy.window_floor.map(|floor| floor.value), Some(30));
        assert_eq!(policy.in_use_days, Some(7));
        assert!(policy.rotation.is_some() && policy.no_bypass.is_some());
        assert_eq!(policy.on_destroy.map(|word| word.value), Some(OnDestroy::Disable));
        let nothing = read("require {\n  rotation = false\n}\n").unwrap();
        assert!(nothing.rotation.is_none() && nothing.window_floor.is_none());
    }

    #[test]
    fn unknown_words_and_wrong_values_are_errors() {
        check_refused("deletoin {}", "Did you mean \"deletion\"?");
        check_refused(
            "deletion {\n  window_flor = 7\n}",
            "Did you mean \"window_floor\"?",
        );
        check_refused("deletion \"a\" {}", "No labels are expected");
        check_refused("deletion {}\ndeletion {}", "Duplicate deletion block");
        check_refused(
            "deletion {\n  window_floor = 0\n}",
            "a whole number of days from 1 to 366",
        );
        check_refused("in_use {\n  days = 1.5\n}", "a whole number of days");
        check_refused("in_use {\n  days = var.d\n}", "a whole number of days");
        check_refused("require {\n  rotation = \"yes\"\n}", "true or false");
        check_refused(
            "require {\n  on_destroy = \"schedule\"\n}",
            "\"disable\" or \"retain\"",
        );
        check_refused("window_floor = 30", "An argument named \"window_floor\"");
    }
}
