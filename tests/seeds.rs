//! The examples with which the managed types are introduced to their users, word for word.

use crate::folder::Folder;

#[test]
fn an_alias_of_alibaba_cloud_lives() {
    check(
        "alicloud_kms_alias.this",
        r#"
resource "alicloud_kms_key" "this" {
  pending_window_in_days = 7
}

resource "alicloud_kms_alias" "this" {
  alias_name = "alias/example_kms_alias"
  key_id     = alicloud_kms_key.this.id
}
"#,
    );
}

#[test]
fn a_client_key_lives() {
    check(
        "alicloud_kms_client_key.default",
        r#"
variable "name" {
  default = "terraform-example"
}

resource "alicloud_kms_application_access_point" "AAP0" {
  policies                      = ["aa"]
  description                   = "aa"
  application_access_point_name = var.name
}

resource "alicloud_kms_client_key" "default" {
  aap_name              = alicloud_kms_application_access_point.AAP0.application_access_point_name
  password              = "YouPassword123!"
  not_before            = "2023-09-01T14:11:22Z"
  not_after             = "2028-09-01T14:11:22Z"
  private_key_data_file = "./private_key_data_file.txt"
}
"#,
    );
}

#[test]
fn a_key_of_alibaba_cloud_lives() {
    check(
        "alicloud_kms_key.key",
        r#"
resource "alicloud_kms_key" "key" {
  description             = "Hello KMS"
  pending_window_in_days  = "7"
  status                  = "Enabled"
}
"#,
    );
}

#[test]
fn a_secret_lives() {
    check(
        "alicloud_kms_secret.default",
        r#"
variable "name" {
  default = "terraform-example"
}

provider "alicloud" {
  region = "cn-hangzhou"
}


resource "alicloud_kms_secret" "default" {
  version_id                = "v1"
  secret_name               = var.name
  description               = "test"
  secret_type               = "ECS"
  enable_automatic_rotation = true
  secret_data_type          = "text"
  secret_data               = "{\"UserName\":\"ecs-user1423\",\"Password\":\"ecs-user1423\"}"
  policy                    = "{\"Version\":\"1\",\"Statement\":[{\"Action\":[\"kms:*\"],\"Resource\":[\"*\"],\"Effect\":\"Allow\",\"Principal\":{\"RAM\":[\"acs:ram::1117600963847258:*\"]},\"Sid\":\"kms default secret policy\"}]}"
  encryption_key_id         = "key-phzz661646aeygbqrfqg5j"
  dkms_instance_id          = "kst-phzz61dbabacquz826y29f"
  rotation_interval         = "604800s"
  extended_config           = "{\"SecretSubType\":\"Password\",\"InstanceId\":\"i-bp1fr0a100hd0yf6ksq3\",\"CustomData\":{\"Key1\":\"v1\",\"fds\":\"fdsf\"},\"CommandId\":\"cmd-ACS-KMS-RotateECSSecret-For-Linux.sh\",\"RegionId\":\"cn-hangzhou\"}"
}
"#,
    );
}

#[test]
fn a_key_of_aws_lives() {
    check(
        "aws_kms_key.a",
        r#"
resource "aws_kms_key" "a" {
  description             = "KMS key 1"
  deletion_window_in_days = 10
}
"#,
    );
}

/// Made, left alone, looked at, imported, destroyed. The provider's region comes from the environment where the
/// example has no provider.
#[track_caller]
fn check(address: &str, example: &str) {
    let mut folder = Folder::new(address);
    for region in ["AWS_REGION", "ALICLOUD_REGION"] {
        folder.set(
            region,
            if region == "AWS_REGION" {
                "eu-west-1"
            } else {
                "cn-hangzhou"
            },
        );
    }
    folder.write("main.tf", example);
    folder.expect(2, "plan", &["-detailed-exitcode"]);
    folder.apply();
    folder.is_settled();
    folder.import_again(address);
    folder.destroy();
}
