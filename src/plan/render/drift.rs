//! What changed outside since the last run.

use std::fmt::Write as _;

use crate::plan::{Mode, Plan, Planned};
use crate::resource::Action;
use crate::value::{Text, Value};

use super::change::{Cause, between, write_change};
use super::diff::Sign;
use super::style::{Paint, RenderOptions};

/// Writes what changed outside and may matter to this plan. Returns whether there was anything.
pub(super) fn write_drift(out: &mut String, plan: &Plan, options: RenderOptions) -> bool {
    let refresh_only = plan.mode == Mode::RefreshOnly;
    let mut body = String::new();
    let moved = plan
        .changes
        .iter()
        .filter(|planned| refresh_only && planned.change.action == Action::NoOp);
    let moved = moved.filter(|planned| planned.moved_from.is_some());
    for planned in plan.drift.iter().chain(moved) {
        let before = &planned.change.before;
        let after = if refresh_only {
            planned.change.after.clone()
        } else {
            match relevant_after(plan, planned) {
                Some(after) => after,
                None => continue,
            }
        };
        let diff = between(planned, before, &after);
        let is_told = planned.moved_from.is_some() || planned.pending.is_some();
        if diff.sign == Sign::Same && !(refresh_only && is_told) {
            continue;
        }
        body.push('\n');
        write_change(&mut body, planned, &diff, Cause::Drift, options);
    }
    if body.is_empty() {
        return false;
    }
    let note = options.paint(Paint::BoldCyan, "Note:");
    let head = options.paint(Paint::Bold, " Objects have changed outside of Terraform");
    let _ = write!(out, "\n{note}{head}\n\n");
    out.push_str(&options.wrap(
        "Terraform detected the following changes made outside of Terraform since the last \"terraform apply\" which may have affected this plan:",
    ));
    out.push('\n');
    out.push_str(&body);
    let tail = if refresh_only {
        "This is a refresh-only plan, so Terraform will not take any actions to undo these. If you were expecting these changes then you can apply this plan to record the updated values in the Terraform state without changing any remote objects."
    } else {
        "Unless you have made equivalent changes to your configuration, or ignored the relevant attributes using ignore_changes, the following plan may include actions to undo or respond to these changes."
    };
    out.push_str("\n\n");
    out.push_str(&options.wrap(tail));
    out.push('\n');
    true
}

/// The object as it is now, but only as far as the configuration refers to it: the rest as it was. None when it
/// does not refer to the object at all.
fn relevant_after(plan: &Plan, planned: &Planned) -> Option<Value> {
    let addr = planned.addr.resource_addr();
    let of_this = plan.relevant.iter().filter(|(resource, _)| *resource == addr);
    let paths: Vec<&[Text]> = of_this.map(|(_, path)| path.as_slice()).collect();
    if paths.is_empty() {
        return None;
    }
    Some(restrict(&planned.change.before, &planned.change.after, &paths))
}

/// The second value where a path leads, the first elsewhere.
fn restrict(before: &Value, after: &Value, paths: &[&[Text]]) -> Value {
    if paths.iter().any(|path| path.is_empty()) {
        return after.clone();
    }
    let (Some(old), Some(new)) = (before.as_entries(), after.as_entries()) else {
        return after.clone();
    };
    let mut entries = old.clone();
    for (name, new) in new {
        let below: Vec<&[Text]> = paths
            .iter()
            .filter(|path| path[0] == *name)
            .map(|path| &path[1..])
            .collect();
        if below.is_empty() {
            continue;
        }
        let value = old
            .get(name)
            .map_or_else(|| new.clone(), |old| restrict(old, new, &below));
        entries.insert(name.clone(), value);
    }
    match before.data() {
        crate::value::Data::Map(map) => Value::map(map.element.clone(), entries),
        _ => Value::object(entries),
    }
    .with_marks(before.marks())
}
