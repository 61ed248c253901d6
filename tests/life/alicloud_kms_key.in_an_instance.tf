provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "a" {
  dkms_instance_id = "kst-hzz1"
  policy = jsonencode({ Version = "1", Statement = [{ Sid = "x", Effect = "Allow", Principal = { RAM = ["acs:ram::1234567890123456:*"] }, Action = ["kms:*"], Resource = ["*"] }] })
}

#### policy: update
policy = jsonencode({ Version = "1", Statement = [{ Sid = "y", Effect = "Allow", Principal = { RAM = ["acs:ram::1234567890123456:*"] }, Action = ["kms:*"], Resource = ["*"] }] })

#### instance: replace
dkms_instance_id = "kst-hzz2"
