module "m" {
  source = "./m"
}

output "o" {
  value = module.m.far > 5
}
