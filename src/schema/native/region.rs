//! The regions and partitions of AWS.

use super::one;
use crate::value::{Type, Value};

/// Partitions by how their regions begin; the first that fits counts, and what fits none is of `aws`.
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("", "aws", "amazonaws.com"),
];

const REGIONS: &[(&str, &str)] = &[
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("eusc-de-east-1", "AWS European Sovereign Cloud (Germany)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

/// `aws_region(name)`: an object of `description` (null for a region that is not in the table), `partition`,
/// `dns_suffix` and `reverse_dns_prefix`.
pub(super) fn function(arguments: &[Value]) -> Result<Value, String> {
    let name = one(arguments)?.as_str().unwrap_or_default();
    let description = REGIONS.iter().find(|(region, _)| *region == name);
    let (_, partition, suffix) = PARTITIONS
        .iter()
        .find(|(start, _, _)| name.starts_with(start))
        .ok_or("there is no partition")?;
    let reverse: Vec<&str> = suffix.rsplit('.').collect();
    Ok(Value::object_of([
        (
            "description",
            description.map_or(Value::null(Type::String), |(_, text)| Value::string(text)),
        ),
        ("dns_suffix", Value::string(suffix)),
        ("partition", Value::string(partition)),
        ("reverse_dns_prefix", Value::string(&reverse.join("."))),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(region: &str, expected: [&str; 3]) {
        let found = function(&[Value::string(region)]).expect("a region");
        let member = |name| {
            found
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or("none")
                .to_owned()
        };
        assert_eq!(
            ["description", "partition", "reverse_dns_prefix"].map(member),
            expected.map(str::to_owned)
        );
    }

    #[test]
    fn regions_have_partitions() {
        check("eu-west-1", ["Europe (Ireland)", "aws", "com.amazonaws"]);
        check("cn-north-1", ["China (Beijing)", "aws-cn", "cn.com.amazonaws"]);
        check("us-isob-east-1", ["none", "aws-iso-b", "gov.sgov.sc2s"]);
    }
}
