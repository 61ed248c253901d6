module "a" { source = "./a" }
output "all" { value = module.a }
