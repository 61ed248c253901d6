# The rotation of default keys, bought for a year. It costs money.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_value_added_service" "rotation" {
  payment_type        = "Subscription"
  value_added_service = "2"
  period              = 1
  renew_status        = "AutoRenewal"
  renew_period        = 1
}

output "status" {
  value = alicloud_kms_value_added_service.rotation.status
}
