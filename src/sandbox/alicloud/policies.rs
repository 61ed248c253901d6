//! Policies of access points: what an application may do, on what, and from where.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access_points::name;
use super::errors::Failure;
use super::pages::page;
use super::params::Params;
use super::{Call, Region, nothing};

const PERMISSIONS: [&str; 2] = [
    "RbacPermission/Template/CryptoServiceKeyUser",
    "RbacPermission/Template/CryptoServiceSecretUser",
];

/// A policy of access points.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Policy {
    name: String,
    description: String,
    instance: String,
    permissions: Vec<String>,
    resources: Vec<String>,
    /// As it was sent.
    access_control_rules: String,
}

pub(crate) fn create(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let name = name(params)?;
    let policy = Policy {
        name: name.to_owned(),
        description: params.text("Description", 8192)?,
        instance: instance(params)?,
        permissions: permissions(params)?.ok_or_else(|| Failure::missing("Permissions"))?,
        resources: resources(params)?.ok_or_else(|| Failure::missing("Resources"))?,
        access_control_rules: rules(params)?.unwrap_or_default(),
    };
    if region.policies.contains_key(name) {
        return Err(Failure::exists());
    }
    let reply = json!({
        "Arn": call.arn(&format!("policy/{name}")),
        "Name": name,
        "Description": policy.description,
        "KmsInstance": policy.instance,
        "Permissions": Value::from(policy.permissions.clone()).to_string(),
        "Resources": Value::from(policy.resources.clone()).to_string(),
        "AccessControlRules": policy.access_control_rules,
    });
    region.policies.insert(name.to_owned(), policy);
    Ok(reply)
}

pub(crate) fn describe(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let policy = region
        .policies
        .get(call.params.need("Name")?)
        .ok_or_else(Failure::no_resource)?;
    Ok(json!({
        "AccessControlRules": policy.access_control_rules,
        "Arn": call.arn(&format!("policy/{}", policy.name)),
        "Description": policy.description,
        "KmsInstance": policy.instance,
        "Name": policy.name,
        "Permissions": policy.permissions,
        "Resources": policy.resources,
    }))
}

pub(crate) fn update(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let policy = region
        .policies
        .get_mut(params.need("Name")?)
        .ok_or_else(Failure::no_resource)?;
    let (permissions, resources, rules) = (permissions(params)?, resources(params)?, rules(params)?);
    if params.sent("Description").is_some() {
        policy.description = params.text("Description", 8192)?;
    }
    policy.permissions = permissions.unwrap_or_else(|| policy.permissions.clone());
    policy.resources = resources.unwrap_or_else(|| policy.resources.clone());
    policy.access_control_rules = rules.unwrap_or_else(|| policy.access_control_rules.clone());
    Ok(nothing())
}

pub(crate) fn delete(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.need("Name")?;
    region
        .policies
        .remove(name)
        .map(|_| nothing())
        .ok_or_else(Failure::no_resource)
}

pub(crate) fn list(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    page(
        call,
        20,
        ("Policies", "Policy"),
        region.policies.values(),
        |policy| json!({ "Name": policy.name }),
    )
}

fn instance(params: &Params) -> Result<String, Failure> {
    let name = params.get("KmsInstance").unwrap_or("shared");
    if name == "shared" || name.starts_with("kst-") {
        Ok(name.to_owned())
    } else {
        Err(Failure::invalid("KmsInstance"))
    }
}

fn permissions(params: &Params) -> Result<Option<Vec<String>>, Failure> {
    checked(params, "Permissions", |permission| {
        PERMISSIONS.contains(&permission)
    })
}

fn resources(params: &Params) -> Result<Option<Vec<String>>, Failure> {
    checked(params, "Resources", |resource| {
        ["key/", "secret/"]
            .iter()
            .any(|kind| resource.strip_prefix(kind).is_some_and(|name| !name.is_empty()))
    })
}

fn checked(params: &Params, name: &str, is_good: fn(&str) -> bool) -> Result<Option<Vec<String>>, Failure> {
    match params.json_texts(name)? {
        Some(texts) if texts.is_empty() || !texts.iter().all(|text| is_good(text)) => {
            Err(Failure::invalid(name))
        }
        other => Ok(other),
    }
}

fn rules(params: &Params) -> Result<Option<String>, Failure> {
    let Some(document) = params.json("AccessControlRules")? else {
        return Ok(None);
    };
    let rules = &document["NetworkRules"];
    if !rules.is_array() && !rules.is_null() || !document.is_object() {
        return Err(Failure::invalid("AccessControlRules"));
    }
    Ok(params.get("AccessControlRules").map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Bench;

    const NAME: (&str, &str) = ("Name", "p");
    const PERMISSIONS: (&str, &str) = (
        "Permissions",
        r#"["RbacPermission/Template/CryptoServiceKeyUser"]"#,
    );

    #[test]
    fn lists_come_as_text_from_create_and_as_lists_from_describe() {
        let mut bench = Bench::new();
        let made = bench.ok(
            "CreatePolicy",
            &[NAME, PERMISSIONS, ("Resources", r#"["key/*"]"#)],
        );
        assert_eq!(made["Resources"], r#"["key/*"]"#);
        assert_eq!(bench.ok("DescribePolicy", &[NAME])["Resources"][0], "key/*");
        bench.ok("UpdatePolicy", &[NAME, ("Resources", r#"["secret/*"]"#)]);
        assert_eq!(bench.ok("DescribePolicy", &[NAME])["Resources"][0], "secret/*");
        bench.ok("DeletePolicy", &[NAME]);
        bench.fails("DescribePolicy", &[NAME], "404 Forbidden.ResourceNotFound");
    }

    #[test]
    fn unknown_permissions_and_resources_are_refused() {
        let resources = ("Resources", r#"["key/*"]"#);
        Bench::new().fails(
            "CreatePolicy",
            &[NAME, ("Permissions", r#"["x"]"#), resources],
            "400 InvalidParameter",
        );
        Bench::new().fails(
            "CreatePolicy",
            &[NAME, PERMISSIONS, ("Resources", r#"["x"]"#)],
            "400 InvalidParameter",
        );
    }
}
