//! Instances and services from purchase to refund.

use super::super::BSS_VERSION;
use super::super::test_support::Bench;
use super::*;

const PRODUCT: [(&str, &str); 4] = [
    ("ProductCode", "kms"),
    ("ProductType", "kms_ddi_public_cn"),
    ("SubscriptionType", "Subscription"),
    ("Period", "1"),
];
const REFUND: [(&str, &str); 4] = [
    PRODUCT[0],
    PRODUCT[1],
    ("ClientToken", "r"),
    ("ImmediatelyRelease", "1"),
];

fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    base.iter().chain(more).copied().collect()
}

fn bought(bench: &mut Bench, parameters: &[(&str, &str)], more: &[(&str, &str)]) -> Result<String, String> {
    let names: Vec<[String; 2]> = (1..=parameters.len() + 1)
        .map(|n| [format!("Parameter.{n}.Code"), format!("Parameter.{n}.Value")])
        .collect();
    let parameters = with(&[("Region", "cn-hangzhou")], parameters);
    let mut all = with(&PRODUCT, more);
    for ([code, value], (name, text)) in names.iter().zip(&parameters) {
        all.extend([(code.as_str(), *name), (value.as_str(), *text)]);
    }
    let reply = bench.try_call_of(BSS_VERSION, "CreateInstance", &all)?;
    assert_eq!(reply["Success"], true);
    Ok(reply["Data"]["InstanceId"].as_str().unwrap().to_owned())
}

fn instance(bench: &mut Bench, id: &str) -> Value {
    bench.ok("GetKmsInstance", &[("KmsInstanceId", id)])["KmsInstance"].clone()
}

fn listed(bench: &mut Bench, id: &str) -> Value {
    let reply = bench.ok_of(BSS_VERSION, "QueryAvailableInstances", &[("InstanceIDs", id)]);
    reply["Data"]["InstanceList"][0].clone()
}

#[test]
fn an_instance_is_bought_connected_enlarged_and_refunded() {
    let mut bench = Bench::new();
    let id = bought(&mut bench, &[("KeyNum", "200"), ("Spec", "2000")], &[]).unwrap();
    assert!(id.starts_with("kst-"));
    assert_eq!(instance(&mut bench, &id)["Status"], "Uninitialized");
    let connect = [
        ("KmsInstanceId", id.as_str()),
        ("VpcId", "vpc-1"),
        ("ZoneIds", "a,b"),
        ("VSwitchIds", "s,t"),
        ("KMProvider", "Aliyun"),
    ];
    bench.ok("ConnectKmsInstance", &connect);
    assert_eq!(instance(&mut bench, &id)["Status"], "Connecting");
    bench.wait_seconds(1);
    let found = instance(&mut bench, &id);
    assert_eq!(
        (&found["Status"], &found["KeyNum"]),
        (&json!("Connected"), &json!(200))
    );
    assert_eq!(found["ZoneIds"], json!(["a", "b"]));
    bench.fails("ConnectKmsInstance", &connect, "400 Rejected.Initialized");
    let size = [
        ("InstanceId", id.as_str()),
        ("ModifyType", "Upgrade"),
        ("Parameter.1.Code", "KeyNum"),
        ("Parameter.1.Value", "300"),
    ];
    bench.ok_of(BSS_VERSION, "ModifyInstance", &with(&PRODUCT, &size));
    assert_eq!(instance(&mut bench, &id)["KeyNum"], 300);
    bench.fails(
        "ReleaseKmsInstance",
        &[("KmsInstanceId", &id)],
        "400 Rejected.UnsupportedOperation",
    );
    let one = [("InstanceId", id.as_str())];
    bench.ok_of(BSS_VERSION, "RefundInstance", &with(&REFUND, &one));
    bench.fails(
        "GetKmsInstance",
        &[("KmsInstanceId", &id)],
        "404 Forbidden.ResourceNotFound",
    );
    assert_eq!(
        bench.refusal_of(BSS_VERSION, "RefundInstance", &with(&REFUND, &one)),
        "400 ResourceNotExists"
    );
}

#[test]
fn an_instance_paid_by_use_is_released() {
    let mut bench = Bench::new();
    let kind = [("ProductType", "kms_ppi_public_cn")];
    let id = bought(&mut bench, &[], &kind).unwrap();
    assert_eq!(instance(&mut bench, &id)["ChargeType"], "POSTPAY");
    let protect = [
        ("KmsInstanceId", id.as_str()),
        ("EnableDeletionProtection", "true"),
    ];
    bench.ok("SetDeletionProtection", &protect);
    bench.fails(
        "ReleaseKmsInstance",
        &protect[..1],
        "409 Rejected.DeletionProtection",
    );
    bench.ok(
        "SetDeletionProtection",
        &[protect[0], ("EnableDeletionProtection", "false")],
    );
    bench.ok("ReleaseKmsInstance", &protect[..1]);
    assert_eq!(listed(&mut bench, &id), Value::Null);
}

#[test]
fn a_token_buys_once() {
    let mut bench = Bench::new();
    let token = [("ClientToken", "t")];
    let first = bought(&mut bench, &[], &token).unwrap();
    assert_eq!(bought(&mut bench, &[], &token).unwrap(), first);
    assert_ne!(bought(&mut bench, &[], &[("ClientToken", "u")]).unwrap(), first);
}

#[test]
fn a_service_is_bought_and_renewed_by_the_year() {
    let mut bench = Bench::new();
    let service = [("ValueAddedService", "2"), ("ProductVersion", "4")];
    let id = bought(&mut bench, &service, &[("Period", "12")]).unwrap();
    assert!(id.starts_with("dkr-"));
    let order = listed(&mut bench, &id);
    assert_eq!(
        (&order["RenewStatus"], &order["RenewalDuration"]),
        (&json!("ManualRenewal"), &json!(12))
    );
    assert_eq!(order["EndTime"], "2025-05-06T07:08:09Z");
    let renewal = [
        ("InstanceIDs", id.as_str()),
        ("RenewalStatus", "AutoRenewal"),
        ("RenewalPeriod", "2"),
        ("RenewalPeriodUnit", "Y"),
    ];
    bench.ok_of(BSS_VERSION, "SetRenewal", &with(&PRODUCT[..3], &renewal));
    assert_eq!(listed(&mut bench, &id)["RenewalDuration"], 24);
}

#[track_caller]
fn refused(parameters: &[(&str, &str)], more: &[(&str, &str)], expected: &str) {
    assert_eq!(
        bought(&mut Bench::new(), parameters, more).map_err(|why| why == expected),
        Err(true)
    );
}

#[test]
fn what_is_not_sold_is_refused() {
    refused(&[("Spec", "7")], &[], "400 InvalidParameter");
    refused(&[("KeyNum", "99")], &[], "400 InvalidParameter");
    refused(&[("ProductVersion", "4")], &[], "400 MissingParameter");
    refused(&[], &[("Period", "5")], "400 InvalidParameter");
    refused(
        &[],
        &[("ProductType", "kms_ddi_public_intl")],
        "400 NotApplicable",
    );
}

#[test]
fn an_instance_has_networks_and_a_name_and_tags() {
    let mut bench = Bench::new();
    let id = bought(&mut bench, &[("VpcNum", "1")], &[]).unwrap();
    let own = ("KmsInstanceId", id.as_str());
    let one = r#"{"VpcId":"v","VSwitchId":"s","RegionId":"cn-hangzhou","VpcOwnerId":1234}"#;
    let bind = |list: &str| ("BindVpcs", list.to_owned());
    let (_, single) = bind(&format!("[{one}]"));
    bench.fails(
        "UpdateKmsInstanceBindVpc",
        &[own, ("BindVpcs", &single)],
        "403 Forbidden.DKMSInstanceStateInvalid",
    );
    let network = [
        ("VpcId", "v"),
        ("ZoneIds", "a"),
        ("VSwitchIds", "s"),
        ("KMProvider", "Aliyun"),
    ];
    bench.ok("ConnectKmsInstance", &with(&[own], &network));
    bench.wait_seconds(1);
    bench.ok("UpdateKmsInstanceBindVpc", &[own, ("BindVpcs", &single)]);
    let (_, double) = bind(&format!("[{one},{one}]"));
    bench.fails(
        "UpdateKmsInstanceBindVpc",
        &[own, ("BindVpcs", &double)],
        "400 Rejected.LimitExceeded",
    );
    bench.ok("UpdateKmsInstance", &[own, ("InstanceName", "shop")]);
    let found = instance(&mut bench, &id);
    assert_eq!(found["BindVpcs"]["BindVpc"][0]["VpcOwnerId"], "1234");
    let filter = ("Filters", r#"[{"Key":"InstanceName","Values":["shop"]}]"#);
    assert_eq!(bench.ok("ListKmsInstances", &[filter])["TotalCount"], 1);
    let tag = [("Tag.1.Key", "a"), ("Tag.1.Value", "b")];
    let target = [
        ("RegionId", "cn-hangzhou"),
        ("ResourceType", "instance"),
        ("ResourceId.1", id.as_str()),
    ];
    bench.ok("TagResources", &with(&target, &tag));
    let tags = bench.ok("ListTagResources", &target);
    assert_eq!(tags["TagResources"]["TagResource"][0]["TagValue"], "b");
}
