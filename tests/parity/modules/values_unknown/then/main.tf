resource "terraform_data" "a" {}
module "m" {
  source   = "./m"
  for_each = { k = terraform_data.a.id, l = "x" }
  in       = each.value
  name     = each.key
}
output "o" { value = { for k, m in module.m : k => m.out } }
