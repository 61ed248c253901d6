variable "enabled" {
  default = true
}

locals {
  enabled = var.enabled
}

resource "terraform_data" "a" {
  input = "a"

  lifecycle {
    enabled = local.enabled
  }
}

data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = "other.tfstate" }

  lifecycle {
    enabled = var.enabled
  }
}

module "m" {
  source = "./m"
  input  = "m"

  lifecycle {
    enabled = var.enabled
  }
}

output "a" {
  value = terraform_data.a != null ? terraform_data.a.input : "no a"
}

output "other" {
  value = try(data.terraform_remote_state.other.outputs.x, "no other")
}

output "m" {
  value = module.m == null ? "no m" : module.m.input
}

output "whole" {
  value = module.m
}
