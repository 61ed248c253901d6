variable "enabled" {
  default = true
}

resource "terraform_data" "a" {
  lifecycle {
    enabled = var.enabled
  }
}
