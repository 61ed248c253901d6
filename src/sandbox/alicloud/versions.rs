//! The versions of secrets, their values, and the stages that label them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::errors::Failure;
use super::material::random;
use super::pages::page;
use super::params::Params;
use super::secrets::{Secret, current};
use super::{Call, Region, time};

/// The stage of the version in use.
pub(crate) const CURRENT: &str = "ACSCurrent";
const PREVIOUS: &str = "ACSPrevious";
const LONGEST_DATA: usize = 30_720;
const LONGEST_NAME: usize = 64;
/// A version without a stage is dropped when there would be more than this.
const MOST_VERSIONS: usize = 10;
const MOST_STAGES: usize = 8;

/// One value of a secret, which never changes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: String,
    data: String,
    data_type: String,
    created_at: i64,
    stages: Vec<String>,
}

impl Version {
    /// The version that a secret is created with.
    pub(crate) fn first(call: &Call, kind: &str) -> Result<Self, Failure> {
        let mut version = Self::of(call)?;
        version.stages = vec![CURRENT.to_owned()];
        if kind != "Generic" {
            "text".clone_into(&mut version.data_type);
            version.data = managed(kind, &version.data)?;
        }
        Ok(version)
    }

    fn of(call: &Call) -> Result<Self, Failure> {
        let params = call.params;
        let id = params.need("VersionId")?;
        let data = params.need("SecretData")?;
        let data_type = params
            .word("SecretDataType", &["text", "binary"])?
            .unwrap_or("text");
        if id.chars().count() > LONGEST_NAME {
            return Err(Failure::invalid("VersionId"));
        }
        let is_binary = STANDARD.decode(data).is_ok();
        if data.len() > LONGEST_DATA || data_type == "binary" && !is_binary {
            return Err(Failure::invalid("SecretData"));
        }
        Ok(Self {
            id: id.to_owned(),
            data: data.to_owned(),
            data_type: data_type.to_owned(),
            created_at: call.now,
            stages: Vec::new(),
        })
    }

    fn has(&self, stage: &str) -> bool {
        self.stages.iter().any(|label| label == stage)
    }
}

/// The version with that stage.
pub(crate) fn labelled<'a>(secret: &'a Secret, stage: &str) -> Option<&'a Version> {
    secret.versions.iter().find(|version| version.has(stage))
}

pub(crate) fn get_secret_value(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let with_config = params.flag("FetchExtendedConfig")?.unwrap_or(false);
    let secret = region.named_secret(call)?;
    secret.need_kept()?;
    let key_id = secret.encryption_key_id.clone();
    region.need_encryption_key(call, key_id.as_deref())?;
    let secret = region.named_secret(call)?;
    let version = match (params.get("VersionId"), params.get("VersionStage")) {
        (None, None) => current(secret)?,
        (None, Some(stage)) => labelled(secret, stage).ok_or_else(Failure::no_resource)?,
        (Some(id), stage) => {
            let version = secret.versions.iter().find(|version| version.id == id);
            version
                .filter(|version| stage.is_none_or(|stage| version.has(stage)))
                .ok_or_else(Failure::no_resource)?
        }
    };
    let mut fields = Map::new();
    let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    add("SecretName", Value::from(secret.name.as_str()));
    add("SecretType", Value::from(secret.kind.as_str()));
    add("SecretData", Value::from(version.data.as_str()));
    add("SecretDataType", Value::from(version.data_type.as_str()));
    add("VersionId", Value::from(version.id.as_str()));
    add("VersionStages", json!({ "VersionStage": version.stages }));
    add("CreateTime", Value::from(time(version.created_at)));
    if let (true, Some(config)) = (with_config, &secret.extended_config) {
        add("ExtendedConfig", Value::from(config.to_string()));
    }
    secret.add_rotation(&mut fields);
    Ok(Value::from(fields))
}

pub(crate) fn put_secret_value(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let secret = region.named_secret(call)?;
    let new = Version::of(call)?;
    let stages = stages(call.params)?;
    secret.need_kept()?;
    if !secret.is_generic() {
        return Err(Failure::unsupported());
    }
    let key_id = secret.encryption_key_id.clone();
    region.need_encryption_key(call, key_id.as_deref())?;
    let secret = region.named_secret(call)?;
    if let Some(existing) = secret.versions.iter().find(|version| version.id == new.id) {
        let is_same = existing.data == new.data && existing.data_type == new.data_type;
        return if is_same {
            Ok(put_reply(secret, existing))
        } else {
            Err(Failure::exists())
        };
    }
    let id = new.id.clone();
    change(secret, |secret| {
        secret.versions.push(new);
        for stage in &stages {
            label(secret, stage, &id);
        }
    })?;
    secret.updated_at = call.now;
    let version = secret.versions.last().ok_or_else(Failure::internal)?;
    Ok(put_reply(secret, version))
}

pub(crate) fn list_secret_version_ids(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let with_deprecated = call.params.flag("IncludeDeprecated")?.unwrap_or(false);
    let secret = region.named_secret(call)?;
    let versions = secret
        .versions
        .iter()
        .filter(|version| with_deprecated || !version.stages.is_empty());
    let mut reply = page(call, 10, ("VersionIds", "VersionId"), versions, |version| {
        json!({
            "VersionId": version.id,
            "CreateTime": time(version.created_at),
            "VersionStages": { "VersionStage": version.stages },
        })
    })?;
    reply["SecretName"] = Value::from(secret.name.as_str());
    Ok(reply)
}

pub(crate) fn update_secret_version_stage(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let secret = region.named_secret(call)?;
    let stage = params.need("VersionStage")?;
    let (to, from) = (params.get("MoveToVersion"), params.get("RemoveFromVersion"));
    secret.need_kept()?;
    if !secret.is_generic() {
        return Err(Failure::unsupported());
    }
    if stage.chars().count() > LONGEST_NAME {
        return Err(Failure::invalid("VersionStage"));
    }
    if to.is_none() && (from.is_none() || stage == CURRENT || stage == PREVIOUS) {
        return Err(Failure::missing("MoveToVersion"));
    }
    let knows = |id: &str| secret.versions.iter().any(|version| version.id == id);
    if [to, from].into_iter().flatten().any(|id| !knows(id)) {
        return Err(Failure::no_resource());
    }
    let is_on = |id: &str| {
        secret
            .versions
            .iter()
            .any(|version| version.id == id && version.has(stage))
    };
    if from.is_some_and(|from| !is_on(from)) {
        let message = "The request was rejected because the version does not have the stage.";
        return Err(Failure::service(400, "Rejected.InvalidRequest", message));
    }
    change(secret, |secret| match to {
        Some(to) => label(secret, stage, to),
        None => unlabel(secret, stage),
    })?;
    secret.updated_at = call.now;
    Ok(json!({ "SecretName": secret.name }))
}

pub(crate) fn rotate_secret(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let secret = region.named_secret(call)?;
    let id = call.params.need("VersionId")?;
    secret.need_kept()?;
    if secret.is_generic() {
        return Err(Failure::unsupported());
    }
    if secret.versions.iter().any(|version| version.id == id) {
        return Err(Failure::exists());
    }
    let mut next = current(secret)?.clone();
    next.data = renewed(&next.data)?;
    id.clone_into(&mut next.id);
    next.created_at = call.now;
    next.stages = Vec::new();
    change(secret, |secret| {
        secret.versions.push(next);
        label(secret, CURRENT, id);
    })?;
    secret.rotated_at = Some(call.now);
    secret.updated_at = call.now;
    Ok(
        json!({ "Arn": call.arn(&format!("secret/{}", secret.name)), "SecretName": secret.name, "VersionId": id }),
    )
}

fn put_reply(secret: &Secret, version: &Version) -> Value {
    json!({
        "SecretName": secret.name,
        "VersionId": version.id,
        "VersionStages": { "VersionStage": version.stages },
    })
}

/// The stages that a new version is to have.
fn stages(params: &Params) -> Result<Vec<String>, Failure> {
    let stages = params
        .json_texts("VersionStages")?
        .unwrap_or_else(|| vec![CURRENT.to_owned()]);
    let is_bad = |stage: &String| stage.is_empty() || stage.chars().count() > LONGEST_NAME;
    if stages.is_empty() || stages.len() > MOST_STAGES || stages.iter().any(is_bad) {
        return Err(Failure::invalid("VersionStages"));
    }
    Ok(stages)
}

/// Puts a stage on one version and off every other; who was current becomes the previous one.
fn label(secret: &mut Secret, stage: &str, id: &str) {
    let was_on = secret
        .versions
        .iter()
        .position(|version| version.has(stage) && version.id != id);
    unlabel(secret, stage);
    if let Some(version) = secret.versions.iter_mut().find(|version| version.id == id) {
        version.stages.push(stage.to_owned());
        if stage == CURRENT {
            version.stages.retain(|label| label != PREVIOUS);
        }
    }
    if let (CURRENT, Some(at)) = (stage, was_on) {
        unlabel(secret, PREVIOUS);
        secret.versions[at].stages.push(PREVIOUS.to_owned());
    }
}

fn unlabel(secret: &mut Secret, stage: &str) {
    for version in &mut secret.versions {
        version.stages.retain(|label| label != stage);
    }
}

/// Changes the versions within the limits of the service, or leaves them as they were.
fn change(secret: &mut Secret, how: impl FnOnce(&mut Secret)) -> Result<(), Failure> {
    let before = secret.versions.clone();
    how(secret);
    let stageless = secret
        .versions
        .iter()
        .position(|version| version.stages.is_empty());
    if let (true, Some(at)) = (secret.versions.len() > MOST_VERSIONS, stageless) {
        secret.versions.remove(at);
    }
    let is_full = secret.versions.len() > MOST_VERSIONS;
    if is_full
        || secret
            .versions
            .iter()
            .any(|version| version.stages.len() > MOST_STAGES)
    {
        secret.versions = before;
        return Err(Failure::limit());
    }
    Ok(())
}

/// The stored value of a managed secret, from the form in which it is given.
fn managed(kind: &str, data: &str) -> Result<String, Failure> {
    let bad = || Failure::invalid("SecretData");
    let password = || random::<12>().map(hex::encode);
    if data == "$Auto" && matches!(kind, "Redis" | "PolarDB" | "Rds") {
        return Ok(json!({ "AccountName": "keyform", "AccountPassword": password()? }).to_string());
    }
    let document: Value = serde_json::from_str(data).map_err(|_| bad())?;
    let stored = match kind {
        "Rds" => document["Accounts"][0].clone(),
        "RAMCredentials" => document["AccessKeys"][0].clone(),
        _ => document,
    };
    if stored.is_object() {
        Ok(stored.to_string())
    } else {
        Err(bad())
    }
}

/// A managed value with every secret part of it made anew.
fn renewed(data: &str) -> Result<String, Failure> {
    let mut document: Value = serde_json::from_str(data).map_err(|_| Failure::internal())?;
    for part in ["AccountPassword", "AccessKeySecret", "Password"] {
        if document.get(part).is_some() {
            document[part] = Value::from(hex::encode(random::<12>()?));
        }
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Bench;

    fn bench() -> Bench {
        let mut bench = Bench::new();
        bench.ok(
            "CreateSecret",
            &[("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "one")],
        );
        bench
    }

    fn put(bench: &mut Bench, id: &str, data: &str, more: &[(&str, &str)]) -> Result<(), String> {
        let mut params = vec![("SecretName", "s"), ("VersionId", id), ("SecretData", data)];
        params.extend(more);
        bench.try_call("PutSecretValue", &params).map(|_| ())
    }

    /// Each version with its stages, the oldest first.
    fn shown(bench: &mut Bench) -> String {
        let params = [
            ("SecretName", "s"),
            ("IncludeDeprecated", "true"),
            ("PageSize", "100"),
        ];
        let list = bench.ok("ListSecretVersionIds", &params);
        let rows = list["VersionIds"]["VersionId"].as_array().unwrap().clone();
        let row = |row: &serde_json::Value| {
            let stages = row["VersionStages"]["VersionStage"].as_array().unwrap();
            let stages: Vec<&str> = stages.iter().map(|stage| stage.as_str().unwrap()).collect();
            format!("{}:{}", row["VersionId"].as_str().unwrap(), stages.join("+"))
        };
        rows.iter().map(row).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_new_value_takes_the_place_of_the_current_one() {
        let mut bench = bench();
        put(&mut bench, "v2", "two", &[]).unwrap();
        put(&mut bench, "v3", "three", &[]).unwrap();
        assert_eq!(shown(&mut bench), "v1: v2:ACSPrevious v3:ACSCurrent");
        assert_eq!(
            bench.ok("GetSecretValue", &[("SecretName", "s")])["SecretData"],
            "three"
        );
        let previous = [("SecretName", "s"), ("VersionStage", "ACSPrevious")];
        assert_eq!(bench.ok("GetSecretValue", &previous)["SecretData"], "two");
        assert_eq!(
            bench.ok("ListSecretVersionIds", &[("SecretName", "s")])["TotalCount"],
            2
        );
    }

    #[test]
    fn own_stages_leave_the_current_value_alone() {
        let mut bench = bench();
        put(&mut bench, "v2", "two", &[("VersionStages", r#"["next"]"#)]).unwrap();
        assert_eq!(shown(&mut bench), "v1:ACSCurrent v2:next");
    }

    #[test]
    fn a_version_may_be_put_again_only_as_it_is() {
        let mut bench = bench();
        assert_eq!(put(&mut bench, "v1", "one", &[]), Ok(()));
        assert_eq!(
            put(&mut bench, "v1", "other", &[]),
            Err("409 Rejected.ResourceExist".to_owned())
        );
    }

    #[test]
    fn moving_the_current_stage_back_swaps_the_two() {
        let mut bench = bench();
        put(&mut bench, "v2", "two", &[]).unwrap();
        let stage = [("SecretName", "s"), ("VersionStage", "ACSCurrent")];
        bench.ok(
            "UpdateSecretVersionStage",
            &[stage[0], stage[1], ("MoveToVersion", "v1")],
        );
        assert_eq!(shown(&mut bench), "v1:ACSCurrent v2:ACSPrevious");
        bench.fails("UpdateSecretVersionStage", &stage, "400 MissingParameter");
        let unknown = [stage[0], stage[1], ("MoveToVersion", "v9")];
        bench.fails(
            "UpdateSecretVersionStage",
            &unknown,
            "404 Forbidden.ResourceNotFound",
        );
    }

    #[test]
    fn an_own_stage_is_removed_only_from_where_it_is() {
        let mut bench = bench();
        put(&mut bench, "v2", "two", &[("VersionStages", r#"["next"]"#)]).unwrap();
        let stage = [("SecretName", "s"), ("VersionStage", "next")];
        let elsewhere = [stage[0], stage[1], ("RemoveFromVersion", "v1")];
        bench.fails(
            "UpdateSecretVersionStage",
            &elsewhere,
            "400 Rejected.InvalidRequest",
        );
        bench.ok(
            "UpdateSecretVersionStage",
            &[stage[0], stage[1], ("RemoveFromVersion", "v2")],
        );
        assert_eq!(shown(&mut bench), "v1:ACSCurrent v2:");
    }

    #[test]
    fn the_oldest_version_without_a_stage_makes_room() {
        let mut bench = bench();
        for n in 2..=11 {
            put(&mut bench, &format!("v{n}"), "x", &[]).unwrap();
        }
        assert!(shown(&mut bench).starts_with("v2: v3:"));
    }

    #[test]
    fn a_full_secret_stays_as_it_was() {
        let mut bench = bench();
        for n in 2..=10 {
            put(
                &mut bench,
                &format!("v{n}"),
                "x",
                &[("VersionStages", &format!(r#"["s{n}"]"#))],
            )
            .unwrap();
        }
        let before = shown(&mut bench);
        assert_eq!(
            put(&mut bench, "v11", "x", &[]),
            Err("400 Rejected.LimitExceeded".to_owned())
        );
        assert_eq!(shown(&mut bench), before);
    }

    #[test]
    fn the_service_rotates_managed_secrets_only() {
        let mut bench = bench();
        bench.fails(
            "RotateSecret",
            &[("SecretName", "s"), ("VersionId", "v2")],
            "400 Rejected.UnsupportedOperation",
        );
        let rds = [
            ("SecretName", "db"),
            ("VersionId", "v1"),
            ("SecretType", "Rds"),
            ("ExtendedConfig", r#"{"SecretSubType":"SingleUser"}"#),
            (
                "SecretData",
                r#"{"Accounts":[{"AccountName":"a","AccountPassword":"p"}]}"#,
            ),
        ];
        bench.ok("CreateSecret", &rds);
        bench.ok("RotateSecret", &[("SecretName", "db"), ("VersionId", "v2")]);
        let value = bench.ok("GetSecretValue", &[("SecretName", "db")]);
        assert_eq!(value["VersionId"], "v2");
        assert!(!value["SecretData"].as_str().unwrap().contains(r#""p""#));
    }
}
