variable "n" {
  type = number
}

resource "terraform_data" "a" {
  count = var.n
  input = var.n + 1
}

output "o" {
  value = terraform_data.a[*].id
}
