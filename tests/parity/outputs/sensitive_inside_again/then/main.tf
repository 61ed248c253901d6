variable "p" {
  default   = "hunter2"
  sensitive = true
}
output "o" {
  value     = { open = 1, secret = var.p }
  sensitive = true
}
