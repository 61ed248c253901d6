resource "terraform_data" "a" {}

resource "terraform_data" "b" {
  input = local.a
}

resource "terraform_data" "many" {
  count = 2
}

resource "terraform_data" "user" {
  input = terraform_data.many[1].id
}

module "m" {
  source = "./m"
  for_each = toset(["x", "y"])
}

resource "terraform_data" "of_module" {
  input = module.m
}

resource "terraform_data" "alone" {}

locals {
  a = terraform_data.a.id
}

output "b" {
  value = terraform_data.b.output
}

output "alone" {
  value = "known"
}
