resource "terraform_data" "a" {
  input = var.input
}

variable "input" {
  default = 1
}

resource "alicloud_kms_secret" "s" {
  secret_name = "s"
  secret_data = "d"
  version_id  = "v1"

  lifecycle {
    replace_triggered_by = [terraform_data.a]
  }
}
