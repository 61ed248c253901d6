variable "in" {}
resource "terraform_data" "i" { input = var.in }
check "c" {
  assert {
    condition     = terraform_data.i.input != ""
    error_message = "x"
  }
}
