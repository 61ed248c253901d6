//! What the data sources of AWS tell of a sandbox, word for word.

use serde_json::{Value as Json, json};

use crate::folder::Folder;

/// A provider, and keys to look at.
const KEYS: &str = r#"
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { team = "security" }
  }
}

resource "aws_kms_key" "a" {
  description  = "a key"
  multi_region = true
}

resource "aws_kms_replica_key" "a" {
  region          = "eu-central-1"
  primary_key_arn = aws_kms_key.a.arn
}

resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.a.key_id
}
"#;

/// Applies a configuration with an output `found`, and gives what came out.
#[track_caller]
fn found(folder: &Folder, configuration: &str) -> Json {
    folder.write("main.tf", &format!("{KEYS}\n{configuration}"));
    folder.apply();
    let text = folder.expect(0, "output", &["-json", "found"]);
    serde_json::from_str(&text).unwrap()
}

/// The output `found` of a configuration is as expected.
#[track_caller]
fn check(configuration: &str, expected: &Json) {
    let folder = Folder::new("data");
    let found = found(&folder, configuration);
    assert_eq!(&found, expected, "{found:#}");
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    folder.destroy();
}

#[test]
fn a_key_is_told_with_its_replicas() {
    check(
        r#"
data "aws_kms_key" "a" {
  key_id     = aws_kms_alias.a.name
  depends_on = [aws_kms_replica_key.a]
}
data "aws_kms_key" "replica" {
  region = aws_kms_replica_key.a.region
  key_id = aws_kms_replica_key.a.arn
}
output "found" {
  value = {
    same    = [for name in ["arn", "id"] : data.aws_kms_key.a[name] == aws_kms_key.a[name]]
    rest    = { for name, value in data.aws_kms_key.a : name => value if !contains(["arn", "id", "creation_date", "multi_region_configuration"], name) }
    family  = [for c in data.aws_kms_key.a.multi_region_configuration : [c.multi_region_key_type, c.primary_key[0].arn == aws_kms_key.a.arn, c.replica_keys[*].region]]
    replica = data.aws_kms_key.replica.multi_region_configuration[0].multi_region_key_type
    date    = length(formatdate("YYYY", data.aws_kms_key.a.creation_date))
  }
}
"#,
        &json!({
            "same": [true, true],
            "rest": {
                "aws_account_id": "123456789012", "cloud_hsm_cluster_id": null, "custom_key_store_id": null,
                "customer_master_key_spec": "SYMMETRIC_DEFAULT", "deletion_date": null, "description": "a key", "enabled": true,
                "expiration_model": null, "grant_tokens": null, "key_id": "alias/a", "key_manager": "CUSTOMER",
                "key_spec": "SYMMETRIC_DEFAULT", "key_state": "Enabled", "key_usage": "ENCRYPT_DECRYPT", "multi_region": true,
                "origin": "AWS_KMS", "pending_deletion_window_in_days": null, "region": "eu-west-1", "valid_to": null,
                "xks_key_configuration": [],
            },
            "family": [["PRIMARY", true, ["eu-central-1"]]],
            "replica": "REPLICA",
            "date": 4,
        }),
    );
}

#[test]
fn names_of_keys_are_told() {
    check(
        r#"
data "aws_kms_alias" "a" { name = aws_kms_alias.a.name }
data "aws_kms_alias" "s3" { name = "alias/aws/s3" }
data "aws_kms_aliases" "a" { key_id = aws_kms_alias.a.target_key_id }
data "aws_kms_aliases" "s3" {
  name_prefix = "alias/aws/s3"
  depends_on  = [aws_kms_alias.a]
}
data "aws_kms_keys" "all" { depends_on = [aws_kms_key.a] }
output "found" {
  value = {
    alias   = [data.aws_kms_alias.a.id == aws_kms_alias.a.arn, data.aws_kms_alias.a.target_key_arn == aws_kms_key.a.arn, data.aws_kms_alias.a.target_key_id == aws_kms_key.a.key_id]
    service = data.aws_kms_alias.s3.arn
    of_key  = [data.aws_kms_aliases.a.names, data.aws_kms_aliases.a.target_key_ids["alias/a"] == aws_kms_key.a.key_id]
    begin   = [data.aws_kms_aliases.s3.names, data.aws_kms_aliases.s3.arns]
    keys    = [contains(data.aws_kms_keys.all.ids, aws_kms_key.a.key_id), contains(data.aws_kms_keys.all.arns, aws_kms_key.a.arn)]
  }
}
"#,
        &json!({
            "alias": [true, true, true],
            "service": "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3",
            "of_key": [["alias/a"], true],
            "begin": [["alias/aws/s3"], ["arn:aws:kms:eu-west-1:123456789012:alias/aws/s3"]],
            "keys": [true, true],
        }),
    );
}

#[test]
fn a_public_key_is_told_in_pem() {
    check(
        r#"
resource "aws_kms_key" "s" {
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "RSA_2048"
}
data "aws_kms_public_key" "s" { key_id = aws_kms_key.s.key_id }
locals {
  key   = data.aws_kms_public_key.s
  lines = split("\n", local.key.public_key_pem)
}
output "found" {
  value = {
    key   = [local.key.arn == aws_kms_key.s.arn, local.key.id == local.key.arn, local.key.customer_master_key_spec, local.key.key_usage, local.key.encryption_algorithms, length(local.key.signing_algorithms)]
    pem   = [local.lines[0], local.lines[length(local.lines) - 2], local.lines[length(local.lines) - 1]]
    lines = distinct([for line in slice(local.lines, 1, length(local.lines) - 3) : length(line)])
    whole = join("", slice(local.lines, 1, length(local.lines) - 2)) == local.key.public_key
  }
}
"#,
        &json!({
            "key": [true, true, "RSA_2048", "SIGN_VERIFY", [], 6],
            "pem": ["-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", ""],
            "lines": [64],
            "whole": true,
        }),
    );
}

#[test]
fn what_was_encrypted_is_decrypted_each_by_its_name() {
    check(
        r#"
data "aws_kms_ciphertext" "a" {
  key_id    = aws_kms_key.a.key_id
  plaintext = "first"
  context   = { of = "a" }
}
resource "aws_kms_ciphertext" "b" {
  key_id    = aws_kms_key.a.key_id
  plaintext = "second"
}
data "aws_kms_secrets" "both" {
  secret {
    name    = "a"
    payload = data.aws_kms_ciphertext.a.ciphertext_blob
    context = { of = "a" }
  }
  secret {
    name    = "b"
    payload = "${aws_kms_ciphertext.b.ciphertext_blob}\n"
  }
}
data "aws_kms_key_last_usage" "a" {
  key_id     = aws_kms_key.a.key_id
  depends_on = [data.aws_kms_secrets.both]
}
output "found" {
  sensitive = true
  value     = [data.aws_kms_secrets.both.plaintext, data.aws_kms_key_last_usage.a.key_last_usage[0].operation, data.aws_kms_secrets.both.id]
}
"#,
        &json!([{ "a": "first", "b": "second" }, "Decrypt", "eu-west-1"]),
    );
}

#[test]
fn a_secret_is_named_once_and_is_text() {
    let folder = Folder::new("secrets");
    let secret = |name: &str, payload: &str| {
        format!("\n  secret {{\n    name    = \"{name}\"\n    payload = {payload}\n  }}\n")
    };
    let configuration = |secrets: &str| {
        format!(
            "{KEYS}\nresource \"aws_kms_ciphertext\" \"b\" {{\n  key_id = aws_kms_key.a.key_id\n  plaintext = \"x\"\n}}\ndata \"aws_kms_secrets\" \"a\" {{{secrets}}}\n"
        )
    };
    let twice = secret("a", "\"AAAA\"") + &secret("a", "\"AAAB\"");
    folder.write("main.tf", &configuration(&twice));
    let told = folder.expect(1, "plan", &[]);
    assert!(told.contains("Each secret needs a name of its own."), "{told}");
    folder.write("main.tf", &configuration(&secret("a", "\"AAAA\"")));
    let told = folder.expect(1, "plan", &[]);
    assert!(
        told.contains("Decrypt failed while reading the data source"),
        "{told}"
    );
    folder.write("main.tf", &configuration(""));
    let told = folder.expect(1, "validate", &[]);
    assert!(told.contains("secret"), "{told}");
}

#[test]
fn a_custom_key_store_is_found_by_its_name_or_because_it_is_the_only_one() {
    check(
        r#"
resource "aws_kms_custom_key_store" "s" {
  cloud_hsm_cluster_id     = "cluster-2b3c4d5e6f7"
  custom_key_store_name    = "cluster"
  key_store_password       = "noplaintextpasswords1"
  trust_anchor_certificate = "certificate"
}
data "aws_kms_custom_key_store" "named" { custom_key_store_name = aws_kms_custom_key_store.s.custom_key_store_name }
data "aws_kms_custom_key_store" "only" { depends_on = [aws_kms_custom_key_store.s] }
output "found" {
  value = [
    data.aws_kms_custom_key_store.named == data.aws_kms_custom_key_store.only, data.aws_kms_custom_key_store.only.id == aws_kms_custom_key_store.s.id,
    [for name in ["cloud_hsm_cluster_id", "connection_state", "custom_key_store_name", "trust_anchor_certificate"] : data.aws_kms_custom_key_store.only[name]],
  ]
}
"#,
        &json!([
            true,
            true,
            ["cluster-2b3c4d5e6f7", "DISCONNECTED", "cluster", "certificate"]
        ]),
    );
    let folder = Folder::new("no store");
    folder.write(
        "main.tf",
        &format!("{KEYS}\ndata \"aws_kms_custom_key_store\" \"none\" {{}}\n"),
    );
    let told = folder.expect(1, "plan", &[]);
    assert!(
        told.contains("There are 0 custom key stores in this region"),
        "{told}"
    );
}

#[test]
fn arns_tags_and_principals_are_told_without_a_call() {
    check(
        r#"
data "aws_arn" "a" { arn = "arn:aws:sns:eu-west-1:123456789012:topic:one" }
data "aws_arn" "bucket" { arn = "arn:aws:s3:::bucket" }
data "aws_default_tags" "a" {}
data "aws_service_principal" "all" {
  for_each     = { s3 = "eu-west-1", logs = "cn-north-1", config = "us-iso-east-1", dms = "us-isob-east-1", sns = "cn-north-1" }
  service_name = each.key
  region       = each.value
}
data "aws_service_principal" "here" { service_name = "s3" }
output "found" {
  value = {
    arn    = data.aws_arn.a
    bucket = [data.aws_arn.bucket.region, data.aws_arn.bucket.account, data.aws_arn.bucket.resource]
    tags   = data.aws_default_tags.a
    names  = [for name, one in data.aws_service_principal.all : one.name]
    here   = data.aws_service_principal.here
  }
}
"#,
        &json!({
            "arn": {
                "account": "123456789012", "arn": "arn:aws:sns:eu-west-1:123456789012:topic:one",
                "id": "arn:aws:sns:eu-west-1:123456789012:topic:one", "partition": "aws", "region": "eu-west-1",
                "resource": "topic:one", "service": "sns",
            },
            "bucket": ["", "", "bucket"],
            "tags": { "id": "aws", "tags": { "team": "security" } },
            "names": [
                "config.c2s.ic.gov", "dms.sc2s.sgov.gov", "logs.amazonaws.com.cn", "s3.amazonaws.com", "sns.amazonaws.com",
            ],
            "here": {
                "id": "s3.eu-west-1.amazonaws.com", "name": "s3.amazonaws.com", "region": "eu-west-1",
                "service_name": "s3", "suffix": "amazonaws.com",
            },
        }),
    );
}

#[test]
fn the_role_behind_a_session_is_told() {
    check(
        r#"
data "aws_iam_session_context" "session" { arn = "arn:aws:sts::123456789012:assumed-role/reader/me" }
data "aws_iam_session_context" "user" { arn = "arn:aws:iam::123456789012:user/me" }
output "found" {
  value = [
    [data.aws_iam_session_context.session.issuer_arn, substr(data.aws_iam_session_context.session.issuer_id, 0, 4), data.aws_iam_session_context.session.issuer_name, data.aws_iam_session_context.session.session_name],
    data.aws_iam_session_context.user,
  ]
}
"#,
        &json!([
            ["arn:aws:iam::123456789012:role/reader", "AROA", "reader", "me"],
            {
                "arn": "arn:aws:iam::123456789012:user/me", "id": "arn:aws:iam::123456789012:user/me",
                "issuer_arn": "arn:aws:iam::123456789012:user/me", "issuer_id": "", "issuer_name": "", "session_name": "",
            },
        ]),
    );
}

#[test]
fn a_ciphertext_stays_until_its_arguments_change() {
    let folder = Folder::new("ciphertext");
    let sealed = |plaintext: &str| {
        let data = format!(
            "data \"aws_kms_ciphertext\" \"a\" {{\n  key_id = aws_kms_key.a.key_id\n  plaintext = \"{plaintext}\"\n}}\noutput \"found\" {{\n  value = data.aws_kms_ciphertext.a.ciphertext_blob\n}}\n"
        );
        found(&folder, &data)
    };
    let first = sealed("one");
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    assert_eq!(sealed("one"), first);
    let other = sealed("two");
    assert_ne!(other, first);
    assert_ne!(sealed("one"), first, "nothing old comes back");
}
