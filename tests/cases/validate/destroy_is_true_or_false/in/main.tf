resource "terraform_data" "a" {
  lifecycle {
    destroy = var.keep
  }
}

data "terraform_remote_state" "a" {
  backend = "local"

  lifecycle {
    destroy = false
  }
}

variable "keep" {}
