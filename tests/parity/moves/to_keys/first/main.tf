resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  for_each = toset(["x", "y"])
  input    = 1
}
module "m" {
  source   = "./m"
  for_each = toset(["old", "stays"])
}
resource "terraform_data" "uses" { input = terraform_data.a.id }
