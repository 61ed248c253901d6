resource "terraform_data" "b" {}
data "terraform_remote_state" "b" {}
variable "b" {}
output "b" {
  value = 1
}
locals {
  b = 1
}
provider "terraform" {
  alias = "b"
}
