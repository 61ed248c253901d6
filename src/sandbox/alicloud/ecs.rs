//! The three things that key management has to do with in ECS 2014-05-26: the regions, and which key encrypts disks.
//!
//! Kept on purpose unlike the cloud: the default encryption of disks is on in every region until it is turned off.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::Failure;
use super::{Call, Region, nothing};

/// The key that the service makes itself, where no other was chosen.
const SERVICE_KEY: &str = "key-hzz0000000000000000ecs";

/// Regions by the names that programs and people give them.
const REGIONS: [(&str, &str); 12] = [
    ("cn-qingdao", "华北1（青岛）"),
    ("cn-beijing", "华北2（北京）"),
    ("cn-zhangjiakou", "华北3（张家口）"),
    ("cn-hangzhou", "华东1（杭州）"),
    ("cn-shanghai", "华东2（上海）"),
    ("cn-shenzhen", "华南1（深圳）"),
    ("cn-hongkong", "中国（香港）"),
    ("ap-northeast-1", "日本（东京）"),
    ("ap-southeast-1", "新加坡"),
    ("us-east-1", "美国（弗吉尼亚）"),
    ("us-west-1", "美国（硅谷）"),
    ("eu-central-1", "德国（法兰克福）"),
];

/// How the disks of a region are encrypted when nobody says.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Disks {
    is_off: bool,
    /// None means the service's own.
    key: Option<String>,
}

/// Serves an action of the service.
pub(crate) fn serve(region: &mut Region, action: &str, call: &Call) -> Result<Value, Failure> {
    let reply = match action {
        "DescribeRegions" => Ok(regions()),
        "DescribeDiskDefaultKMSKeyId" => describe_key(region, call),
        "DescribeDiskEncryptionByDefaultStatus" => Ok(json!({ "Encrypted": !region.disks.is_off })),
        "DisableDiskEncryptionByDefault" => switch(region, call, false),
        "EnableDiskEncryptionByDefault" => switch(region, call, true),
        "ModifyDiskDefaultKMSKeyId" => modify_key(region, call),
        "ResetDiskDefaultKMSKeyId" => reset_key(region, call),
        _ => Err(Failure::no_action()),
    };
    // This service answers in the envelope of the gateway.
    reply.map_err(Failure::through_gateway)
}

/// The names of all regions.
pub(crate) fn region_names() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().map(|(name, _)| *name)
}

fn regions() -> Value {
    let region = |(name, local): &(&str, &str)| {
        json!({
            "RegionId": name,
            "LocalName": local,
            "RegionEndpoint": format!("ecs.{name}.aliyuncs.com"),
            "Status": "available",
        })
    };
    json!({ "Regions": { "Region": REGIONS.iter().map(region).collect::<Vec<_>>() } })
}

fn describe_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let disks = encrypted(region, call)?;
    Ok(json!({ "KMSKeyId": disks.key.as_deref().unwrap_or(SERVICE_KEY) }))
}

fn modify_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let refuse = |code: &str, message: String| Failure::service(403, code, message);
    encrypted(region, call)?;
    let wanted = call.params.need("KMSKeyId")?;
    let key = region.keys.get(wanted).ok_or_else(|| {
        refuse(
            "InvalidOperation.KMSKeyIdNotFound",
            format!("The specified KMSKeyId not found, {wanted}."),
        )
    })?;
    key.need_enabled().map_err(|_| {
        refuse(
            "InvalidParameter.KMSKeyId.CMKNotEnabled",
            "The CMK (Customer Master Key) must be in an active state.".to_owned(),
        )
    })?;
    region.disks.key = Some(wanted.to_owned());
    Ok(nothing())
}

fn reset_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    encrypted(region, call)?.key = None;
    Ok(nothing())
}

fn switch(region: &mut Region, call: &Call, on: bool) -> Result<Value, Failure> {
    call.params.need("RegionId")?;
    region.disks.is_off = !on;
    Ok(nothing())
}

/// The disks of a region in which they are encrypted.
fn encrypted<'a>(region: &'a mut Region, call: &Call) -> Result<&'a mut Disks, Failure> {
    call.params.need("RegionId")?;
    if region.disks.is_off {
        return Err(Failure::service(
            403,
            "InvalidDefaultEncryption.NotFound",
            "You have not configured default encryption setting in this region.",
        ));
    }
    Ok(&mut region.disks)
}

#[cfg(test)]
mod tests {
    use super::super::ECS_VERSION;
    use super::super::test_support::Bench;
    use super::*;

    const HERE: (&str, &str) = ("RegionId", "cn-hangzhou");

    fn key_of_disks(bench: &mut Bench) -> String {
        let reply = bench.ok_of(ECS_VERSION, "DescribeDiskDefaultKMSKeyId", &[HERE]);
        reply["KMSKeyId"].as_str().unwrap().to_owned()
    }

    #[test]
    fn another_key_is_chosen_and_given_up() {
        let mut bench = Bench::new();
        assert_eq!(key_of_disks(&mut bench), SERVICE_KEY);
        let id = bench.key(&[]);
        bench.ok_of(
            ECS_VERSION,
            "ModifyDiskDefaultKMSKeyId",
            &[HERE, ("KMSKeyId", &id)],
        );
        assert_eq!(key_of_disks(&mut bench), id);
        bench.ok_of(ECS_VERSION, "ResetDiskDefaultKMSKeyId", &[HERE]);
        assert_eq!(key_of_disks(&mut bench), SERVICE_KEY);
    }

    #[test]
    fn a_key_that_cannot_encrypt_is_refused() {
        let mut bench = Bench::new();
        let modify = |bench: &mut Bench, id: &str| {
            bench.refusal_of(
                ECS_VERSION,
                "ModifyDiskDefaultKMSKeyId",
                &[HERE, ("KMSKeyId", id)],
            )
        };
        assert_eq!(
            modify(&mut bench, "key-nowhere"),
            "403 InvalidOperation.KMSKeyIdNotFound"
        );
        let id = bench.key(&[]);
        bench.ok("DisableKey", &[("KeyId", &id)]);
        assert_eq!(
            modify(&mut bench, &id),
            "403 InvalidParameter.KMSKeyId.CMKNotEnabled"
        );
    }

    #[test]
    fn without_default_encryption_there_is_no_key() {
        let mut bench = Bench::new();
        bench.ok_of(ECS_VERSION, "DisableDiskEncryptionByDefault", &[HERE]);
        for action in ["DescribeDiskDefaultKMSKeyId", "ResetDiskDefaultKMSKeyId"] {
            assert_eq!(
                bench.refusal_of(ECS_VERSION, action, &[HERE]),
                "403 InvalidDefaultEncryption.NotFound"
            );
        }
        bench.ok_of(ECS_VERSION, "EnableDiskEncryptionByDefault", &[HERE]);
        assert_eq!(key_of_disks(&mut bench), SERVICE_KEY);
    }
}
