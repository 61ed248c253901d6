# The secrets of a team, with their values, which stay hidden.

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

  tags = { team = "shop" }
}

data "alicloud_kms_secrets" "shop" {
  tags           = { team = "shop" }
  enable_details = true

  depends_on = [alicloud_kms_secret.shop]
}

output "names" {
  value = data.alicloud_kms_secrets.shop.names
}

output "values" {
  value     = { for s in data.alicloud_kms_secrets.shop.secrets : s.secret_name => s.secret_data }
  sensitive = true
}
