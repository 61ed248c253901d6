terraform {
  required_providers {
    terraform = { 
      source = "terraform.io/builtin/terraform" 
      configuration_aliases = [terraform.inner]
    }
  }
}
resource "terraform_data" "y" { provider = terraform.inner }
resource "terraform_data" "z" { }
module "n" {
  source    = "./n"
  providers = { 
   terraform = terraform.inner
    }
}
