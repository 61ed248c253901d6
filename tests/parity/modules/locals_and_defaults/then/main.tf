module "m" {
  source = "./m"
  given  = { a = 1 }
  null   = null
}
output "o" { value = module.m.o }
