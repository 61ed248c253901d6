//! The expressions of the schema files, tried on sample answers.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::names::{self, Function};
use super::{Catalog, ResourceType, native};
use crate::addr::Reference;
use crate::diag::{Diagnostic, Result, Span};
use crate::lang::expr::{Host, Scope, Step, evaluate};
use crate::lang::syntax::Expr;
use crate::value::json::{from_plain_json, to_plain_json};
use crate::value::{Type, Value};

/// Names from a JSON object.
struct Sample(Value);

struct NoMachine;

impl Host for NoMachine {
    fn read_file(&self, _path: &str) -> std::result::Result<Vec<u8>, String> {
        Err("no files".into())
    }
    fn file_exists(&self, _path: &str) -> std::result::Result<bool, String> {
        Ok(false)
    }
    fn working_dir(&self) -> &Path {
        Path::new(".")
    }
    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }
    fn plan_time(&self) -> Option<jiff::Timestamp> {
        None
    }
}

impl Scope for Sample {
    fn resolve(&self, reference: &Reference, _rest: &[Step], at: Span) -> Result<(Value, usize)> {
        let (root, members) = names::words(reference);
        let start = self.0.get(&root).cloned();
        let start = start.ok_or_else(|| Diagnostic::error("Unknown name", root.to_string()).at(at))?;
        let null = || Value::null(Type::Dynamic);
        let value = members
            .iter()
            .fold(start, |value, name| value.get(name).cloned().unwrap_or_else(null));
        Ok((value, 0))
    }

    fn host(&self) -> &dyn Host {
        &NoMachine
    }

    fn null_tolerant(&self) -> bool {
        true
    }

    fn call(&self, name: &str, arguments: &[Value], at: Span) -> Option<Result<Value>> {
        let fail = |why: String| Diagnostic::error("Function failed", why).at(at).into();
        if let Some(native) = name.strip_prefix("native::") {
            return native::call(native, arguments).map(|result| result.map_err(fail));
        }
        Some(match Function::find(name)? {
            // There is no object here whose change could be told.
            Function::Changed => Ok(Value::bool(false)),
            function => native::tools::call(function, arguments).map_err(fail),
        })
    }
}

fn ty(name: &str) -> &'static ResourceType {
    let catalog = Catalog::get();
    let found = catalog.resource_type(name).or_else(|| catalog.data_source(name));
    found.expect("known").expect("loads")
}

#[track_caller]
fn value(expr: &Expr, names: &Json) -> Json {
    match evaluate(expr, &Sample(from_plain_json(names))) {
        Ok(value) => to_plain_json(&value),
        Err(errors) => panic!("{errors:#?}"),
    }
}

/// What arguments and attributes of a type are worth after a read.
#[track_caller]
fn check_read(name: &str, names: &Json, expected: &Json) {
    let ty = ty(name);
    for (member, expected) in expected.as_object().expect("an object") {
        let argument = ty.arguments.get(&**member).and_then(|one| one.read.as_ref());
        let attribute = ty.attributes.get(&**member).and_then(|one| one.read.as_ref());
        let expr = argument
            .or(attribute)
            .unwrap_or_else(|| panic!("{member} is not read"));
        assert_eq!(&value(expr, names), expected, "{member}");
    }
}

/// The parameters of a call of create or of a group.
#[track_caller]
fn check_params(name: &str, action: &str, names: &Json, expected: &Json) {
    let ty = ty(name);
    let calls = ty.create.iter().flat_map(|create| &create.calls);
    let mut calls = calls.chain(ty.updates.iter().flat_map(|group| &group.calls));
    let call = calls
        .find(|call| &*call.action == action)
        .expect("there is such a call");
    let mut params = value(call.params.as_ref().expect("it has parameters"), names);
    params
        .as_object_mut()
        .expect("an object")
        .retain(|_, value| !value.is_null());
    assert_eq!(&params, expected);
}

/// The `take` of a call of read.
#[track_caller]
fn taken(name: &str, call: &str, names: &Json) -> Json {
    let calls = &ty(name).read.as_ref().expect("it is read").calls;
    let call = calls
        .iter()
        .find(|one| one.as_name.as_deref() == Some(call))
        .expect("there is such a call");
    value(call.take.as_ref().expect("it takes"), names)
}

/// The messages of the rules that are broken.
#[track_caller]
fn check_rules(name: &str, names: &Json, expected: &[&str]) {
    let mut broken = Vec::new();
    for rule in &ty(name).rules {
        let applies = rule
            .when
            .as_ref()
            .is_none_or(|when| value(when, names) == json!(true));
        if applies && value(&rule.holds, names) != json!(true) {
            broken.push(value(&rule.message, names).as_str().expect("text").to_owned());
        }
    }
    assert_eq!(broken.len(), expected.len(), "{broken:#?}");
    for (message, part) in broken.iter().zip(expected) {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn tags_of_the_provider_are_not_the_resources_own() {
    let provider = json!({
        "default_tags": {"tags": {"team": "a", "env": "prod"}},
        "ignore_tags": {"keys": ["seen"], "key_prefixes": ["auto-"]},
    });
    let reply = json!({"Tags": [
        {"TagKey": "team", "TagValue": "a"}, {"TagKey": "env", "TagValue": "prod"}, {"TagKey": "own", "TagValue": "1"},
        {"TagKey": "aws:x", "TagValue": "1"}, {"TagKey": "seen", "TagValue": "1"}, {"TagKey": "auto-1", "TagValue": "1"},
    ]});
    let tags = taken(
        "aws_kms_key",
        "tags",
        &json!({"reply": reply, "provider": provider}),
    );
    let names = json!({"tags": tags, "provider": provider, "self": {"tags": {"env": "prod"}}});
    let expected =
        json!({"tags": {"env": "prod", "own": "1"}, "tags_all": {"env": "prod", "own": "1", "team": "a"}});
    check_read("aws_kms_key", &names, &expected);
    let plan = ty("aws_kms_key").attributes["tags_all"]
        .plan
        .as_ref()
        .expect("planned");
    let names = json!({"provider": provider, "self": {"tags": {"env": "test", "auto-2": "1"}}});
    assert_eq!(value(plan, &names), json!({"env": "test", "team": "a"}));
    let bare = json!({"provider": {"default_tags": null, "ignore_tags": null}, "self": {"tags": null}});
    assert_eq!(value(plan, &bare), json!({}));
}

#[test]
fn tags_of_others_and_those_that_alibaba_cloud_keeps_for_itself_are_not_seen() {
    let reply = json!({"TagResources": {"TagResource": [
        {"ResourceId": "o", "TagKey": "own", "TagValue": "1"}, {"ResourceId": "other", "TagKey": "x", "TagValue": "1"}, {"TagKey": "acs:rm:rgId", "TagValue": "rg-1"}, {"TagKey": "aliyun-x", "TagValue": "1"},
        {"TagKey": "http://x", "TagValue": "1"}, {"TagKey": "not-aliyun", "TagValue": "2"},
    ]}});
    for name in ["alicloud_kms_key", "alicloud_kms_secret", "alicloud_kms_instance"] {
        let tags = taken(name, "tags", &json!({"reply": reply, "id": "o"}));
        let expected = json!({"tags": {"own": "1", "not-aliyun": "2"}});
        check_read(name, &json!({"tags": tags}), &expected);
    }
}

#[test]
fn an_aws_key_is_read_and_made() {
    let names = json!({
        "key": {"Description": null, "Enabled": true, "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"},
        "rotation": null, "policy": "{}", "id": "k", "self": {"region": null}, "provider": {"region": "eu-west-1"},
    });
    let expected = json!({
        "description": "", "is_enabled": true, "enable_key_rotation": false, "rotation_period_in_days": null,
        "multi_region": false, "xks_key_id": null, "region": "eu-west-1", "policy": "{}",
    });
    check_read("aws_kms_key", &names, &expected);
    let names = json!({
        "self": {"customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "description": "",
            "bypass_policy_lockout_safety_check": false, "multi_region": null, "tags_all": {"a": "b"}},
        "provider": {}, "marker": "m",
    });
    let expected = json!({
        "BypassPolicyLockoutSafetyCheck": false, "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT",
        "Tags": [{"TagKey": "a", "TagValue": "b"}, {"TagKey": "keyform:id", "TagValue": "m"}],
    });
    check_params("aws_kms_key", "CreateKey", &names, &expected);
}

#[test]
fn spec_and_usage_of_an_aws_key_fit() {
    let key = |spec: &str, usage: &str| json!({"prior": null, "self": {"customer_master_key_spec": spec, "key_usage": usage, "enable_key_rotation": false}});
    check_rules("aws_kms_key", &key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), &[]);
    check_rules("aws_kms_key", &key("ECC_NIST_P256", "KEY_AGREEMENT"), &[]);
    check_rules(
        "aws_kms_key",
        &key("HMAC_256", "ENCRYPT_DECRYPT"),
        &["GENERATE_VERIFY_MAC"],
    );
    check_rules(
        "aws_kms_key",
        &key("ECC_SECG_P256K1", "KEY_AGREEMENT"),
        &["SIGN_VERIFY"],
    );
}

#[test]
fn an_aws_alias_keeps_its_prefix() {
    let names = |id: &str| json!({"id": id, "self": {"name_prefix": null}, "alias": {"AliasArn": format!("arn:aws:kms:r:1:{id}"), "TargetKeyId": "k"}});
    check_read(
        "aws_kms_alias",
        &names("alias/a"),
        &json!({"name": "alias/a", "name_prefix": null, "target_key_arn": "arn:aws:kms:r:1:key/k"}),
    );
    check_read(
        "aws_kms_alias",
        &names("alias/a-0123456789abcdef0123456789"),
        &json!({"name_prefix": "alias/a-"}),
    );
}

#[test]
fn a_grant_is_found_by_its_id() {
    let reply = json!({"Grants": [{"GrantId": "g1"}, {"GrantId": "g2", "Name": "keyform-1", "GranteePrincipal": "AROA1"}]});
    let grant = taken(
        "aws_kms_grant",
        "grant",
        &json!({"reply": reply, "id": "arn:aws:kms:r:1:key/k:g2"}),
    );
    let names = json!({"grant": grant, "id": "k:g2", "self": {"key_id": "k", "name": null, "grantee_principal": "arn:aws:iam::1:role/r", "retiring_principal": null}});
    check_read(
        "aws_kms_grant",
        &names,
        &json!({"key_id": "k", "name": null, "grantee_principal": "arn:aws:iam::1:role/r", "grant_id": "g2", "retiring_principal": null}),
    );
    let made = json!({"name": "n", "self": {"key_id": "k", "operations": ["Decrypt"], "constraints": [{"encryption_context_equals": {"a": "b"}, "encryption_context_subset": null}]}});
    check_params(
        "aws_kms_grant",
        "CreateGrant",
        &made,
        &json!({"KeyId": "k", "Name": "n", "Operations": ["Decrypt"], "Constraints": {"EncryptionContextEquals": {"a": "b"}, "EncryptionContextSubset": null}}),
    );
}

#[test]
fn regions_and_documents_need_no_call() {
    let region = |given: Json| json!({"self": given, "provider": {"region": "eu-west-1"}});
    let expected = json!({"region": "eu-west-1", "description": "Europe (Ireland)", "endpoint": "ec2.eu-west-1.amazonaws.com"});
    check_read(
        "aws_region",
        &region(json!({"region": null, "name": null, "endpoint": null})),
        &expected,
    );
    check_read(
        "aws_region",
        &region(json!({"region": null, "name": null, "endpoint": "ec2.cn-north-1.amazonaws.com.cn"})),
        &json!({"region": "cn-north-1"}),
    );
    check_read(
        "aws_partition",
        &json!({"provider": {"region": "cn-north-1"}}),
        &json!({"partition": "aws-cn", "dns_suffix": "amazonaws.com.cn"}),
    );
    let document =
        json!({"self": {"version": "2012-10-17", "statement": [{"effect": "Allow", "actions": ["kms:*"]}]}});
    check_read(
        "aws_iam_policy_document",
        &document,
        &json!({"minified_json": r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*"}]}"#}),
    );
}

#[test]
fn a_suspended_rotation_is_enabled() {
    let names = json!({"key": {"AutomaticRotation": "Suspended", "RotationInterval": "604800s", "DKMSInstanceId": "", "ProtectionLevel": "SOFTWARE"}, "policy": null, "self": {"rotation_interval": "7d", "policy": null}});
    check_read(
        "alicloud_kms_key",
        &names,
        &json!({"automatic_rotation": "Enabled", "rotation_interval": "604800s", "protection_level": "SOFTWARE", "dkms_instance_id": null, "policy": null}),
    );
    let names = json!({"key": {"AutomaticRotation": "Disabled"}, "self": {"rotation_interval": "7d"}});
    check_read("alicloud_kms_key", &names, &json!({"rotation_interval": "7d"}));
}

#[test]
fn alibaba_keys_are_made_with_what_is_written() {
    let names = json!({"marker": null, "self": {"description": "d", "automatic_rotation": "Enabled", "rotation_interval": "7d", "protection_level": "SOFTWARE", "tags": {"a": "b"}}});
    check_params(
        "alicloud_kms_key",
        "CreateKey",
        &names,
        &json!({"Description": "d", "EnableAutomaticRotation": true, "RotationInterval": "7d", "ProtectionLevel": "SOFTWARE", "Tags": r#"[{"TagKey":"a","TagValue":"b"}]"#}),
    );
    let tagged = json!({"id": "k", "provider": {"region": "r"}, "prior": {"tags": {"a": "1", "b": "1"}}, "self": {"tags": {"b": "2", "c": "3"}}});
    check_params(
        "alicloud_kms_key",
        "UntagResources",
        &tagged,
        &json!({"RegionId": "r", "ResourceType": "key", "ResourceId": ["k"], "TagKey": ["a"]}),
    );
    check_params(
        "alicloud_kms_key",
        "TagResources",
        &tagged,
        &json!({"RegionId": "r", "ResourceType": "key", "ResourceId": ["k"], "Tag": [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]}),
    );
}

#[test]
fn a_secret_that_cannot_be_replaced_is_refused_with_the_way_out() {
    let secret = |force: bool| {
        json!({"prior": {"force_delete_without_recovery": force, "recovery_window_in_days": 30}, "replacing": true, "provider": {},
            "self": {"secret_name": "s", "version_id": "v2", "secret_type": null, "secret_data_type": "text", "tags": null}})
    };
    check_rules("alicloud_kms_secret", &secret(true), &[]);
    check_rules(
        "alicloud_kms_secret",
        &secret(false),
        &["secret_updates = \"in_place\""],
    );
}

#[test]
fn custom_data_goes_into_the_extended_configuration() {
    let update = ty("alicloud_kms_secret")
        .updates
        .iter()
        .find(|group| &*group.name == "custom_data")
        .expect("a group");
    let params = update.calls[0].params.as_ref().expect("parameters");
    let names = json!({"id": "s", "self": {"custom_data": null, "extended_config_custom_data": {"a": "b"}}});
    assert_eq!(
        value(params, &names),
        json!({"SecretName": "s", "ExtendedConfig.CustomData": r#"{"a":"b"}"#})
    );
}

#[test]
fn an_access_point_has_a_list_of_policies() {
    let names = json!({"id": "p", "point": {"Policies": "[\"a\",\"b\"]", "Description": ""}});
    check_read(
        "alicloud_kms_application_access_point",
        &names,
        &json!({"policies": ["a", "b"]}),
    );
}
