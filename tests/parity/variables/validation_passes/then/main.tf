variable "n" {
  type = number
  validation {
    condition     = var.n > 5 && var.n < var.max
    error_message = "out of range: ${var.n}"
  }
}
variable "max" { default = 10 }
resource "terraform_data" "x" { input = var.n }
