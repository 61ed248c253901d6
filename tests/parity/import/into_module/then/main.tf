import {
  to = module.m.terraform_data.i
  id = "abc-1"
}
module "m" { source = "./m" }
