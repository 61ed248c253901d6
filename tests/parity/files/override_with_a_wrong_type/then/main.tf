variable "v" {
  type    = number
  default = 1
}
locals {
  l = 1
}
resource "terraform_data" "a" {
  input = var.v
}
output "o" {
  value = 1
}
check "c" {
  assert {
    condition     = var.v == 1
    error_message = "no"
  }
}
