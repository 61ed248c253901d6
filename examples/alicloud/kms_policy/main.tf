# What an application may do with a key, and from where.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "shop" {
  pending_window_in_days = 7
}

resource "alicloud_kms_network_rule" "office" {
  network_rule_name = "office"
  source_private_ip = ["10.1.0.0/16"]
}

resource "alicloud_kms_policy" "shop" {
  policy_name     = "shop"
  description     = "The shop opens what it has sealed"
  kms_instance_id = "shared"
  permissions     = ["RbacPermission/Template/CryptoServiceKeyUser"]
  resources       = ["key/${alicloud_kms_key.shop.id}"]

  access_control_rules = jsonencode({
    NetworkRules = [alicloud_kms_network_rule.office.network_rule_name]
  })
}

resource "alicloud_kms_application_access_point" "shop" {
  application_access_point_name = "shop"
  policies                      = [alicloud_kms_policy.shop.policy_name]
}
