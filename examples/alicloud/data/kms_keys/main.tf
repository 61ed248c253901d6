# The keys that sign releases, whoever made them.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "signing" {
  description            = "release: shop"
  key_spec               = "EC_P256"
  pending_window_in_days = 7
}

data "alicloud_kms_keys" "signing" {
  description_regex = "^release:"
  status            = "Enabled"
  filters           = jsonencode([{ Key = "KeyUsage", Values = ["SIGN/VERIFY"] }])

  depends_on = [alicloud_kms_key.signing]
}

output "arns" {
  value = data.alicloud_kms_keys.signing.keys[*].arn
}
