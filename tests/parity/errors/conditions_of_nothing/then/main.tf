variable "a" {
  default = 1
  validation {
    condition     = var.b == 1
    error_message = "no"
  }
}
variable "b" {
  default = 1
  validation {
    condition     = length([for var in [{ b = 1 }] : var.b]) == 1
    error_message = "no ${var.b}"
  }
}
resource "terraform_data" "x" {
  lifecycle {
    precondition {
      condition     = true
      error_message = "x"
    }
    postcondition {
      condition     = 1 == 1
      error_message = "x"
    }
  }
}
output "x" {
  value = 1
  precondition {
    condition     = true
    error_message = "x"
  }
}
check "x" {
  assert {
    condition     = true
    error_message = "x"
  }
  assert {
    condition     = var.a == 1
    error_message = "x"
  }
}
