# New material for a key that signs.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "signing" {
  description            = "Signs releases"
  key_spec               = "EC_P256"
  pending_window_in_days = 7
}

resource "alicloud_kms_key_version" "second" {
  key_id = alicloud_kms_key.signing.id
}

output "version" {
  value = alicloud_kms_key_version.second.key_version_id
}
