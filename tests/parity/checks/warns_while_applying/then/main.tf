resource "terraform_data" "a" { input = 1 }
check "fails" {
  assert {
    condition     = var.x == 2
    error_message = "never"
  }
  assert {
    condition     = terraform_data.a.id != "x"
    error_message = "late ok"
  }
}
check "late_fails" {
  assert {
    condition     = terraform_data.a.output == 2
    error_message = "late bad"
  }
}
variable "x" { default = 1 }
