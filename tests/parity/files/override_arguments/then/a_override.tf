variable "size" {
  default = 2
}
variable "text" {
  type = string
}
locals {
  a = "override a"
  c = "first c"
}
resource "terraform_data" "x" {
  input = "${local.a} and ${local.b}"
  lifecycle {
    ignore_changes = [triggers_replace]
  }
}
resource "terraform_data" "n" {
  count = 2
}
output "o" {
  sensitive = true
}
provider "terraform" {}
