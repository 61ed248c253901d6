resource "terraform_data" "a" {
  for_each = toset(["x"])
  input    = 1
}
resource "terraform_data" "b" { input = 1 }
resource "terraform_data" "c" { input = 1 }
module "m" {
  source   = "./m"
  for_each = toset(["new", "stays"])
}
resource "terraform_data" "uses" { input = terraform_data.a["x"].id }
moved {
  from = terraform_data.a
  to   = terraform_data.a["x"]
}
moved {
  from = terraform_data.b["x"]
  to   = terraform_data.b
}
moved {
  from = terraform_data.b["y"]
  to   = terraform_data.c
}
moved {
  from = module.m["old"].terraform_data.k
  to   = module.m["new"].terraform_data.k
}
