//! What is to be made anew while an object of its name waits for its end: the cloud would refuse it.

use crate::diag::Diagnostic;
use crate::resource::Action;
use crate::value::Text;

use super::live::LiveObserver;
use super::usage::open_all;
use super::{Made, Planned};

/// Warns of objects that could be called back in place of being made, unless objects are to be taken as recorded. A state that
/// was never written has destroyed nothing.
pub fn warn_of_pending(made: &mut Made, live: &mut LiveObserver<'_>, may_ask: bool) {
    let is_asked = |planned: &&Planned| {
        planned.change.action == Action::Create && planned.import.is_none() && planned.ty.pending.is_some()
    };
    let asked: Vec<Planned> = made.plan.changes.iter().filter(is_asked).cloned().collect();
    if asked.is_empty() || !may_ask || made.previous.serial == 0 {
        return;
    }
    open_all(made, live, asked.iter().map(|planned| planned.provider.clone()));
    let asked: Vec<&Planned> = asked.iter().collect();
    let found = asked.iter().zip(live.pending(&asked));
    let found: Vec<(&Planned, String)> = found
        .filter_map(|(planned, pending)| Some((*planned, line(planned, &pending?))))
        .collect();
    if let Some((first, _)) = found.first() {
        made.problems.push(warning(first, &found));
    }
}

fn line(planned: &Planned, (id, at): &(Text, Text)) -> String {
    format!("  {}: {id}, lost for ever on {at}", planned.addr)
}

fn warning(first: &Planned, all: &[(&Planned, String)]) -> Diagnostic {
    let lines: Vec<&str> = all.iter().map(|(_, line)| line.as_str()).collect();
    let detail = format!(
        "These are to be made, and objects of their names are scheduled for deletion: until they are gone the cloud refuses others of those names.\n\n{}\n",
        lines.join("\n")
    );
    let restore = first.ty.restore.iter().flat_map(|restore| &restore.calls);
    let actions: Vec<&str> = restore.map(|call| &*call.action).collect();
    Diagnostic::warning("Objects are pending deletion", detail).hint(format!(
        "To have one again, call it back ({}), then import it: keyform import ADDRESS ID",
        actions.join(", ")
    ))
}
