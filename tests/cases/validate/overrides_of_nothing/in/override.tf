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
resource "terraform_data" "a" {
  inputt     = 1
  depends_on = [terraform_data.a]
  lifecycle {
    precondition {
      condition     = true
      error_message = "no"
    }
    unknown = 1
  }
}
resource "terraform_data" {}
check "c" {}
removed {
  from = terraform_data.z
}
import {
  to = terraform_data.a
  id = "a"
}
a = 1
