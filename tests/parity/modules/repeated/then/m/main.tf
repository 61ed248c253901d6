variable "n" {}
resource "terraform_data" "i" { input = var.n }
output "n" { value = terraform_data.i.input }
