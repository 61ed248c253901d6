# The KMS instances that there are.

provider "alicloud" {
  region = "cn-hangzhou"
}

data "alicloud_kms_instances" "all" {}

output "instances" {
  value = data.alicloud_kms_instances.all.ids
}
