provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_instance" "a" {
  payment_type = "PayAsYouGo"
  vpc_id       = "vpc-1"
  zone_ids     = ["cn-hangzhou-j", "cn-hangzhou-k"]
  vswitch_ids  = ["vsw-1"]
}

#### name: update
instance_name = "one"

#### force: update kept
force_delete_without_backup = "true"

#### by subscription: replace
payment_type = "Subscription"
