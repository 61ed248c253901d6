variable "region" {
  type = string
}

output "a" {
  value = var.regon
}

output "b" {
  value = local.missing
}

output "c" {
  value = terraform_data.none.id
}

output "d" {
  value = module.none.x
}
