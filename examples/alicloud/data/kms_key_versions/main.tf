# When the material of a key was made.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "shop" {
  pending_window_in_days = 7
}

data "alicloud_kms_key_versions" "shop" {
  key_id = alicloud_kms_key.shop.id
}

output "made" {
  value = { for v in data.alicloud_kms_key_versions.shop.versions : v.key_version_id => v.create_time }
}
