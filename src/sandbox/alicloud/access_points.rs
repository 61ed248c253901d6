//! Application access points: who may come in with a client key, and by which policies.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::Failure;
use super::pages::page;
use super::params::Params;
use super::{Call, Region, nothing};

const MOST_POLICIES: usize = 3;

/// An application access point.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AccessPoint {
    name: String,
    description: String,
    method: String,
    policies: Vec<String>,
}

impl AccessPoint {
    fn describe(&self, call: &Call) -> Value {
        json!({
            "Arn": call.arn(&format!("applicationaccesspoint/{}", self.name)),
            "AuthenticationMethod": self.method,
            "Description": self.description,
            "Name": self.name,
            "Policies": Value::from(self.policies.clone()).to_string(),
        })
    }
}

pub(crate) fn create(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let name = name(params)?;
    let methods = ["ClientKey"];
    let point = AccessPoint {
        name: name.to_owned(),
        description: params.text("Description", 8192)?,
        method: params
            .word("AuthenticationMethod", &methods)?
            .unwrap_or(methods[0])
            .to_owned(),
        policies: policies(params)?.ok_or_else(|| Failure::missing("Policies"))?,
    };
    if region.access_points.contains_key(name) {
        return Err(Failure::exists());
    }
    let reply = point.describe(call);
    region.access_points.insert(name.to_owned(), point);
    Ok(reply)
}

pub(crate) fn describe(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.need("Name")?;
    region
        .access_points
        .get(name)
        .map(|point| point.describe(call))
        .ok_or_else(Failure::no_resource)
}

pub(crate) fn update(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let point = region
        .access_points
        .get_mut(params.need("Name")?)
        .ok_or_else(Failure::no_resource)?;
    let policies = policies(params)?;
    if params.sent("Description").is_some() {
        point.description = params.text("Description", 8192)?;
    }
    if let Some(policies) = policies {
        point.policies = policies;
    }
    Ok(nothing())
}

/// Client keys of the access point go with it.
pub(crate) fn delete(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.need("Name")?;
    region
        .access_points
        .remove(name)
        .ok_or_else(Failure::no_resource)?;
    region.client_keys.retain(|_, key| key.access_point != name);
    Ok(nothing())
}

pub(crate) fn list(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let wrapping = ("ApplicationAccessPoints", "ApplicationAccessPoint");
    page(
        call,
        20,
        wrapping,
        region.access_points.values(),
        |point| json!({ "Name": point.name, "AuthenticationMethod": point.method }),
    )
}

/// The parameter `Name` of a new object: letters, digits and a few signs.
pub(crate) fn name(params: &Params) -> Result<&str, Failure> {
    let name = params.need("Name")?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_/+=.@-".contains(c);
    if name.len() <= 128 && name.chars().all(is_allowed) {
        Ok(name)
    } else {
        Err(Failure::invalid("Name"))
    }
}

fn policies(params: &Params) -> Result<Option<Vec<String>>, Failure> {
    match params.json_texts("Policies")? {
        Some(policies) if policies.len() > MOST_POLICIES || policies.is_empty() => {
            Err(Failure::invalid("Policies"))
        }
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Bench;

    #[track_caller]
    fn check(policies: &str, expected: Result<&str, &str>) {
        let made = Bench::new().try_call(
            "CreateApplicationAccessPoint",
            &[("Name", "a"), ("Policies", policies)],
        );
        let made = made.map(|reply| reply["Policies"].as_str().unwrap().to_owned());
        assert_eq!(made.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn policies_come_back_as_a_text() {
        check(r#"["p1", "p2"]"#, Ok(r#"["p1","p2"]"#));
    }

    #[test]
    fn three_policies_are_the_most() {
        check(r#"["1","2","3","4"]"#, Err("400 InvalidParameter"));
        check("p1", Err("400 InvalidParameter"));
        check("", Err("400 MissingParameter"));
    }

    #[test]
    fn an_access_point_lives_and_goes() {
        let mut bench = Bench::new();
        let name = ("Name", "a");
        bench.fails(
            "DescribeApplicationAccessPoint",
            &[name],
            "404 Forbidden.ResourceNotFound",
        );
        bench.ok("CreateApplicationAccessPoint", &[name, ("Policies", r#"["p1"]"#)]);
        bench.fails(
            "CreateApplicationAccessPoint",
            &[name, ("Policies", r#"["p1"]"#)],
            "409 Rejected.ResourceExist",
        );
        bench.ok(
            "UpdateApplicationAccessPoint",
            &[name, ("Policies", r#"["p2"]"#), ("Description", "d")],
        );
        let point = bench.ok("DescribeApplicationAccessPoint", &[name]);
        assert_eq!(
            (point["Description"].as_str(), point["Policies"].as_str()),
            (Some("d"), Some(r#"["p2"]"#))
        );
        assert_eq!(bench.ok("ListApplicationAccessPoints", &[])["TotalCount"], 1);
        bench.ok("DeleteApplicationAccessPoint", &[name]);
        bench.fails(
            "DeleteApplicationAccessPoint",
            &[name],
            "404 Forbidden.ResourceNotFound",
        );
    }
}
