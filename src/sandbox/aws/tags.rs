//! Tags of keys.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::{Error, limit};
use super::params::{Input, Paging, check_length, missing, page};
use super::world::Names;
use super::{Aws, Call};

/// The most tags that a key can have.
const MOST: usize = 50;

/// Reads and checks a list of tags.
pub fn read(input: Input, member: &str) -> Result<Option<BTreeMap<String, String>>, Error> {
    let Some(items) = input.list(member)? else {
        return Ok(None);
    };
    let mut tags = BTreeMap::new();
    for item in items {
        let entry = item
            .as_object()
            .ok_or_else(|| Error::bare("SerializationException"))?;
        let name = Input(entry).required("TagKey", 1..=128)?;
        let value = Input(entry).required("TagValue", 0..=256)?;
        check_name(name)?;
        if tags.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Error::new("TagException", "Duplicate tag keys"));
        }
    }
    if tags.len() > MOST {
        return Err(Error::new("TagException", "Too many tags"));
    }
    Ok(Some(tags))
}

fn check_name(name: &str) -> Result<(), Error> {
    if name
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
    {
        return Err(Error::new(
            "TagException",
            "aws: prefixed tag key names are not allowed for external use.",
        ));
    }
    Ok(())
}

/// Adds tags to a key, or changes their values.
pub fn tag(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let tags = read(call.input, "Tags")?.ok_or_else(|| missing("Tags"))?;
    let key = world.own_key(call, "TagResource")?;
    key.check_not_pending()?;
    let added = tags.keys().filter(|name| !key.tags.contains_key(*name)).count();
    if key.tags.len() + added > MOST {
        return Err(limit("Too many tags"));
    }
    key.tags.extend(tags);
    Ok(Value::Null)
}

/// Takes tags off a key; names that it has not are ignored.
pub fn untag(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let names = call.input.texts("TagKeys")?.ok_or_else(|| missing("TagKeys"))?;
    for name in &names {
        check_length("TagKeys", name, 1..=128)?;
        check_name(name)?;
    }
    let key = world.own_key(call, "UntagResource")?;
    key.check_not_pending()?;
    for name in names {
        key.tags.remove(name);
    }
    Ok(Value::Null)
}

/// Lists the tags of a key.
pub fn list(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.key(call, Names::Own)?;
    let items = key
        .tags
        .iter()
        .map(|(name, value)| (name.as_str(), (name, value)));
    let paging = Paging {
        member: "Tags",
        default: 50,
        most: 50,
    };
    page(
        call.input,
        &paging,
        items,
        |(name, value)| json!({ "TagKey": name, "TagValue": value }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tags: &Value, expected: Result<usize, &str>) {
        let request = json!({ "Tags": tags });
        match (read(Input(request.as_object().unwrap()), "Tags"), expected) {
            (Ok(found), Ok(count)) => assert_eq!(found.unwrap().len(), count),
            (Err(why), Err(code)) => assert_eq!(why.code, code),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn tags_are_checked() {
        let tag = |name: &str| json!({ "TagKey": name, "TagValue": "" });
        check(&json!([tag("a"), tag("b")]), Ok(2));
        check(&json!([tag("a"), tag("a")]), Err("TagException"));
        check(&json!([tag("aws:a")]), Err("TagException"));
        check(&json!([tag("")]), Err("ValidationException"));
        check(&json!([{ "TagKey": "a" }]), Err("ValidationException"));
        check(
            &json!((0..51).map(|i| tag(&i.to_string())).collect::<Vec<_>>()),
            Err("TagException"),
        );
        check(&json!("a"), Err("SerializationException"));
    }
}
