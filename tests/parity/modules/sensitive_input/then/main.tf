variable "p" {
  default   = "hunter2"
  sensitive = true
}
module "m" {
  source = "./m"
  p      = var.p
}
resource "terraform_data" "x" { triggers_replace = module.m.p }
