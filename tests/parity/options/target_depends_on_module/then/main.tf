module "m" { source = "./m" }

resource "terraform_data" "b" {
  depends_on = [module.m]
}

resource "terraform_data" "c" {
  input = module.m.id
}
