terraform {
  provider_meta "aws" {
    module_name = "m"
  }
}

variable "production" {
  type    = bool
  default = true
}

variable "unsure" {
  type    = bool
  default = null
}

locals {
  production = var.production
}

resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = local.production && true
  }
}

resource "terraform_data" "b" {
  lifecycle {
    prevent_destroy = var.unsure
  }
}
