variable "v" {
  validation {
    condition     = var.v == 1
    error_message = "no"
  }
}
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition     = var.v == 1
      error_message = "no"
    }
  }
}
output "o" {
  precondition {
    condition     = var.v == 1
    error_message = "no"
  }
}
