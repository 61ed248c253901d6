//! What a provider block does to the resources that it serves: regions, tags, and how secrets change.

use crate::folder::Folder;

const SEVERAL_REGIONS: &str = r#"
variable "team" {
  default = "a"
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { team = var.team, env = "default" }
  }

  ignore_tags {
    keys         = ["skipped"]
    key_prefixes = ["internal:"]
  }
}

provider "aws" {
  alias  = "west"
  region = "us-west-2"
}

resource "aws_kms_key" "here" {
  tags = { env = "own", skipped = "never sent" }
}

resource "aws_kms_key" "west" {
  provider = aws.west
}

resource "aws_kms_key" "there" {
  region = "ap-southeast-2"
}

resource "aws_kms_alias" "there" {
  region        = "ap-southeast-2"
  name          = "alias/there"
  target_key_id = aws_kms_key.there.arn
}
"#;

#[test]
fn a_resource_lives_in_its_own_region_or_its_providers() {
    let folder = Folder::new("regions");
    folder.write("main.tf", SEVERAL_REGIONS);
    folder.apply();
    folder.is_settled();
    let region = |address: &str| {
        folder.recorded(address)["arn"]
            .as_str()
            .unwrap()
            .split(':')
            .nth(3)
            .unwrap()
            .to_owned()
    };
    assert_eq!(region("aws_kms_key.here"), "eu-west-1");
    assert_eq!(region("aws_kms_key.west"), "us-west-2");
    assert_eq!(region("aws_kms_key.there"), "ap-southeast-2");
    assert_eq!(region("aws_kms_alias.there"), "ap-southeast-2");
    folder.destroy();
}

#[test]
fn empty_texts_of_modules_count_as_left_out() {
    let folder = Folder::new("empty_texts");
    folder.write(
        "main.tf",
        r#"
provider "aws" {
  region = "eu-west-1"
}

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "aws_kms_key" "k" {
  policy       = ""
  description  = ""
  multi_region = true
}

resource "aws_kms_replica_key" "r" {
  region          = "us-west-2"
  primary_key_arn = aws_kms_key.k.arn
  policy          = ""
}

resource "aws_kms_external_key" "e" {
  policy = ""
}

resource "aws_kms_grant" "g" {
  key_id             = aws_kms_key.k.id
  grantee_principal  = "arn:aws:iam::123456789012:role/r"
  retiring_principal = ""
  operations         = ["Encrypt"]
}

resource "alicloud_kms_key" "k" {
  policy            = ""
  rotation_interval = ""
  dkms_instance_id  = ""
}

resource "alicloud_kms_secret" "s" {
  secret_name       = "s"
  secret_data       = "s"
  version_id        = "1"
  policy            = ""
  extended_config   = ""
  rotation_interval = ""
}
"#,
    );
    let said = folder.apply();
    assert!(!said.contains("has no effect"), "{said}");
    folder.is_settled();
    for address in ["aws_kms_key.k", "aws_kms_replica_key.r", "aws_kms_external_key.e"] {
        let policy = folder.recorded(address)["policy"].clone();
        assert!(policy.as_str().unwrap().contains("kms:*"), "{address}: {policy}");
    }
    folder.destroy();
}

#[test]
fn material_from_a_file_may_have_line_breaks() {
    let folder = Folder::new("material");
    folder.write("key.b64", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nAAAAAAAAAAAAAAA=\n");
    folder.write(
        "main.tf",
        r#"
provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_external_key" "e" {
  key_material_base64 = file("key.b64")
}
"#,
    );
    folder.apply();
    folder.is_settled();
    assert_eq!(folder.recorded("aws_kms_external_key.e")["key_state"], "Enabled");
    folder.destroy();
}

#[test]
fn an_import_finds_its_region_by_arn_or_suffix() {
    let folder = Folder::new("imports");
    folder.write("main.tf", SEVERAL_REGIONS);
    folder.apply();
    let text = |address: &str, name: &str| folder.recorded(address)[name].as_str().unwrap().to_owned();
    let arn = text("aws_kms_key.there", "arn");
    let id = text("aws_kms_key.there", "id");
    let west = text("aws_kms_key.west", "id");
    for (address, id) in [
        ("aws_kms_key.there", arn),
        ("aws_kms_key.there", format!("{id}@ap-southeast-2")),
        ("aws_kms_key.west", west),
        ("aws_kms_alias.there", "alias/there@ap-southeast-2".to_owned()),
    ] {
        folder.expect(0, "state rm", &[address]);
        folder.expect(0, "import", &[address, &id]);
        folder.is_settled();
    }
    folder.destroy();
}

const ONE_FOR_EACH_REGION: &str = r#"
variable "regions" {
  type    = list(string)
  default = ["eu-west-1", "us-west-2"]
}

variable "chosen" {
  type    = list(string)
  default = ["eu-west-1", "us-west-2"]
}

locals {
  regions = toset(var.regions)
  chosen  = toset(var.chosen)
}

provider "aws" {
  alias    = "by_region"
  for_each = local.regions
  region   = each.value
}

module "fixed" {
  source    = "./m"
  providers = { aws = aws.by_region["us-west-2"] }
}

module "each" {
  source    = "./m"
  for_each  = local.chosen
  providers = { aws = aws.by_region[each.key] }
}

output "names" {
  value = [module.fixed.region, values(module.each)[*].region]
}
"#;

const A_KEY_IN_EACH: &str = r#"
resource "aws_kms_key" "k" {
  for_each = local.chosen
  provider = aws.by_region[each.key]
}
"#;

#[test]
fn a_provider_has_one_configuration_for_each_key() {
    let folder = Folder::new("each");
    fs_err::create_dir(folder.path("m")).unwrap();
    let module = "resource \"aws_kms_key\" \"k\" {}\n\noutput \"region\" {\n  value = split(\":\", aws_kms_key.k.arn)[3]\n}\n";
    folder.write("m/main.tf", module);
    folder.write("main.tf", ONE_FOR_EACH_REGION);
    folder.write("keys.tf", A_KEY_IN_EACH);
    folder.apply();
    folder.is_settled();
    let shown = |address: &str, name: &str| {
        let said = folder.expect(0, "state show", &[address]);
        let line = said
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{name} ")));
        line.unwrap().split('"').nth(1).unwrap().to_owned()
    };
    for (address, expected) in [
        ("aws_kms_key.k[\"eu-west-1\"]", "eu-west-1"),
        ("aws_kms_key.k[\"us-west-2\"]", "us-west-2"),
        ("module.fixed.aws_kms_key.k", "us-west-2"),
        ("module.each[\"eu-west-1\"].aws_kms_key.k", "eu-west-1"),
    ] {
        assert_eq!(
            shown(address, "arn").split(':').nth(3),
            Some(expected),
            "{address}"
        );
    }
    // Terraform reads the file too, so what serves all instances is written as it has it.
    let state = folder.read("terraform.tfstate");
    assert!(state.contains(r#""provider": "provider[\"registry.terraform.io/hashicorp/aws\"].by_region","#));
    assert!(state.contains(r#""provider_key": "us-west-2""#), "{state}");
    // A plan that is saved finds them again, and so does an import.
    let address = "aws_kms_key.k[\"us-west-2\"]";
    let id = shown(address, "id");
    folder.expect(0, "state rm", &[address]);
    folder.expect(0, "import", &[address, &id]);
    folder.is_settled();
    folder.expect(0, "plan", &["-out=p", "-var=chosen=[\"eu-west-1\"]"]);
    let said = folder.expect(0, "apply", &["p"]);
    assert!(said.contains("2 destroyed"), "{said}");
    folder.apply();
    // What is gone from the configuration is destroyed where it is, as long as there is a way to it.
    folder.write("keys.tf", "");
    let said = folder.expect(
        1,
        "plan",
        &["-var=regions=[\"us-west-2\"]", "-var=chosen=[\"us-west-2\"]"],
    );
    assert!(said.contains(".by_region[\"eu-west-1\"]"), "{said}");
    let said = folder.expect(0, "apply", &["-auto-approve"]);
    assert!(said.contains("2 destroyed"), "{said}");
    folder.is_settled();
    folder.destroy();
}

#[test]
fn one_configuration_may_become_one_for_each_key() {
    let folder = Folder::new("became");
    let before = "provider \"aws\" {\n  alias  = \"west\"\n  region = \"us-west-2\"\n}\n\nresource \"aws_kms_key\" \"k\" {\n  provider = aws.west\n}\n";
    folder.write("main.tf", before);
    folder.apply();
    let providers = "provider \"aws\" {\n  alias    = \"each\"\n  for_each = toset([\"us-west-2\", \"eu-west-1\"])\n  region   = each.key\n}\n";
    let after =
        format!("{providers}\nresource \"aws_kms_key\" \"k\" {{\n  provider = aws.each[\"us-west-2\"]\n}}\n");
    folder.write("main.tf", &after);
    folder.is_settled();
    folder.apply();
    // Only the state still says where it is.
    folder.write("main.tf", providers);
    let said = folder.expect(0, "apply", &["-auto-approve"]);
    assert!(said.contains("1 destroyed"), "{said}");
}

#[test]
fn tags_of_the_provider_are_everywhere_and_ignored_ones_nowhere() {
    let folder = Folder::new("tags");
    folder.write("main.tf", SEVERAL_REGIONS);
    folder.apply();
    let tags = |address: &str| folder.recorded(address)["tags_all"].to_string();
    assert_eq!(tags("aws_kms_key.here"), r#"{"env":"own","team":"a"}"#);
    assert_eq!(tags("aws_kms_key.there"), r#"{"env":"default","team":"a"}"#);
    assert_eq!(tags("aws_kms_key.west"), "{}");
    folder.expect(0, "apply", &["-auto-approve", "-var=team=b"]);
    folder.expect(0, "plan", &["-detailed-exitcode", "-var=team=b"]);
    assert_eq!(tags("aws_kms_key.there"), r#"{"env":"default","team":"b"}"#);
    folder.destroy();
}

/// A secret whose value is a variable's; the rest of the block and of the provider's follows.
fn secret(provider: &str, rest: &str) -> String {
    format!(
        r#"
variable "value" {{
  default = "v1"
}}

provider "alicloud" {{
  region = "cn-hangzhou"
  {provider}
}}

resource "alicloud_kms_secret" "a" {{
  secret_name = "name"
  secret_data = var.value
  version_id  = var.value
  {rest}
}}
"#
    )
}

#[test]
fn a_secret_whose_name_stays_taken_is_not_replaced() {
    for rest in ["", "lifecycle {\n    create_before_destroy = true\n  }"] {
        let folder = Folder::new("secret");
        folder.write("main.tf", &secret("", rest));
        folder.apply();
        let refusal = folder.expect(1, "plan", &["-var=value=v2"]).replace('\n', " ");
        for way_out in [
            "secret_updates = \"in_place\"",
            "another secret_name",
            "force_delete_without_recovery = true",
        ] {
            assert!(refusal.contains(way_out), "{way_out} is missing in {refusal}");
        }
        folder.destroy();
    }
}

#[test]
fn a_secret_is_replaced_once_its_name_comes_free() {
    let folder = Folder::new("secret");
    folder.write("main.tf", &secret("", "force_delete_without_recovery = true"));
    folder.apply();
    let plan = folder.expect(2, "plan", &["-detailed-exitcode", "-var=value=v2"]);
    assert!(plan.contains("alicloud_kms_secret.a must be replaced"), "{plan}");
    folder.expect(0, "apply", &["-auto-approve", "-var=value=v2"]);
    folder.expect(0, "plan", &["-detailed-exitcode", "-var=value=v2"]);
    folder.destroy();
}

#[test]
fn a_secret_takes_a_new_value_in_place_if_the_provider_says_so() {
    let folder = Folder::new("secret");
    folder.write("main.tf", &secret("secret_updates = \"in_place\"", ""));
    folder.apply();
    let plan = folder.expect(2, "plan", &["-detailed-exitcode", "-var=value=v2"]);
    assert!(
        plan.contains("alicloud_kms_secret.a will be updated in-place"),
        "{plan}"
    );
    folder.expect(0, "apply", &["-auto-approve", "-var=value=v2"]);
    folder.expect(0, "plan", &["-detailed-exitcode", "-var=value=v2"]);
    folder.destroy();
}

#[test]
fn the_private_key_of_a_client_key_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new("client key");
    let example = crate::schemas::example(keyform::schema::Mode::Managed, "alicloud_kms_client_key");
    folder.write("main.tf", &fs_err::read_to_string(example).unwrap());
    folder.apply();
    let file = folder.path("private_key_data_file.txt");
    assert_eq!(
        fs_err::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let key: serde_json::Value = serde_json::from_str(&folder.read("private_key_data_file.txt")).unwrap();
    assert_eq!(
        key["KeyId"],
        folder.recorded("alicloud_kms_client_key.default")["id"]
    );
    assert!(
        !folder
            .read("terraform.tfstate")
            .contains(key["PrivateKeyData"].as_str().unwrap())
    );
    folder.destroy();
}

#[test]
fn lengths_of_time_and_windows_are_checked() {
    let folder = Folder::new("values");
    for (block, wrong) in [
        (
            "resource \"aws_kms_key\" \"a\" {\n  deletion_window_in_days = 31\n}",
            "from 7 to 30",
        ),
        (
            "resource \"alicloud_kms_key\" \"a\" {\n  pending_window_in_days = 367\n}",
            "from 7 to 366",
        ),
        (
            "resource \"alicloud_kms_key\" \"a\" {\n  deletion_window_in_days = 6\n}",
            "from 7 to 366",
        ),
        (
            "resource \"alicloud_kms_key\" \"a\" {\n  automatic_rotation = \"Enabled\"\n  rotation_interval = \"167h\"\n}",
            "after 7 to 730 days, not after 167h",
        ),
        (
            "resource \"alicloud_kms_key\" \"a\" {\n  tags = { a = join(\"\", [for n in range(129) : \"x\"]) }\n}",
            "at most 128 characters",
        ),
        (
            "resource \"alicloud_kms_secret\" \"a\" {\n  secret_name = \"a\"\n  secret_type = \"Rds\"\n  secret_data = \"x\"\n  version_id = \"1\"\n  extended_config = \"{}\"\n  enable_automatic_rotation = true\n  rotation_interval = \"366d\"\n}",
            "after 6 hours to 365 days, not after 366d",
        ),
        (
            "resource \"aws_kms_key\" \"a\" {\n  timeouts {\n    create = \"soon\"\n  }\n}",
            "length of time",
        ),
    ] {
        folder.write("main.tf", block);
        let message = folder.expect(1, "plan", &[]).replace('\n', " ");
        assert!(message.contains(wrong), "{wrong} is missing in {message}");
    }
}

const IN_THE_WEST: &str = r#"
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}

import {
  to       = aws_kms_key.found
  provider = aws.west
  id       = "KEY"
}

resource "aws_kms_alias" "west" {
  provider      = aws.west
  name          = "alias/found"
  target_key_id = aws_kms_key.found.id
}

output "arn" {
  value = aws_kms_key.found.arn
}
"#;

#[test]
fn generated_configuration_is_referred_to_and_keeps_its_provider() {
    let folder = Folder::new("generated");
    folder.write("main.tf", SEVERAL_REGIONS);
    folder.apply();
    let key = folder.recorded("aws_kms_key.west");
    let arn = key["arn"].as_str().unwrap().to_owned();
    fs_err::remove_file(folder.path("terraform.tfstate")).unwrap();
    folder.write(
        "main.tf",
        &IN_THE_WEST.replace("KEY", key["key_id"].as_str().unwrap()),
    );
    let plan = folder.expect(0, "plan", &["-generate-config-out=found.tf", "-out=p"]);
    assert!(
        plan.contains("Plan: 1 to import, 1 to add, 0 to change, 0 to destroy."),
        "{plan}"
    );
    assert!(plan.contains(&format!("+ arn = \"{arn}\"")), "{plan}");
    let generated = folder.read("found.tf");
    assert!(generated.contains("provider = aws.west"), "{generated}");
    let again = folder.expect(0, "plan", &[]);
    assert!(
        again.contains("Plan: 1 to import, 1 to add, 0 to change, 0 to destroy."),
        "{again}"
    );
    folder.expect(0, "apply", &["p"]);
    assert_eq!(
        folder.recorded("aws_kms_alias.west")["target_key_id"],
        key["key_id"]
    );
    folder.is_settled();
}

#[test]
fn alibaba_regions_are_told_apart() {
    let folder = Folder::new("alibaba-regions");
    let blocks = ["cn-beijing", "eu-central-1"].map(|region| {
        format!(
            r#"
provider "alicloud" {{
  alias  = "{region}"
  region = "{region}"
}}

resource "alicloud_kms_key" "{region}" {{
  provider               = alicloud.{region}
  pending_window_in_days = 7
  tags                   = {{ place = "{region}" }}
}}

resource "alicloud_kms_secret" "{region}" {{
  provider                      = alicloud.{region}
  secret_name                   = "same"
  secret_data                   = "s"
  version_id                    = "v1"
  force_delete_without_recovery = true
  tags                          = {{ place = "{region}" }}
}}
"#
        )
    });
    folder.write("main.tf", &blocks.concat());
    folder.apply();
    folder.is_settled();
    for region in ["cn-beijing", "eu-central-1"] {
        let key = folder.recorded(&format!("alicloud_kms_key.{region}"));
        assert!(key["arn"].as_str().unwrap().contains(region), "{key}");
    }
    folder.destroy();
}

#[test]
fn keys_of_every_kind_are_planned_without_a_cloud() {
    for ty in [
        "kms_key_policy",
        "kms_replica_key",
        "kms_external_key",
        "kms_replica_external_key",
        "kms_custom_key_store",
    ] {
        let mut folder = Folder::without_sandbox(ty);
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ] {
            folder.set(name, value);
        }
        let example = fs_err::read_to_string(format!("examples/aws/{ty}/main.tf")).unwrap();
        // Who calls is asked of the cloud.
        let example = example
            .replace("data \"aws_caller_identity\" \"current\" {}", "")
            .replace("${data.aws_caller_identity.current.account_id}", "123456789012");
        folder.write("main.tf", &example);
        folder.expect(0, "validate", &[]);
        let told = folder.expect(0, "plan", &[]);
        assert!(
            told.contains("Plan: 2 to add, 0 to change, 0 to destroy."),
            "{told}"
        );
    }
}
