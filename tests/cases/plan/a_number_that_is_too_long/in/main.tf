locals {
  far = 12e99999
}

resource "terraform_data" "d" {
  input = [local.far / 7e99998]
}

output "o" {
  value = local.far
}
