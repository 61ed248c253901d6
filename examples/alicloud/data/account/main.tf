# An ARN of the own account.

provider "alicloud" {
  region = "cn-hangzhou"
}

data "alicloud_account" "current" {}

output "everybody" {
  value = "acs:ram::${data.alicloud_account.current.id}:*"
}
