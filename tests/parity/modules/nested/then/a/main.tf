variable "name" { type = string }
module "b" {
  source = "../b"
  names  = toset(["p", "q", var.name])
}
resource "terraform_data" "after" { input = module.b.ids }
output "inner" { value = module.b }
