# A secret whose value can be changed in place: give version_id a new value together with secret_data.

variable "password" {
  type      = string
  sensitive = true
  default   = "Secret data."
}

provider "alicloud" {
  region         = "cn-hangzhou"
  secret_updates = "in_place"
}

resource "alicloud_kms_secret" "default" {
  secret_name                   = "terraform-example"
  description                   = "test"
  version_id                    = "v1"
  secret_data_type              = "text"
  secret_data                   = var.password
  recovery_window_in_days       = 7
  force_delete_without_recovery = true

  tags = { team = "security" }
}
