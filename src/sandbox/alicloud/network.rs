//! Network rules: the addresses from which a policy lets an application in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access_points::name;
use super::errors::Failure;
use super::pages::page;
use super::params::Params;
use super::{Call, Region, nothing};

/// A network rule.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Rule {
    name: String,
    description: String,
    kind: String,
    sources: Vec<String>,
}

impl Rule {
    /// Without the name, which only the answer to its creation has.
    fn describe(&self, call: &Call) -> Value {
        json!({
            "Arn": call.arn(&format!("network/{}", self.name)),
            "Description": self.description,
            "SourcePrivateIp": Value::from(self.sources.clone()).to_string(),
            "Type": self.kind,
        })
    }
}

pub(crate) fn create(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let name = name(params)?;
    params.need("Type")?;
    let rule = Rule {
        name: name.to_owned(),
        description: params.text("Description", 8192)?,
        kind: params.word("Type", &["Private"])?.unwrap_or_default().to_owned(),
        sources: sources(params)?.unwrap_or_default(),
    };
    if region.network_rules.contains_key(name) {
        return Err(Failure::exists());
    }
    let mut reply = rule.describe(call);
    reply["Name"] = Value::from(name);
    region.network_rules.insert(name.to_owned(), rule);
    Ok(reply)
}

pub(crate) fn describe(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.need("Name")?;
    region
        .network_rules
        .get(name)
        .map(|rule| rule.describe(call))
        .ok_or_else(Failure::no_resource)
}

pub(crate) fn update(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let rule = region
        .network_rules
        .get_mut(params.need("Name")?)
        .ok_or_else(Failure::no_resource)?;
    let sources = sources(params)?;
    if params.sent("Description").is_some() {
        rule.description = params.text("Description", 8192)?;
    }
    if let Some(sources) = sources {
        rule.sources = sources;
    }
    Ok(nothing())
}

pub(crate) fn delete(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.need("Name")?;
    region
        .network_rules
        .remove(name)
        .map(|_| nothing())
        .ok_or_else(Failure::no_resource)
}

pub(crate) fn list(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    page(
        call,
        20,
        ("NetworkRules", "NetworkRule"),
        region.network_rules.values(),
        |rule| json!({ "Name": rule.name, "Type": rule.kind }),
    )
}

fn sources(params: &Params) -> Result<Option<Vec<String>>, Failure> {
    match params.json_texts("SourcePrivateIp")? {
        Some(sources) if !sources.iter().all(|source| is_source(source)) => {
            Err(Failure::invalid("SourcePrivateIp"))
        }
        other => Ok(other),
    }
}

/// An address, or a block of addresses.
fn is_source(text: &str) -> bool {
    let (address, length) = text
        .split_once('/')
        .map_or((text, None), |(address, length)| (address, Some(length)));
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= longest))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Bench;

    #[track_caller]
    fn check(sources: &str, expected: Result<&str, &str>) {
        let params = [("Name", "n"), ("Type", "Private"), ("SourcePrivateIp", sources)];
        let made = Bench::new().try_call("CreateNetworkRule", &params);
        let made = made.map(|reply| reply["SourcePrivateIp"].as_str().unwrap().to_owned());
        assert_eq!(made.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn addresses_and_blocks_are_taken() {
        check(
            r#"["10.0.0.0/8", "192.168.0.1"]"#,
            Ok(r#"["10.0.0.0/8","192.168.0.1"]"#),
        );
        check(r#"["10.0.0.0/33"]"#, Err("400 InvalidParameter"));
        check(r#"["here"]"#, Err("400 InvalidParameter"));
    }

    #[test]
    fn a_described_rule_has_no_name() {
        let mut bench = Bench::new();
        bench.ok("CreateNetworkRule", &[("Name", "n"), ("Type", "Private")]);
        assert!(
            bench
                .ok("DescribeNetworkRule", &[("Name", "n")])
                .get("Name")
                .is_none()
        );
        bench.ok("DeleteNetworkRule", &[("Name", "n")]);
        bench.fails(
            "UpdateNetworkRule",
            &[("Name", "n")],
            "404 Forbidden.ResourceNotFound",
        );
    }
}
