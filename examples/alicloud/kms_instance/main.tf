# A KMS instance of one's own, with a key in it. Buying one costs money.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_instance" "shop" {
  instance_name   = "shop"
  product_version = "3"
  vpc_id          = "vpc-bp1kf7x0example0000aa"
  zone_ids        = ["cn-hangzhou-j", "cn-hangzhou-k"]
  vswitch_ids     = ["vsw-bp1p0example00000000a", "vsw-bp1p0example00000000b"]

  key_num    = 1000
  secret_num = 100
  spec       = 1000
  vpc_num    = 2

  period       = 12
  renew_status = "AutoRenewal"
  renew_period = 12

  bind_vpcs {
    vpc_id       = "vpc-bp1kf7x0example0000bb"
    vswitch_id   = "vsw-bp1p0example00000000c"
    region_id    = "cn-hangzhou"
    vpc_owner_id = "1234567890123456"
  }

  tags = { team = "shop" }
}

resource "alicloud_kms_key" "shop" {
  dkms_instance_id       = alicloud_kms_instance.shop.id
  pending_window_in_days = 7
}

output "certificates" {
  value = alicloud_kms_instance.shop.ca_certificate_chain_pem
}
