# Whose credentials these are.

provider "alicloud" {
  region = "cn-hangzhou"
}

data "alicloud_caller_identity" "current" {}

output "arn" {
  value = data.alicloud_caller_identity.current.arn
}
