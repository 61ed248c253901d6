variable "hidden" {
  default   = "x"
  sensitive = true
}
variable "on" {
  default = false
}
output "chosen" {
  value = [
    issensitive(var.on ? var.hidden : "none"),
    issensitive(var.on ? "none" : var.hidden),
    issensitive(true ? ["x"] : [var.hidden]),
    issensitive("%{if var.on}${var.hidden}%{else}y%{endif}"),
    issensitive("%{if !var.on}y%{else}${var.hidden}%{endif}"),
    issensitive("%{if var.on}z%{else}y%{endif}"),
  ]
}
