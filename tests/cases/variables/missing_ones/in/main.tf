variable "needed" {
  description = "What it is for."
}

output "o" {
  value = var.needed
}
