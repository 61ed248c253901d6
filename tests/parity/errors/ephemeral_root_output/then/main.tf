variable "e" {
  default = "s"
  ephemeral = true
}
output "r" {
  value = var.e
  ephemeral = true
}
