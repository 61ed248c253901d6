locals {
  b = 3
}
terraform {
  required_version = ">= 1.0"
  backend "local" {}
}
resource "terraform_data" "x" {
  input = [local.a, local.b]
}
module "m" {
  source = "./m"
  word   = "b"
}
