variable "v" { default = 3 }
output "x" {
  value = var.v
  precondition {
    condition     = var.v > 1
    error_message = "too small"
  }
}
resource "terraform_data" "a" {
  input = var.v
}
output "y" {
  value      = 1
  depends_on = [terraform_data.a]
}
