//! The life of a key and an alias against moto, an AWS that we did not write.

use std::collections::BTreeMap;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;

use crate::emulators::{localstack, moto};
use crate::folder::Folder;
use keyform::cloud::{Call, Class, Cloud, Effect};
use keyform::clouds::{Environment, Options, connect};
use keyform::sandbox;
use keyform::schema::Catalog;
use keyform::value::Value;

fn cloud(url: &str, role: Option<&str>) -> Rc<dyn Cloud> {
    let mut arguments = vec![("region", Value::from("eu-west-1"))];
    if let Some(role) = role {
        let block = Value::object_of([("role_arn", Value::from(role))]);
        arguments.push(("assume_role", Value::tuple(vec![block])));
    }
    let variables = [
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "k"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    let environment = Environment {
        variables: variables.map(|(name, value)| (name.into(), value.into())).into(),
        home: None,
    };
    let configuration = Value::object_of(arguments);
    let schema = Catalog::get().provider("aws").unwrap().unwrap();
    connect(
        &Arc::new(schema.clone()),
        &configuration,
        &environment,
        Options::default(),
    )
    .expect("the configuration is valid")
}

fn call(action: &str, effect: Effect, params: &[(&str, &str)]) -> Call {
    Call {
        service: "kms".into(),
        action: action.into(),
        region: None,
        endpoint: None,
        params: Value::object_of(params.iter().map(|(name, value)| (*name, Value::from(*value)))),
        effect,
        until: None,
    }
}

fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    path.iter()
        .try_fold(value, |value, name| value.get(name))
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{path:?} is missing in {value:?}"))
}

#[test]
fn a_key_and_its_alias_live_and_die() {
    let Some(moto) = moto() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        let cloud = cloud(&moto.url, None);
        let facts = cloud.facts().await.expect("moto knows who calls");
        assert_eq!(text(&facts, &["account_id"]), "123456789012");

        let params = [
            ("Description", "a key"),
            ("KeySpec", "ECC_NIST_P256"),
            ("KeyUsage", "SIGN_VERIFY"),
        ];
        let made = cloud.call(call("CreateKey", Effect::Creates, &params)).await;
        let made = made.expect("moto makes a key");
        let id = text(&made, &["KeyMetadata", "KeyId"]);
        assert!(text(&made, &["KeyMetadata", "Arn"]).starts_with("arn:aws:kms:eu-west-1:"));

        let params = [("AliasName", "alias/a"), ("TargetKeyId", id)];
        let answer = cloud.call(call("CreateAlias", Effect::Repeatable, &params)).await;
        assert_eq!(
            answer
                .expect("moto makes an alias")
                .as_entries()
                .map(BTreeMap::len),
            Some(0)
        );
        let again = cloud.call(call("CreateAlias", Effect::Repeatable, &params)).await;
        assert_eq!(
            again.expect_err("the name is taken").code,
            "AlreadyExistsException"
        );

        let listed = cloud
            .call(call("ListAliases", Effect::Read, &[("KeyId", id)]))
            .await;
        let listed = listed.expect("moto lists aliases");
        let aliases = listed
            .get("Aliases")
            .and_then(Value::as_items)
            .unwrap_or_default();
        assert!(
            aliases
                .iter()
                .any(|alias| text(alias, &["AliasName"]) == "alias/a")
        );

        let delete = call("DeleteAlias", Effect::Repeatable, &[("AliasName", "alias/a")]);
        cloud.call(delete).await.expect("moto deletes an alias");
        let delete = call("ScheduleKeyDeletion", Effect::Repeatable, &[("KeyId", id)]);
        cloud.call(delete).await.expect("moto schedules a deletion");
        let described = cloud
            .call(call("DescribeKey", Effect::Read, &[("KeyId", id)]))
            .await;
        let described = described.expect("moto describes a key");
        assert_eq!(text(&described, &["KeyMetadata", "KeyState"]), "PendingDeletion");

        let unknown = "00000000-0000-0000-0000-000000000000";
        let missing = cloud
            .call(call("DescribeKey", Effect::Read, &[("KeyId", unknown)]))
            .await;
        let error = missing.expect_err("there is no such key");
        assert_eq!(error.class, Class::Gone);

        let mut elsewhere = call("DescribeKey", Effect::Read, &[("KeyId", id)]);
        elsewhere.region = Some("us-east-1".into());
        let error = cloud
            .call(elsewhere)
            .await
            .expect_err("the key is in another region");
        assert_eq!(error.class, Class::Gone);

        let role = "arn:aws:iam::999999999999:role/r";
        let facts = self::cloud(&moto.url, Some(role)).facts().await;
        assert_eq!(
            text(&facts.expect("moto gives roles"), &["account_id"]),
            "999999999999"
        );
    });
}

/// The same calls to both: what differs is listed in the script, with reasons.
#[test]
fn the_sandbox_and_moto_agree_but_where_it_is_meant() {
    let Some(moto) = moto() else { return };
    agrees_with("moto", &moto.url);
}

#[test]
fn the_sandbox_and_localstack_agree_but_where_it_is_meant() {
    let Some((localstack, _folder)) = localstack() else {
        return;
    };
    agrees_with("localstack", &localstack.url);
}

#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn agrees_with(other: &str, url: &str) {
    let python = std::env::var("KEYFORM_INTEROP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let present = Command::new(&python).args(["-c", "import boto3"]).output();
    if !present.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: {python} has no boto3, so nobody holds the emulated AWS against {other}");
        return;
    }
    let running = sandbox::start(sandbox::Options::default()).unwrap();
    let output = Command::new(&python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/interop/aws_others.py"
        ))
        .arg(format!("http://{}", running.address))
        .args([
            sandbox::AWS_ACCESS_KEY_ID,
            sandbox::AWS_SECRET_ACCESS_KEY,
            url,
            other,
        ])
        .output()
        .unwrap();
    running.stop().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{failed}");
    assert!(told.trim_end().ends_with(", 0 differ"), "{told}");
    println!("{told}");
}

/// What the program is told of the clouds, and a key with all that moto can do with it.
fn configuration(url: &str, description: &str, rotates: bool) -> String {
    format!(
        r#"
provider "aws" {{
  region     = "eu-west-1"
  access_key = "testing"
  secret_key = "testing"

  endpoints {{
    kms = "{url}"
    sts = "{url}"
  }}
}}

data "aws_caller_identity" "current" {{}}

data "aws_iam_policy_document" "key" {{
  statement {{
    actions   = ["kms:*"]
    resources = ["*"]

    principals {{
      type        = "AWS"
      identifiers = ["arn:aws:iam::${{data.aws_caller_identity.current.account_id}}:root"]
    }}
  }}
}}

resource "aws_kms_key" "a" {{
  description             = "{description}"
  deletion_window_in_days = 7
  enable_key_rotation     = {rotates}
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = {{ is = "{description}" }}
}}

resource "aws_kms_alias" "a" {{
  name          = "alias/program"
  target_key_id = aws_kms_key.a.key_id
}}

resource "aws_kms_grant" "a" {{
  key_id            = aws_kms_key.a.key_id
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
  operations        = ["Encrypt", "Decrypt"]
}}

resource "aws_kms_ciphertext" "a" {{
  key_id    = aws_kms_key.a.key_id
  plaintext = "text"
}}
"#
    )
}

/// What else moto knows of keys: replicas, policies apart from keys, and all that can be looked up.
const MORE: &str = r#"
resource "aws_kms_key" "primary" {
  multi_region            = true
  deletion_window_in_days = 7
}

resource "aws_kms_replica_key" "a" {
  region                  = "eu-central-1"
  primary_key_arn         = aws_kms_key.primary.arn
  deletion_window_in_days = 7
}

resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 7
}

resource "aws_kms_key_policy" "signing" {
  key_id = aws_kms_key.signing.arn
  policy = data.aws_iam_policy_document.key.json
}

data "aws_kms_key" "a" {
  key_id = aws_kms_alias.a.name
}

data "aws_kms_alias" "a" {
  name = aws_kms_alias.a.name
}

data "aws_kms_aliases" "a" {
  name_prefix = aws_kms_alias.a.name
}

data "aws_kms_keys" "all" {
  depends_on = [aws_kms_key.a]
}

data "aws_kms_public_key" "signing" {
  key_id = aws_kms_key.signing.key_id
}

data "aws_kms_ciphertext" "a" {
  key_id    = aws_kms_key.a.key_id
  plaintext = "secret"
  context   = { a = "b" }
}

data "aws_kms_secrets" "a" {
  secret {
    name    = "it"
    payload = data.aws_kms_ciphertext.a.ciphertext_blob
    context = { a = "b" }
  }
}

ephemeral "aws_kms_secrets" "a" {
  secret {
    name    = "it"
    payload = data.aws_kms_ciphertext.a.ciphertext_blob
    context = { a = "b" }
  }
}

output "looked_up" {
  value = nonsensitive(join(" ", [
    data.aws_kms_key.a.arn == aws_kms_key.a.arn,
    data.aws_kms_alias.a.target_key_id == aws_kms_key.a.key_id,
    join(",", data.aws_kms_aliases.a.names),
    contains(data.aws_kms_keys.all.ids, aws_kms_key.a.key_id),
    startswith(data.aws_kms_public_key.signing.public_key_pem, "-----BEGIN PUBLIC KEY-----"),
    data.aws_kms_secrets.a.plaintext["it"],
    aws_kms_replica_key.a.region,
    aws_kms_replica_key.a.key_id == aws_kms_key.primary.key_id,
  ]))
}
"#;

#[test]
fn the_program_finds_its_way_about_a_cloud_that_is_not_its_own() {
    let Some(moto) = moto() else { return };
    let folder = Folder::without_sandbox("moto");
    let text = configuration(&moto.url, "one", false) + MORE;
    folder.write("main.tf", &text);
    folder.apply();
    let told = folder.expect(0, "output", &["-raw", "looked_up"]);
    assert_eq!(told, "true true alias/program true true secret eu-central-1 true");
    // The key's record is older than its policy.
    folder.expect(0, "refresh", &[]);
    folder.is_settled();
    folder.destroy();
}

#[test]
fn the_program_drives_a_cloud_that_is_not_its_own() {
    let Some(moto) = moto() else { return };
    let mut folder = Folder::without_sandbox("moto");
    folder.write("main.tf", &configuration(&moto.url, "one", true));
    folder.apply();
    folder.is_settled();
    fs_err::copy(folder.path("terraform.tfstate"), folder.path("old.tfstate")).unwrap();
    folder.write("main.tf", &configuration(&moto.url, "two", false));
    folder.apply();
    folder.is_settled();
    let report = folder.expect(2, "drift", &["-state=old.tfstate"]);
    assert!(report.contains("description = \"one\" -> \"two\""), "{report}");
    folder.import_again("aws_kms_key.a");
    // No cloud tells the waiting period of a deletion, so the configuration that was written lacks it.
    folder.apply();
    folder.import_again("aws_kms_alias.a");
    folder.destroy();
}

#[test]
fn the_role_behind_a_session_is_asked_of_iam() {
    let Some(moto) = moto() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let params = [
        ("RoleName", "reader"),
        ("Path", "/team/"),
        ("AssumeRolePolicyDocument", "{}"),
    ];
    let create = Call {
        service: "iam".into(),
        region: Some("us-east-1".into()),
        ..call("CreateRole", Effect::Creates, &params)
    };
    let made = runtime.block_on(cloud(&moto.url, None).call(create));
    let id = text(&made.expect("moto makes a role"), &["Role", "RoleId"]).to_owned();
    let folder = Folder::without_sandbox("moto");
    let configuration = |role: &str| {
        let provider = format!(
            "provider \"aws\" {{\n  region = \"eu-west-1\"\n  access_key = \"k\"\n  secret_key = \"s\"\n  endpoints {{\n    iam = \"{0}\"\n    sts = \"{0}\"\n  }}\n}}\n",
            moto.url
        );
        let data = format!(
            "data \"aws_iam_session_context\" \"a\" {{\n  arn = \"arn:aws:sts::123456789012:assumed-role/{role}/me\"\n}}\n"
        );
        provider
            + &data
            + "output \"found\" {\n  value = \"${data.aws_iam_session_context.a.issuer_arn} ${data.aws_iam_session_context.a.issuer_id}\"\n}\n"
    };
    folder.write("main.tf", &configuration("reader"));
    folder.apply();
    assert_eq!(
        folder.expect(0, "output", &["-raw", "found"]),
        format!("arn:aws:iam::123456789012:role/team/reader {id}")
    );
    folder.write("main.tf", &configuration("nobody"));
    let told = folder.expect(1, "plan", &[]);
    assert!(told.contains("Nothing in the cloud matches"), "{told}");
}

/// What is said of moto in `tests/coverage/aws.txt`, so that it is noticed when it learns more.
#[test]
fn moto_lacks_what_is_said_of_it() {
    let Some(moto) = moto() else { return };
    let lacking = [
        "CreateCustomKeyStore",
        "DescribeCustomKeyStores",
        "GetKeyLastUsage",
        "GetParametersForImport",
    ];
    for action in lacking {
        let answer = unsigned(&moto.url, action, "{}");
        assert!(answer.starts_with("HTTP/1.1 500"), "{action}: {answer}");
    }
    let made = unsigned(&moto.url, "CreateKey", r#"{"Origin":"EXTERNAL"}"#);
    assert!(made.contains(r#""KeyState": "Enabled""#), "{made}");
    assert!(!made.contains("ExpirationModel"), "{made}");
}

/// The answer to a call whose signature nobody looks at.
fn unsigned(url: &str, action: &str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: kms.eu-west-1.amazonaws.com\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-target: TrentService.{action}\r\nauthorization: AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/kms/aws4_request, SignedHeaders=host, Signature=0\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
