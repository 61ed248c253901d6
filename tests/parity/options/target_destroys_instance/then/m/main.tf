variable "name" {}
resource "terraform_data" "base" { input = var.name }
resource "terraform_data" "inner" { input = terraform_data.base.id }
output "id" { value = terraform_data.inner.id }
