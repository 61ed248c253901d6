provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "one" {}

resource "alicloud_kms_key" "two" {}

resource "alicloud_ecs_disk_default_kms_key" "a" {
  kms_key_id = alicloud_kms_key.one.id
}

#### another key: update
kms_key_id = alicloud_kms_key.two.id

#### by its ARN: update
kms_key_id = alicloud_kms_key.one.arn
