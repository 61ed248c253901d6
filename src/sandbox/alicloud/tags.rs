//! Tags of keys and secrets.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::Failure;
use super::params::Params;
use super::{Call, Region, nothing};

const MOST_TAGS: usize = 20;
const MOST_RESOURCES: usize = 50;
const LONGEST: usize = 128;
const ROWS: usize = 200;

type Tags = BTreeMap<String, String>;

/// The parameter `Tags` of a create action: `[{"TagKey":…,"TagValue":…}]`.
pub(crate) fn of_json(params: &Params) -> Result<Tags, Failure> {
    let bad = || Failure::invalid("Tags");
    let Some(document) = params.json("Tags")? else {
        return Ok(Tags::new());
    };
    let mut tags = Tags::new();
    for tag in document.as_array().ok_or_else(bad)? {
        let key = tag["TagKey"].as_str().ok_or_else(bad)?;
        add(&mut tags, key, tag["TagValue"].as_str().unwrap_or_default())?;
    }
    if tags.len() > MOST_TAGS {
        Err(bad())
    } else {
        Ok(tags)
    }
}

/// Tags as answers list them.
pub(crate) fn to_json(tags: &Tags) -> Value {
    let tags: Vec<Value> = tags
        .iter()
        .map(|(key, value)| json!({ "TagKey": key, "TagValue": value }))
        .collect();
    json!({ "Tag": tags })
}

pub(crate) fn tag_resources(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let ids = ids(call)?;
    let new = flattened(call.params)?;
    if new.is_empty() {
        return Err(Failure::missing("Tag.1.Key"));
    }
    for id in &ids {
        let mut tags = tags_of(region, call, id)?.clone();
        tags.extend(new.clone());
        if tags.len() > MOST_TAGS {
            return Err(Failure::limit());
        }
    }
    for id in &ids {
        tags_of(region, call, id)?.extend(new.clone());
    }
    Ok(nothing())
}

pub(crate) fn untag_resources(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let ids = ids(call)?;
    let keys = call.params.list("TagKey");
    let all = call.params.flag("All")?.unwrap_or(false);
    if keys.is_empty() && !all {
        return Err(Failure::missing("TagKey.1"));
    }
    for id in &ids {
        tags_of(region, call, id)?;
    }
    for id in &ids {
        let tags = tags_of(region, call, id)?;
        tags.retain(|key, _| {
            if keys.is_empty() {
                !all
            } else {
                !keys.contains(&key.as_str())
            }
        });
    }
    Ok(nothing())
}

pub(crate) fn list_tag_resources(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let kind = kind(call)?;
    let ids = call.params.list("ResourceId");
    if ids.len() > MOST_RESOURCES {
        return Err(Failure::invalid("ResourceId"));
    }
    let wanted = flattened(call.params)?;
    let rows = rows(&tagged(region, kind, &ids), kind, &wanted);
    let start = match call.params.get("NextToken") {
        None => 0,
        Some(token) => position(token).ok_or_else(|| Failure::invalid("NextToken"))?,
    };
    let next = if rows.len().saturating_sub(start) > ROWS {
        token(start + ROWS)
    } else {
        String::new()
    };
    let page: Vec<Value> = rows.into_iter().skip(start).take(ROWS).collect();
    Ok(json!({ "TagResources": { "TagResource": page }, "NextToken": next }))
}

/// The older way to tag: one key or secret, tags in a JSON list.
pub(crate) fn tag_resource(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    call.params.need("Tags")?;
    let new = of_json(call.params)?;
    let tags = single(region, call)?;
    let mut all = tags.clone();
    all.extend(new);
    if all.len() > MOST_TAGS {
        return Err(Failure::limit());
    }
    *tags = all;
    Ok(nothing())
}

/// The older way to untag: one key or secret, names in a JSON list.
pub(crate) fn untag_resource(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let keys = call
        .params
        .json_texts("TagKeys")?
        .ok_or_else(|| Failure::missing("TagKeys"))?;
    single(region, call)?.retain(|key, _| !keys.contains(key));
    Ok(nothing())
}

/// The older way to read the tags of a key.
pub(crate) fn list_resource_tags(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.managed_key(call)?;
    let tags = key
        .tags
        .iter()
        .map(|(name, value)| json!({ "KeyId": key.id, "TagKey": name, "TagValue": value }));
    let tags: Vec<Value> = tags.collect();
    Ok(json!({ "Tags": { "Tag": tags } }))
}

fn single<'a>(region: &'a mut Region, call: &Call) -> Result<&'a mut Tags, Failure> {
    if call.params.get("SecretName").is_some() {
        let secret = region.named_secret(call)?;
        secret.need_kept()?;
        return Ok(&mut secret.tags);
    }
    let key = region.managed_key(call)?;
    key.need_kept()?;
    Ok(&mut key.tags)
}

/// The named resources of a kind with their tags, or all of them when none is named.
fn tagged<'a>(region: &'a Region, kind: &str, ids: &[&'a str]) -> BTreeMap<&'a str, &'a Tags> {
    let named = ids.iter().copied();
    match (kind, ids.is_empty()) {
        ("key", true) => region
            .keys
            .values()
            .map(|key| (key.id.as_str(), &key.tags))
            .collect(),
        ("key", false) => named
            .filter_map(|id| Some((id, &region.keys.get(id)?.tags)))
            .collect(),
        ("secret", true) => region
            .secrets
            .values()
            .map(|secret| (secret.name.as_str(), &secret.tags))
            .collect(),
        ("secret", false) => named
            .filter_map(|id| Some((id, &region.secrets.get(id)?.tags)))
            .collect(),
        ("instance", true) => region
            .instances
            .values()
            .map(|instance| (instance.id.as_str(), &instance.tags))
            .collect(),
        ("instance", false) => named
            .filter_map(|id| Some((id, &region.instances.get(id)?.tags)))
            .collect(),
        _ => BTreeMap::new(),
    }
}

/// A row for every tag of the resources that have all the wanted tags; an empty value stands for any.
fn rows(tagged: &BTreeMap<&str, &Tags>, kind: &str, wanted: &Tags) -> Vec<Value> {
    let has = |tags: &Tags, (key, value): (&String, &String)| {
        tags.get(key).is_some_and(|own| value.is_empty() || own == value)
    };
    let fitting = tagged
        .iter()
        .filter(|(_, tags)| wanted.iter().all(|tag| has(tags, tag)));
    let rows = fitting.flat_map(|(id, tags)| tags.iter().map(move |(key, value)| (id, key, value)));
    rows.map(|(id, key, value)| json!({ "ResourceId": id, "ResourceType": kind, "TagKey": key, "TagValue": value }))
        .collect()
}

fn tags_of<'a>(region: &'a mut Region, call: &Call, id: &str) -> Result<&'a mut Tags, Failure> {
    let gone = || {
        Failure::service(
            404,
            "InvalidResourceId.NotFound",
            "The specified ResourceId is not found.",
        )
    };
    let kind = kind(call)?;
    if kind == "instance" {
        return Ok(&mut region.instances.get_mut(id).ok_or_else(gone)?.tags);
    }
    if kind == "key" {
        let key = region.keys.get_mut(id).ok_or_else(gone)?;
        key.need_kept()?;
        return Ok(&mut key.tags);
    }
    let secret = region.secrets.get_mut(id).ok_or_else(gone)?;
    secret.need_kept()?;
    Ok(&mut secret.tags)
}

fn kind<'a>(call: &'a Call) -> Result<&'a str, Failure> {
    call.params.need("RegionId")?;
    call.params.need("ResourceType")?;
    Ok(call
        .params
        .word("ResourceType", &["key", "secret", "instance"])?
        .unwrap_or_default())
}

fn ids<'a>(call: &'a Call) -> Result<Vec<&'a str>, Failure> {
    kind(call)?;
    let ids = call.params.list("ResourceId");
    match ids.len() {
        0 => Err(Failure::missing("ResourceId.1")),
        1..=MOST_RESOURCES => Ok(ids),
        _ => Err(Failure::invalid("ResourceId")),
    }
}

/// The parameters `Tag.N.Key` and `Tag.N.Value`.
fn flattened(params: &Params) -> Result<Tags, Failure> {
    let mut tags = Tags::new();
    for n in 1.. {
        let Some(key) = params.part("Tag", n, "Key") else {
            break;
        };
        add(&mut tags, key, params.part("Tag", n, "Value").unwrap_or_default())?;
    }
    if tags.len() > MOST_TAGS {
        Err(Failure::invalid("Tag"))
    } else {
        Ok(tags)
    }
}

fn add(tags: &mut Tags, key: &str, value: &str) -> Result<(), Failure> {
    let refuse = |code: &str, message: &str| Err(Failure::service(400, code, message));
    let is_reserved = |text: &str| {
        ["http://", "https://"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
    };
    let own = key.starts_with("aliyun") || key.starts_with("acs:") || is_reserved(key);
    if key.is_empty() || own || key.chars().count() > LONGEST {
        return refuse(
            "InvalidParameter.TagKey",
            "The specified parameter \"TagKey\" is not valid.",
        );
    }
    if value.chars().count() > LONGEST || is_reserved(value) {
        return refuse(
            "InvalidParameter.TagValue",
            "The specified parameter \"TagValue\" is not valid.",
        );
    }
    if tags.insert(key.to_owned(), value.to_owned()).is_some() {
        return refuse("Duplicate.TagKey", "The tag key is duplicate.");
    }
    Ok(())
}

/// A token says only where the next page starts, but clients must not count on that.
fn token(position: usize) -> String {
    hex::encode(format!("rows-{position}"))
}

fn position(token: &str) -> Option<usize> {
    String::from_utf8(hex::decode(token).ok()?)
        .ok()?
        .strip_prefix("rows-")?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Bench;

    const KEY: [(&str, &str); 2] = [("RegionId", "cn-hangzhou"), ("ResourceType", "key")];

    fn tagged(bench: &mut Bench, id: &str) -> String {
        let reply = bench.ok("ListTagResources", &[KEY[0], KEY[1], ("ResourceId.1", id)]);
        let rows = reply["TagResources"]["TagResource"].as_array().unwrap().clone();
        let pair = |row: &serde_json::Value| {
            format!(
                "{}={}",
                row["TagKey"].as_str().unwrap(),
                row["TagValue"].as_str().unwrap()
            )
        };
        rows.iter().map(pair).collect::<Vec<_>>().join(",")
    }

    #[track_caller]
    fn refuses(key: &str, value: &str, code: &str) {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        let tag = [("Tag.1.Key", key), ("Tag.1.Value", value)];
        bench.fails(
            "TagResources",
            &[KEY[0], KEY[1], ("ResourceId.1", &id), tag[0], tag[1]],
            code,
        );
    }

    #[test]
    fn tags_are_merged_and_taken_away_by_key() {
        let mut bench = Bench::new();
        let id = bench.key(&[("Tags", r#"[{"TagKey":"a","TagValue":"1"}]"#)]);
        let tag = [("Tag.1.Key", "b"), ("Tag.1.Value", "2")];
        bench.ok(
            "TagResources",
            &[KEY[0], KEY[1], ("ResourceId.1", &id), tag[0], tag[1]],
        );
        assert_eq!(tagged(&mut bench, &id), "a=1,b=2");
        bench.ok(
            "UntagResources",
            &[KEY[0], KEY[1], ("ResourceId.1", &id), ("TagKey.1", "a")],
        );
        assert_eq!(tagged(&mut bench, &id), "b=2");
        bench.ok(
            "UntagResources",
            &[KEY[0], KEY[1], ("ResourceId.1", &id), ("All", "True")],
        );
        assert_eq!(tagged(&mut bench, &id), "");
    }

    #[test]
    fn the_older_actions_tag_too() {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        let tags = r#"[{"TagKey":"a","TagValue":"1"},{"TagKey":"b","TagValue":"2"}]"#;
        bench.ok("TagResource", &[("KeyId", &id), ("Tags", tags)]);
        bench.ok("UntagResource", &[("KeyId", &id), ("TagKeys", r#"["a"]"#)]);
        let tags = bench.ok("ListResourceTags", &[("KeyId", &id)]);
        assert_eq!(tags["Tags"]["Tag"].as_array().unwrap().len(), 1);
        assert_eq!(tagged(&mut bench, &id), "b=2");
    }

    #[test]
    fn bad_tags_are_refused_by_part() {
        refuses("", "v", "400 InvalidParameter.TagKey");
        refuses("aliyun-x", "v", "400 InvalidParameter.TagKey");
        refuses("k", &"v".repeat(129), "400 InvalidParameter.TagValue");
    }

    #[test]
    fn an_unknown_resource_has_no_tags_to_change() {
        let params = [KEY[0], KEY[1], ("ResourceId.1", "key-x"), ("TagKey.1", "a")];
        Bench::new().fails("UntagResources", &params, "404 InvalidResourceId.NotFound");
    }

    #[test]
    fn long_lists_come_in_pages_of_two_hundred() {
        let mut bench = Bench::new();
        let tags: Vec<String> = (0..20)
            .map(|n| format!(r#"{{"TagKey":"k{n}","TagValue":"v"}}"#))
            .collect();
        let tags = format!("[{}]", tags.join(","));
        for _ in 0..11 {
            bench.key(&[("Tags", &tags)]);
        }
        let first = bench.ok("ListTagResources", &KEY);
        assert_eq!(
            first["TagResources"]["TagResource"].as_array().unwrap().len(),
            200
        );
        let token = first["NextToken"].as_str().unwrap();
        let second = bench.ok("ListTagResources", &[KEY[0], KEY[1], ("NextToken", token)]);
        assert_eq!(
            second["TagResources"]["TagResource"].as_array().unwrap().len(),
            20
        );
        assert_eq!(second["NextToken"], "");
        bench.fails(
            "ListTagResources",
            &[KEY[0], KEY[1], ("NextToken", "zz")],
            "400 InvalidParameter",
        );
    }
}
