variable "n" {
  type = number
  validation {
    condition     = var.n > 10
    error_message = "out of range: ${var.n}"
  }
  validation {
    condition     = var.n > 20
    error_message = "and also"
  }
}
