terraform {
  required_providers {
    terraform = { 
      source = "terraform.io/builtin/terraform" 
    }
  }
}
provider "terraform" {
  alias = "other"
}
resource "terraform_data" "x" { provider = terraform.other }
resource "terraform_data" "y" { provider = terraform }
resource "terraform_data" "z" { }
module "m" {
  source    = "./m"
  providers = { 
    terraform.inner = terraform.other 
    terraform = terraform
    }
}
module "p" {
  source    = "./plain"
}
