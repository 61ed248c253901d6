resource "terraform_data" "a" {}
resource "terraform_data" "b" { depends_on = [terraform_data.a] }
resource "terraform_data" "c" {
  count      = 2
  depends_on = [terraform_data.b, module.m]
}
module "m" {
  source     = "./m"
  depends_on = [terraform_data.a]
}
