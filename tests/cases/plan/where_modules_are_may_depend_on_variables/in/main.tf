variable "base" {
  type = string
}

variable "names" {
  type    = map(string)
  default = { one = "a" }
}

locals {
  name = lower(upper(var.names["one"]))
  all  = { one = "${var.base}/${local.name}" }
}

module "one" {
  source = local.all.one
  sub    = "../${terraform.workspace == "default" ? "deep" : "other"}"
}

output "one" {
  value = module.one.said
}
