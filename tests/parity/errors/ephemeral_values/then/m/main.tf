variable "a" {}
variable "b" {}
variable "c" { ephemeral = true }
output "d" { value = var.c }
output "e" { value = { x = var.c } }
output "f" {
  value     = var.c
  ephemeral = true
}
