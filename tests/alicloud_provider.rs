//! The provider of Alibaba Cloud: where its services listen, and who asks them.

use keyform::sandbox::{self, Faults, Running};
use keyform::schema::Catalog;

use crate::alicloud_traps::key;
use crate::faults::{clouds, control};
use crate::folder::Folder;

const KEYS: &str =
    "  access_key = \"LTAI5tKeyformSandbox01\"\n  secret_key = \"keyformSandboxSecret0123456789\"\n";

/// A provider block whose services are those of a cloud on this machine.
fn provider(cloud: &Running, arguments: &str) -> String {
    let address = cloud.address;
    format!(
        "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n{arguments}\n  endpoints {{\n    kms = \"http://{address}\"\n    sts = \"http://{address}\"\n  }}\n}}\n"
    )
}

fn role(name: &str) -> String {
    format!("  assume_role {{\n    role_arn = \"acs:ram::1234567890123456:role/{name}\"\n  }}\n")
}

#[test]
fn who_asks_may_change_and_no_object_does() {
    let cloud = clouds(Faults::default());
    let mut folder = Folder::without_sandbox("who");
    let configuration = |arguments: &str| format!("{}{}", provider(&cloud, arguments), key(""));
    folder.write("main.tf", &configuration(KEYS));
    folder.apply();
    let with_token = "  assume_role_with_oidc {\n    oidc_provider_arn = \"acs:ram::1234567890123456:oidc-provider/ci\"\n    role_arn = \"acs:ram::1234567890123456:role/ci\"\n    oidc_token_file = \"token\"\n  }\n";
    folder.write("token", "made-up\n");
    let longer = role("b").replace("}\n", "  session_name = \"me\"\n    session_expiration = 900\n    policy = \"{}\"\n    external_id = \"x\"\n  }\n");
    for arguments in [
        format!("{KEYS}{}", role("a")),
        format!("{KEYS}{longer}"),
        with_token.to_owned(),
        KEYS.to_owned(),
    ] {
        folder.write("main.tf", &configuration(&arguments));
        folder.is_settled();
        folder.apply();
    }
    folder.set("ALIBABA_CLOUD_ACCESS_KEY_ID", sandbox::ALICLOUD_ACCESS_KEY_ID);
    folder.set(
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        sandbox::ALICLOUD_ACCESS_KEY_SECRET,
    );
    folder.write("main.tf", &configuration(""));
    folder.is_settled();
    // Two blocks of a kind are an error, and so is a block without what it must have.
    for wrong in [
        format!("{}{}", role("a"), role("b")),
        "  assume_role_with_oidc {}\n".to_owned(),
    ] {
        folder.write("main.tf", &configuration(&wrong));
        folder.expect(1, "plan", &[]);
    }
    cloud.stop().unwrap();
}

#[test]
fn endpoints_come_from_the_file_in_the_working_folder() {
    let cloud = clouds(Faults::default());
    let folder = Folder::without_sandbox("endpoints.xml");
    folder.write(
        "endpoints.xml",
        &format!(
            "<Endpoints><Endpoint name=\"x\"><RegionIds><RegionId>cn-hangzhou</RegionId></RegionIds><Products><Product><ProductName>KMS</ProductName><DomainName>{}</DomainName></Product></Products></Endpoint></Endpoints>",
            cloud.address
        ),
    );
    let block = |endpoint: &str| {
        format!(
            "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  protocol = \"HTTP\"\n{KEYS}{endpoint}}}\n{}",
            key("")
        )
    };
    folder.write("main.tf", &block(""));
    folder.apply();
    // The file comes before the block.
    folder.write(
        "main.tf",
        &block("  endpoints {\n    kms = \"127.0.0.1:1\"\n  }\n"),
    );
    folder.is_settled();
    folder.write("endpoints.xml", "<Endpoints><Endpoint></Oops>");
    let told = folder.expect(1, "plan", &[]).replace('\n', " ");
    assert!(told.contains("endpoints.xml cannot be read"), "{told}");
    cloud.stop().unwrap();
}

#[test]
fn profiles_come_from_any_of_the_files_that_the_environment_names() {
    let cloud = clouds(Faults::default());
    let json = "{\"current\":\"p\",\"profiles\":[{\"name\":\"p\",\"mode\":\"AK\",\"access_key_id\":\"LTAI5tKeyformSandbox01\",\"access_key_secret\":\"keyformSandboxSecret0123456789\",\"region_id\":\"cn-shanghai\"}]}";
    let sections = "[default]\ntype = access_key\naccess_key_id = LTAI5tKeyformSandbox01\naccess_key_secret = keyformSandboxSecret0123456789\n";
    for (variable, file, text) in [
        ("ALICLOUD_SHARED_CREDENTIALS_FILE", "profiles", json),
        ("ALIBABA_CLOUD_CREDENTIALS_FILE", "profiles", json),
        ("ALIBABA_CLOUD_CREDENTIALS_FILE", "profiles", sections),
        ("ALIBABA_CLOUD_CONFIG_FILE", "profiles", json),
        ("", "../.aliyun/config.json", json),
        ("", "../.aliyun/credentials.ini", sections),
        ("", "../.alibabacloud/credentials", sections),
        ("", "../.alibabacloud/credentials.ini", sections),
    ] {
        let mut folder = Folder::without_sandbox(file);
        if let Some(parent) = folder.path(file).parent() {
            fs_err::create_dir_all(parent).unwrap();
        }
        folder.write(file, text);
        if !variable.is_empty() {
            folder.set(variable, file);
        }
        folder.write("main.tf", &format!("{}{}", provider(&cloud, ""), key("")));
        folder.apply();
    }
    // A profile that is named gives the region, too.
    let mut folder = Folder::without_sandbox("region");
    folder.write("profiles", json);
    folder.set("ALIBABA_CLOUD_CONFIG_FILE", "profiles");
    folder.set("ALIBABA_CLOUD_PROFILE", "p");
    let here = provider(&cloud, "").replace("  region = \"cn-hangzhou\"\n", "");
    folder.write("main.tf", &format!("{here}{}", key("")));
    folder.apply();
    let arn = folder.recorded("alicloud_kms_key.k")["arn"].to_string();
    assert!(arn.contains(":cn-shanghai:"), "{arn}");
    cloud.stop().unwrap();
}

/// What users of the provider for Terraform have in their environment.
const VARIABLES: [(&str, &[&str]); 16] = [
    (
        "access_key",
        &[
            "ALICLOUD_ACCESS_KEY",
            "ALIBABA_CLOUD_ACCESS_KEY_ID",
            "ALIBABACLOUD_ACCESS_KEY_ID",
        ],
    ),
    (
        "secret_key",
        &[
            "ALICLOUD_SECRET_KEY",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            "ALIBABACLOUD_ACCESS_KEY_SECRET",
        ],
    ),
    (
        "security_token",
        &[
            "ALICLOUD_SECURITY_TOKEN",
            "ALIBABA_CLOUD_SECURITY_TOKEN",
            "ALIBABACLOUD_SECURITY_TOKEN",
        ],
    ),
    ("region", &["ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"]),
    (
        "ecs_role_name",
        &["ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"],
    ),
    ("profile", &["ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"]),
    (
        "shared_credentials_file",
        &[
            "ALICLOUD_SHARED_CREDENTIALS_FILE",
            "ALIBABA_CLOUD_CREDENTIALS_FILE",
            "ALIBABA_CLOUD_CONFIG_FILE",
        ],
    ),
    (
        "credentials_uri",
        &["ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"],
    ),
    ("account_id", &["ALICLOUD_ACCOUNT_ID", "ALIBABA_CLOUD_ACCOUNT_ID"]),
    ("account_type", &["ALIBABA_CLOUD_ACCOUNT_TYPE"]),
    ("skip_region_validation", &["ALICLOUD_SKIP_REGION_VALIDATION"]),
    ("client_read_timeout", &["CLIENT_READ_TIMEOUT"]),
    ("client_connect_timeout", &["CLIENT_CONNECT_TIMEOUT"]),
    ("max_retry_timeout", &["MAX_RETRY_TIMEOUT"]),
    ("source_ip", &["ALICLOUD_SOURCE_IP", "ALIBABA_CLOUD_SOURCE_IP"]),
    ("configuration_source", &["TF_APPEND_USER_AGENT"]),
];

#[test]
fn variables_are_those_of_the_provider_for_terraform_in_its_order() {
    let schema = Catalog::get().provider("alicloud").unwrap().unwrap();
    for (argument, names) in VARIABLES {
        let found: Vec<&str> = schema.environment[argument].iter().map(AsRef::as_ref).collect();
        assert_eq!(found, names, "{argument}");
    }
}

#[test]
fn certificates_of_an_instance_are_read_before_it_is_asked() {
    let folder = Folder::without_sandbox("certificates");
    let block = |file: &str| {
        format!(
            "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  custom_ca_bundle = \"{file}\"\n{KEYS}  endpoints {{\n    kms = \"kst-hzz1.cryptoservice.kms.aliyuncs.com\"\n  }}\n}}\ndata \"alicloud_kms_aliases\" \"a\" {{}}\n"
        )
    };
    folder.write("main.tf", &block("missing.pem"));
    let told = folder.expect(1, "plan", &[]).replace('\n', " ");
    assert!(told.contains("Could not read the CA bundle"), "{told}");
    folder.write(
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n",
    );
    folder.write("main.tf", &block("broken.pem"));
    let told = folder.expect(1, "plan", &[]).replace('\n', " ");
    assert!(told.contains("holds no readable certificates"), "{told}");
}

#[test]
fn checks_stay_errors_whatever_the_environment_says() {
    let mut folder = Folder::new("checks");
    folder.set("TF_SKIP_RESOURCE_SCHEMA_VALIDATION", "true");
    let wrong = key("  automatic_rotation = \"Often\"");
    folder.write(
        "main.tf",
        &format!("provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n}}\n{wrong}"),
    );
    let told = folder.expect(1, "plan", &[]);
    assert!(told.contains("Often"), "{told}");
}

#[test]
fn no_other_instance_is_bought_in_another_region() {
    let folder = Folder::new("instance");
    let text = |region: &str| {
        format!(
            "provider \"alicloud\" {{\n  region = \"{region}\"\n}}\nresource \"alicloud_kms_instance\" \"i\" {{\n  product_version = \"3\"\n  vpc_id = \"vpc-1\"\n  zone_ids = [\"z\"]\n  vswitch_ids = [\"vsw-1\"]\n}}\n"
        )
    };
    folder.write("main.tf", &text("cn-hangzhou"));
    folder.apply();
    let before = folder.read("terraform.tfstate");
    folder.write("main.tf", &text("cn-beijing"));
    for (command, arguments) in [
        ("plan", &[][..]),
        ("apply", &["-auto-approve"]),
        ("destroy", &["-auto-approve"]),
    ] {
        let told = folder.expect(1, command, arguments).replace('\n', " ");
        assert!(
            told.contains("is in cn-hangzhou, but its provider"),
            "{command}: {told}"
        );
    }
    assert_eq!(folder.read("terraform.tfstate"), before);
    folder.write("main.tf", &text("cn-hangzhou"));
    folder.is_settled();
    folder.destroy();
}

#[test]
fn quotas_that_are_reached_are_waited_out() {
    let cloud = clouds(Faults {
        quotas: true,
        ..Faults::default()
    });
    let folder = Folder::without_sandbox("quotas");
    let rules = "resource \"alicloud_kms_network_rule\" \"r\" {\n  count = 2\n  network_rule_name = \"r-${count.index}\"\n  source_private_ip = [\"10.0.0.0/8\"]\n}\n";
    folder.write("main.tf", &format!("{}{rules}", provider(&cloud, KEYS)));
    folder.apply();
    let told: serde_json::Value = serde_json::from_str(&control(cloud.address, "GET", "calls", "")).unwrap();
    assert!(told["throttled"].as_u64().unwrap() > 0, "{told}");
    cloud.stop().unwrap();
}

/// Objects of every kind that costs nothing.
const OF_EVERY_KIND: &str = r#"
resource "alicloud_kms_key" "k" {
  description = "NUMBER"
  tags        = { n = "NUMBER" }
}
resource "alicloud_kms_alias" "a" {
  alias_name = "alias/a"
  key_id     = alicloud_kms_key.k.id
}
resource "alicloud_kms_secret" "s" {
  secret_name                   = "s"
  secret_data                   = "NUMBER"
  version_id                    = "NUMBER"
  description                   = "NUMBER"
  tags                          = { n = "NUMBER" }
  force_delete_without_recovery = true
}
resource "alicloud_kms_network_rule" "n" {
  network_rule_name = "n"
  source_private_ip = ["10.NUMBER.0.0/16"]
}
resource "alicloud_kms_policy" "p" {
  policy_name          = "p"
  kms_instance_id      = "shared"
  permissions          = ["RbacPermission/Template/CryptoServiceKeyUser"]
  resources            = ["key/*"]
  access_control_rules = jsonencode({ NetworkRules = [alicloud_kms_network_rule.n.id] })
  description          = "NUMBER"
}
resource "alicloud_kms_application_access_point" "a" {
  application_access_point_name = "a"
  policies                      = [alicloud_kms_policy.p.id]
  description                   = "NUMBER"
}
resource "alicloud_kms_client_key" "k" {
  aap_name              = alicloud_kms_application_access_point.a.id
  password              = "password-NUMBER"
  private_key_data_file = "k.json"
}
"#;

#[test]
fn reads_that_lag_behind_lose_nothing() {
    let cloud = clouds(Faults {
        stale_ms: 700,
        ..Faults::default()
    });
    let folder = Folder::without_sandbox("stale");
    let updates = format!("  secret_updates = \"in_place\"\n{KEYS}");
    for number in ["1", "2"] {
        let text = OF_EVERY_KIND.replace("NUMBER", number);
        folder.write("main.tf", &format!("{}{text}", provider(&cloud, &updates)));
        folder.apply();
        folder.expect(0, "plan", &["-detailed-exitcode"]);
        let tags = |address: &str| folder.recorded(address)["tags"]["n"].clone();
        assert_eq!(
            [tags("alicloud_kms_key.k"), tags("alicloud_kms_secret.s")],
            [number, number]
        );
    }
    folder.destroy();
    cloud.stop().unwrap();
}
