//! Plans and states for people.
//!
//! The words and the layout are Terraform's, byte for byte, so that eyes and scripts find what they know. One
//! thing is new: what a plan destroys for ever is said first. Secrets are never shown, and text from outside
//! cannot move the cursor or reverse the order of what is read.

mod align;
mod change;
mod compare;
mod diff;
mod drift;
mod loss;
mod plain;
mod state;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod write;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::resource::Action;
use crate::value::{Text, raw_equal};

use super::{Mode, OutputChange, Plan, Planned};
use change::{Cause, difference, write_change};
use diff::{Diff, Hidden, Kind, Pair, Sign};
use style::Paint;
use write::{Manner, write};

pub use loss::{destroy_option, facts, fate_of, loss_line, loss_name, object_name, option_among};
pub use state::{meet_secrets, release_outputs, render_object, render_outputs, render_state};
pub use style::RenderOptions;

/// A plan as text: what changed outside, what will be done, and what becomes of the outputs.
pub fn render(plan: &Plan, options: &RenderOptions) -> String {
    let options = *options;
    let mut out = loss::paragraph(plan, options).unwrap_or_default();
    out.push_str(&loss::disabled(plan, options).unwrap_or_default());
    out.push_str(&loss::notes(plan, options).unwrap_or_default());
    let changes: Vec<&Planned> = plan.changes.iter().filter(|planned| is_shown(planned)).collect();
    let outputs = outputs(&plan.outputs, options);
    let is_empty = changes.is_empty() && outputs.is_empty();
    let has_drift =
        (plan.mode == Mode::RefreshOnly || !is_empty) && drift::write_drift(&mut out, plan, options);
    if is_empty {
        nothing(&mut out, plan, has_drift, options);
        return out;
    }
    if has_drift {
        let _ = writeln!(out, "\n{}", options.rule());
    }
    if changes
        .iter()
        .any(|planned| planned.change.action != Action::NoOp)
    {
        legend(&mut out, &changes, options);
    }
    if !changes.is_empty() && plan.mode != Mode::RefreshOnly {
        out.push_str(if plan.errored {
            "\nTerraform planned the following actions, but then encountered a problem:\n"
        } else {
            "\nTerraform will perform the following actions:\n"
        });
        for planned in &changes {
            out.push('\n');
            write_change(&mut out, planned, &difference(planned), Cause::Planned, options);
        }
        let _ = writeln!(out, "\n{}", summary(plan, options));
    }
    if !outputs.is_empty() {
        let _ = writeln!(out, "\nChanges to Outputs:\n{outputs}");
        if changes
            .iter()
            .all(|planned| planned.change.action == Action::NoOp)
        {
            let text = "You can apply this plan to save these new output values to the Terraform state, without changing any real infrastructure.";
            let _ = writeln!(out, "\n{}", options.wrap(text));
        }
    }
    out
}

/// Whether a change is worth a block of its own.
fn is_shown(planned: &Planned) -> bool {
    planned.is_change() && (planned.change.action != Action::Delete || planned.addr.resource.is_managed())
}

/// What the symbols in use mean.
fn legend(out: &mut String, changes: &[&Planned], options: RenderOptions) {
    let text = "Terraform used the selected providers to generate the following execution plan. Resource actions are indicated with the following symbols:";
    let _ = writeln!(out, "\n{}", options.wrap(text));
    for (action, forgets, meaning) in [
        (Action::Create, false, "create"),
        (Action::Update, false, "update in-place"),
        (Action::Delete, false, "destroy"),
        (Action::Replace, false, "destroy and then create replacement"),
        (Action::Replace, true, "forget and then create replacement"),
        (
            Action::ReplaceCreateFirst,
            false,
            "create replacement and then destroy",
        ),
        (
            Action::ReplaceCreateFirst,
            true,
            "create replacement and then forget",
        ),
        (Action::Read, false, "read (data resources)"),
    ] {
        let is_meant = |planned: &&Planned| planned.change.action == action && planned.forgets() == forgets;
        if changes.iter().any(is_meant) {
            let _ = writeln!(out, "{} {meaning}", change::symbol(action, options));
        }
    }
}

/// `Plan: 1 to add, 2 to change, 3 to destroy.`
fn summary(plan: &Plan, options: RenderOptions) -> String {
    let counts = plan.counts();
    let mut text = options.paint(Paint::Bold, "Plan:");
    if counts.import > 0 {
        let _ = write!(text, " {} to import,", counts.import);
    }
    let _ = write!(
        text,
        " {} to add, {} to change, {} to destroy",
        counts.add, counts.change, counts.remove
    );
    text.push('.');
    text
}

/// There is nothing to do.
fn nothing(out: &mut String, plan: &Plan, has_drift: bool, options: RenderOptions) {
    if plan.mode == Mode::RefreshOnly && has_drift && !plan.errored {
        return;
    }
    let (green, bold) = (Paint::BoldGreen, Paint::Bold);
    let (head, headline, text) = match plan.mode {
        _ if plan.errored => {
            let head = options.paint(Paint::BoldRed, "Planning failed.");
            let rest = options.paint(
                bold,
                " Terraform encountered an error while generating this plan.",
            );
            let _ = writeln!(out, "\n{head}{rest}\n");
            return;
        }
        Mode::RefreshOnly => (
            "No changes.",
            " Your infrastructure still matches the configuration.",
            "Terraform has checked that the real remote objects still match the result of your most recent changes, and found no differences.",
        ),
        Mode::Destroy => (
            "No changes.",
            " No objects need to be destroyed.",
            "Either you have not created any objects yet or the existing objects were already deleted outside of Terraform.",
        ),
        Mode::Normal => (
            "No changes.",
            " Your infrastructure matches the configuration.",
            "Terraform has compared your real infrastructure against your configuration and found no differences, so no changes are needed.",
        ),
    };
    let _ = writeln!(
        out,
        "\n{}{}\n",
        options.paint(green, head),
        options.paint(bold, headline)
    );
    let _ = writeln!(out, "{}", options.wrap(text));
}

/// The lines of the outputs that change.
fn outputs(outputs: &BTreeMap<Text, OutputChange>, options: RenderOptions) -> String {
    let width = outputs
        .keys()
        .map(|name| style::name(name).len())
        .max()
        .unwrap_or_default();
    let mut lines = Vec::new();
    for (name, change) in outputs.iter().filter(|(_, change)| change.is_change()) {
        let diff = output_difference(change);
        // Only whether it is sensitive changes.
        if diff.sign == Sign::Same {
            continue;
        }
        let manner = Manner::new(options);
        let mut line = manner.sign(diff.sign);
        let _ = write!(line, "{:width$} = ", style::name(name));
        write(&mut line, &diff, 0, manner);
        lines.push(line);
    }
    lines.join("\n")
}

/// The difference of an output; hidden when it is or was sensitive.
fn output_difference(change: &OutputChange) -> Diff<'_> {
    let after = change.after.as_ref().filter(|after| !after.is_null());
    let pair = Pair::new(change.before.as_ref(), after);
    if !change.is_hidden() {
        return plain::compare(pair);
    }
    let same = matches!((pair.before, pair.after), (Some(before), Some(after)) if raw_equal(before, after));
    let inner = if same { Sign::Same } else { plain::bare(pair).sign };
    Diff::new(
        Kind::Sensitive(Hidden {
            inner,
            before: true,
            after: true,
        }),
        inner,
        false,
    )
}
