provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_instance" "a" {
  vpc_id      = "vpc-1"
  zone_ids    = ["cn-hangzhou-j", "cn-hangzhou-k"]
  vswitch_ids = ["vsw-1", "vsw-2"]
}

#### name: update
instance_name = "one"

#### sizes: update
key_num = 2000
secret_num = 50
spec = 2000
vpc_num = 3

#### one size: update
vpc_num = 4

#### log: update
log = "1"
log_storage = 100

#### period: update kept
period = 3

#### networks: replace
resource "alicloud_kms_instance" "a" {
  vpc_id      = "vpc-1"
  zone_ids    = ["cn-hangzhou-j"]
  vswitch_ids = ["vsw-1", "vsw-2"]
  vpc_num     = 2
}

#### bound: update
resource "alicloud_kms_instance" "a" {
  vpc_id      = "vpc-1"
  zone_ids    = ["cn-hangzhou-j"]
  vswitch_ids = ["vsw-1", "vsw-2"]
  vpc_num     = 2

  bind_vpcs {
    vpc_id       = "vpc-2"
    vswitch_id   = "vsw-3"
    region_id    = "cn-hangzhou"
    vpc_owner_id = "99999999999999999"
  }
}

#### unbound: update
resource "alicloud_kms_instance" "a" {
  vpc_id      = "vpc-1"
  zone_ids    = ["cn-hangzhou-j"]
  vswitch_ids = ["vsw-1", "vsw-2"]
  vpc_num     = 2
}

#### renewal: update
renew_status = "AutoRenewal"
renew_period = 2
renewal_period_unit = "Y"

#### renewal by the month: update
renew_period = 6
renewal_period_unit = "M"

#### no renewal: update
renew_status = "ManualRenewal"

#### tags: update
tags = { a = "1" }

#### protection: update
deletion_protection = true

#### no protection: update
deletion_protection = false

#### network: replace
vpc_id = "vpc-2"

#### vSwitches: replace
vswitch_ids = ["vsw-2"]

#### hardware: replace
product_version = "5"
vpc_id = "vpc-3"
