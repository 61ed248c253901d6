provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_value_added_service" "a" {
  payment_type        = "Subscription"
  value_added_service = "2"
}

#### renewal: update
renew_status = "AutoRenewal"
renew_period = 2

#### no renewal: update
renew_status = "ManualRenewal"

#### period: update kept
period = 2

#### by use: replace
payment_type = "PayAsYouGo"
renew_status = null
renew_period = null
