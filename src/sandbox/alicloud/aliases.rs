//! Aliases: other names of keys.

use serde_json::{Value, json};

use super::errors::Failure;
use super::keys::State;
use super::pages::page;
use super::{Call, Region, nothing};

const PREFIX: &str = "alias/";

pub(crate) fn create_alias(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.need("AliasName")?;
    call.params.need("KeyId")?;
    if !is_allowed(name) {
        return Err(Failure::invalid("AliasName"));
    }
    let key = region.managed_key(call)?;
    if key.state == State::PendingDeletion {
        return Err(Failure::state_not_modified());
    }
    let key_id = key.id.clone();
    if region.aliases.contains_key(name) {
        return Err(Failure::service(
            400,
            "AliasAlreadyExists",
            "AliasName Already Exists.",
        ));
    }
    region.aliases.insert(name.to_owned(), key_id);
    Ok(nothing())
}

pub(crate) fn update_alias(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.need("AliasName")?;
    call.params.need("KeyId")?;
    if !region.aliases.contains_key(name) {
        return Err(Failure::no_alias());
    }
    let key = region.managed_key(call)?;
    key.need_kept()?;
    let key_id = key.id.clone();
    region.aliases.insert(name.to_owned(), key_id);
    Ok(nothing())
}

pub(crate) fn delete_alias(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.need("AliasName")?;
    region
        .aliases
        .remove(name)
        .map(|_| nothing())
        .ok_or_else(Failure::no_alias)
}

pub(crate) fn list_aliases(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    list(region, call, |_| true)
}

pub(crate) fn list_aliases_by_key_id(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let wanted = region.managed_key(call)?.id.clone();
    list(region, call, |key_id| key_id == wanted)
}

fn list(region: &Region, call: &Call, wanted: impl Fn(&str) -> bool) -> Result<Value, Failure> {
    let aliases = region.aliases.iter().filter(|(_, key_id)| wanted(key_id));
    page(
        call,
        10,
        ("Aliases", "Alias"),
        aliases,
        |(name, key_id)| json!({ "AliasName": name, "KeyId": key_id, "AliasArn": call.arn(name) }),
    )
}

fn is_allowed(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| (1..=255).contains(&rest.chars().count()) && !rest.starts_with("acs"))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Bench;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        bench.fails("CreateAlias", &[("AliasName", name), ("KeyId", &id)], expected);
    }

    #[test]
    fn a_name_needs_its_prefix_and_more() {
        check("app", "400 InvalidParameter");
        check("alias/", "400 InvalidParameter");
        check("", "400 MissingParameter");
    }

    #[test]
    fn names_of_the_service_are_reserved() {
        check("alias/acs/ecs", "400 InvalidParameter");
    }

    #[test]
    fn a_taken_name_is_refused() {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        bench.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &id)]);
        bench.fails(
            "CreateAlias",
            &[("AliasName", "alias/a"), ("KeyId", &id)],
            "400 AliasAlreadyExists",
        );
    }

    #[test]
    fn an_alias_follows_its_new_key_and_goes() {
        let mut bench = Bench::new();
        let [one, two] = [bench.key(&[]), bench.key(&[])];
        bench.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &one)]);
        bench.ok("UpdateAlias", &[("AliasName", "alias/a"), ("KeyId", &two)]);
        assert_eq!(bench.field("alias/a", "KeyId"), two);
        assert_eq!(
            bench.ok("ListAliasesByKeyId", &[("KeyId", &one)])["TotalCount"],
            0
        );
        assert_eq!(
            bench.ok("ListAliasesByKeyId", &[("KeyId", &two)])["TotalCount"],
            1
        );
        bench.ok("DeleteAlias", &[("AliasName", "alias/a")]);
        bench.fails(
            "DeleteAlias",
            &[("AliasName", "alias/a")],
            "404 Forbidden.AliasNotFound",
        );
        bench.fails(
            "DescribeKey",
            &[("KeyId", "alias/a")],
            "404 Forbidden.AliasNotFound",
        );
    }

    #[test]
    fn aliases_go_with_their_key() {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        bench.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &id)]);
        bench.ok(
            "ScheduleKeyDeletion",
            &[("KeyId", &id), ("PendingWindowInDays", "7")],
        );
        assert_eq!(bench.ok("ListAliases", &[])["TotalCount"], 1);
        bench.wait_days(7);
        assert_eq!(bench.ok("ListAliases", &[])["TotalCount"], 0);
    }
}
