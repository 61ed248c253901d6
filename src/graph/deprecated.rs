//! Mentions of attributes that are deprecated.

use crate::addr::{Mode, ResourceName};
use crate::diag::Diagnostic;
use crate::lang::syntax::{Key, Traversal};
use crate::schema::Catalog;

/// A warning, if what follows the resource, or one instance of it, is an attribute that has a better one.
pub(super) fn deprecated(resource: &ResourceName, traversal: &Traversal) -> Option<Diagnostic> {
    let Key::Attribute(name, span) = after(resource, traversal)? else {
        return None;
    };
    let ty = Catalog::get().find(resource.mode, &resource.ty)?.ok()?;
    let advice = ty.spec.attributes.get(name)?.deprecated.as_ref()?;
    let detail = format!("The attribute \"{name}\" is deprecated. {advice}");
    Some(Diagnostic::warning("Deprecated attribute", detail).at(*span))
}

/// The step behind the name of the resource and the key of an instance.
fn after<'a>(resource: &ResourceName, traversal: &'a Traversal) -> Option<&'a Key> {
    let names = match resource.mode {
        Mode::Managed => 1,
        Mode::Data | Mode::Ephemeral => 2,
    };
    match traversal.steps.get(names)? {
        Key::Index(_) | Key::Legacy(..) => traversal.steps.get(names + 1),
        attribute @ Key::Attribute(..) => Some(attribute),
    }
}
