variable "hidden" {
  default   = "x"
  sensitive = true
}
output "chosen" {
  value = false ? var.hidden : "none"
}
