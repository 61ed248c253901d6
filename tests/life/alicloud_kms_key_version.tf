provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "one" {
  key_spec = "EC_P256"
}

resource "alicloud_kms_key" "two" {
  key_spec = "EC_P256K"
}

resource "alicloud_kms_key_version" "a" {
  key_id = alicloud_kms_key.one.id
}

#### another key, the old version stays: replace kept
key_id = alicloud_kms_key.two.arn
