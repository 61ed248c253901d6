module "b" { source = "../b" }
output "inner" { value = module.b }
