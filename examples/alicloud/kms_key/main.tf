# A key that rotates every week and is safe from deletion.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "key" {
  description            = "Hello KMS"
  pending_window_in_days = 7
  status                 = "Enabled"
  automatic_rotation     = "Enabled"
  rotation_interval      = "7d"

  tags = { team = "security" }
}

resource "alicloud_kms_key" "signing" {
  description            = "Signs releases"
  key_spec               = "EC_P256"
  key_usage              = "SIGN/VERIFY"
  pending_window_in_days = 7
}

output "arn" {
  value = alicloud_kms_key.key.arn
}
