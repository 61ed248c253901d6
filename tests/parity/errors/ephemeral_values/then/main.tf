variable "e" {
  default   = "s"
  ephemeral = true
}
module "m" {
  source = "./m"
  a      = var.e
  b      = { x = var.e }
  c      = var.e
}
