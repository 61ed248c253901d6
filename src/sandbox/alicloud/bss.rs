//! The billing service, BssOpenApi 2017-12-14, as far as it sells things of key management: instances, and the
//! rotation of default keys.
//!
//! The account is one of the domestic site: what is sold on the other only is not applicable to it. Renewals and
//! ends are written down and never come.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::errors::Failure;
use super::instances::{Instance, Size};
use super::params::Params;
use super::{Alicloud, Call, Region, time};

const KINDS: [&str; 4] = [
    "kms_ddi_public_cn",
    "kms_ppi_public_cn",
    "kms_ddi_public_intl",
    "kms_ppi_public_intl",
];
const RENEWALS: [&str; 3] = ["AutoRenewal", "ManualRenewal", "NotRenewal"];
const MANUAL: &str = "ManualRenewal";
const PERIODS: [i64; 7] = [1, 2, 3, 6, 12, 24, 36];
/// The number of the rotation of default keys among the value-added services.
const ROTATION: &str = "2";
/// The version of the product that value-added services count as.
const SERVICES: &str = "4";

/// What the account has bought.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Shop {
    orders: BTreeMap<String, Order>,
    /// What was bought with which token: the same token buys nothing twice.
    tokens: BTreeMap<String, String>,
}

/// Something bought.
#[derive(Clone, Serialize, Deserialize)]
struct Order {
    id: String,
    region: String,
    kind: String,
    subscription: String,
    created_at: i64,
    ends_at: i64,
    renewal: String,
    renewal_months: i64,
}

/// Serves an action of the service.
pub(crate) fn serve(world: &mut Alicloud, action: &str, call: &Call) -> Result<Value, Failure> {
    world.forget_released();
    let reply = match action {
        "CreateInstance" => buy(world, call),
        "ModifyInstance" => modify(world, call),
        "QueryAvailableInstances" => query(&world.shop, call.params),
        "RefundInstance" => refund(world, call),
        "SetRenewal" => renew(&mut world.shop, call.params),
        _ => Err(Failure::no_action()),
    };
    // This service answers in the envelope of the gateway.
    reply.map_err(Failure::through_gateway)
}

impl Alicloud {
    /// Instances that the key management service has released are no longer sold.
    fn forget_released(&mut self) {
        for region in self.regions.values_mut() {
            for id in region.released.drain(..) {
                self.shop.orders.remove(&id);
            }
        }
    }
}

fn buy(world: &mut Alicloud, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let kind = kind(params)?;
    let token = params.get("ClientToken").unwrap_or_default();
    if let Some(id) = world.shop.tokens.get(token) {
        return Ok(done(&json!({ "InstanceId": id, "OrderId": order_number() })));
    }
    let (order, instance) = ordered(params, kind, call.now)?;
    if let Some(instance) = instance {
        let region = world.regions.entry(order.region.clone()).or_default();
        region.instances.insert(order.id.clone(), instance);
    }
    let id = order.id.clone();
    if !token.is_empty() {
        world.shop.tokens.insert(token.to_owned(), id.clone());
    }
    world.shop.orders.insert(id.clone(), order);
    Ok(done(&json!({ "InstanceId": id, "OrderId": order_number() })))
}

/// What a purchase comes to: an order and, unless it is a service, an instance.
fn ordered(params: &Params, kind: &str, now: i64) -> Result<(Order, Option<Instance>), Failure> {
    params.need("SubscriptionType")?;
    let subscription = params.word("SubscriptionType", &["Subscription", "PayAsYouGo"])?;
    let asked = Parameters::of(params);
    let region = asked.need("Region")?;
    let months = months(params, "Period")?.unwrap_or(1);
    let is_service = asked.get("ProductVersion") == Some(SERVICES);
    let renewal = params.word("RenewalStatus", &RENEWALS)?.unwrap_or(MANUAL);
    let prefix = if is_service { "dkr-hzz" } else { "kst-hzz" };
    let order = Order {
        id: format!("{prefix}{}", &Uuid::new_v4().simple().to_string()[..17]),
        region: region.to_owned(),
        kind: kind.to_owned(),
        subscription: subscription.unwrap_or_default().to_owned(),
        created_at: now,
        ends_at: after(now, months)?,
        renewal: renewal.to_owned(),
        renewal_months: months_of_renewal(params, "RenewPeriod")?.unwrap_or(months),
    };
    if is_service {
        if asked.need("ValueAddedService")? != ROTATION {
            return Err(Failure::invalid("ValueAddedService"));
        }
        return Ok((order, None));
    }
    let size = asked.size(&NEW)?;
    let version = asked.get("ProductVersion").unwrap_or("3");
    if !["3", "5"].contains(&version) {
        return Err(Failure::invalid("ProductVersion"));
    }
    let times = (now, order.ends_at);
    let mut instance = Instance::bought(order.id.clone(), size, version.to_owned(), times);
    instance.is_prepaid = kind.starts_with("kms_ddi");
    Ok((order, Some(instance)))
}

fn modify(world: &mut Alicloud, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    kind(params)?;
    params.need("ModifyType")?;
    params.word("ModifyType", &["Upgrade", "Downgrade"])?;
    let order = world.shop.named(params.need("InstanceId")?)?;
    let instances = &mut world.regions.entry(order.region.clone()).or_default().instances;
    let instance = instances.get_mut(&order.id).ok_or_else(not_there)?;
    if !instance.is_prepaid {
        return Err(Failure::unsupported());
    }
    instance.size = Parameters::of(params).size(&instance.size)?;
    Ok(done(&json!({ "OrderId": order_number() })))
}

fn query(shop: &Shop, params: &Params) -> Result<Value, Failure> {
    let number = params.number("PageNum", 1, 10_000)?.unwrap_or(1);
    let size = params.number("PageSize", 1, 300)?.unwrap_or(20);
    let ids: Vec<&str> = params
        .get("InstanceIDs")
        .map_or_else(Vec::new, |ids| ids.split(',').collect());
    let fits = |order: &&Order| {
        (ids.is_empty() || ids.contains(&order.id.as_str()))
            && params.get("Region").is_none_or(|region| region == order.region)
            && params.get("ProductCode").is_none_or(|code| code == "kms")
            && params.get("ProductType").is_none_or(|kind| kind == order.kind)
    };
    let found: Vec<Value> = shop.orders.values().filter(fits).map(Order::describe).collect();
    let total = found.len();
    let skipped = usize::try_from((number - 1) * size).unwrap_or(usize::MAX);
    let taken = usize::try_from(size).unwrap_or(usize::MAX);
    let page: Vec<Value> = found.into_iter().skip(skipped).take(taken).collect();
    Ok(done(
        &json!({ "TotalCount": total, "PageNum": number, "PageSize": size, "InstanceList": page }),
    ))
}

fn refund(world: &mut Alicloud, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    params.need("ClientToken")?;
    params.need("ImmediatelyRelease")?;
    params.word("ImmediatelyRelease", &["1", "0"])?;
    kind(params)?;
    let order = world.shop.named(params.need("InstanceId")?)?;
    let region: &mut Region = world.regions.entry(order.region.clone()).or_default();
    let id = order.id.clone();
    if region
        .instances
        .get(&id)
        .is_some_and(|instance| instance.is_protected)
    {
        return Err(Failure::protected("instance"));
    }
    region.end_instance(&id);
    world.shop.orders.remove(&id);
    Ok(done(&json!({ "HostId": id, "OrderId": order_number() })))
}

fn renew(shop: &mut Shop, params: &Params) -> Result<Value, Failure> {
    kind(params)?;
    params.need("RenewalStatus")?;
    let status = params.word("RenewalStatus", &RENEWALS)?.unwrap_or(MANUAL);
    let unit = params.word("RenewalPeriodUnit", &["M", "Y"])?.unwrap_or("M");
    let period = params.number("RenewalPeriod", 1, 36)?;
    let order = shop.named(params.need("InstanceIDs")?)?;
    if status == "AutoRenewal" && period.is_none() {
        return Err(Failure::missing("RenewalPeriod"));
    }
    status.clone_into(&mut order.renewal);
    if let Some(period) = period {
        order.renewal_months = if unit == "Y" { period * 12 } else { period };
    }
    Ok(done(&json!({})))
}

impl Shop {
    fn named(&mut self, id: &str) -> Result<&mut Order, Failure> {
        self.orders.get_mut(id).ok_or_else(not_there)
    }
}

impl Order {
    fn describe(&self) -> Value {
        json!({
            "InstanceID": self.id,
            "Region": self.region,
            "ProductCode": "kms",
            "ProductType": self.kind,
            "SubscriptionType": self.subscription,
            "Status": "Normal",
            "SubStatus": "Normal",
            "CreateTime": time(self.created_at),
            "EndTime": time(self.ends_at),
            "RenewStatus": self.renewal,
            "RenewalDuration": self.renewal_months,
            "RenewalDurationUnit": "M",
        })
    }
}

/// What an instance has that nobody said anything about.
const NEW: Size = Size {
    spec: 1000,
    key_num: 1000,
    secret_num: 0,
    vpc_num: 1,
    log: 0,
    log_storage: 0,
};

/// The parameters `Parameter.N.Code` and `Parameter.N.Value`.
struct Parameters<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Parameters<'a> {
    fn of(params: &'a Params) -> Self {
        let pair = |n| {
            Some((
                params.part("Parameter", n, "Code")?,
                params.part("Parameter", n, "Value")?,
            ))
        };
        Self((1..).map_while(pair).collect())
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    fn need(&self, name: &str) -> Result<&'a str, Failure> {
        self.get(name).ok_or_else(|| Failure::missing(name))
    }

    fn number(&self, name: &str, from: i64, to: i64) -> Result<Option<i64>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| (from..=to).contains(number));
        number.map(Some).ok_or_else(|| Failure::invalid(name))
    }

    /// A size, of which the rest is as it was.
    fn size(&self, was: &Size) -> Result<Size, Failure> {
        let spec = self.number("Spec", 0, 4000)?.unwrap_or(was.spec);
        if ![0, 200, 1000, 2000, 4000].contains(&spec) {
            return Err(Failure::invalid("Spec"));
        }
        Ok(Size {
            spec,
            key_num: self.number("KeyNum", 100, 100_000)?.unwrap_or(was.key_num),
            secret_num: self.number("SecretNum", 0, 100_000)?.unwrap_or(was.secret_num),
            vpc_num: self.number("VpcNum", 0, 10_000)?.unwrap_or(was.vpc_num),
            log: self.number("Log", 0, 1)?.unwrap_or(was.log),
            log_storage: self.number("LogStorage", 0, 500_000)?.unwrap_or(was.log_storage),
        })
    }
}

fn kind(params: &Params) -> Result<&str, Failure> {
    params.need("ProductCode")?;
    params.word("ProductCode", &["kms"])?;
    params.need("ProductType")?;
    let kind = params.word("ProductType", &KINDS)?.unwrap_or_default();
    if kind.ends_with("_intl") {
        return Err(Failure::service(
            400,
            "NotApplicable",
            "This API is not applicable for caller.",
        ));
    }
    Ok(kind)
}

fn months(params: &Params, name: &str) -> Result<Option<i64>, Failure> {
    match params.number(name, 0, 36)? {
        Some(0) | None => Ok(None),
        Some(months) if PERIODS.contains(&months) => Ok(Some(months)),
        Some(_) => Err(Failure::invalid(name)),
    }
}

fn months_of_renewal(params: &Params, name: &str) -> Result<Option<i64>, Failure> {
    params.number(name, 1, 36)
}

fn after(now: i64, months: i64) -> Result<i64, Failure> {
    let start = Timestamp::from_second(now).map_err(|_| Failure::internal())?;
    let end = start.to_zoned(TimeZone::UTC).checked_add(months.months());
    end.map(|end| end.timestamp().as_second())
        .map_err(|_| Failure::internal())
}

fn done(data: &Value) -> Value {
    json!({ "Code": "Success", "Message": "Successful!", "Success": true, "Data": data })
}

fn order_number() -> String {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    format!("2{:014}", high % 100_000_000_000_000)
}

fn not_there() -> Failure {
    Failure::service(400, "ResourceNotExists", "The specified resource does not exist.")
}

#[cfg(test)]
#[path = "bss_test.rs"]
mod tests;
