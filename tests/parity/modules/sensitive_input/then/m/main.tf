variable "p" {}
output "p" {
  value     = "x-${var.p}"
  sensitive = true
}
