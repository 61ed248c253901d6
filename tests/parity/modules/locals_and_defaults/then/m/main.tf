variable "given" {
  type = object({ a = string, b = optional(bool, true) })
}
variable "null" {
  default  = "d"
  nullable = false
}
locals { both = [var.given, var.null, path.module] }
output "o" { value = local.both }
