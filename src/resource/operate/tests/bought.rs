//! What is bought at the billing service: once, at the right site, and never lost from sight.

use super::*;

const ABROAD: &str = "business.ap-southeast-1.aliyuncs.com";

fn order(id: &str) -> Json {
    json!({"Success": true, "Data": {"InstanceId": id, "OrderId": "1"}})
}

fn instance(status: &str) -> Json {
    json!({"RequestId": "r", "KmsInstance": {
        "InstanceId": "kst-1", "InstanceName": "kst-1", "Status": status, "ChargeType": "PREPAY", "ProductVersion": "3",
        "KeyNum": 100, "SecretNum": "0", "Spec": 1000, "VpcNum": 1, "Log": 0, "LogStorage": 0,
        "VpcId": "v", "ZoneIds": ["z"], "VswitchIds": ["s"], "DeletionProtection": false,
    }})
}

fn sold() -> Json {
    json!({"Data": {"TotalCount": 1, "InstanceList": [{
        "InstanceID": "kst-1", "ProductType": "kms_ddi_public_cn", "RenewStatus": "ManualRenewal", "RenewalDuration": 1, "RenewalDurationUnit": "M",
    }]}})
}

/// A cloud in which what is bought is there and connected.
fn cloud(script: Script) -> Script {
    script
        .then("ConnectKmsInstance", json!({}))
        .then("GetKmsInstance", instance("Connected"))
        .then("QueryAvailableInstances", sold())
        .then("ListTagResources", json!({"RequestId": "r"}))
}

fn config() -> Json {
    json!({"vpc_id": "v", "zone_ids": ["z"], "vswitch_ids": ["s"]})
}

/// What was asked of the shop: the kind of product, and where.
fn orders(script: &Script) -> Vec<(String, Option<String>)> {
    let log = script.log.borrow();
    let orders = log.iter().filter(|call| &*call.action == "CreateInstance");
    let told = orders.map(|call| {
        let params = to_plain_json(&call.params);
        let kind = params["ProductType"].as_str().unwrap_or_default().to_owned();
        (kind, call.endpoint.as_ref().map(ToString::to_string))
    });
    told.collect()
}

fn refusal(script: Script) -> Script {
    script.fail("CreateInstance", Class::Refused, "NotApplicable", "no")
}

#[test]
fn an_account_of_the_other_site_is_found_out() {
    let bench = Bench::of("alicloud_kms_instance");
    let script = cloud(refusal(refusal(Script::default())).then("CreateInstance", order("kst-1")));
    let made = fine(bench.create(&script, &config()));
    assert_eq!(made.get("id").and_then(Value::as_str), Some("kst-1"));
    let intl = "kms_ddi_public_intl".to_owned();
    let expected = [
        ("kms_ddi_public_cn".to_owned(), None),
        (intl.clone(), None),
        (intl, Some(ABROAD.to_owned())),
    ];
    assert_eq!(orders(&script), expected);
    let tokens: Vec<Json> = script.log.borrow()[..3]
        .iter()
        .map(|call| to_plain_json(&call.params)["ClientToken"].clone())
        .collect();
    assert!(tokens[0].is_string() && tokens[0] == tokens[1] && tokens[1] == tokens[2]);
}

#[test]
fn an_account_that_says_its_site_is_believed() {
    let mut bench = Bench::of("alicloud_kms_instance");
    bench.provider = from_plain_json(&json!({"region": "eu-central-1", "account_type": "International"}));
    let script = cloud(Script::default().then("CreateInstance", order("kst-1")));
    fine(bench.create(&script, &config()));
    assert_eq!(orders(&script), [("kms_ddi_public_intl".to_owned(), None)]);
}

#[test]
fn what_was_bought_and_not_connected_is_kept_and_connected_the_next_time() {
    let bench = Bench::of("alicloud_kms_instance");
    let script = Script::default()
        .then("CreateInstance", order("kst-1"))
        .fail(
            "ConnectKmsInstance",
            Class::Refused,
            "InvalidParameter",
            "no such network",
        )
        .then("GetKmsInstance", instance("Uninitialized"))
        .then("QueryAvailableInstances", sold())
        .then("ListTagResources", json!({"RequestId": "r"}));
    let outcome = bench.create(&script, &config());
    assert!(format!("{:?}", outcome.problems).contains("no such network"));
    let half = outcome.object.expect("it was paid for");
    assert_eq!(half.get("status").and_then(Value::as_str), Some("Uninitialized"));

    let script = cloud(Script::default());
    let whole = fine(bench.update(&script, &half, &config()));
    assert_eq!(script.changes(), "ConnectKmsInstance QueryAvailableInstances");
    assert_eq!(whole.get("status").and_then(Value::as_str), Some("Connected"));
    bench.check_empty(&config(), &whole);
}

#[test]
fn an_instance_that_fails_to_connect_is_not_called_connected() {
    let bench = Bench::of("alicloud_kms_instance");
    let script = Script::new(&[
        ("CreateInstance", order("kst-1")),
        ("ConnectKmsInstance", json!({})),
    ])
    .then("GetKmsInstance", instance("Error"))
    .then("QueryAvailableInstances", sold())
    .then("ListTagResources", json!({"RequestId": "r"}));
    let outcome = bench.create(&script, &config());
    assert!(
        format!("{:?}", outcome.problems).contains("connecting it to v has failed"),
        "{:?}",
        outcome.problems
    );
    let made = outcome.object.expect("it was paid for");
    assert_eq!(made.get("status").and_then(Value::as_str), Some("Error"));
    assert!(bench.clock.elapsed() < Duration::from_mins(10));
    let told = bench.propose(&object(bench.ty, &config()), Some(&made));
    assert_eq!(told.change.action, Action::NoOp);
    assert!(format!("{:?}", told.warnings).contains("in the state Error"));
}

#[test]
fn a_service_is_not_bought_a_second_time() {
    let bench = Bench::of("alicloud_kms_value_added_service");
    let there =
        json!({"Data": {"TotalCount": 1, "InstanceList": [{"InstanceID": "dkr-1", "Status": "Normal"}]}});
    let script = Script::new(&[("QueryAvailableInstances", there)]);
    let config = json!({"payment_type": "Subscription", "value_added_service": "2"});
    let outcome = bench.create(&script, &config);
    let told = format!("{:?}", outcome.problems);
    assert!(told.contains("dkr-1") && told.contains("Import it"), "{told}");
    assert!(outcome.object.is_none());
}

#[test]
fn what_was_refunded_elsewhere_is_gone() {
    for (name, id) in [
        ("alicloud_kms_value_added_service", "dkr-1"),
        ("alicloud_kms_instance", "kst-1"),
    ] {
        let bench = Bench::of(name);
        let script = Script::new(&[
            (
                "QueryAvailableInstances",
                json!({"Data": {"TotalCount": 0, "InstanceList": []}}),
            ),
            ("GetKmsInstance", json!({"RequestId": "r", "KmsInstance": {}})),
            ("ListTagResources", json!({"RequestId": "r"})),
        ]);
        let found = now(read(bench.site(&script), &object(bench.ty, &json!({"id": id}))));
        assert_eq!(found.expect("an answer"), Existence::Gone);
        let gone = object(bench.ty, &json!({"id": id, "payment_type": "Subscription"}));
        now(delete(bench.site(&script), &gone)).expect("nothing is left to refund");
        assert_eq!(script.count("RefundInstance"), 0);
    }
}
