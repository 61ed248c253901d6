module "m" {
  source   = "./m"
  for_each = { a = 1, b = 2 }
  n        = each.value
}
module "c" {
  source = "./m"
  count  = 2
  n      = count.index
}
output "m" { value = { for k, m in module.m : k => m.n } }
output "c" { value = module.c[*].n }
