//! Older names of arguments: rewritten to the argument they stand for, and worked out backwards from it.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::schema::{Alias, Argument, ResourceType};
use crate::value::{Text, Value, raw_equal};

use super::scope::Names;

/// Warns of arguments that are deprecated, where the configuration itself writes them.
pub fn deprecated(ty: &ResourceType, config: &Value) -> Diagnostics {
    let written = |argument: &&Argument| config.get(&argument.name).is_some_and(|value| !value.is_null());
    ty.arguments
        .values()
        .filter(written)
        .filter_map(|argument| {
            let advice = argument.deprecated.as_ref()?;
            let detail = format!("The argument \"{}\" is deprecated. {advice}", argument.name);
            Some(Diagnostic::warning("Argument is deprecated", detail))
        })
        .collect()
}

/// Puts the values of written aliases where they belong. The argument itself wins where both are written, which
/// the checks allow only when both stayed as they were.
pub(super) fn rewrite(
    ty: &ResourceType,
    mut object: BTreeMap<Text, Value>,
    prior: Option<&Value>,
    names: &Names<'_>,
) -> Result<BTreeMap<Text, Value>> {
    let mut problems = Diagnostics::new();
    // A changed alias goes before one that merely repeats what is recorded.
    let mut written: Vec<(&Argument, &Alias, Value)> = aliases(ty)
        .filter_map(|(argument, alias)| {
            let value = object.insert(argument.name.clone(), Value::null(argument.ty.clone()))?;
            (!value.is_null()).then_some((argument, alias, value))
        })
        .collect();
    let repeats = |name: &str, value: &Value| {
        prior
            .and_then(|prior| prior.get(name))
            .is_some_and(|prior| raw_equal(prior, value))
    };
    written.sort_by_key(|(argument, _, value)| repeats(&argument.name, value));
    for (argument, alias, value) in written {
        if object.get(&alias.of).is_some_and(|value| !value.is_null()) {
            continue;
        }
        let target = ty
            .arguments
            .get(&alias.of)
            .map_or_else(|| value.ty(), |target| target.ty.clone());
        let names = names.clone().with(&argument.name, value.clone());
        let rewritten = match &alias.into {
            Some(into) => names.value_as(into, &target),
            None => Ok(value),
        };
        if let Some(rewritten) = problems.take(rewritten) {
            object.insert(alias.of.clone(), rewritten);
        }
    }
    problems.or(object)
}

/// Gives every alias the value that follows from the argument it stands for.
pub(super) fn back(ty: &ResourceType, object: &mut BTreeMap<Text, Value>, names: &Names<'_>) -> Result<()> {
    let mut problems = Diagnostics::new();
    for (argument, alias) in aliases(ty) {
        let Some(value) = object.get(&alias.of).cloned() else {
            continue;
        };
        let value = match &alias.back {
            _ if value.is_null() => Ok(Value::null(argument.ty.clone())),
            _ if !value.is_known() => Ok(Value::unknown(argument.ty.clone()).with_marks(value.marks())),
            Some(back) => names.clone().with(&alias.of, value).value_as(back, &argument.ty),
            None => Ok(value),
        };
        if let Some(value) = problems.take(value) {
            object.insert(argument.name.clone(), value);
        }
    }
    problems.or(())
}

fn aliases(ty: &ResourceType) -> impl Iterator<Item = (&Argument, &Alias)> {
    ty.arguments
        .values()
        .filter_map(|argument| Some((argument, argument.alias.as_ref()?)))
}
