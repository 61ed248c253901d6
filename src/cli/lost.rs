//! A state that is gone beside its backup: to go on would make keys a second time.

use crate::diag::{Diagnostic, Diagnostics, Ending};
use crate::schema::{Catalog, Destroy};
use crate::state::State;
use crate::state::store::{Former, Store, some};

use super::neighbours::{APPLY, REFRESH};

/// What is to be said where no state stands, and a backup tells of one that had objects which are lost with their data: an
/// error for a run that would go on from nothing.
pub fn check(store: &dyn Store, operation: &str) -> Diagnostics {
    let Some(Former { backup, state }) = store.former() else {
        return Diagnostics::new();
    };
    let recorded = match state.map(|state| precious(&state)) {
        Ok(objects) if objects.is_empty() => return Diagnostics::new(),
        Ok(objects) => format!("records {}", some(&objects)),
        Err(why) => format!(
            "should say what that recorded, and cannot be read: {}",
            why.trim_end_matches('.')
        ),
    };
    let (place, backup) = (store.describe(), backup.display());
    let recover = format!("keyform recover -from-cloud {}", store.option());
    let why = format!(
        "{place} is not there, and {backup}, which was made of the state before, {recorded}. To go on as if nothing existed would make that a second time."
    );
    let summary = "State is gone";
    let problem = if [APPLY, REFRESH].contains(&operation) {
        Diagnostic::error(summary, format!("{why} Nothing was changed.")).ends_as(Ending::Refused)
    } else {
        Diagnostic::warning(summary, format!("{why} So apply refuses to."))
    };
    problem
        .hint(format!(
            "If the state was lost: cp {backup} {place}, and then {}, for what was made after that backup.",
            recover.trim_end()
        ))
        .hint(format!(
            "To begin anew and leave alone what it recorded, move the backup away: mv {backup} {backup}.old"
        ))
        .into()
}

/// What could not be made again: objects of types that are lost with their data.
fn precious(state: &State) -> Vec<String> {
    let is_precious = |name: &str| {
        let ty = Catalog::get().resource_type(name).and_then(Result::ok);
        ty.is_some_and(|ty| ty.destroy != Destroy::Reversible)
    };
    let objects = state.objects();
    let precious =
        objects.filter(|(address, ..)| address.resource.is_managed() && is_precious(&address.resource.ty));
    precious
        .map(|(address, _, object)| match object.text_attribute("id") {
            Some(id) => format!("{address} [id={id}]"),
            None => address.to_string(),
        })
        .collect()
}
