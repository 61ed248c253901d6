variable "a" {
  type     = number
  default  = 4
  nullable = false
}
variable "b" {
  type    = number
  default = 4
}
output "o" { value = [var.a, var.b] }
