//! Keys are not destroyed by accident: what is lost with its data must be named, on the command line or at the prompt.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Ending, Result};
use crate::plan::render::{facts, fate_of, loss_line, loss_name, option_among};
use crate::plan::{InUse, Plan, Planned};

use super::ui::Ui;

/// How many ids somebody may be asked to type.
const TYPED: usize = 5;

/// What a plan destroys for good and nobody has named.
struct Unnamed<'p>(Vec<&'p Planned>, &'p Plan);

impl<'p> Unnamed<'p> {
    fn of(plan: &'p Plan) -> Self {
        let unnamed = plan.changes.iter().filter(|planned| planned.is_unnamed());
        Self(unnamed.collect(), plan)
    }

    fn refusal(&self, detail: &str) -> Diagnostic {
        let list: Vec<String> = self
            .0
            .iter()
            .filter_map(|planned| Some((loss_line(planned)?, facts(planned))))
            .flat_map(|(line, facts)| {
                let facts = facts.into_iter().map(|fact| format!("    {fact}"));
                std::iter::once(format!("  {line}")).chain(facts)
            })
            .collect();
        let going: Vec<&Planned> = self.1.losses().map(|(planned, _)| planned).collect();
        let names = self
            .0
            .iter()
            .map(|planned| option_among(planned, &going, planned.is_in_use()));
        let mut names: Vec<String> = names.collect();
        names.dedup();
        let refused = Diagnostic::error("Destruction refused", format!("{detail}\n\n{}\n", list.join("\n")))
            .hint(format!("To destroy them, name each: {}", names.join(" ")))
            .hint("To keep them, restore their configuration, write \"destroy = false\" into a removed block or their lifecycle block, or on_destroy = \"disable\" into the latter, or leave them out with -exclude.")
            .ends_as(Ending::Refused);
        let can_wait = self.0.iter().any(|planned| planned.ty.retire.is_some());
        let refused = if can_wait {
            refused.hint("The safe way has three steps: write on_destroy = \"disable\" into their lifecycle block and let them go so; wait as long as somebody may need them, for who misses them will say so and they can be enabled again; then import them and destroy them.")
        } else {
            refused
        };
        let in_use: BTreeSet<InUse> = self
            .0
            .iter()
            .flat_map(|planned| planned.in_use())
            .copied()
            .collect();
        if in_use.is_empty() {
            return refused;
        }
        let why: Vec<String> = in_use.into_iter().map(|why| self.words(why)).collect();
        refused.hint(format!(
            "Some can only be named as what is in use: {}.",
            why.join("; ")
        ))
    }

    /// Why some count as in use.
    fn words(&self, why: InUse) -> String {
        let days = self.1.recent_days;
        match why {
            InUse::Recently => format!("some were used in the last {days} days"),
            InUse::Unknown => "of some nobody could tell whether they are in use".to_owned(),
            InUse::Unnoted => {
                format!("of some the cloud has noted uses for fewer than {days} days, and they are older")
            }
            InUse::Secrets => "secrets hang on some".to_owned(),
            InUse::Replicas => {
                "replica keys of some stay, and their deletion begins only when these are gone (to go on with a replica, make it the primary first: aws kms update-primary-region)".to_owned()
            }
        }
    }
}

/// Refuses what destroys keys that the run does not name. With somebody to ask, a few may be named later.
pub fn check(plan: &Plan, may_ask: bool) -> Result<()> {
    let unnamed = Unnamed::of(plan);
    let in_use = unnamed.0.iter().any(|planned| planned.is_in_use());
    if unnamed.0.is_empty() || (may_ask && !in_use && unnamed.0.len() <= TYPED) {
        return Ok(());
    }
    Err(unnamed
        .refusal("Data is lost for ever with what this run would destroy, so each such object must be named. -auto-approve does not do it. Nothing was changed.")
        .into())
}

/// Lets somebody type the ids of what is destroyed and was not named.
pub fn ask(plan: &Plan, ui: &mut Ui, mut read: impl FnMut() -> Option<String>) -> Result<()> {
    let unnamed = Unnamed::of(plan);
    for planned in &unnamed.0 {
        let (Some(name), Some(fate)) = (loss_name(planned), fate_of(planned)) else {
            return Err(unnamed
                .refusal("One of these has no id to type, so it must be named. Nothing was changed.")
                .into());
        };
        let heading = format!("Destroy {}?", planned.addr);
        let explanation = format!("It is {fate}.\nType its id to confirm: {name}");
        if !ui.asks_for(&name, &heading, &explanation, &mut read) {
            return Err(unnamed
                .refusal("The id was not confirmed. Nothing was changed.")
                .into());
        }
    }
    Ok(())
}
