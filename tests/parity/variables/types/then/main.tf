variable "o" {
  type = object({ a = string, b = optional(number, 5), c = optional(list(object({ x = optional(bool, true), y = string })), []), d = optional(string) })
  default = { a = 1, extra = true, c = [{ y = 2 }] }
}
variable "l" {
  type    = list(any)
  default = [1, "a", true]
}
variable "m" {
  type    = map(number)
  default = { a = "1", b = 2 }
}
variable "s" {
  type    = set(string)
  default = ["b", "a", "b"]
}
variable "t" {
  type    = tuple([string, number])
  default = [1, "2"]
}
variable "any" {
  type    = any
  default = { x = [1, "b"] }
}
variable "none" {
  type    = string
  default = null
}
variable "strict" {
  type     = string
  default  = "d"
  nullable = false
}
output "all" { value = { o = var.o, l = var.l, m = var.m, s = var.s, t = var.t, any = var.any, none = var.none, strict = var.strict } }
resource "terraform_data" "x" { input = var.o }
