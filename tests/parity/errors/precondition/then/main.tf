variable "v" { default = 1 }
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition     = var.v == 2
      error_message = "not two"
    }
  }
}
output "o" {
  value = 1
  precondition {
    condition     = var.v == 2
    error_message = "not two"
  }
}
