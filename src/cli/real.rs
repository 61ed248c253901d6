//! The sandbox and states of real clouds: what such a state records is not in the sandbox, where it would be taken for gone, so that
//! the state would lose it.

use std::path::Path;

use super::disk::read_text;
use crate::diag::{Diagnostic, Ending, Result};
use crate::plan::find_type;
use crate::schema::Destroy;
use crate::state::State;

/// Refuses a state of which the sandbox knows no object that cannot be made again, though there are some. `data` is what the
/// sandbox has remembered.
pub fn refuse(state: &State, data: &Path) -> Result<()> {
    let managed = state.objects().filter(|(addr, ..)| addr.resource.is_managed());
    let meant = managed.filter(|(addr, ..)| {
        let ty = find_type(&addr.resource);
        ty.is_ok_and(|ty| ty.destroy != Destroy::Reversible)
    });
    let recorded: Vec<_> = meant
        .filter_map(|(addr, _, object)| Some((addr, object.text_attribute("id")?)))
        .collect();
    let Some((addr, id)) = recorded.first() else {
        return Ok(());
    };
    // What cannot be read knows nothing: the sandbox has said so, or has just begun.
    let known = read_text(data).unwrap_or_default();
    let is_known = |id: &str| known.contains(&serde_json::Value::from(id).to_string());
    if recorded.iter().any(|(_, id)| is_known(id)) {
        return Ok(());
    }
    let detail = format!(
        "The state records objects such as {addr} ({id}), and the sandbox of this folder knows none of them: they are real, or of a sandbox whose data is gone. Here they would be taken for gone and made in the sandbox, and the state would forget where they are. Nothing was changed."
    );
    Err(Diagnostic::error("State was not made with the sandbox", detail)
        .hint("To work on the real objects, leave -sandbox out.")
        .hint("To try the configuration in the sandbox, give it a state of its own: keyform workspace new sandbox")
        .hint("If they were in a sandbox whose data is gone, forget them: keyform state rm ADDRESS")
        .ends_as(Ending::Refused)
        .into())
}
