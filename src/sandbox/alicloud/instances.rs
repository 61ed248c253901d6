//! KMS instances: connected to a network, described, changed and released. They are bought at the billing service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::Failure;
use super::pages::{filters, page};
use super::params::Params;
use super::{Call, Region, nothing, time};

/// How long an instance takes to be connected.
const CONNECTING: i64 = 1;

/// What an instance is paid for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Size {
    pub(crate) spec: i64,
    pub(crate) key_num: i64,
    pub(crate) secret_num: i64,
    pub(crate) vpc_num: i64,
    pub(crate) log: i64,
    pub(crate) log_storage: i64,
}

/// How an instance hangs together with its network.
#[derive(Clone, Default, Serialize, Deserialize)]
enum Link {
    #[default]
    None,
    /// Connected from then on.
    Until(i64),
    There,
}

/// A KMS instance.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) size: Size,
    pub(crate) version: String,
    pub(crate) is_prepaid: bool,
    pub(crate) created_at: i64,
    pub(crate) ends_at: i64,
    pub(crate) is_protected: bool,
    pub(crate) protection_description: String,
    pub(crate) tags: BTreeMap<String, String>,
    link: Link,
    vpc_id: String,
    zone_ids: Vec<String>,
    vswitch_ids: Vec<String>,
    bound: Vec<Bound>,
}

/// Another network that may use an instance.
#[derive(Clone, Serialize, Deserialize)]
struct Bound {
    #[serde(rename = "VpcId")]
    vpc: String,
    #[serde(rename = "VSwitchId")]
    vswitch: String,
    #[serde(rename = "RegionId")]
    region: String,
    #[serde(rename = "VpcOwnerId")]
    owner: Value,
}

impl Instance {
    /// An instance as it was bought: nothing is connected yet.
    pub(crate) fn bought(id: String, size: Size, version: String, (created_at, ends_at): (i64, i64)) -> Self {
        Self {
            name: id.clone(),
            id,
            size,
            version,
            is_prepaid: true,
            created_at,
            ends_at,
            is_protected: false,
            protection_description: String::new(),
            tags: BTreeMap::new(),
            link: Link::None,
            vpc_id: String::new(),
            zone_ids: Vec::new(),
            vswitch_ids: Vec::new(),
            bound: Vec::new(),
        }
    }

    pub(crate) fn is_hardware(&self) -> bool {
        self.version == "5"
    }

    /// Lets happen what was due; tells whether anything was.
    pub(crate) fn settle(&mut self, now: i64) -> bool {
        let is_due = matches!(self.link, Link::Until(at) if at <= now);
        if is_due {
            self.link = Link::There;
        }
        is_due
    }

    fn status(&self) -> &'static str {
        match self.link {
            Link::None => "Uninitialized",
            Link::Until(_) => "Connecting",
            Link::There => "Connected",
        }
    }

    fn describe(&self) -> Value {
        let bound: Vec<Value> = self
            .bound
            .iter()
            .map(|one| {
                json!({
                    "VpcId": one.vpc,
                    "VSwitchId": one.vswitch,
                    "RegionId": one.region,
                    "VpcOwnerId": one.owner.as_str().map_or_else(|| one.owner.to_string(), str::to_owned),
                })
            })
            .collect();
        json!({
            "InstanceId": self.id,
            "InstanceName": self.name,
            "Status": self.status(),
            "SaleStatus": "Normal",
            "CreateTime": time(self.created_at),
            "StartDate": time(self.created_at),
            "EndDate": time(self.ends_at),
            "Spec": self.size.spec,
            "KeyNum": self.size.key_num,
            "SecretNum": self.size.secret_num.to_string(),
            "VpcNum": self.size.vpc_num,
            "Log": self.size.log,
            "LogStorage": self.size.log_storage,
            "VpcId": self.vpc_id,
            "ZoneIds": self.zone_ids,
            "VswitchIds": self.vswitch_ids,
            "BindVpcs": { "BindVpc": bound },
            "CaCertificateChainPem": if matches!(self.link, Link::There) { CHAIN } else { "" },
            "ChargeType": if self.is_prepaid { "PREPAY" } else { "POSTPAY" },
            "ProductType": if self.is_prepaid { "kms_ddi_public_cn" } else { "kms_ppi_public_cn" },
            "ProductVersion": self.version,
            "DeletionProtection": self.is_protected,
            "DeletionProtectionDescription": self.protection_description,
        })
    }
}

const CHAIN: &str = "-----BEGIN CERTIFICATE-----\nMIIBmade0up0for0the0sandbox=\n-----END CERTIFICATE-----\n";

impl Region {
    fn named_instance(&mut self, params: &Params) -> Result<&mut Instance, Failure> {
        self.instances
            .get_mut(params.need("KmsInstanceId")?)
            .ok_or_else(Failure::no_resource)
    }
}

pub(crate) fn connect(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let list = |name: &str| {
        params
            .need(name)
            .map(|text| text.split(',').map(str::to_owned).collect::<Vec<_>>())
    };
    let (vpc, zones, vswitches) = (params.need("VpcId")?, list("ZoneIds")?, list("VSwitchIds")?);
    params.need("KMProvider")?;
    params.word("KMProvider", &["Aliyun"])?;
    let instance = region.named_instance(params)?;
    if !matches!(instance.link, Link::None) {
        return Err(Failure::service(
            400,
            "Rejected.Initialized",
            "The request was rejected because the instance is connected already.",
        ));
    }
    vpc.clone_into(&mut instance.vpc_id);
    instance.zone_ids = zones;
    instance.vswitch_ids = vswitches;
    instance.link = Link::Until(call.now + CONNECTING);
    Ok(nothing())
}

pub(crate) fn get(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    Ok(json!({ "KmsInstance": region.named_instance(call.params)?.describe() }))
}

pub(crate) fn list(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let filters = filters(call, &["InstanceName", "InstanceId"])?;
    let passes = |instance: &&Instance| {
        filters.iter().all(|filter| match filter.key.as_str() {
            "InstanceName" => filter.wants(&instance.name),
            _ => filter.wants(&instance.id),
        })
    };
    page(
        call,
        20,
        ("KmsInstances", "KmsInstance"),
        region.instances.values().filter(passes),
        |instance| json!({ "KmsInstanceId": instance.id, "KmsInstanceArn": call.arn(&format!("keystore/{}", instance.id)) }),
    )
}

pub(crate) fn update(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let name = call.params.text("InstanceName", 128)?;
    let instance = region.named_instance(call.params)?;
    if !name.is_empty() {
        instance.name = name;
    }
    Ok(nothing())
}

pub(crate) fn bind(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let bad = || Failure::invalid("BindVpcs");
    let document = call.params.json("BindVpcs")?;
    let document = document.ok_or_else(|| Failure::missing("BindVpcs"))?;
    let bound: Vec<Bound> = serde_json::from_value(document).map_err(|_| bad())?;
    let instance = region.named_instance(call.params)?;
    if !matches!(instance.link, Link::There) {
        return Err(Failure::service(
            403,
            "Forbidden.DKMSInstanceStateInvalid",
            "The state of the instance does not allow this.",
        ));
    }
    if i64::try_from(bound.len()).is_ok_and(|count| count > instance.size.vpc_num) {
        return Err(Failure::limit());
    }
    instance.bound = bound;
    Ok(nothing())
}

impl Region {
    /// Takes an instance away, and with it the keys and secrets that it holds.
    pub(crate) fn end_instance(&mut self, id: &str) {
        self.instances.remove(id);
        self.keys.retain(|_, key| key.instance_id != id);
        self.secrets.retain(|_, secret| secret.instance_id != id);
        let keys = &self.keys;
        self.aliases.retain(|_, key| keys.contains_key(key));
    }
}

/// Ends an instance that is paid for by use. What was paid in advance is refunded by the billing service.
pub(crate) fn release(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    call.params.flag("ForceDeleteWithoutBackup")?;
    let instance = region.named_instance(call.params)?;
    if instance.is_protected {
        return Err(Failure::protected("instance"));
    }
    if instance.is_prepaid {
        return Err(Failure::unsupported());
    }
    let id = instance.id.clone();
    region.end_instance(&id);
    region.released.push(id);
    Ok(nothing())
}
