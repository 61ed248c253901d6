module "a" {
  source = "./a"
  name   = "x"
}
output "all" { value = module.a }
output "deep" { value = module.a.inner.ids["p"] }
