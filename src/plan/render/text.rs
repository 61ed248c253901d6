//! Strings as text: in quotes, as heredoc with a line-by-line difference, or as the JSON inside.

use std::fmt::Write as _;

use crate::value::document::{self, inside};
use crate::value::path::{map_deep, with_marks_at};
use crate::value::{Marks, Path, Type, Value};

use super::align;
use super::diff::{Diff, Kind, Pair, Sign};
use super::plain;
use super::style::harmless;
use super::write::{Manner, indent, leaf, suffixes, write as write_diff};

/// Writes the difference of two strings; either may be missing or null.
pub(super) fn write(out: &mut String, pair: Pair<'_>, diff: &Diff<'_>, depth: usize, manner: Manner) {
    if let Some((old, new)) = open(pair) {
        return structure(out, Pair::new(old.as_ref(), new.as_ref()), diff, depth, manner);
    }
    match diff.sign {
        Sign::Added => one(out, pair.after, diff, depth, manner),
        Sign::Same | Sign::Removed => one(out, pair.before, diff, depth, manner),
        Sign::Changed => two(out, pair, diff, depth, manner),
    }
}

#[expect(clippy::str_split_at_newline, reason = "a carriage return is shown as it is")]
fn one(out: &mut String, value: Option<&Value>, diff: &Diff<'_>, depth: usize, manner: Manner) {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    if let Some(inside) = inside(text) {
        let inside = Some(&inside);
        let pair = match diff.sign {
            Sign::Added => Pair::new(None, inside),
            Sign::Removed => Pair::new(inside, None),
            Sign::Same | Sign::Changed => Pair::new(inside, inside),
        };
        return structure(out, pair, diff, depth, manner);
    }
    if text.contains('\n') {
        let lines = text.trim().split('\n').map(|line| (Sign::Same, line));
        return heredoc(out, lines, diff, depth, manner);
    }
    let (null, forcing) = suffixes(diff, manner);
    let _ = write!(out, "{}{null}{forcing}", leaf(value, manner.options));
}

fn two(out: &mut String, pair: Pair<'_>, diff: &Diff<'_>, depth: usize, manner: Manner) {
    let text = |value: Option<&'_ Value>| value.and_then(Value::as_str).map(str::to_owned);
    let (before, after) = (text(pair.before), text(pair.after));
    let (old, new) = (
        before.as_deref().and_then(inside),
        after.as_deref().and_then(inside),
    );
    match (&old, &new) {
        (Some(old), Some(new)) => structure(out, Pair::new(Some(old), Some(new)), diff, depth, manner),
        (None, None) => match (&before, &after) {
            (Some(before), Some(after)) if before.contains('\n') || after.contains('\n') => {
                lines(out, (before, after), diff, depth, manner);
            }
            _ => {
                let (before, after) = (
                    leaf(pair.before, manner.options),
                    leaf(pair.after, manner.options),
                );
                let _ = write!(
                    out,
                    "{before} {} {after}{}",
                    manner.arrow(),
                    suffixes(diff, manner).1
                );
            }
        },
        _ => {
            let side = |pair, sign| Diff::new(Kind::Leaf(pair), sign, false);
            let sides = (
                side(pair.removed(), Sign::Removed),
                side(pair.added(), Sign::Added),
            );
            let retyped = Diff::new(Kind::Retyped(Box::new(sides)), diff.sign, diff.replace);
            write_diff(out, &retyped, depth, manner);
        }
    }
}

/// What stands in two JSON texts of which only parts are secret, where it is sure which. An earlier text of which only is
/// known that it was secret may hold nothing else at any place where the later one is open.
pub(super) fn open(pair: Pair<'_>) -> Option<(Option<Value>, Option<Value>)> {
    let pair = pair.without_nulls();
    let is_open = |value: &Value| !value.is_sensitive();
    if pair.before.is_none_or(is_open) && pair.after.is_none_or(is_open) {
        return None;
    }
    let new = match pair.after {
        None => return Some((Some(document::open(pair.before?)?.0), None)),
        Some(after) if is_open(after) => (inside(after.as_str()?)?, Vec::new()),
        Some(after) => document::open(after)?,
    };
    let old = match pair.before {
        None => None,
        Some(before) if is_open(before) => Some(inside(before.as_str()?)?),
        Some(before) => {
            let as_before = document::open(before).map(|(old, _)| old);
            Some(as_before.or_else(|| as_after(before, &new))?)
        }
    };
    Some((old, Some(new.0)))
}

/// What stands in an earlier text, if it differs from the later one only where that is secret.
fn as_after(before: &Value, (new, paths): &(Value, Vec<Path>)) -> Option<Value> {
    let old = with_marks_at(&inside(before.as_str()?)?, paths, Marks::SENSITIVE);
    (bare(&old) == bare(new)).then_some(old)
}

/// The value without its secrets.
fn bare(value: &Value) -> Value {
    map_deep(value, &mut |_, part| {
        if part.is_sensitive() {
            Value::null(Type::Dynamic)
        } else {
            part
        }
    })
}

/// The structural difference of two JSON texts.
fn structure(out: &mut String, pair: Pair<'_>, diff: &Diff<'_>, depth: usize, manner: Manner) {
    let inner = plain::compare(pair);
    let mut inner_manner = Manner {
        without_null: true,
        ..manner.inner()
    };
    let (null, mut forcing) = suffixes(diff, manner);
    let (mut note, mut sign) = ("", diff.sign);
    if inner.sign == Sign::Same && diff.sign == Sign::Changed {
        note = if diff.replace {
            " # whitespace changes force replacement"
        } else {
            " # whitespace changes"
        };
        forcing.clear();
        inner_manner.everything = true;
        sign = Sign::Same;
    }
    if sign != Sign::Changed {
        sign = Sign::Same;
    }
    let mut shown = String::new();
    write_diff(&mut shown, &inner, depth + 1, inner_manner);
    if !shown.contains('\n') {
        let _ = write!(out, "jsonencode({shown}){note}{forcing}");
        return;
    }
    let _ = writeln!(out, "jsonencode({note}");
    indent(out, depth + 1);
    out.push_str(&manner.sign(sign));
    let _ = writeln!(out, "{shown}{forcing}");
    indent(out, depth);
    let _ = write!(out, "{}){null}", manner.sign(Sign::Same));
}

fn lines(out: &mut String, (before, after): (&str, &str), diff: &Diff<'_>, depth: usize, manner: Manner) {
    let split = |text: &'_ str| -> Vec<String> { trimmed(text).split('\n').map(str::to_owned).collect() };
    let (before, after) = (split(before), split(after));
    let old: Vec<&str> = before.iter().map(String::as_str).collect();
    let new: Vec<&str> = after.iter().map(String::as_str).collect();
    let pairs = align::lines(&old, &new);
    let signed = pairs.into_iter().map(|pair| match pair {
        (Some(i), None) => (Sign::Removed, old[i]),
        (None, Some(j)) => (Sign::Added, new[j]),
        (Some(i), Some(_)) => (Sign::Same, old[i]),
        (None, None) => (Sign::Same, ""),
    });
    heredoc(out, signed, diff, depth, manner);
}

/// Only texts of several lines lose the white space around them.
fn trimmed(text: &str) -> &str {
    if text.contains('\n') { text.trim() } else { text }
}

fn heredoc<'t>(
    out: &mut String,
    lines: impl Iterator<Item = (Sign, &'t str)>,
    diff: &Diff<'_>,
    depth: usize,
    manner: Manner,
) {
    let (null, forcing) = suffixes(diff, manner);
    let _ = writeln!(out, "<<-EOT{forcing}");
    for (sign, line) in lines {
        indent(out, depth + 1);
        out.push_str(&manner.sign(sign));
        out.push_str(&harmless(line));
        out.push('\n');
    }
    indent(out, depth);
    let _ = write!(out, "{}EOT{null}", manner.sign(Sign::Same));
}
