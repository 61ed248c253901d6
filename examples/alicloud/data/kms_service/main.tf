# Opens the key management service for the account, unless it is open.

provider "alicloud" {
  region = "cn-hangzhou"
}

data "alicloud_kms_service" "open" {
  enable = "On"
}

output "status" {
  value = data.alicloud_kms_service.open.status
}
