# The addresses of an office.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_network_rule" "office" {
  network_rule_name = "office"
  description       = "Where the shop is run from"
  source_private_ip = ["10.1.0.0/16", "10.2.0.17"]
}
