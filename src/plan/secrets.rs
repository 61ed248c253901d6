//! Secrets that the state does not hold, while an instance is planned.

use crate::addr::InstanceAddr;
use crate::diag::Diagnostic;
use crate::resource::{self, withheld};
use crate::state::{Object, Withheld};
use crate::value::{Path, PathText, Value};

use super::instance::Declared;
use super::make::Planner;

impl Planner<'_> {
    /// A recorded object with the secrets that the state lacks, as far as the configuration tells them.
    pub(super) fn with_secrets(
        &mut self,
        declared: &Declared<'_>,
        addr: &InstanceAddr,
        (recorded, config): (&Value, &Value),
        object: &Object,
    ) -> Value {
        if !declared.ty.spec.has_sensitive() {
            return recorded.clone();
        }
        self.note_secrets(declared, addr, recorded, object);
        let filled = withheld::fill_written(recorded, config, object, &self.prior.secrets);
        for path in &filled.untold {
            let detail = format!(
                "The state holds neither {} nor a digest that can be checked here, so a change of it goes unnoticed. Bring the key with which the digest was made (KEYFORM_PLAN_KEY, or .keyform/plan.key), or use the write-only argument with its version.",
                PathText(path)
            );
            self.problems
                .push(Diagnostic::warning("Change of a secret cannot be told", detail).about(addr));
        }
        if filled.whole && !object.withheld.is_empty() {
            self.note_filled(declared, addr, &filled.value);
        }
        filled.value
    }

    /// What a state does not hold may be written into the next one, if that is asked for.
    fn note_filled(&mut self, declared: &Declared<'_>, addr: &InstanceAddr, value: &Value) {
        let Ok(mut noted) = resource::record(declared.ty, value, &declared.object_type) else {
            return;
        };
        if let Some(object) = self.prior.get_mut(addr) {
            super::inherit(&mut noted, object);
            noted.provider_key.clone_from(&object.provider_key);
            *object = noted;
        }
    }

    /// A state that was written by another program, or by an older version of this one, holds secrets: the next one
    /// that is written does not.
    fn note_secrets(
        &mut self,
        declared: &Declared<'_>,
        addr: &InstanceAddr,
        recorded: &Value,
        object: &Object,
    ) {
        let is_new = |path: &Path| object.withheld.iter().all(|old| old.path != *path);
        let new = withheld::paths(declared.ty, recorded).filter(is_new);
        let new: Vec<Withheld> = new.map(|path| Withheld { path, digest: None }).collect();
        if new.is_empty() {
            return;
        }
        if let Some(object) = self.prior.get_mut(addr) {
            object.withheld = object.withheld.iter().cloned().chain(new).collect();
        }
    }
}
