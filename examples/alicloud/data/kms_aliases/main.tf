# The key behind a name.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "shop" {
  pending_window_in_days = 7
}

resource "alicloud_kms_alias" "shop" {
  alias_name = "alias/shop"
  key_id     = alicloud_kms_key.shop.id
}

data "alicloud_kms_aliases" "shop" {
  name_regex = "^alias/shop$"
  depends_on = [alicloud_kms_alias.shop]
}

output "key_id" {
  value = one(data.alicloud_kms_aliases.shop.aliases[*].key_id)
}
