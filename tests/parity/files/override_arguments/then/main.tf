variable "size" {
  type        = number
  default     = 1
  description = "base"
}
variable "text" {
  default = 5
}
locals {
  a = "base a"
  b = "base b"
}
locals {
  c = "base c"
}
resource "terraform_data" "x" {
  input            = local.a
  triggers_replace = var.size
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [input]
    precondition {
      condition     = var.size > 1
      error_message = "too small"
    }
  }
}
resource "terraform_data" "n" {
  count = 1
  input = local.c
}
output "o" {
  value       = local.b
  description = "base"
}
output "t" {
  value = var.text
}
