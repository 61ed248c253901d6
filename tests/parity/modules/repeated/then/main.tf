module "m" {
  source   = "./m"
  for_each = { b = 3, c = 3 }
  n        = each.value
}
module "c" {
  source = "./m"
  count  = 1
  n      = count.index
}
output "m" { value = { for k, m in module.m : k => m.n } }
output "c" { value = module.c[*].n }
