variable "input" {}

resource "terraform_data" "inner" {
  input = var.input
}

output "input" {
  value = var.input
}
