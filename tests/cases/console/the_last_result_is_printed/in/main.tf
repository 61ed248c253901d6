variable "v" {
  default = ["a", "b"]
}

locals {
  upper = [for x in var.v : upper(x)]
}
