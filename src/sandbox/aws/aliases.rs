//! Aliases of keys.

use serde_json::{Value, json};

use super::errors::{Error, constraint, invalid, limit, not_found};
use super::params::{Paging, page};
use super::world::{Alias, Names, REFERENCE, arn};
use super::{Aws, Call, seconds};

/// The aliases that AWS reserves. Those not yet used have no key.
pub const PREDEFINED: &[&str] = &[
    "alias/aws/acm",
    "alias/aws/dynamodb",
    "alias/aws/ebs",
    "alias/aws/elasticfilesystem",
    "alias/aws/es",
    "alias/aws/glue",
    "alias/aws/kinesis",
    "alias/aws/kinesisvideo",
    "alias/aws/lambda",
    "alias/aws/rds",
    "alias/aws/redshift",
    "alias/aws/s3",
    "alias/aws/secretsmanager",
    "alias/aws/sns",
    "alias/aws/sqs",
    "alias/aws/ssm",
    "alias/aws/xray",
];

/// The most aliases that a key can have.
const MOST: usize = 50;

/// Gives a key another name.
pub fn create(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let name = name(call)?;
    if !name.starts_with("alias/") {
        return Err(invalid(format!("Invalid identifier {name}")));
    }
    if name.len() == "alias/".len() {
        return Err(Error::new(
            "InvalidAliasNameException",
            format!("Invalid alias name {name}"),
        ));
    }
    if name.starts_with("alias/aws/") {
        return Err(Error::bare("NotAuthorizedException"));
    }
    let target = target(world, call)?;
    let here = world.here(call);
    if here.aliases.contains_key(name) {
        let taken = arn(call.region, &call.caller.account, name);
        return Err(Error::new(
            "AlreadyExistsException",
            format!("An alias with the name {taken} already exists"),
        ));
    }
    check_room(here.aliases.values(), &target)?;
    here.aliases.insert(
        name.to_owned(),
        Alias {
            target,
            created: call.now,
            updated: call.now,
        },
    );
    Ok(Value::Null)
}

/// Lets an alias name another key of the same kind and usage.
pub fn update(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let name = name(call)?;
    check_own(name)?;
    let old = world
        .here(call)
        .aliases
        .get(name)
        .map(|alias| alias.target.clone());
    let old = old.ok_or_else(|| missing(call, name))?;
    let target = target(world, call)?;
    let here = world.here(call);
    let alike = match (here.keys.get(&old), here.keys.get(&target)) {
        (Some(before), Some(after)) => {
            before.usage == after.usage && family(&before.spec) == family(&after.spec)
        }
        _ => true,
    };
    if !alike {
        return Err(invalid(format!(
            "Alias {name} cannot be changed to a KMS key of another type or usage: both must be alike."
        )));
    }
    if old != target {
        check_room(here.aliases.values(), &target)?;
    }
    if let Some(alias) = here.aliases.get_mut(name) {
        alias.target = target;
        alias.updated = call.now;
    }
    Ok(Value::Null)
}

/// Symmetric, HMAC and asymmetric keys are different types.
fn family(spec: &str) -> &str {
    match spec.split('_').next() {
        Some(family @ ("SYMMETRIC" | "HMAC")) => family,
        _ => "asymmetric",
    }
}

/// Ends an alias; its key stays.
pub fn delete(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let name = name(call)?;
    check_own(name)?;
    world
        .here(call)
        .aliases
        .remove(name)
        .ok_or_else(|| missing(call, name))?;
    Ok(Value::Null)
}

/// Lists the aliases of the region, or those of one key.
pub fn list(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let only = match call.input.text("KeyId", REFERENCE)? {
        Some(reference) => Some(world.find(call, reference, Names::Own)?.id.clone()),
        None => None,
    };
    let aliases = &world.here(call).aliases;
    let used = aliases.iter().map(|(name, alias)| (name.as_str(), Some(alias)));
    let unused = PREDEFINED
        .iter()
        .filter(|name| !aliases.contains_key(**name))
        .map(|name| (*name, None));
    let mut items: Vec<(&str, Option<&Alias>)> = match &only {
        Some(id) => used
            .filter(|(_, alias)| alias.is_some_and(|alias| alias.target == *id))
            .collect(),
        None => used.chain(unused).collect(),
    };
    items.sort_unstable_by_key(|(name, _)| *name);
    let paging = Paging {
        member: "Aliases",
        default: 50,
        most: 100,
    };
    let items = items.into_iter().map(|(name, alias)| (name, (name, alias)));
    page(call.input, &paging, items, |(name, alias)| {
        let mut shown =
            json!({ "AliasName": name, "AliasArn": arn(call.region, &call.caller.account, name) });
        if let Some(alias) = alias {
            shown["TargetKeyId"] = json!(alias.target);
            shown["CreationDate"] = seconds(alias.created);
            shown["LastUpdatedDate"] = seconds(alias.updated);
        }
        shown
    })
}

fn name<'a>(call: &Call<'a>) -> Result<&'a str, Error> {
    let name = call.input.required("AliasName", 1..=256)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte);
    if !name.bytes().all(allowed) {
        let text = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$";
        return Err(constraint("AliasName", name, text));
    }
    Ok(name)
}

fn check_own(name: &str) -> Result<(), Error> {
    if !name.starts_with("alias/") {
        return Err(invalid(format!("Invalid identifier {name}")));
    }
    if name.starts_with("alias/aws/") {
        return Err(Error::bare("NotAuthorizedException"));
    }
    Ok(())
}

/// The id of the key that `TargetKeyId` names: an id or ARN, not waiting for its deletion.
fn target(world: &mut Aws, call: &Call) -> Result<String, Error> {
    let reference = call.input.required("TargetKeyId", REFERENCE)?;
    if reference.starts_with("alias/") {
        return Err(invalid("Aliases must refer to keys. Not aliases"));
    }
    let key = world.find(call, reference, Names::Own)?;
    if key.managed {
        return Err(Error::bare("NotAuthorizedException"));
    }
    key.check_not_pending()?;
    Ok(key.id.clone())
}

fn check_room<'a>(aliases: impl Iterator<Item = &'a Alias>, target: &str) -> Result<(), Error> {
    if aliases.filter(|alias| alias.target == target).count() >= MOST {
        return Err(limit(format!("A KMS key cannot have more than {MOST} aliases.")));
    }
    Ok(())
}

fn missing(call: &Call, name: &str) -> Error {
    not_found(format!(
        "Alias {} is not found.",
        arn(call.region, &call.caller.account, name)
    ))
}
