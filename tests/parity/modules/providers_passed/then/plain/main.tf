resource "terraform_data" "y" { }
module "q" {
  source    = "../m/n"
}
