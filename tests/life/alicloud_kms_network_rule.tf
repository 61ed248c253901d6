provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_network_rule" "a" {
  network_rule_name = "a"
  source_private_ip = ["10.0.0.0/8"]
}

#### addresses: update
source_private_ip = ["10.0.0.0/8", "192.168.0.1", "fd00::/8"]

#### description: update
description = "why"

#### no description: update
description = null

#### name: replace
network_rule_name = "b"
