resource "terraform_data" "numbered" {
  count = 3
  input = count.index
}
resource "terraform_data" "named" {
  for_each = toset(["old", "prod"])
  input    = each.key
}
resource "terraform_data" "uses" { input = terraform_data.named["old"].id }
resource "terraform_data" "uses_none" { input = 1 }
module "m" {
  source   = "./m"
  for_each = toset(["a", "b"])
  name     = each.key
}
resource "terraform_data" "outside" { input = module.m["b"].id }
