resource "terraform_data" "a" {
  count = 3
  input = terraform_data.base.id
}
resource "terraform_data" "base" {}
module "m" {
  source   = "./m"
  for_each = toset(["x", "y"])
}
