# The version of a secret that is in use.

variable "password" {
  type      = string
  sensitive = true
  default   = "only-for-the-sandbox"
}

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_secret" "shop" {
  secret_name                   = "shop/database"
  secret_data                   = var.password
  version_id                    = "v1"
  force_delete_without_recovery = true
}

data "alicloud_kms_secret_versions" "current" {
  secret_name    = alicloud_kms_secret.shop.secret_name
  version_stage  = "ACSCurrent"
  enable_details = true
}

output "version" {
  value = one(data.alicloud_kms_secret_versions.current.versions[*].version_id)
}

output "value" {
  value     = one(data.alicloud_kms_secret_versions.current.versions).secret_data
  sensitive = true
}
