locals {
  far = 1 / 0
}

resource "terraform_data" "d" {
  input = [local.far]
}

resource "terraform_data" "near" {
  input = min(3, local.far)
}

output "o" {
  value = -local.far
}
