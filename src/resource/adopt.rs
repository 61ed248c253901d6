//! What an import cannot read, as the configuration says it.

use crate::diag::Result;
use crate::schema::{Argument, NestedBlock, ResourceType};
use crate::value::{Value, raw_equal};

use super::scope::Names;
use super::{aliases, marks, native, same};

/// The imported object with those arguments as written that only this program heeds: how long a deletion takes, say.
/// No cloud can tell them and no call would change them, so that there is nothing to plan about them. Secrets that no
/// cloud tells are believed to be those that are written: sending them again could fail, or harm. A secret that is
/// written where it is not stored is not stored, though the cloud has told it.
pub fn adopt(ty: &ResourceType, imported: &Value, config: &Value, provider: &Value) -> Result<Value> {
    let (Some(entries), Some(written)) = (imported.as_entries(), config.as_entries()) else {
        return Ok(imported.clone());
    };
    if native::find(ty).is_some() {
        return Ok(imported.clone());
    }
    let names = Names::new(ty, provider).with_prior(None);
    let written = aliases::rewrite(ty, written.clone(), None, &names)?;
    let mut object = entries.clone();
    for argument in ty.arguments.values().filter(|one| is_ours_alone(ty, one)) {
        let (Some(value), Some(read)) = (written.get(&argument.name), object.get(&argument.name)) else {
            continue;
        };
        let untold = read.is_null() || argument.default.as_ref().is_some_and(|one| raw_equal(one, read));
        if untold && !value.is_null() && value.is_wholly_known() {
            object.insert(argument.name.clone(), value.clone());
        }
    }
    for argument in ty.arguments.values().filter(|one| one.sensitive) {
        let told_elsewhere = argument.checks.exactly_one.iter().any(|other| {
            let is_write_only = ty.arguments.get(other).is_some_and(|one| one.write_only);
            is_write_only && written.get(other).is_some_and(|value| !value.is_null())
        });
        if told_elsewhere && written.get(&argument.name).is_none_or(Value::is_null) {
            object.insert(argument.name.clone(), Value::null(argument.ty.clone()));
        }
    }
    for block in ty.blocks.values().filter(|one| is_secret(one)) {
        let (Some(value), Some(read)) = (written.get(&block.name), object.get(&block.name)) else {
            continue;
        };
        if same::is_empty(read) && value.is_wholly_known() {
            object.insert(block.name.clone(), value.clone());
        }
    }
    aliases::back(ty, &mut object, &names)?;
    Ok(marks::by_schema(&Value::object(object), &ty.spec))
}

/// Whether an argument is never read back, and no group of calls heeds it but to keep a secret.
fn is_ours_alone(ty: &ResourceType, argument: &Argument) -> bool {
    let is_heeded = ty.updates.iter().any(|group| group.on.contains(&argument.name));
    argument.read.is_none()
        && argument.alias.is_none()
        && !argument.write_only
        && (!is_heeded || argument.sensitive)
}

/// Whether nested blocks hold nothing but secrets, which are never read back.
fn is_secret(block: &NestedBlock) -> bool {
    block.read.is_none() && block.blocks.is_empty() && block.arguments.values().all(|one| one.sensitive)
}
