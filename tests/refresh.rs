//! How many calls it takes to see that nothing has changed: for each type, by the sandbox's log of calls.

use keyform::sandbox::{self, Faults};
use serde_json::{Value as Json, json};

use crate::faults::{Project, at, clouds, control};

/// The calls of a plan of what a configuration made, by action, of both clouds.
fn calls_of_plan(configuration: &str) -> Json {
    let cloud = clouds(Faults::default());
    let address = cloud.address;
    let (key, secret) = (
        sandbox::ALICLOUD_ACCESS_KEY_ID,
        sandbox::ALICLOUD_ACCESS_KEY_SECRET,
    );
    let alicloud = format!(
        "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  access_key = \"{key}\"\n  secret_key = \"{secret}\"\n  endpoints {{\n    kms = \"http://{address}\"\n    sts = \"http://{address}\"\n  }}\n}}\n"
    );
    let project = Project::new(&at(address, &format!("{alicloud}{configuration}")));
    project.good(&["apply", "-auto-approve"]);
    control(address, "DELETE", "calls", "");
    let planned = project.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    let told: Json = serde_json::from_str(&control(address, "GET", "calls", "")).unwrap();
    cloud.stop().unwrap();
    let mut all = told["aws"].as_object().unwrap().clone();
    all.extend(told["alicloud"].as_object().unwrap().clone());
    Json::Object(all)
}

#[track_caller]
fn check(configuration: &str, expected: &Json) {
    assert_eq!(&calls_of_plan(configuration), expected);
}

const AWS_KEY: &str = "resource \"aws_kms_key\" \"k\" {}\n";
const ALICLOUD_KEY: &str = "resource \"alicloud_kms_key\" \"k\" {}\n";

#[test]
fn a_key_of_aws_takes_four_calls_and_three_where_it_cannot_rotate() {
    let key = "resource \"aws_kms_key\" \"k\" { count = 5 }\n";
    let calls =
        json!({"DescribeKey": 5, "GetKeyPolicy": 5, "GetKeyRotationStatus": 5, "ListResourceTags": 5});
    check(key, &calls);
    let key = "resource \"aws_kms_key\" \"k\" {\n  count = 5\n  key_usage = \"GENERATE_VERIFY_MAC\"\n  customer_master_key_spec = \"HMAC_256\"\n}\n";
    check(
        key,
        &json!({"DescribeKey": 5, "GetKeyPolicy": 5, "ListResourceTags": 5}),
    );
    let key = "resource \"aws_kms_external_key\" \"k\" { count = 5 }\n";
    check(
        key,
        &json!({"DescribeKey": 5, "GetKeyPolicy": 5, "ListResourceTags": 5}),
    );
}

#[test]
fn aliases_of_aws_take_a_call_for_a_hundred() {
    let aliases = "resource \"aws_kms_key\" \"k\" { count = 2 }\nresource \"aws_kms_alias\" \"a\" {\n  count = 100\n  name = \"alias/a-${count.index}\"\n  target_key_id = aws_kms_key.k[count.index % 2].key_id\n}\ndata \"aws_kms_aliases\" \"all\" { depends_on = [aws_kms_alias.a] }\n";
    // A hundred, and those of AWS itself.
    let calls = json!({"DescribeKey": 2, "GetKeyPolicy": 2, "GetKeyRotationStatus": 2, "ListResourceTags": 2, "ListAliases": 2});
    check(aliases, &calls);
}

#[test]
fn a_grant_of_aws_takes_one_call() {
    let grants = format!(
        "{AWS_KEY}resource \"aws_kms_grant\" \"g\" {{\n  count = 5\n  name = \"g-${{count.index}}\"\n  key_id = aws_kms_key.k.key_id\n  grantee_principal = \"arn:aws:iam::123456789012:role/r\"\n  operations = [\"Decrypt\"]\n}}\n"
    );
    let calls = json!({"DescribeKey": 1, "GetKeyPolicy": 1, "GetKeyRotationStatus": 1, "ListResourceTags": 1, "ListGrants": 5});
    check(&grants, &calls);
}

#[test]
fn who_asks_the_same_of_a_key_shares_the_answer() {
    let configuration = format!(
        "{AWS_KEY}{}",
        r#"
resource "aws_kms_key_policy" "p" {
  key_id = aws_kms_key.k.key_id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }]
  })
}
data "aws_kms_key" "one" { key_id = aws_kms_key.k.key_id }
data "aws_kms_key" "two" { key_id = aws_kms_key.k.key_id }
data "aws_caller_identity" "one" {}
data "aws_caller_identity" "two" {}
"#
    );
    let calls = json!({"DescribeKey": 1, "GetKeyPolicy": 1, "GetKeyRotationStatus": 1, "ListResourceTags": 1, "GetCallerIdentity": 1});
    check(&configuration, &calls);
}

#[test]
fn what_exists_nowhere_takes_no_call() {
    let ciphertext = format!(
        "{AWS_KEY}resource \"aws_kms_ciphertext\" \"c\" {{\n  key_id = aws_kms_key.k.key_id\n  plaintext = \"x\"\n}}\n"
    );
    let calls =
        json!({"DescribeKey": 1, "GetKeyPolicy": 1, "GetKeyRotationStatus": 1, "ListResourceTags": 1});
    check(&ciphertext, &calls);
    let ciphertext = format!(
        "{ALICLOUD_KEY}resource \"alicloud_kms_ciphertext\" \"c\" {{\n  key_id = alicloud_kms_key.k.id\n  plaintext = \"eA==\"\n}}\n"
    );
    check(&ciphertext, &json!({"DescribeKey": 1, "ListTagResources": 1}));
}

#[test]
fn a_replica_of_aws_takes_as_many_calls_as_a_key() {
    let replicas = "resource \"aws_kms_key\" \"k\" {\n  count = 2\n  multi_region = true\n}\nresource \"aws_kms_replica_key\" \"r\" {\n  count = 2\n  region = \"eu-central-1\"\n  primary_key_arn = aws_kms_key.k[count.index].arn\n}\n";
    let calls =
        json!({"DescribeKey": 4, "GetKeyPolicy": 4, "GetKeyRotationStatus": 4, "ListResourceTags": 4});
    check(replicas, &calls);
}

#[test]
fn tags_of_fifty_objects_of_alibaba_cloud_take_one_call() {
    let keys = "resource \"alicloud_kms_key\" \"k\" {\n  count = 60\n  tags = { n = count.index, same = \"x\" }\n}\n";
    check(keys, &json!({"DescribeKey": 60, "ListTagResources": 2}));
}

#[test]
fn aliases_of_alibaba_cloud_take_a_call_for_a_hundred() {
    let aliases = "resource \"alicloud_kms_key\" \"k\" { count = 2 }\nresource \"alicloud_kms_alias\" \"a\" {\n  count = 101\n  alias_name = \"alias/a-${count.index}\"\n  key_id = alicloud_kms_key.k[count.index % 2].id\n}\ndata \"alicloud_kms_aliases\" \"all\" { depends_on = [alicloud_kms_alias.a] }\n";
    check(
        aliases,
        &json!({"DescribeKey": 2, "ListTagResources": 1, "ListAliases": 2}),
    );
}

#[test]
fn a_secret_of_alibaba_cloud_takes_two_calls_and_its_tags_are_asked_for_with_others() {
    let secrets = "resource \"alicloud_kms_secret\" \"s\" {\n  count = 5\n  secret_name = \"s-${count.index}\"\n  secret_data = \"x\"\n  version_id = \"1\"\n  tags = { n = count.index }\n}\n";
    check(
        secrets,
        &json!({"DescribeSecret": 5, "GetSecretValue": 5, "ListTagResources": 1}),
    );
}

#[test]
fn what_gives_applications_access_takes_a_call_each() {
    let access = r#"
resource "alicloud_kms_network_rule" "n" {
  count             = 3
  network_rule_name = "n-${count.index}"
  source_private_ip = ["10.1.0.0/16"]
}
resource "alicloud_kms_policy" "p" {
  count                = 3
  policy_name          = "p-${count.index}"
  kms_instance_id      = "shared"
  permissions          = ["RbacPermission/Template/CryptoServiceKeyUser"]
  resources            = ["key/*"]
  access_control_rules = jsonencode({ NetworkRules = [alicloud_kms_network_rule.n[0].network_rule_name] })
}
resource "alicloud_kms_application_access_point" "a" {
  count                         = 3
  application_access_point_name = "a-${count.index}"
  policies                      = [alicloud_kms_policy.p[0].policy_name]
}
"#;
    check(
        access,
        &json!({"DescribeNetworkRule": 3, "DescribePolicy": 3, "DescribeApplicationAccessPoint": 3}),
    );
}
