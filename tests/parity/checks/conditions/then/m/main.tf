variable "v" {
  validation {
    condition     = var.v == 1
    error_message = "one!"
  }
}
output "o" {
  value = var.v
  precondition {
    condition     = var.v == 1
    error_message = "one!"
  }
}
