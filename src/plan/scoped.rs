//! Data sources inside check blocks: read while planning, and again when everything is applied. What is wrong with
//! the data is a result of the check and stops nobody.

use crate::diag::{Diagnostic, Diagnostics, Result, Severity};
use crate::resource::{self, Action, Change};
use crate::value::{Text, Type, Value};

use super::instance::Declared;
use super::make::{Planner, about};
use super::observe::Wanted;
use super::{Planned, Reason, Source};

/// What a look at the data of a check gave.
pub(super) struct Seen<'a> {
    pub(super) check: &'a Text,
    pub(super) config: &'a Value,
    pub(super) answer: Result<Value>,
}

impl Planner<'_> {
    /// Enters what was seen for now, and plans to look again.
    pub(super) fn scoped_data(
        &mut self,
        declared: &Declared<'_>,
        wanted: Wanted,
        source: Source,
        seen: Seen<'_>,
    ) -> Result<Value> {
        let ty = declared.ty;
        let Wanted { addr, provider, .. } = wanted;
        let (value, why) = match seen.answer {
            Ok(value) => (value, None),
            Err(errors) => {
                let why = failure(&errors);
                self.problems.extend(about(as_warnings(errors), &addr));
                (resource::unread(ty, seen.config), Some(why))
            }
        };
        self.evaluator.set_unread(source.module, seen.check, why);
        let object = resource::record(ty, &nothing_unknown(&value), &declared.object_type)?;
        self.prior.insert(&addr, &provider, object);
        let change = Change {
            action: Action::Read,
            before: Value::null(Type::Dynamic),
            after: value.clone(),
            replace_paths: Vec::new(),
        };
        self.add(Planned {
            reason: Some(Reason::ReadBecauseCheckNested),
            source: Some(source),
            ..Planned::bare(addr, provider, ty, change)
        });
        Ok(value)
    }
}

/// The message with which a check fails whose data could not be read.
pub fn failure(errors: &Diagnostics) -> String {
    let told = |error: &Diagnostic| format!("{}: {}", error.summary, error.detail);
    errors.iter().map(told).collect::<Vec<_>>().join("\n")
}

/// Errors that stop nobody.
pub fn as_warnings(errors: Diagnostics) -> Diagnostics {
    let warning = |error| Diagnostic {
        severity: Severity::Warning,
        ..error
    };
    errors.into_iter().map(warning).collect()
}

/// An object as it can be recorded: what is not known is left out.
fn nothing_unknown(value: &Value) -> Value {
    let Some(entries) = value.as_entries() else {
        return value.clone();
    };
    let known = |value: &Value| {
        if value.is_wholly_known() {
            value.clone()
        } else {
            Value::null(value.ty())
        }
    };
    Value::object(
        entries
            .iter()
            .map(|(name, value)| (name.clone(), known(value)))
            .collect(),
    )
}
