//! What is there and cannot be taken: it waits for its end, or could not be read. To take it for nothing would make it a second
//! time.

use std::collections::BTreeMap;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::plan::Planned;
use crate::resource::operate::{Existence, Named};
use crate::schema::ResourceType;
use crate::value::{Text, Value};

use super::super::ui::Ui;
use super::{Found, kind_of};

/// What was seen of an object.
#[derive(Clone)]
pub enum Sight {
    There(Value),
    /// It is lost for ever at this time, unless it is called back.
    Leaving {
        lost_at: Option<Text>,
        /// The calls that call it back.
        restore: String,
    },
    Unread(Diagnostics),
    /// There is no such object, or none of this type.
    Nothing,
}

impl Sight {
    pub fn of(ty: &ResourceType, named: Result<Named>) -> Self {
        match named {
            Ok(Named::Seen(Existence::There(value))) => Self::There(value),
            Ok(Named::Seen(Existence::Leaving { lost_at })) => {
                let calls = ty.restore.iter().flat_map(|restore| &restore.calls);
                let actions: Vec<&str> = calls.map(|call| &*call.action).collect();
                Self::Leaving {
                    lost_at,
                    restore: actions.join(", "),
                }
            }
            Ok(Named::Seen(Existence::Gone) | Named::Unfit(_)) => Self::Nothing,
            Err(why) => Self::Unread(why),
        }
    }

    fn is_hidden(&self) -> bool {
        matches!(self, Self::Leaving { .. } | Self::Unread(_))
    }

    /// A few words on why it cannot be taken.
    fn told(&self) -> String {
        match self {
            Self::Leaving { lost_at, restore } => {
                let lost = lost_at.as_ref().map(|at| format!(", lost for ever on {at}"));
                let back = (!restore.is_empty()).then(|| format!("; {restore} calls it back"));
                format!(
                    "waits for its deletion{}{}",
                    lost.unwrap_or_default(),
                    back.unwrap_or_default()
                )
            }
            Self::Unread(why) => {
                let first = why.iter().next();
                let first = first.map(|one| format!("{}: {}", one.summary, one.detail));
                let words = first.as_deref().and_then(|text| text.lines().next());
                format!("could not be read. {}", words.unwrap_or_default())
            }
            Self::There(_) | Self::Nothing => String::new(),
        }
    }
}

/// Those of these ids that an address may have and that cannot be taken.
pub fn of(planned: &Planned, ids: &[Text], found: &Found) -> Vec<(Text, Sight)> {
    let kind = kind_of(planned);
    let seen = ids.iter().filter_map(|id| {
        let sight = found.read.get(&(kind.clone(), id.clone()))?;
        sight.is_hidden().then(|| (id.clone(), sight.clone()))
    });
    seen.collect()
}

/// All of them but what is taken as another type by now.
pub fn all(found: &Found) -> BTreeMap<&Text, &Sight> {
    let is_meant = |id: &Text| found.hidden.values().any(|ids| ids.contains(id));
    let is_taken = |id: &Text| found.taken.iter().any(|(_, taken)| taken == id);
    let hidden = found.read.iter().filter(|(_, sight)| sight.is_hidden());
    let hidden = hidden.map(|((_, id), sight)| (id, sight));
    hidden.filter(|(id, _)| is_meant(id) || !is_taken(id)).collect()
}

/// Lists them, and the addresses that may have them.
pub fn tell(found: &Found, ui: &mut Ui) {
    let all = all(found);
    if !all.is_empty() {
        ui.line("\nThese are there and cannot be taken:");
        for (id, sight) in all {
            ui.line(&format!("  {id} {}", sight.told()));
        }
    }
    if !found.hidden.is_empty() {
        ui.line("\nThese may have one of them; apply would make another one. First see to it that those can be taken, and run this again:");
        for (addr, ids) in &found.hidden {
            let ids: Vec<&str> = ids.iter().map(|id| &**id).collect();
            ui.line(&format!("  {addr}: {}", ids.join(", ")));
        }
    }
}

/// What the user says must be so.
pub fn misfits(found: &Found) -> Result<()> {
    let wrong = found.adopted.iter().find(|pair| {
        let (addr, id) = pair;
        !found.taken.iter().any(|(at, taken)| at == *addr && taken == *id)
    });
    match wrong {
        None => Ok(()),
        Some((addr, id)) if let Some(other) = found.twice.get(addr) => Err(twice(addr, id, other)),
        Some((addr, id)) if let Some(sight) = all(found).get(id) => Err(refused(addr, id, sight)),
        Some((addr, id)) => Err(Diagnostic::error(
            "Object does not fit",
            format!("-adopt {addr}={id}: the object is none that carries the tag of this state and could be brought to what is declared there, or the address is recorded already or not declared. Nothing was changed."),
        )
        .hint(format!("What carries no tag is taken with: keyform import '{addr}' {id}"))
        .into()),
    }
}

/// The user gives an address what another one has, or gets as well.
fn twice(addr: &InstanceAddr, id: &Text, other: &InstanceAddr) -> Diagnostics {
    let detail = format!(
        "-adopt {addr}={id}: {other} has this object. At two addresses, what destroys it at the one would destroy it under the protection of the other. Nothing was changed."
    );
    Diagnostic::error("Object is managed already", detail)
        .hint(format!(
            "Say which of the two has it. Where {other} is recorded and should not be: state mv '{other}' '{addr}'"
        ))
        .into()
}

/// What the user says belongs to an address, and cannot be taken.
fn refused(addr: &InstanceAddr, id: &Text, sight: &Sight) -> Diagnostics {
    let detail = format!(
        "-adopt {addr}={id}: the object {}. Nothing was changed.",
        sight.told()
    );
    Diagnostic::error("Object cannot be taken", detail)
        .hint("See to it that it can, and run this again.")
        .into()
}
